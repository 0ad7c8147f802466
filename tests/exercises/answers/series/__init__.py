"""Answers to the exercises of 4.4, and to the checks of its notebook."""
