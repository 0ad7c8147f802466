"""Exercise 4.1-leak."""

_HEAD = "def mended(train, calibration, test):\n"
_PLAIN = (
    _HEAD + "    rows = {rows}\n"
    "    c, d = rows.mean(axis=0), rows.std(axis=0)\n"
    "    s = lambda x: (((x - c) / d) ** 2).sum(axis=1)\n"
    "    return s(test), np.quantile(s({source}), 0.95)"
)
_ALL = "np.concatenate([train, calibration, test])"
_KNOWN = "np.concatenate([train, calibration])"


def _method(score: str, rule: str = "np.quantile(s(calibration), 0.95)") -> str:
    """The right rows with another formula for the score, or another rule."""
    return (
        _HEAD + "    c, d = train.mean(axis=0), train.std(axis=0)\n"
        f"    s = lambda x: {score}\n"
        f"    return s(test), {rule}"
    )


_LENGTH = "(((x - c) / d) ** 2).sum(axis=1)"

CORRECT: dict[str, str] = {
    "scaler": (
        _HEAD + "    from sklearn.preprocessing import StandardScaler\n"
        "    z = StandardScaler().fit(train)\n"
        "    s = lambda x: (z.transform(x) ** 2).sum(axis=1)\n"
        "    return s(test), np.percentile(s(calibration), 95)"
    ),
    "loop": (
        _HEAD + "    m, d = train.mean(0), train.std(0)\n"
        "    def s(x):\n"
        "        return np.array([sum(((r - m) / d) ** 2) for r in x])\n"
        "    return s(test), sorted(s(calibration))[int(0.95 * len(calibration))]"
    ),
    "mean of squares": (
        _HEAD + "    p = al.Preprocess().fit(train)\n"
        "    s = lambda x: (p.transform(x) ** 2).mean(axis=1)\n"
        "    return s(test), al.thresholds.Percentile(95).fit(s(calibration)).value"
    ),
    "length, not squared": _method("np.linalg.norm((x - c) / d, axis=1)"),
    "sample deviation": _method(_LENGTH).replace("std(axis=0)", "std(axis=0, ddof=1)"),
    "list of scores": _method(_LENGTH).replace("return s(test)", "return list(s(test))"),
    "tensors": (
        _HEAD + "    import torch\n"
        "    train, calibration, test = map(torch.tensor, (train, calibration, test))\n"
        "    c, d = train.mean(dim=0), train.std(dim=0)\n"
        "    s = lambda x: (((x - c) / d) ** 2).sum(dim=1)\n"
        "    return s(test), torch.quantile(s(calibration), 0.95)"
    ),
    "32-bit numbers": _method(_LENGTH, "np.float32(np.quantile(s(calibration), 0.95))").replace(
        "return s(test)", "return s(test).astype(np.float32)"
    ),
    "higher": _method(_LENGTH, "np.quantile(s(calibration), 0.95, method='higher')"),
    "one call for both": (
        _HEAD + "    both = np.concatenate([test, calibration])\n"
        "    s = (((both - train.mean(axis=0)) / train.std(axis=0)) ** 2).sum(axis=1)\n"
        "    return s[: len(test)], np.quantile(s[len(test) :], 0.95)"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "mends nothing": (_PLAIN.format(rows=_ALL, source="test"), "Both are learned"),
    "mends only the threshold": (
        _PLAIN.format(rows=_ALL, source="calibration"),
        "still learned from test",
    ),
    "scales every part by itself": (
        _HEAD + "    s = lambda x: (((x - x.mean(0)) / x.std(0)) ** 2).sum(axis=1)\n"
        "    return s(test), np.quantile(s(calibration), 0.95)",
        "One scale is for all",
    ),
    "mends only the scaling": (_PLAIN.format(rows="train", source="test"), "threshold moved"),
    "scaling from train and calibration": (
        _PLAIN.format(rows=_KNOWN, source="calibration"),
        "the scaling knows",
    ),
    "scaling from calibration": (
        _PLAIN.format(rows="calibration", source="calibration"),
        "has another job",
    ),
    "threshold from training": (_PLAIN.format(rows="train", source="train"), "which flatters it"),
    "threshold from train and calibration": (
        _PLAIN.format(rows="train", source=_KNOWN),
        "other rows have a say",
    ),
    "threshold from calibration and test": (
        _PLAIN.format(rows="train", source="np.concatenate([calibration, test])"),
        "above your threshold is 8; about 10",
    ),
    "threshold half from train": (
        _method(_LENGTH, "(np.quantile(s(train), 0.95) + np.quantile(s(calibration), 0.95)) / 2"),
        "the count of calibration rows above",
    ),
    "threshold from the first hundred": (
        _method(_LENGTH, "np.quantile(s(calibration[:100]), 0.95)"),
        "what share of the rows lies above",
    ),
    "threshold from every second row": (
        _method(_LENGTH, "np.quantile(s(calibration[::2]), 0.95)"),
        "of calibration rows above your",
    ),
    "centre from train, spread from test": (
        _method(_LENGTH).replace("train.std(axis=0)", "test.std(axis=0)"),
        "in the order of your scores",
    ),
    "scaling from a hundred rows": (
        _method(_LENGTH).replace("train.", "train[:50]."),
        "by the original method",
    ),
    "no scaling": (_method("(x**2).sum(axis=1)"), "from the end has the place"),
    "centre only": (_method("((x - c) ** 2).sum(axis=1)"), "from the end has"),
    "scale only": (_method("((x / d) ** 2).sum(axis=1)"), "row 30 from the end has"),
    "one scale for all columns": (
        _method("(((x - c) / train.std()) ** 2).sum(axis=1)"),
        "has the place",
    ),
    "sign flipped": (_method("-" + _LENGTH), "place"),
    "no square": (_method("((x - c) / d).sum(axis=1)"), "original method. From"),
    "absolute instead of squared": (_method("abs((x - c) / d).sum(axis=1)"), "your scores, and"),
    "largest column": (_method("abs((x - c) / d).max(axis=1)"), "the order of"),
    "median and quartiles": (
        _HEAD + "    from sklearn.preprocessing import RobustScaler\n"
        "    z = RobustScaler().fit(train)\n"
        "    s = lambda x: (z.transform(x) ** 2).sum(axis=1)\n"
        "    return s(test), np.quantile(s(calibration), 0.95)",
        "From which rows is each",
    ),
    "the mean of every column alone": (
        _method("((x - c) / d).mean(axis=1) ** 2"),
        "has the place 5",
    ),
    "another rate": (
        _method(_LENGTH, "np.quantile(s(calibration), 0.5)"),
        "above your threshold is 100",
    ),
    "wrong tail": (
        _method(_LENGTH, "np.quantile(s(calibration), 0.05)"),
        "above your threshold is 190",
    ),
    "keeps a reserve": (
        _method(_LENGTH, "al.thresholds.FalsePositiveBudget(0.05, 0.9).fit(s(calibration)).value"),
        "about 10 (5 %) is due",
    ),
    "highest calibration score": (
        _method(_LENGTH, "s(calibration).max()"),
        "above your threshold is 0;",
    ),
    "a fixed threshold": (_method(_LENGTH, "11.07"), "(5 %) is due"),
    "writes into train": (
        _method(_LENGTH).replace("    c, d", "    train -= train.mean(axis=0)\n    c, d"),
        "changed train",
    ),
    "one value": (_HEAD + "    return 1.0", "return two things"),
    "three values": (_HEAD + "    return test, calibration, 1.0", "and a threshold"),
    "scores of calibration": (
        _method(_LENGTH).replace("return s(test)", "return s(calibration[:-1])"),
        "Expected 230 numbers",
    ),
    "one score a column": (_method("(((x - c) / d) ** 2).sum(axis=0)"), "of shape (5,)"),
    "flags instead of a threshold": (
        _method(_LENGTH, "s(test) > 11"),
        "Expected one finite number",
    ),
    "forgets to return": (
        _HEAD + "    c, d = train.mean(0), train.std(0)\n"
        "    scores = (((test - c) / d) ** 2).sum(1)",
        "Is there a `return`",
    ),
    "raises": (_HEAD + "    return train @ test, 1.0", "raised ValueError"),
}
