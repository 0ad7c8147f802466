"""Exercise 4.4-rows."""

_LINES = """\
def to_rows(scores, size):
    total = np.zeros(len(scores) + size - 1)
    windows = np.zeros(len(scores) + size - 1)
    for start, score in enumerate(scores):
        total[start : start + size] += score
        windows[start : start + size] += 1
    return total / windows
"""
_RETURN = "    return total / windows\n"


def _rows(*changes: tuple[str, str]) -> str:
    text = _LINES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _short(body: str) -> str:
    return f"def to_rows(scores, size):\n    {body}\n"


CORRECT: dict[str, str] = {
    "two loops": _rows(
        (
            "        total[start : start + size] += score\n"
            "        windows[start : start + size] += 1\n",
            "        for row in range(start, start + size):\n"
            "            total[row] += score\n            windows[row] += 1\n",
        )
    ),
    "window by window": _LINES,
    "convolution": _short(
        "ones = np.ones(size)\n"
        "    return np.convolve(scores, ones) / np.convolve(np.ones(len(scores)), ones)"
    ),
    "a table with NaN": _short(
        "table = np.full((size, len(scores) + size - 1), np.nan)\n"
        "    for place in range(size):\n"
        "        table[place, place : place + len(scores)] = scores\n"
        "    return np.nanmean(table, axis=0)"
    ),
    "lists of each row": _short(
        "found = [[] for row in range(len(scores) + size - 1)]\n"
        "    for start in range(len(scores)):\n"
        "        for place in range(size):\n"
        "            found[start + place].append(scores[start])\n"
        "    return np.array([sum(each) / len(each) for each in found])"
    ),
    "sums up to here": _short(
        "ends = np.arange(1, len(scores) + size)\n"
        "    first, last = np.maximum(ends - size, 0), np.minimum(ends, len(scores))\n"
        "    sums = np.append(0, np.cumsum(scores, dtype=float))\n"
        "    return (sums[last] - sums[first]) / (last - first)"
    ),
    "PyTorch": _short(
        "total = torch.zeros(len(scores) + size - 1, dtype=torch.float64)\n"
        "    count = torch.zeros_like(total)\n"
        "    for start in range(len(scores)):\n"
        "        total[start : start + size] += float(scores[start])\n"
        "        count[start : start + size] += 1\n"
        "    return total / count"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "divides by the size": (_rows(("total / windows", "total / size")), "as if more did"),
    "sum": (_rows(("total / windows", "total")), "the sum of the scores"),
    "last row": (
        _short("return np.append(np.full(size - 1, np.nan), scores)"),
        "goes to its last row alone",
    ),
    "first row": (
        _short("return np.append(scores, np.full(size - 1, np.nan))"),
        "goes to its first row alone",
    ),
    "one row too many": (
        _rows(("start : start + size]", "start : start + size + 1]")),
        "one row too many",
    ),
    "one row too few": (
        _rows(("start : start + size]", "start : start + size - 1]")),
        "row 3 gives 0.347",
    ),
    "largest": (
        _short(
            "return np.array([max(scores[max(0, row - size + 1) : row + 1])"
            " for row in range(len(scores) + size - 1)])"
        ),
        "the highest score",
    ),
    "begins a row late": (
        _rows(("start : start + size]", "start + 1 : start + size + 1]")),
        "row 0 gives nan, where 0.68",
    ),
    "centred": (
        _short("return np.convolve(scores, np.ones(size) / size, mode='same')"),
        "numbers of shape (7,)",
    ),
    "never the first window": (
        _rows(("in enumerate(scores):", "in enumerate(scores[:-1]):")),
        "row 6 gives 0.728",
    ),
    "median": (
        _short(
            "return [np.median(scores[max(0, row - size + 1) : row + 1])"
            " for row in range(len(scores) + size - 1)]"
        ),
        "row 2 gives 0.68, where",
    ),
    "one number": (_rows(("total / windows", "np.mean(total / windows)")), "one number. Expected"),
    "changes the scores": (
        _rows(("    total =", "    scores -= scores.min()\n    total =")),
        "your function changed scores",
    ),
    "forgets to return": (_rows((_RETURN, "")), "Is there a `return`"),
    "a value": ("to_rows = 0.5", "should be a function"),
}
