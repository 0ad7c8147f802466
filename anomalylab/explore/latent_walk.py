"""Walk through a latent space of two dimensions, and see what is drawn there (chapter 4.2.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, hypot, pi
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from anomalylab.explore.base import DPI, Explorer
from anomalylab.explore.parts import check_image_shape, finite_rows, legend_above, one_a_row
from anomalylab.plots import NEUTRAL, NORMAL

NEAREST = 3
SHORT = 2  # characters of a name that can stand for a point
COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"),
    *("#000000", "#B07000", "#7F3C8D", "#66A61E", "#8C510A"),
)


class LatentWalk(Explorer):
    """Stand somewhere in a plane of codes; see what is decoded there and who lives nearby.

    Left: the codes of training samples, the prior, and where one stands. Right: the decoded
    picture beside the nearest training samples. See `latent_walk` for the parameters.
    """

    def __init__(
        self,
        decode: Callable[[np.ndarray], Any],
        z: Any,
        x: Any,
        names: Sequence[str] | None = None,
        *,
        image_shape: tuple[int, int] = (8, 8),
        reach: float = 3.0,
        step: float = 0.1,
    ) -> None:
        if not callable(decode):
            raise ValueError("decode should be a function: decode(z) -> x_hat, one row a row.")
        if not 0 < step < reach:
            raise ValueError(f"step should be above 0 and below reach, not {step} and {reach}.")
        self._decode, self._codes, self._x = decode, _plane(z), finite_rows("x", x)
        if len(self._codes) != len(self._x) or len(self._x) < NEAREST:
            raise ValueError(
                f"z and x should have the same rows, at least {NEAREST}, but have "
                f"{len(self._codes)} and {len(self._x)}."
            )
        self._names = None if names is None else one_a_row("names", names, len(self._x))
        self._shape = check_image_shape(image_shape, self._x.shape[1])
        self._draw_still_parts(reach)
        controls = {
            name: widgets.FloatSlider(
                min=-reach, max=reach, step=step, value=0, readout_format=".2f", description=told
            )
            for name, told in (("z1", "first unit z₁"), ("z2", "second unit z₂"))
        }
        super().__init__("Latent walk", controls)

    def render(self, **state: Any) -> tuple[Figure, str]:
        """Move the cross, decode the place, look up the nearest training samples."""
        place = np.array([[state["z1"], state["z2"]]], dtype=np.float64)
        drawn = self._checked(self._decode(place))
        distances = np.hypot(*(self._codes - place).T)
        near = np.argsort(distances, kind="stable")[:NEAREST]
        told = [(self._name(row), f"at {distances[row]:.2f}") for row in near]
        self._cross.set_data(*place.T)
        self._rings.set_data(*self._codes[near].T)
        self._pictures.show(drawn, self._x[near], told)
        return self._figure, self._tell(float(place[0, 0]), float(place[0, 1]), told)

    def _checked(self, x_hat: Any) -> np.ndarray:
        drawn = finite_rows("x_hat", np.reshape(x_hat, (1, -1)))
        if drawn.shape[1] != self._x.shape[1]:
            raise ValueError(
                f"decode should return one picture of {self._x.shape[1]} pixels for one z, but "
                f"returned {np.shape(x_hat)}."
            )
        return drawn[0]

    def _name(self, row: int) -> str:
        return self._names[row] if self._names else f"row {row}"

    def _tell(self, z1: float, z2: float, told: list[tuple[str, str]]) -> str:
        share = exp(-(z1**2 + z2**2) / 2)
        near = ", ".join(map(" ".join, told))
        return (
            f"z = ({_signed(z1)}, {_signed(z2)}): {hypot(z1, z2):.2f} from the centre, prior "
            f"density {share / (2 * pi):.4f}, {_percent(share)} of its peak; nearest training "
            f"samples, with distance in z: {near}."
        )

    def _draw_still_parts(self, reach: float) -> None:
        """Draw what no step changes, and keep the artists that it moves."""
        self._figure = Figure(figsize=(8, 3.9), dpi=DPI)
        plane, pictures = self._figure.subplots(1, 2, width_ratios=(9, 10))
        self._figure.subplots_adjust(left=0.07, right=0.995, bottom=0.12, top=0.93, wspace=0.05)
        _draw_codes(plane, self._codes, self._names)
        _draw_prior(plane, max(reach, float(np.abs(self._codes).max())))
        moves: dict[str, Any] = {"linestyle": "none", "color": "black", "animated": True}
        (self._rings,) = plane.plot(
            [], [], marker="o", ms=12, mfc="none", label="nearest samples", **moves
        )
        (self._cross,) = plane.plot([], [], marker="P", ms=11, mec="white", label="z", **moves)
        legend_above(plane, handlelength=1, markerscale=0.7)
        self._pictures = _Neighbours(pictures, self._x, self._shape)


class _Neighbours:
    """A large picture, and a column of small ones with their names beside it."""

    def __init__(self, ax: Axes, x: np.ndarray, shape: tuple[int, int]) -> None:
        self._shape = height, width = shape
        self._size = NEAREST * height + NEAREST - 1, (NEAREST + 1) * width + 2
        self._image = ax.imshow(
            np.full(self._size, np.nan),
            cmap="gray_r",
            vmin=x.min(),
            vmax=x.max(),
            interpolation="nearest",
            animated=True,
        )
        self._texts = [
            ax.text(
                self._size[1] + 0.1 * width,
                row * (height + 1) + height / 2,
                "",
                va="center",
                fontsize=9,
                animated=True,
            )
            for row in range(NEAREST)
        ]
        ax.set_xlim(-0.1 * width, self._size[1] + 1.2 * width)
        ax.text(NEAREST * width / 2, -0.15 * height, "decoded from z", ha="center", fontsize=9)
        ax.text(self._size[1] - width, -0.15 * height, "nearest samples", fontsize=9)
        ax.set_axis_off()

    def show(self, drawn: np.ndarray, near: np.ndarray, told: list[tuple[str, str]]) -> None:
        """Exchange the pictures and the names."""
        height, width = self._shape
        canvas = np.full(self._size, np.nan)
        large = np.kron(drawn.reshape(self._shape), np.ones((NEAREST, NEAREST)))
        canvas[1 : 1 + NEAREST * height, : NEAREST * width] = large
        for row, (pixels, text) in enumerate(zip(near, told, strict=True)):
            top = row * (height + 1)
            canvas[top : top + height, -width:] = pixels.reshape(self._shape)
            self._texts[row].set_text("\n".join(text))
        self._image.set_data(canvas)


def latent_walk(
    decode: Callable[[np.ndarray], Any],
    z: Any,
    x: Any,
    names: Sequence[str] | None = None,
    *,
    image_shape: tuple[int, int] = (8, 8),
    reach: float = 3.0,
    step: float = 0.1,
) -> LatentWalk:
    """Walk through a plane of codes: what is decoded here, and who lives nearby?

    Parameters
    ----------
    decode : callable, array (1, 2) -> array (1, pixels)
        The decoder.
    z : array (rows, 2)
        Codes of training samples, such as the means of q(z | x).
    x : array (rows, pixels) or (rows, height, width)
        These samples, at least 3.
    names : sequence of str, optional
        What every sample is, such as "3". Names of one or two characters stand for the points.
    image_shape : (height, width)
        Of a sample.
    reach, step : float
        Both sliders go from −reach to reach in these steps.

    Returns
    -------
    LatentWalk
        End a cell with it, or with ``explorer.set(z1=-1.5, z2=0.5)``.

    Raises
    ------
    ValueError
        If z is no plane, or lengths or shapes disagree, or a value is not finite.
    """
    return LatentWalk(decode, z, x, names, image_shape=image_shape, reach=reach, step=step)


def _plane(z: Any) -> np.ndarray:
    codes = finite_rows("z", z)
    if codes.shape[1] != 2:
        raise ValueError(
            f"z has {codes.shape[1]} columns, but a walk needs a plane: train with latent=2."
        )
    return codes


def _draw_codes(ax: Axes, codes: np.ndarray, names: list[str] | None) -> None:
    """Every code as its name, in colours that only help, or as a dot where names are long."""
    kinds = sorted(set(names or [""]))
    if not names or max(map(len, kinds)) > SHORT:
        ax.plot(*codes.T, "o", ms=2.5, color=NORMAL, alpha=0.5)
        return
    for number, kind in enumerate(kinds):
        chosen = codes[np.array(names) == kind]
        colour = COLOURS[number % len(COLOURS)]
        ax.plot(*chosen.T, marker=f"${kind}$", ls="none", ms=5, mew=0.2, color=colour, alpha=0.8)


def _draw_prior(ax: Axes, reach: float) -> None:
    """Circles at 1, 2 and 3 standard deviations of N(0, I)."""
    for radius in (1, 2, 3):
        ax.add_patch(Circle((0, 0), radius, fill=False, ec=NEUTRAL, lw=0.8, ls="--", zorder=3))
    limit = 1.05 * reach
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", ylabel="z₂")
    ax.set_xlabel("z₁   (circles: 1, 2, 3 standard deviations of the prior)", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)


def _signed(value: float) -> str:
    """Two digits, a true minus sign, and no minus zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.2g} %"
