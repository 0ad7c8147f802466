"""Predictions, checks, hints and solutions: what a learner talks to."""

from anomalylab.extras import extra

with extra("course"):
    import ipywidgets as ipywidgets

from anomalylab.classroom import autoencoder as autoencoder  # registers section 4.1
from anomalylab.classroom import vae as vae  # registers section 4.2
from anomalylab.classroom.core import Exercise, Verdict, check, hint, solution
from anomalylab.classroom.grading import graded
from anomalylab.classroom.predict import Prediction, compare, predict

__all__ = [
    "Exercise",
    "Prediction",
    "Verdict",
    "check",
    "compare",
    "graded",
    "hint",
    "predict",
    "solution",
]
