"""anomalylab: learn deep anomaly detection by reading, running and breaking it.

Names are looked up when they are first used (PEP 562), so ``import anomalylab``
itself loads neither PyTorch nor Jupyter.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_MODULES = (
    "baselines",
    "classroom",
    "data",
    "detector",
    "explore",
    "inputs",
    "latent",
    "metrics",
    "models",
    "notebook",
    "pipeline",
    "plots",
    "preprocess",
    "results",
    "seeding",
    "split",
    "thresholds",
    "windows",
)
_NAMES = {
    "AnoGAN": "models.anogan",
    "AnomalyDetectionPipeline": "pipeline",
    "Autoencoder": "models.autoencoder",
    "ConvAutoencoder": "models.convolutional",
    "DenoisingAutoencoder": "models.autoencoder",
    "Detector": "detector",
    "EGBAD": "models.anogan",
    "FastAnoGAN": "models.anogan",
    "GAN": "models.gan",
    "History": "detector",
    "LSTMAutoencoder": "models.recurrent",
    "LSTMForecaster": "models.recurrent",
    "Preprocess": "preprocess",
    "SparseAutoencoder": "models.autoencoder",
    "Split": "split",
    "TableAutoencoder": "models.tabular",
    "VAE": "models.vae",
    "check": "classroom",
    "claim": "notebook",
    "errors": "detector",
    "fit": "detector",
    "guess": "classroom",
    "hint": "classroom",
    "progress": "notebook",
    "reconstruct": "detector",
    "reveal": "classroom",
    "score": "detector",
    "seeded": "seeding",
    "setup": "notebook",
    "show_source": "notebook",
    "solution": "classroom",
}

__all__ = ["__version__"] + [*_MODULES, *_NAMES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Import the module behind `name` at its first use."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _NAMES:
        return getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
