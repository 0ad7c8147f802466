"""What editors and mypy see of `anomalylab`: the names of ``__init__.py``, with their types."""

from anomalylab import baselines as baselines
from anomalylab import classroom as classroom
from anomalylab import data as data
from anomalylab import detector as detector
from anomalylab import explore as explore
from anomalylab import inputs as inputs
from anomalylab import latent as latent
from anomalylab import metrics as metrics
from anomalylab import models as models
from anomalylab import notebook as notebook
from anomalylab import pipeline as pipeline
from anomalylab import plots as plots
from anomalylab import preprocess as preprocess
from anomalylab import results as results
from anomalylab import seeding as seeding
from anomalylab import split as split
from anomalylab import thresholds as thresholds
from anomalylab import windows as windows
from anomalylab.classroom import check as check
from anomalylab.classroom import guess as guess
from anomalylab.classroom import hint as hint
from anomalylab.classroom import reveal as reveal
from anomalylab.classroom import solution as solution
from anomalylab.detector import Detector as Detector
from anomalylab.detector import History as History
from anomalylab.detector import errors as errors
from anomalylab.detector import fit as fit
from anomalylab.detector import reconstruct as reconstruct
from anomalylab.detector import score as score
from anomalylab.models.autoencoder import Autoencoder as Autoencoder
from anomalylab.models.autoencoder import DenoisingAutoencoder as DenoisingAutoencoder
from anomalylab.models.autoencoder import SparseAutoencoder as SparseAutoencoder
from anomalylab.models.convolutional import ConvAutoencoder as ConvAutoencoder
from anomalylab.models.tabular import TableAutoencoder as TableAutoencoder
from anomalylab.models.vae import VAE as VAE
from anomalylab.notebook import claim as claim
from anomalylab.notebook import progress as progress
from anomalylab.notebook import setup as setup
from anomalylab.notebook import show_source as show_source
from anomalylab.pipeline import AnomalyDetectionPipeline as AnomalyDetectionPipeline
from anomalylab.preprocess import Preprocess as Preprocess
from anomalylab.seeding import seeded as seeded
from anomalylab.split import Split as Split

__version__: str
