"""The chapter's detectors, one idea a module."""

from anomalylab.models.autoencoder import Autoencoder, DenoisingAutoencoder, SparseAutoencoder
from anomalylab.models.convolutional import ConvAutoencoder

__all__ = ["Autoencoder", "ConvAutoencoder", "DenoisingAutoencoder", "SparseAutoencoder"]
