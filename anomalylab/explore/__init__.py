"""Explorers: turn a control, see the picture and its key numbers change.

An explorer gets arrays and callables, never a model, and remembers what it computed.
"""

from anomalylab.extras import extra

with extra("course"):
    import ipywidgets as ipywidgets

from anomalylab.explore.base import Explorer
from anomalylab.explore.beta import BetaExplorer, BetaRun, beta_explorer
from anomalylab.explore.bottleneck import BottleneckExplorer, Trained, bottleneck_explorer
from anomalylab.explore.latent_walk import LatentWalk, latent_walk
from anomalylab.explore.reconstruction import ReconstructionExplorer, reconstruction_explorer
from anomalylab.explore.threshold import ThresholdExplorer, threshold_explorer
from anomalylab.explore.weight import WeightExplorer, weight_explorer

__all__ = [
    "BetaExplorer",
    "BetaRun",
    "BottleneckExplorer",
    "Explorer",
    "LatentWalk",
    "ReconstructionExplorer",
    "ThresholdExplorer",
    "Trained",
    "WeightExplorer",
    "beta_explorer",
    "bottleneck_explorer",
    "latent_walk",
    "reconstruction_explorer",
    "threshold_explorer",
    "weight_explorer",
]
