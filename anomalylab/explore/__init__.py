"""Explorers: turn a control, see the picture and its key numbers change.

An explorer gets arrays and callables, never a model, and remembers what it computed.
"""

from anomalylab.explore.autoencoder import ThresholdExplorer, threshold_explorer
from anomalylab.explore.base import Explorer

__all__ = ["Explorer", "ThresholdExplorer", "threshold_explorer"]
