"""What the tests of explorers share: a look at the axes of one state."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anomalylab.explore import Explorer


def axes_of(explorer: Explorer, **state: Any) -> tuple[Axes, ...]:
    """The axes of a state as `draw` leaves them: of all artists, still and moving."""
    axes = Figure().subplots(1, len(explorer._widths), squeeze=False)[0]
    if explorer._still is not None:
        explorer._still(*axes)
    explorer._draw(*axes, **{**explorer.state, **state})
    return tuple(axes)
