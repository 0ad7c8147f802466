"""Section 4.4: an LSTM that draws a window again, and one that forecasts its next row."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.covariance import EmpiricalCovariance
from torch import Tensor, nn

from anomalylab.detector import Detector
from anomalylab.inputs import Array, as_array


class LSTMAutoencoder(Detector):
    """Read a window row by row, keep one vector z of it, and draw the window from z.

    An LSTM (Hochreiter and Schmidhuber 1997) reads, a second one draws (chapter 4.4.2; Malhotra
    et al. 2016):

        z = W h_last + b, where h_last is the last hidden state of LSTM(x₁ … x_T)
        x_hat₁ … x_hat_T = V LSTM(z … z; first hidden state U z + c) + d
        score(x) = mean((x − x_hat)²)

    One step of the LSTMs may be a patch of several rows. That makes the way of the gradients from
    z to the first row shorter. The chapter's network has ``patch=1, layers=2, latent=32``.

    Try a dense `Autoencoder` of the same windows beside it: on `data.sensors` it is better in
    windows of 32 rows or more and a little worse in shorter ones, in a third of the time. Where
    channels run at speeds of their own, an `LSTMForecaster` is far better than both
    (``results.load("series_window")`` and ``"series_warp"``).

    Parameters
    ----------
    window, columns : int
        Rows and columns of a sample.
    hidden : int
        Width of the hidden state of each LSTM.
    latent : int
        Width of z, the bottleneck.
    patch : int
        Rows in one step of the LSTMs; `window` is a multiple of it.
    layers : int
        LSTM layers, in the encoder and in the decoder.
    teacher_forced : bool
        As in Malhotra et al. (2016): the decoder draws the patches from the last to the first, and
        each step sees the true patch after it instead of z, in training and in scoring. It is
        then near a forecaster: what it knows no longer comes through z alone.

    Raises
    ------
    ValueError
        If a number is below 1, or `window` is no multiple of `patch`.
    """

    scoring_dtype = torch.float32

    def __init__(
        self,
        window: int,
        columns: int,
        hidden: int = 64,
        latent: int = 16,
        *,
        patch: int = 4,
        layers: int = 1,
        teacher_forced: bool = False,
    ) -> None:
        super().__init__()
        if min(window, columns, hidden, latent, patch, layers) < 1 or window % patch:
            raise ValueError(
                "All numbers should be at least 1, and the window a multiple of the patch, but "
                f"the window is {window} rows and the patch {patch}."
            )
        self.sample_shape, self.teacher_forced = (window, columns), teacher_forced
        self.encoder = nn.LSTM(patch * columns, hidden, layers, batch_first=True)
        self.narrow, self.widen = nn.Linear(hidden, latent), nn.Linear(latent, hidden)
        self.decoder = nn.LSTM(
            patch * columns if teacher_forced else latent, hidden, layers, batch_first=True
        )
        self.output = nn.Linear(hidden, patch * columns)

    def encode(self, x: Tensor) -> Tensor:
        """Return z, shape (batch, latent)."""
        patches = x.reshape(len(x), -1, self.encoder.input_size)
        return self.narrow(self.encoder(patches)[1][0][-1])

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat, shape of x."""
        patches, z = x.reshape(len(x), -1, self.encoder.input_size), self.encode(x)
        shown = (
            nn.functional.pad(patches.flip(1)[:, :-1], (0, 0, 1, 0))  # the patch after each one
            if self.teacher_forced
            else z[:, None].expand(-1, patches.shape[1], -1)
        )
        hidden = self.widen(z).repeat(self.decoder.num_layers, 1, 1)
        drawn = self.output(self.decoder(shown, (hidden, torch.zeros_like(hidden)))[0])
        return (drawn.flip(1) if self.teacher_forced else drawn).reshape(x.shape)


class LSTMForecaster(Detector):
    """Forecast every row of a window from the rows before it (Malhotra et al. 2015).

        x_hat_{t+1} = x_t + W h_t + b, where h_t is the hidden state of LSTM(x₁ … x_t)
        score(x) = mean((x − x_hat)²)

    The first `given` rows have too little before them: they are taken as they are, and have no
    error. So ``given = window − 1`` scores a window by its last row alone.

    Parameters
    ----------
    window, columns : int
        Rows and columns of a sample.
    hidden : int
        Width of the hidden state.
    given : int
        Rows that are not forecast, 1 to window − 1.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    scoring_dtype = torch.float32

    def __init__(self, window: int, columns: int, hidden: int = 64, *, given: int = 1) -> None:
        super().__init__()
        if min(columns, hidden) < 1 or not 1 <= given < window:
            raise ValueError(
                "columns and hidden should be at least 1, and given between 1 and window - 1, but "
                f"they are {columns}, {hidden} and {given} for a window of {window}."
            )
        self.sample_shape, self.given = (window, columns), given
        self.lstm = nn.LSTM(columns, hidden, batch_first=True)
        self.output = nn.Linear(hidden, columns)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat, shape of x: the given rows, then every row as forecast."""
        forecast = x[:, :-1] + self.output(self.lstm(x[:, :-1])[0])
        return torch.cat([x[:, : self.given], forecast[:, self.given - 1 :]], dim=1)


def gaussian_score(normal: Any, errors: Any) -> Array:
    """How unusual the errors of a row are together (Malhotra et al. 2015 and 2016).

        score = (e − μ)ᵀ Σ⁻¹ (e − μ)

    μ and Σ are mean and covariance of the errors of normal rows. An error counts more in a channel
    that is usually drawn well, and more where the errors that usually come with it are missing.

    Parameters
    ----------
    normal : array (rows, columns)
        Errors of normal rows that were not trained on, many more than columns. Squared errors are
        very skewed: pass their square roots.
    errors : array (rows, columns)
        Those of the rows to be scored.

    Returns
    -------
    array (rows,)

    Raises
    ------
    ValueError
        If Σ has no inverse, or next to none: some errors would then not count, or count wrongly.
    """
    known = EmpiricalCovariance().fit(as_array(normal, minimum_rows=2))
    if np.linalg.matrix_rank(known.covariance_, rtol=1e-12, hermitian=True) < len(known.location_):
        raise ValueError(
            "The covariance of the normal errors has no inverse. Leave out columns that never "
            "change or follow from others, bring all to one scale, or pass more rows."
        )
    return np.asarray(known.mahalanobis(as_array(errors, sample_shape=known.location_.shape)))
