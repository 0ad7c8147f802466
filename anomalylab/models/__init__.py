"""The chapter's detectors, one idea a module."""

from anomalylab.models.anogan import EGBAD, AnoGAN, FastAnoGAN
from anomalylab.models.autoencoder import Autoencoder, DenoisingAutoencoder, SparseAutoencoder
from anomalylab.models.convolutional import ConvAutoencoder
from anomalylab.models.gan import GAN, health
from anomalylab.models.recurrent import LSTMAutoencoder, LSTMForecaster, gaussian_score
from anomalylab.models.tabular import TableAutoencoder, table_recipe
from anomalylab.models.vae import VAE

__all__ = [
    "EGBAD",
    "GAN",
    "VAE",
    "AnoGAN",
    "Autoencoder",
    "ConvAutoencoder",
    "DenoisingAutoencoder",
    "FastAnoGAN",
    "LSTMAutoencoder",
    "LSTMForecaster",
    "SparseAutoencoder",
    "TableAutoencoder",
    "gaussian_score",
    "health",
    "table_recipe",
]
