"""Exercise 4.4-leak."""

_HEAD = "def mended(rows, size, first):\n"
_LINES = (
    _HEAD + "    mean, std = rows[:first].mean(axis=0), rows[:first].std(axis=0)\n"
    "    scaled = (rows - mean) / std\n"
    "    return cut(scaled[:first], size), cut(scaled[first:], size)\n"
)
_RETURN = "return cut(scaled[:first], size), cut(scaled[first:], size)"
_SCALE = "    mean, std = rows[:first].mean(axis=0), rows[:first].std(axis=0)\n"


def _mended(*changes: tuple[str, str]) -> str:
    text = _LINES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


CORRECT: dict[str, str] = {
    "train and test": (
        _HEAD + "    train, test = rows[:first], rows[first:]\n"
        "    mean, std = train.mean(axis=0), train.std(axis=0)\n"
        "    return cut((train - mean) / std, size), cut((test - mean) / std, size)\n"
    ),
    "scaled after the cut": (
        _HEAD + "    mean, std = rows[:first].mean(0), rows[:first].std(0)\n"
        "    return [(cut(part, size) - mean) / std for part in (rows[:first], rows[first:])]\n"
    ),
    "scaler": (
        _HEAD + "    from sklearn.preprocessing import StandardScaler\n"
        "    scale = StandardScaler().fit(rows[:first])\n"
        "    train, test = scale.transform(rows[:first]), scale.transform(rows[first:])\n"
        "    return cut(train, size), cut(test, size)\n"
    ),
    "the library's": (
        _HEAD + "    scale = al.Preprocess('standard').fit(rows[:first])\n"
        "    return tuple(cut(scale.transform(p), size) for p in (rows[:first], rows[first:]))\n"
    ),
    "cut at once, straddling windows left out": _mended(
        (_RETURN, "w = cut(scaled, size)\n    return w[: first - size + 1], w[first:]")
    ),
    "split": _mended(
        (_RETURN, "a, b = np.split(scaled, [first])\n    return cut(a, size), cut(b, size)")
    ),
    "PyTorch": _mended(
        ("rows[:first].std(axis=0)\n", "rows[:first].std(axis=0)\n    t = torch.as_tensor\n"),
        (
            _RETURN,
            "x = t(scaled)\n    return [p.unfold(0, size, 1).mT for p in (x[:first], x[first:])]",
        ),
    ),
    "loops": _mended(
        (
            _RETURN,
            "train = [scaled[i : i + size] for i in range(first - size + 1)]\n"
            "    test = [scaled[i : i + size] for i in range(first, len(rows) - size + 1)]\n"
            "    return np.array(train), np.array(test)",
        )
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "unchanged": (
        "def mended(rows, size, first):\n    return leaky(rows, size, first)\n",
        "neighbours share all rows but one",
    ),
    "not shuffled, scaled by all, straddling": (
        _mended(
            (_SCALE, _SCALE.replace("[:first]", "")),
            (_RETURN, "w = cut(scaled, size)\n    return w[:first], w[first:]"),
        ),
        "Which rows does it hold",
    ),
    "scaled by all": (
        _mended((_SCALE, _SCALE.replace("[:first]", ""))),
        "From which rows come mean and std",
    ),
    "scaled by test": (
        _mended((_SCALE, _SCALE.replace("[:first]", "[first:]"))),
        "is 2.34, where",
    ),
    "each by itself": (
        _mended(
            (
                "    scaled = ",
                "    s = lambda x: (x - x.mean(axis=0)) / x.std(axis=0)\n    scaled = ",
            ),
            (_RETURN, "return cut(s(rows[:first]), size), cut(s(rows[first:]), size)"),
        ),
        "each part by itself",
    ),
    "one mean for all columns": (
        _mended((_SCALE, _SCALE.replace("axis=0", ""))),
        "all columns share",
    ),
    "each row by its own mean": (
        _mended(
            (_SCALE, _SCALE.replace("[:first]", "").replace("axis=0", "axis=1, keepdims=True"))
        ),
        "is -1.21, where",
    ),
    "scaled by the training windows": (
        _mended(
            (
                _SCALE,
                "    w = cut(rows[:first], size)\n"
                "    mean, std = w.mean(axis=(0, 1)), w.std(axis=(0, 1))\n",
            )
        ),
        "is 0.53, where",
    ),
    "each window by itself": (
        _mended(
            (
                _RETURN,
                "s = lambda w: (w - w.mean(axis=1, keepdims=True)) / (w.std(axis=1, keepdims=True)"
                " + 1e-9)\n    return s(cut(rows[:first], size)), s(cut(rows[first:], size))",
            )
        ),
        "is 0.0904, where",
    ),
    "train windows straddle": (
        _mended((_RETURN, "w = cut(scaled, size)\n    return w[:first], w[first:]")),
        "Your last training windows reach into",
    ),
    "test windows straddle": (
        _mended(
            (
                _RETURN,
                "w = cut(scaled, size)\n    return w[: first - size + 1], w[first - size + 1 :]",
            )
        ),
        "Your first test windows reach back",
    ),
    "both straddle": (
        _mended((_RETURN, "w = cut(scaled, size)\n    return w[:first], w[first - size + 1 :]")),
        "of 5, there are 28 training windows, where 24",
    ),
    "a window too few": (
        _mended((_RETURN, "return cut(scaled[: first - 1], size), cut(scaled[first:], size)")),
        "23 training windows, where 24",
    ),
    "a gap of a window": (
        _mended(
            (_RETURN, "return cut(scaled[:first], size), cut(scaled[first + size - 1 :], size)")
        ),
        "4 test windows, where 8",
    ),
    "runs backwards": (
        _mended(
            (
                _RETURN,
                "return cut(scaled[:first], size)[:, ::-1], cut(scaled[first:], size)[:, ::-1]",
            )
        ),
        "run backwards",
    ),
    "time shuffled inside the windows": (
        _mended(
            (
                _RETURN,
                "r = np.random.default_rng(0)\n"
                "    return tuple(r.permuted(cut(p, size), axis=1) for p in (scaled[:first], "
                "scaled[first:]))",
            )
        ),
        "is 1.67, where",
    ),
    "rows shuffled before the split": (
        _HEAD
        + "    rows = rows[np.random.default_rng(0).permutation(len(rows))]\n"
        + _LINES.removeprefix(_HEAD),
        "is 0.443, where",
    ),
    "windows shuffled": (
        _mended(
            (
                _RETURN,
                "a, b = cut(scaled[:first], size), cut(scaled[first:], size)\n"
                "    return np.random.default_rng(0).permutation(a), b",
            )
        ),
        "is 0.18, where",
    ),
    "the other way round": (
        _mended((_RETURN, "return cut(scaled[first:], size), cut(scaled[:first], size)")),
        "there are 8 training windows",
    ),
    "side by side": (
        _mended(
            (_RETURN, "return cut(scaled[:first], size)[::size], cut(scaled[first:], size)[::size]")
        ),
        "5 training windows",
    ),
    "only the training windows": (
        _mended((_RETURN, "return cut(scaled[:first], size)")),
        "return two",
    ),
    "flat": (
        _mended(
            (
                _RETURN,
                "return [cut(p, size).reshape(-1, size * rows.shape[1])"
                " for p in (scaled[:first], scaled[first:])]",
            )
        ),
        "2-dimensional",
    ),
    "writes into the rows": (
        _mended(
            ("    scaled = (rows - mean) / std\n", "    rows -= mean\n    scaled = rows / std\n")
        ),
        "your function changed rows",
    ),
    "forgets to return": (
        _mended((_RETURN, "train = cut(scaled[:first], size)")),
        "Is there a `return`",
    ),
    "a value": ("mended = 0.5", "should be a function"),
}
