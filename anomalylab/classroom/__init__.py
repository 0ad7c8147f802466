"""Guesses, checks, hints and solutions: what a learner talks to."""

from anomalylab.classroom import autoencoder as autoencoder  # registers section 4.1
from anomalylab.classroom import vae as vae  # registers section 4.2
from anomalylab.classroom.core import Exercise, Verdict, check, hint, solution
from anomalylab.classroom.grading import graded
from anomalylab.classroom.guess import Guess, guess, reveal

__all__ = [
    "Exercise",
    "Guess",
    "Verdict",
    "check",
    "graded",
    "guess",
    "hint",
    "reveal",
    "solution",
]
