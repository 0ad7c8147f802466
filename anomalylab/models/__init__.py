"""The chapter's detectors, one idea a module."""

from anomalylab.models.autoencoder import Autoencoder, DenoisingAutoencoder, SparseAutoencoder
from anomalylab.models.convolutional import ConvAutoencoder
from anomalylab.models.recurrent import LSTMAutoencoder, LSTMForecaster, gaussian_score
from anomalylab.models.tabular import TableAutoencoder, table_recipe
from anomalylab.models.vae import VAE

__all__ = [
    "VAE",
    "Autoencoder",
    "ConvAutoencoder",
    "DenoisingAutoencoder",
    "LSTMAutoencoder",
    "LSTMForecaster",
    "SparseAutoencoder",
    "TableAutoencoder",
    "gaussian_score",
    "table_recipe",
]
