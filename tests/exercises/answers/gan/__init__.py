"""Answers to the exercises of 4.3: other correct ones, and wrong ones with the reply they earn."""
