"""The chapter's detectors, one idea a module."""

from anomalylab.models.autoencoder import Autoencoder

__all__ = ["Autoencoder"]
