"""Walk through a latent space of two dimensions, and see what is drawn there (chapter 4.2.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, hypot
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from anomalylab import plots
from anomalylab.explore.base import Explorer, slider
from anomalylab.inputs import as_array

NEAREST = 3


def latent_walk(
    decode: Callable[[np.ndarray], Any],
    z: Any,
    x: Any,
    names: Sequence[Any] | NDArray[Any] | None = None,
    fresh: Any = None,
    *,
    image_shape: tuple[int, int] = (8, 8),
    reach: float = 3.0,
    step: float = 0.1,
) -> Explorer:
    """Walk through a plane of codes: what is decoded here, is it a sample, and who lives nearby?

    Parameters
    ----------
    decode : callable, array (1, 2) -> array (1, pixels)
        The decoder.
    z : array (rows, 2)
        Codes of training samples, such as the means of q(z | x).
    x : array (rows, pixels)
        These samples, at least 3.
    names : sequence, optional
        What every sample is, such as `split.train_kinds`: one or two characters that stand for
        the point, and for what is drawn.
    fresh : array (fresh rows, pixels), optional
        Real samples that were not trained on. With them the sentence says how many of these lie
        nearer to a training sample than the picture drawn: if nearly all do, it is no sample.
    image_shape : (height, width)
        Of a sample.
    reach, step : float
        Both sliders go from −reach to reach in these steps.

    Returns
    -------
    Explorer
        End a cell with it, or with ``explorer.set(z1=-1.5, z2=0.5)``.

    Raises
    ------
    ValueError
        If z is no plane, or lengths disagree, or a value is not finite.
    """
    codes = as_array(z, sample_shape=(2,), minimum_rows=NEAREST)
    rows = as_array(x, sample_shape=(image_shape[0] * image_shape[1],))
    named = [""] * len(rows) if names is None else [str(name) for name in names]
    usual = None
    if fresh is not None:
        usual = cdist(as_array(fresh, sample_shape=rows.shape[1:]), rows).min(axis=1)
    if not len(codes) == len(rows) == len(named):
        raise ValueError(
            f"z, x and names should have one entry a sample, but have {len(codes)}, {len(rows)} "
            f"and {len(named)}."
        )
    limit = 1.05 * max(reach, float(np.abs(codes).max()))

    def called(row: int) -> str:
        return f"row {row}" if names is None else named[row]

    def still(left: Axes, right: Axes) -> None:
        plots.named_codes(codes, named, left)
        left.set(xlim=(-limit, limit), ylim=(-limit, limit))
        plots.picture_rows({"": rows[: NEAREST + 1]}, image_shape, ax=right)
        right.images[0].remove()

    def draw(left: Axes, right: Axes, z1: float, z2: float) -> str:
        place = np.array([z1, z2], dtype=np.float64)
        x_hat = as_array(decode(place[None]), sample_shape=rows.shape[1:])
        distances = np.hypot(*(codes - place).T)
        near = np.argsort(distances, kind="stable")[:NEAREST]
        gaps = cdist(x_hat[:1], rows)[0]
        plots.code_marks(place, codes[near], left)
        around = [(called(row), distances[row]) for row in near]
        titles = ["decoded\nfrom z", *(f"{name}\nat {far:.2f}" for name, far in around)]
        plots.picture_rows(
            {"": np.concatenate([x_hat[:1], rows[near]])}, image_shape, titles, right
        )
        listed = ", ".join(f"{name} at {far:.2f}" for name, far in around)
        closest, gap = called(int(gaps.argmin())), float(gaps.min())
        drawn = f"the picture's nearest training sample is {closest}, {gap:.2f} away"
        if usual is not None:
            nearer = 100 * np.mean(usual < gap)
            drawn += f" ({nearer:.0f} % of fresh samples are nearer to theirs)"
        return (
            f"z = ({_signed(z1)}, {_signed(z2)}): {hypot(z1, z2):.2f} from the centre, where the "
            f"prior has {100 * exp(-(z1**2 + z2**2) / 2):.3g} % of its peak; {drawn}; nearest in "
            f"z: {listed}."
        )

    controls = {
        "z1": slider("first unit z₁", -reach, reach, step, 0.0, ".2f"),
        "z2": slider("second unit z₂", -reach, reach, step, 0.0, ".2f"),
    }
    return Explorer("Latent walk", controls, draw, still, widths=(4, 5), size=(8, 3.8))


def _signed(value: float) -> str:
    """Two digits, a true minus sign, and no minus zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
