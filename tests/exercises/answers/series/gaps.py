"""Exercise 4.4-gaps."""

_LINES = """\
def over_gaps(times, rows, size, most):
    grid = np.arange(times[0], times[-1] + 1)
    place = np.searchsorted(times, grid, side="right") - 1
    filled, missing = rows[place], times[place] != grid
    starts = range(len(grid) - size + 1)
    kept = [start for start in starts if missing[start : start + size].sum() <= most]
    return np.stack([filled[start : start + size] for start in kept])
"""
_FILLED = "filled, missing = rows[place], times[place] != grid"
_SUM = "missing[start : start + size].sum() <= most"


def _over(*changes: tuple[str, str]) -> str:
    text = _LINES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _masked(*changes: tuple[str, str]) -> str:
    lines = (
        "    counts = cut(missing, size).sum(axis=1)\n    return cut(filled, size)[counts <= most]"
    )
    text = _LINES[: _LINES.index("    starts")] + lines + "\n"
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


_PANDAS = """\
def over_gaps(times, rows, size, most):
    import pandas as pd
    frame = pd.DataFrame(rows, index=times).reindex(range(times[0], times[-1] + 1))
    {filled}
    missing = frame.isna().all(axis=1).rolling(size).sum()
    ends = [i for i in range(size - 1, len(frame)) if missing.iloc[i] <= most]
    return np.array([filled.iloc[i - size + 1 : i + 1].to_numpy() for i in ends])
"""

CORRECT: dict[str, str] = {
    "one loop": """\
def over_gaps(times, rows, size, most):
    filled, missing, place = [], [], 0
    for time in range(times[0], times[-1] + 1):
        seen = time in times
        if seen:
            place = list(times).index(time)
        filled.append(rows[place])
        missing.append(not seen)
    windows = []
    for start in range(len(filled) - size + 1):
        if sum(missing[start : start + size]) <= most:
            windows.append(np.stack(filled[start : start + size]))
    return np.stack(windows)
""",
    "pandas": _PANDAS.format(filled="filled = frame.ffill()"),
    "a dictionary": """\
def over_gaps(times, rows, size, most):
    known = dict(zip(times.tolist(), rows))
    table, last = [], None
    for time in range(min(known), max(known) + 1):
        last = known.get(time, last)
        table.append(last)
    out = []
    for start in range(len(table) - size + 1):
        seen = [times[0] + start + step in known for step in range(size)]
        if seen.count(False) <= most:
            out.append(table[start : start + size])
    return np.array(out)
""",
    "repeat": _over(
        (
            'place = np.searchsorted(times, grid, side="right") - 1',
            "place = np.repeat(np.arange(len(times)), np.append(np.diff(times), 1))",
        ),
    ),
    "a mask": _masked(),
    "a view": """\
def over_gaps(times, rows, size, most):
    place = np.cumsum(np.isin(np.arange(times[0], times[-1] + 1), times)) - 1
    views = np.lib.stride_tricks.sliding_window_view
    new = views(np.diff(place, prepend=-1), size).sum(axis=1)
    return np.swapaxes(views(rows[place], size, axis=0), 1, 2)[size - new <= most]
""",
    "rows that are there": _over(
        (_SUM, "np.isin(grid[start : start + size], times).sum() >= size - most")
    ),
    "PyTorch": _over(
        (
            "    return np.stack([filled",
            "    filled = torch.as_tensor(filled)\n    return torch.stack([filled",
        )
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "no times": (
        "def over_gaps(times, rows, size, most):\n"
        "    return np.stack([rows[i : i + size] for i in range(len(rows) - size + 1)])\n",
        "as if no time were missing",
    ),
    "fewer than": (_over(("<= most", "< most")), "with exactly as many as allowed"),
    "fewer than, by a mask": (
        _masked(("<= most", "< most")),
        "with exactly as many as allowed",
    ),
    "fewer than, a list": (
        _over(("np.stack([filled", "np.array([filled"), ("<= most", "< most")),
        "with exactly as many as allowed",
    ),
    "none that misses one, by a mask": (
        _masked(("<= most", "== 0")),
        "leave out every window with",
    ),
    "rows taken for missing, equal ones": (
        _over(
            (
                _FILLED,
                "filled = rows[place]\n"
                "    missing = (np.diff(filled, axis=0, prepend=np.nan) == 0).all(axis=1)",
            )
        ),
        "windows, where",
    ),
    "rows taken for missing, zeros": (
        _over(
            (
                _FILLED,
                "filled = rows[place]\n"
                "    missing = (times[place] != grid) | (filled == 0).all(axis=1)",
            )
        ),
        "windows, where",
    ),
    "every window": (_over((_SUM, "True")), "there are 26 windows, where 23 are due. Write"),
    "none that misses one": (
        _over(("<= most", "<= 0")),
        "leave out every window with",
    ),
    "gaps counted": (
        _over(
            (
                _SUM,
                "(np.diff(missing[start : start + size].astype(int), prepend=0) == 1)"
                ".sum() <= most",
            )
        ),
        "you count gaps",
    ),
    "next row": (
        _over(
            (_FILLED, "filled, missing = rows[np.searchsorted(times, grid)], times[place] != grid")
        ),
        "which comes later",
    ),
    "zeros": (
        _over((_FILLED, _FILLED + "\n    filled[missing] = 0")),
        "and what stands there",
    ),
    "NaN": (
        _over((_FILLED, _FILLED + "\n    filled[missing] = np.nan")),
        "is nan",
    ),
    "straight line": (
        _over(
            (
                _FILLED,
                _FILLED
                + "\n    filled = np.stack([np.interp(grid, times, c) for c in rows.T], axis=1)",
            )
        ),
        "straight line",
    ),
    "begins with a row that is there": (
        _over((_SUM, _SUM + " and not missing[start]")),
        "begins with a missing row",
    ),
    "share of the size": (
        _over((_SUM, "missing[start : start + size].mean() <= most / 10")),
        "there are 14 windows, where 23 are due. Write",
    ),
    "mean of the channel": (
        _over((_FILLED, _FILLED + "\n    filled[missing] = rows.mean(axis=0)")),
        "is 3.14, where",
    ),
    "size rows that are there": (
        "def over_gaps(times, rows, size, most):\n"
        "    kept = [i for i in range(len(rows) - size + 1)\n"
        "            if times[i + size - 1] - times[i] - size + 1 <= most]\n"
        "    return np.stack([rows[i : i + size] for i in kept])\n",
        "there are 13 windows",
    ),
    "times from zero": (
        _over(("np.arange(times[0], ", "np.arange(0, ")),
        "there are 25 windows",
    ),
    "last time missing": (
        _over(("times[-1] + 1)", "times[-1])")),
        "there are 22 windows",
    ),
    "a mask": (
        _over(("    return np.stack([filled[start", "    return np.stack([missing[start")),
        "of shape (23, 5)",
    ),
    "flat": (
        _over(("filled[start : start + size] for", "filled[start : start + size].ravel() for")),
        "of shape (23, 10)",
    ),
    "writes into the rows": (
        _over(("    return", "    rows[0] = 0\n    return")),
        "your function changed rows",
    ),
    "forgets to return": (_over(("    return np", "    kept = np")), "Is there a `return`"),
    "a value": ("over_gaps = 0.5", "should be a function"),
}
