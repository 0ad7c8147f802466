"""Explorers: turn a control, see the picture and its key numbers change.

An explorer gets arrays and callables, never a model, and remembers what it computed.
"""

from anomalylab.explore.base import Explorer
from anomalylab.explore.bottleneck import BottleneckExplorer, Trained, bottleneck_explorer
from anomalylab.explore.reconstruction import ReconstructionExplorer, reconstruction_explorer
from anomalylab.explore.threshold import ThresholdExplorer, threshold_explorer

__all__ = [
    "BottleneckExplorer",
    "Explorer",
    "ReconstructionExplorer",
    "ThresholdExplorer",
    "Trained",
    "bottleneck_explorer",
    "reconstruction_explorer",
    "threshold_explorer",
]
