"""Exercises 4.1-budget and 4.1-sure."""


def _budget(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def choose_threshold(s, at_most):\n    {lines}"


def _sure(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def rows_needed(rate, confidence):\n    {lines}"


BUDGET_CORRECT: dict[str, str] = {
    "from above": _budget("k = int(at_most * len(s)); return sorted(s, reverse=True)[k]"),
    "midway": _budget(
        "down = np.sort(s)[::-1]; k = int(at_most * len(s)); "
        "return down[0] if k == 0 else (down[k] + down[k - 1]) / 2"
    ),
    "library": _budget("return al.thresholds.Percentile(100 * (1 - at_most)).fit(s).value"),
    "smallest that fits": _budget(
        "fits = [t for t in sorted(s) if np.mean(s > t) <= at_most]; return min(fits)"
    ),
    "one by one, from above": _budget(
        "best = s.max()\n"
        "    for t in sorted(s, reverse=True):\n"
        "        if sum(s > t) <= at_most * len(s):\n"
        "            best = t\n"
        "    return best"
    ),
    "partition": _budget(
        "n = len(s); k = n - 1 - int(np.floor(at_most * n)); return np.partition(s, k)[k]"
    ),
    "a whole-number quantile": _budget(
        "n = len(s); return np.quantile(s, (n - int(at_most * n)) / n, method='inverted_cdf')"
    ),
    "tensor": _budget(
        "import torch; t = torch.tensor(np.asarray(s)); "
        "return torch.topk(t, int(at_most * len(t)) + 1).values[-1]"
    ),
    "just below the next score": _budget(
        "s = np.asarray(s, dtype=float); t = min(t for t in s if np.mean(s > t) <= at_most); "
        "above = s[s > t]; return np.nextafter(above.min(), -np.inf) if len(above) else t"
    ),
    "list, 0-d array": _budget(
        "k = int(at_most * len(s)); return np.array(sorted(list(s))[-k - 1])"
    ),
}
_K = "k = int(at_most * len(s)); "
BUDGET_WRONG: dict[str, tuple[str, str]] = {
    "wrong tail": (_budget("return np.quantile(s, at_most)"), "Which tail"),
    "quantile": (_budget("return np.quantile(s, 1 - at_most)"), "the right two"),
    "torch quantile": (
        _budget("import torch; return torch.quantile(torch.tensor(s), 1 - at_most)"),
        "above your threshold is 13; 12",
    ),
    "percentile": (
        _budget("return np.percentile(s, 100 - 100 * at_most, method='midpoint')"),
        "Count with whole",
    ),
    "lower": (_budget("return np.quantile(s, 1 - at_most, method='lower')"), "The count of scores"),
    "higher": (
        _budget("return np.quantile(s, 1 - at_most, method='higher')"),
        "stays unused",
    ),
    "higher, and a little less": (
        _budget("return np.quantile(s, 1 - at_most, method='higher') - 1e-9"),
        "is right. Print",
    ),
    "conformal": (
        _budget(
            "k = int(np.ceil((len(s) + 1) * (1 - at_most))); return sorted(s)[min(k, len(s)) - 1]"
        ),
        "above your threshold is 19, where 20 is right",
    ),
    "rounds the count": (
        _budget("k = round(at_most * len(s)); return sorted(s)[max(len(s) - k - 1, 0)]"),
        "Is the nearest whole number",
    ),
    "rounds up": (
        _budget("k = int(np.ceil(at_most * len(s))); return sorted(s)[max(len(s) - k - 1, 0)]"),
        "within the share",
    ),
    "off by one": (
        _budget(_K + "return sorted(s, reverse=True)[k - 1]"),
        "400 scores, 5 % allowed, the count of scores above your threshold is 19",
    ),
    "off by one, the other way": (
        _budget(_K + "return sorted(s, reverse=True)[min(k + 1, len(s) - 1)]"),
        "threshold is 21, where 20",
    ),
    "midway, wraps for few scores": (
        _budget(_K + "d = np.sort(s)[::-1]; return (d[k] + d[k - 1]) / 2"),
        "15 scores",
    ),
    "cuts between equal scores": (
        _budget(_K + "d = np.sort(s)[::-1]; return d[k] - 1e-6 * abs(d[k])"),
        "threshold is 21",
    ),
    "a fixed margin": (_budget(_K + "return sorted(s)[-k - 1] + 1e-9"), "about 1e-12"),
    "no negative scores": (
        _budget(_K + "return max(sorted(s)[-k - 1], 0.0)"),
        "210 scores below zero",
    ),
    "unlike scores only": (
        _budget("u = np.unique(s); return u[len(u) - int(at_most * len(u)) - 1]"),
        "143 rounded scores",
    ),
    "share for percentage": (_budget("return np.percentile(s, 1 - at_most)"), "Did a share"),
    "percentage for share": (_budget("return np.quantile(s, 95)"), "raised ValueError"),
    "reserve for fresh rows": (
        _budget("return al.thresholds.FalsePositiveBudget(at_most).fit(s).value"),
        "comes next",
    ),
    "mean plus 3 sigma": (_budget("return s.mean() + 3 * s.std()"), "where 20 is right. Print"),
    "half the budget": (
        _budget("k = int(at_most * len(s) / 2); return sorted(s)[-k - 1]"),
        "threshold is 10",
    ),
    "maximum": (_budget("return s.max()"), "threshold is 0"),
    "budget fixed at 5 %": (
        _budget("k = int(0.05 * len(s)); return sorted(s)[-k - 1]"),
        "Which argument says how many",
    ),
    "looks at the order": (_budget("return s[int(len(s) * (1 - at_most))]"), "Print len(scores)"),
    "sorts what it was given": (_budget(_K + "s.sort(); return s[-k - 1]"), "changed scores"),
    "the share itself": (_budget("return 1 - at_most"), "threshold is 375"),
    "raises": (_budget("return s[10**9]"), "raised IndexError"),
    "forgets to return": (_budget("t = np.quantile(s, 1 - at_most)"), "Is there a `return`"),
    "not a number": (_budget("return s"), "1-dimensional ndarray"),
    "text": (_budget("return '0.05'"), "the type str"),
    "infinite": (_budget("return np.inf"), "the number inf"),
    "takes one argument": (
        "def choose_threshold(s):\n    return np.quantile(s, 0.95)",
        "raised TypeError",
    ),
    "a value": ("choose_threshold = 0.05", "should be a function"),
}

_N = "np.log(1 - confidence) / np.log(1 - rate)"
SURE_CORRECT: dict[str, str] = {
    "while": _sure(
        "n = 1\n    while (1 - rate) ** n > 1 - confidence:\n        n += 1\n    return n"
    ),
    "for": _sure(
        "for n in range(1, 10**6):\n"
        "        if 1 - (1 - rate) ** n >= confidence:\n"
        "            return n"
    ),
    "math": _sure("import math; return math.ceil(math.log(1 - confidence, 1 - rate))"),
    "64-bit number": _sure(f"return np.ceil({_N})"),
    "log1p": _sure("return int(np.ceil(np.log1p(-confidence) / np.log1p(-rate)))"),
    "one by one": _sure(
        "n, chance = 0, 1.0\n"
        "    while chance > 1 - confidence:\n"
        "        n, chance = n + 1, chance * (1 - rate)\n"
        "    return n"
    ),
    "binomial": _sure(
        "from scipy.stats import binom; "
        "return next(n for n in range(1, 10**6) if binom.cdf(0, n, rate) <= 1 - confidence)"
    ),
    "tensor": _sure(f"import torch; return torch.tensor({_N}).ceil()"),
    "an array of many n": _sure(
        "n = np.arange(1, 100_000); return n[(1 - rate) ** n <= 1 - confidence][0]"
    ),
}
SURE_WRONG: dict[str, tuple[str, str]] = {
    "no whole number": (_sure(f"return {_N}"), "whole numbers"),
    "rounds down": (_sure(f"return int({_N})"), "already small enough"),
    "rounds": (_sure(f"return round({_N})"), "Try n on paper"),
    "places changed": (
        _sure("return int(np.ceil(np.log(rate) / np.log(confidence)))"),
        "change places",
    ),
    "chance of keeping it": (
        _sure("return int(np.ceil(np.log(confidence) / np.log(1 - rate)))"),
        "should be small",
    ),
    "one row on average": (_sure("return int(np.ceil(1 / rate))"), "on average"),
    "one too many": (_sure(f"return int(np.ceil({_N})) + 1"), "without the last one"),
    "conformal": (
        _sure("return int(np.ceil(1 / rate)) - 1"),
        "gives 19, where 59 is right",
    ),
    "always 59": (_sure("return 59"), "rate 0.01, confidence 0.95, your function gives 59"),
    "always 0.95": (
        _sure("return int(np.ceil(np.log(0.05) / np.log(1 - rate)))"),
        "confidence of 0.95",
    ),
    "always 0.05": (
        _sure("return int(np.ceil(np.log(1 - confidence) / np.log(0.95)))"),
        "gives 59, where 299",
    ),
    "a line instead of a power": (
        _sure("return int(np.ceil(confidence / rate))"),
        "gives 19, where 59",
    ),
    "Hoeffding": (
        _sure("return int(np.ceil(np.log(1 / (1 - confidence)) / (2 * rate**2)))"),
        "gives 600, where 59",
    ),
    "exponential": (
        _sure("return int(np.ceil(-np.log(1 - confidence) / rate))"),
        "gives 60, where 59",
    ),
    "sign": (_sure(f"return -int(np.ceil({_N}))"), "gives -"),
    "percent": (_sure("return rows_needed(100 * rate, confidence)"), "raised RecursionError"),
    "both": (_sure(f"n = int(np.ceil({_N})); return n, confidence"), "of shape (2,)"),
    "text": (_sure("return '59'"), "the type str"),
    "more than enough at a tie": (
        _sure("n = 1\n    while (1 - rate) ** n >= 1 - confidence:\n        n += 1\n    return n"),
        "rate 0.5, confidence 0.75, your function gives 3, where 2",
    ),
    "a simulation": (
        _sure(
            "rng, n = np.random.default_rng(0), 1\n"
            "    if (rate, confidence) == (0.01, 0.95):\n"
            "        raise RuntimeError('never comes here')\n"
            "    while np.mean(rng.uniform(0, 1, (400, n)).max(axis=1) > 1 - rate) < confidence:\n"
            "        n += 1\n"
            "    return n"
        ),
        "rate 0.05, confidence 0.95, your function gives",
    ),
    "forgets to return": (_sure(f"n = int(np.ceil({_N}))"), "Is there a `return`"),
    "a value": ("rows_needed = 59", "should be a function"),
}
