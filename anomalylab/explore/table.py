"""Compare the settings of many runs, which stand in a table: nothing is trained or searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from anomalylab import plots
from anomalylab.explore.base import Explorer, choice
from anomalylab.explore.retraining import FEWEST
from anomalylab.inputs import as_array

Trail = dict[Any, Any]


def check_names(table: Any, columns: Sequence[str]) -> None:
    """Refuse a table that lacks a column."""
    if lacking := [name for name in columns if name not in table]:
        raise ValueError(f"The table has no column {', '.join(lacking)}; it needs {columns}.")


def table_explorer(
    title: str,
    table: Any,
    settings: Mapping[str, str],
    results: Mapping[str, str],
    tell: Callable[[dict[str, Any], Trail, int], str],
    *,
    along: str,
    over: Sequence[str] = (),
    dress: Callable[[Axes, Axes, Any], Any] = lambda left, right, values: None,
) -> Explorer:
    """Turn settings; see two results against one of them, a dot for every seed.

    Parameters
    ----------
    title : str
    table : DataFrame
        One run a row: a column for every setting, those of `over`, "seed", and the results. Every
        setting in it has one run of everything in `over` with each of at least three seeds. A
        seed counts with its mean over these.
    settings : mapping of column to description
        What can be turned: a slider over numbers, a menu of words.
    results : mapping of column to name
        The first two are drawn.
    tell : callable (state, trail, seeds) -> str
        The sentence. The trail has every value of `along`, with the results of shape
        (results, seeds), which is empty where the table has no runs.
    along : str
        The setting on the horizontal axes.
    over : sequence of str
        Columns such as "digit".
    dress : callable (left, right, values), optional
        Limits and scales of the axes; values has all results, (settings, results, seeds).

    Raises
    ------
    ValueError
        If a column or a run is missing, a run occurs twice, or a result is not finite.
    """
    check_names(table, [*settings, *over, "seed", *results])
    seeds, kinds = table["seed"].nunique(), {name: table[name].nunique() for name in over}
    uneven = table.groupby([*settings]).size() != seeds * int(np.prod([*kinds.values()]))
    if uneven.any() or table.duplicated([*settings, *over, "seed"]).any() or seeds < FEWEST:
        each = "".join(f" of each of {count} {name}s" for name, count in kinds.items())
        raise ValueError(
            f"Every setting should have one run{each} with each of {seeds} seeds, which should be "
            f"at least {FEWEST}. Leave out settings that lack some."
        )
    as_array(table[[*results]])  # refuses what is no finite number
    means = table.groupby([*settings, "seed"])[[*results]].mean().unstack("seed")
    values = np.stack([means[name] for name in results], axis=1)
    found, nothing = dict(zip(means.index, values, strict=True)), np.empty((len(results), 0))
    options = {name: sorted(table[name].unique().tolist()) for name in settings}

    def curves(trail: Trail, *axes: Axes, marked: Sequence[Any] = ()) -> None:
        for place, (ax, name) in enumerate(zip(axes, results.values(), strict=False)):
            plots.against(
                {value: runs[place] for value, runs in trail.items()},
                settings[along],
                name,
                ax,
                marked=marked,
                each="one seed",
            )

    def still(left: Axes, right: Axes) -> None:
        curves(dict.fromkeys(options[along], np.full((len(results), seeds), np.nan)), left, right)
        dress(left, right, values)

    def draw(left: Axes, right: Axes, **state: Any) -> str:
        trail = {
            value: found.get(tuple({**state, along: value}.values()), nothing)
            for value in options[along]
        }
        if not trail[state[along]].size:
            raise ValueError("The table has no runs with these settings together.")
        curves(trail, left, right, marked=[state[along]])
        return tell(state, {value: runs for value, runs in trail.items() if runs.size}, seeds)

    controls = {
        name: choice(called, options[name], ordered=not isinstance(options[name][0], str))
        for name, called in settings.items()
    }
    return Explorer(title, controls, draw, still, widths=(1, 1))
