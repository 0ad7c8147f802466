"""Explorers: turn a control, see the picture and its key numbers change.

An explorer gets arrays and callables, never a model, and remembers what it computed.
"""

from anomalylab.extras import extra

with extra("course"):
    import ipywidgets as ipywidgets

from anomalylab.explore.base import Explorer, choice, slider
from anomalylab.explore.latent_walk import latent_walk
from anomalylab.explore.reconstruction import reconstruction_explorer
from anomalylab.explore.retraining import Retraining, Run, beta_explorer, bottleneck_explorer
from anomalylab.explore.search import search_explorer, search_settings_explorer
from anomalylab.explore.series import injection_explorer, window_explorer
from anomalylab.explore.threshold import threshold_explorer
from anomalylab.explore.weight import weight_explorer

__all__ = [
    "Explorer",
    "Retraining",
    "Run",
    "beta_explorer",
    "bottleneck_explorer",
    "choice",
    "injection_explorer",
    "latent_walk",
    "reconstruction_explorer",
    "search_explorer",
    "search_settings_explorer",
    "slider",
    "threshold_explorer",
    "weight_explorer",
    "window_explorer",
]
