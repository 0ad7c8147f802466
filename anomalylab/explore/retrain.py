"""What explorers that retrain share: train each state once, say so meanwhile, keep the trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from anomalylab.explore.base import DPI, Explorer
from anomalylab.explore.parts import check_image_shape

HERE: dict[str, Any] = {
    "marker": "o",
    "linestyle": "none",
    "markersize": 13,
    "markerfacecolor": "none",
    "color": "black",
    "zorder": 4,
}


class Retraining(Explorer):
    """Left: the results so far. Right: pictures of the state that is on now.

    A subclass names the class that `train` should return, and defines the last four methods.

    Parameters
    ----------
    train : callable
        Called with the values of the controls, in their order, once for every state.
    controls : mapping of name to ipywidget
    image_shape : (height, width)
        Of the samples ``x`` of a result.
    """

    slow = True
    result: type[Any]

    def __init__(
        self,
        title: str,
        train: Callable[..., Any],
        controls: Mapping[str, Any],
        image_shape: tuple[int, int],
    ) -> None:
        if not callable(train):
            wanted = f"train({', '.join(controls)}) -> {self.result.__name__}"
            raise ValueError(f"train should be a function: {wanted}.")
        self._train, self._image_shape = train, image_shape
        self._trained: dict[tuple[Any, ...], Any] = {}
        super().__init__(title, controls)

    def working(self, **state: Any) -> str:
        """Say that a training run is under way, unless this state was trained before."""
        if self._key(state) in self._trained:
            return ""
        return f"Training… {self._named(state)}. The picture below is still the one before."

    def render(self, **state: Any) -> tuple[Figure, str]:
        """Train this state unless it is known; draw it among the others."""
        key = self._key(state)
        if key not in self._trained:
            self._trained[key] = self._checked(self._train(*key))
            self.forget_pictures()  # those drawn before lack the new point
        figure = Figure(figsize=(8, 3.2), dpi=DPI)
        trail, strip = figure.subplots(1, 2, width_ratios=(4, 5))
        figure.subplots_adjust(left=0.085, right=0.995, bottom=0.16, top=0.88, wspace=0.16)
        self._draw_trail(trail, state)
        self._draw_strip(strip, self._trained[key])
        return figure, f"{self._named(state)}: {self._tell(state)}"

    def _key(self, state: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(state[name] for name in self.controls)

    def _checked(self, result: Any) -> Any:
        if not isinstance(result, self.result):
            wanted, given = self.result.__name__, type(result).__name__
            raise TypeError(f"train should return an explore.{wanted}(…), not {given}.")
        check_image_shape(self._image_shape, result.x.shape[1])
        return result

    def _named(self, state: dict[str, Any]) -> str:
        """The state in words, to begin a sentence with."""
        raise NotImplementedError

    def _tell(self, state: dict[str, Any]) -> str:
        """The key numbers of this state and of those before it."""
        raise NotImplementedError

    def _draw_trail(self, ax: Axes, state: dict[str, Any]) -> None:
        raise NotImplementedError

    def _draw_strip(self, ax: Axes, result: Any) -> None:
        raise NotImplementedError


def number_points(
    ax: Axes, numbers: Mapping[Any, tuple[float, float]], colour: str, lift: float = 9
) -> None:
    """Write a number beside every point, `lift` typographic points above it."""
    for number, place in numbers.items():
        ax.annotate(
            str(number),
            place,
            xytext=(0, lift),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            color=colour,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )
