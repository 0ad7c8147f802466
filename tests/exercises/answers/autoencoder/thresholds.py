"""Exercises 4.1-budget and 4.1-rate."""


def _budget(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def choose_threshold(s, at_most=0.05):\n    {lines}"


def _rate(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def realised_rate(s, t):\n    {lines}"


BUDGET_CORRECT: dict[str, str] = {
    "quantile": _budget("return np.quantile(s, 1 - at_most)"),
    "percentile": _budget("return np.percentile(s, 100 - 100 * at_most)"),
    "quantile, higher": _budget("return np.quantile(s, 1 - at_most, method='higher')"),
    "conformal": _budget("k = int(np.ceil((len(s) + 1) * (1 - at_most))); return sorted(s)[k - 1]"),
    "midway": _budget(
        "down = np.sort(s)[::-1]; k = int(round(at_most * len(s))); "
        "return (down[k] + down[k - 1]) / 2"
    ),
    "library": _budget("return al.thresholds.Percentile(100 * (1 - at_most)).fit(s).value"),
    "smallest that fits": _budget(
        "fits = [t for t in sorted(s) if np.mean(s > t) <= at_most]; return min(fits)"
    ),
    "tensor": _budget("import torch; return torch.quantile(torch.tensor(s), 1 - at_most)"),
}
BUDGET_WRONG: dict[str, tuple[str, str]] = {
    "wrong tail": (_budget("return np.quantile(s, at_most)"), "Which tail"),
    "share for percentage": (_budget("return np.percentile(s, 1 - at_most)"), "nearly all"),
    "percentage for share": (_budget("return np.quantile(s, 95)"), "raised ValueError"),
    "reserve nobody asked for": (
        _budget("return al.thresholds.FalsePositiveBudget(at_most).fit(s).value"),
        "keep a reserve",
    ),
    "mean plus 3 sigma": (_budget("return s.mean() + 3 * s.std()"), "wastes the budget"),
    "half the budget": (_budget("return np.quantile(s, 1 - at_most / 2)"), "only 10 scores lie"),
    "maximum": (_budget("return s.max()"), "nothing lies above"),
    "ignores the budget": (_budget("return np.quantile(s, 0.9)"), "the budget allows 20"),
    "budget fixed at 5 %": (_budget("return np.quantile(s, 0.95)"), "where 30 may"),
    "looks at the order": (
        _budget("return s[int(len(s) * (1 - at_most))]"),
        "flags 85% of the normals",
    ),
    "off by two": (
        _budget("n = len(s); return np.sort(s)[n - int(at_most * n) - 3]"),
        "22 scores lie above",
    ),
    "the share itself": (_budget("return 1 - at_most"), "hardly an anomaly"),
    "raises": (_budget("return s[10**9]"), "raised IndexError"),
    "forgets to return": (_budget("t = np.quantile(s, 1 - at_most)"), "Is there a `return`"),
    "prints": (_budget("print(end=''); q = np.quantile(s, 1 - at_most)"), "returned nothing"),
    "not a number": (_budget("return s"), "Expected one finite number"),
    "text": (_budget("return '0.05'"), "the type str"),
    "infinite": (_budget("return np.inf"), "the number inf"),
    "takes one argument": (
        "def choose_threshold(s):\n    return np.quantile(s, 0.95)",
        "raised TypeError",
    ),
    "a value": ("choose_threshold = 0.05", "should be a function"),
}

RATE_CORRECT: dict[str, str] = {
    "sum": _rate("return (s > t).sum() / len(s)"),
    "loop": _rate("return sum(1 for a in s if a > t) / len(s)"),
    "sorted": _rate("return 1 - np.searchsorted(np.sort(s), t, side='right') / len(s)"),
    "count": _rate("return np.count_nonzero(s > t) / s.size"),
    "library": _rate(
        "none = np.zeros(len(s)); return al.metrics.decisions(none, s, t).false_positive_rate"
    ),
}
RATE_WRONG: dict[str, tuple[str, str]] = {
    "count": (_rate("return int(np.sum(s > t))"), "a count"),
    "percentage": (_rate("return 100 * np.mean(s > t)"), "a percentage"),
    "wrong side": (_rate("return np.mean(s <= t)"), "Which side"),
    "on the threshold too": (_rate("return np.mean(s >= t)"), "hit it exactly"),
    "mean of the flagged": (_rate("return s[s > t].mean()"), "count by hand"),
    "divides by one less": (_rate("return np.sum(s > t) / (len(s) - 1)"), "not the share"),
    "always 5 %": (_rate("return 0.05"), "five scores up"),
    "one a row": (_rate("return s > t"), "1-dimensional ndarray of shape (250,)"),
    "text": (_rate("return f'{np.mean(s > t):.1%}'"), "the type str"),
    "not a share": (_rate("return np.nan"), "the number nan"),
    "forgets to return": (_rate("share = np.mean(s > t)"), "Is there a `return`"),
    "raises": (_rate("return s.mean(t)"), "raised"),
    "a value": ("realised_rate = 0.05", "the number 0.05"),
}
