"""Guesses, checks, hints and solutions: what a learner talks to."""

from importlib import import_module
from pkgutil import walk_packages

from anomalylab.extras import extra

with extra("course"):
    import ipywidgets as ipywidgets

from anomalylab.classroom.core import Exercise, Verdict, check, hint, solution
from anomalylab.classroom.engine import finished, points
from anomalylab.classroom.guess import Guess, guess, reveal

for _module in walk_packages(__path__, f"{__name__}."):
    import_module(_module.name)  # the modules of a section make their exercises known

__all__ = [
    "Exercise",
    "Guess",
    "Verdict",
    "check",
    "finished",
    "guess",
    "hint",
    "points",
    "reveal",
    "solution",
]
