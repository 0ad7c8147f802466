"""What the tests of explorers share: a look at the axes of one state."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anomalylab.explore import Explorer


def axes_of(explorer: Explorer, **state: Any) -> tuple[Axes, Axes]:
    """The two axes of a state as `draw` leaves them: of all artists, still and moving."""
    left, right = Figure().subplots(1, 2)
    if explorer._still is not None:
        explorer._still(left, right)
    explorer._draw(left, right, **{**explorer.state, **state})
    return left, right
