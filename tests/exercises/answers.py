"""Answers to the exercises of 4.1: other correct ones, and wrong ones with the reply they earn."""

from __future__ import annotations

CORRECT: dict[str, dict[str, str]] = {
    "4.1-budget": {
        "quantile": (
            "def choose_threshold(s, at_most=0.05):\n    return np.quantile(s, 1 - at_most)"
        ),
        "conformal": (
            "def choose_threshold(s, at_most=0.05):\n"
            "    k = int(np.ceil((len(s) + 1) * (1 - at_most)))\n"
            "    return sorted(s)[k - 1]"
        ),
        "midway": (
            "def choose_threshold(s, at_most=0.05):\n"
            "    down = np.sort(s)[::-1]\n"
            "    k = int(round(at_most * len(s)))\n"
            "    return (down[k] + down[k - 1]) / 2"
        ),
        "library": (
            "def choose_threshold(s, at_most=0.05):\n"
            "    return al.thresholds.Percentile(100 * (1 - at_most)).fit(s).value"
        ),
    },
    "4.1-leak": {
        "scaler": (
            "def mended(train, calibration, test):\n"
            "    from sklearn.preprocessing import StandardScaler\n"
            "    z = StandardScaler().fit(train)\n"
            "    s = lambda x: (z.transform(x) ** 2).sum(axis=1)\n"
            "    return s(test), np.percentile(s(calibration), 95)"
        ),
        "loop": (
            "def mended(train, calibration, test):\n"
            "    m, d = train.mean(0), train.std(0)\n"
            "    def s(x):\n"
            "        return np.array([sum(((r - m) / d) ** 2) for r in x])\n"
            "    return s(test), sorted(s(calibration))[int(0.95 * len(calibration))]"
        ),
        "mean of squares": (
            "def mended(train, calibration, test):\n"
            "    p = al.Preprocess().fit(train)\n"
            "    s = lambda x: (p.transform(x) ** 2).mean(axis=1)\n"
            "    return s(test), al.thresholds.Percentile(95).fit(s(calibration)).value"
        ),
    },
}

_LEAK = (
    "def mended(train, calibration, test):\n"
    "    rows = {rows}\n"
    "    c, d = rows.mean(axis=0), rows.std(axis=0)\n"
    "    s = lambda x: {sign}(((x - c) / d) ** 2).sum(axis=1)\n"
    "    return s(test), np.quantile(s({source}), 0.95)"
)
_ALL = "np.concatenate([train, calibration, test])"

WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.1-budget": {
        "wrong tail": (
            "def choose_threshold(s, at_most=0.05):\n    return np.quantile(s, at_most)",
            "Which tail",
        ),
        "share for percentage": (
            "def choose_threshold(s, at_most=0.05):\n    return np.percentile(s, 1 - at_most)",
            "nearly all",
        ),
        "mean plus 3 sigma": (
            "def choose_threshold(s, at_most=0.05):\n    return s.mean() + 3 * s.std()",
            "wastes the budget",
        ),
        "maximum": (
            "def choose_threshold(s, at_most=0.05):\n    return s.max()",
            "nothing lies above",
        ),
        "ignores the budget": (
            "def choose_threshold(s, at_most=0.05):\n    return np.quantile(s, 0.9)",
            "over the budget",
        ),
        "raises": (
            "def choose_threshold(s, at_most=0.05):\n    return s[1e9]",
            "raised IndexError",
        ),
        "not a number": (
            "def choose_threshold(s, at_most=0.05):\n    return s",
            "one finite number",
        ),
    },
    "4.1-leak": {
        "mends only the threshold": (
            _LEAK.format(rows=_ALL, sign="", source="calibration"),
            "scores of the *other*",
        ),
        "mends only the scaling": (
            _LEAK.format(rows="train", sign="", source="test"),
            "your threshold moved",
        ),
        "threshold from training": (
            _LEAK.format(rows="train", sign="", source="train"),
            "threshold stayed",
        ),
        "sign flipped": (
            _LEAK.format(rows="train", sign="-", source="calibration"),
            "score lower than",
        ),
        "another rate": (
            _LEAK.format(rows="train", sign="", source="calibration").replace("0.95", "0.5"),
            "aimed at",
        ),
        "one value": (
            "def mended(train, calibration, test):\n    return 1.0",
            "Return two things",
        ),
    },
}
