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
}
WRONG: dict[str, tuple[str, str]] = {
    "mends nothing": (_PLAIN.format(rows=_ALL, source="test"), "the scores of the *other*"),
    "mends only the threshold": (
        _PLAIN.format(rows=_ALL, source="calibration"),
        "still learned from test",
    ),
    "scales every part by itself": (
        _HEAD + "    s = lambda x: (((x - x.mean(0)) / x.std(0)) ** 2).sum(axis=1)\n"
        "    return s(test), np.quantile(s(calibration), 0.95)",
        "From which rows come centre",
    ),
    "mends only the scaling": (_PLAIN.format(rows="train", source="test"), "threshold moved"),
    "threshold from calibration and test": (
        _PLAIN.format(rows="train", source="np.concatenate([calibration, test])"),
        "what it will be judged on",
    ),
    "scaling from train and calibration": (
        _PLAIN.format(rows=_KNOWN, source="calibration"),
        "Calibration has another job",
    ),
    "scaling from calibration": (
        _PLAIN.format(rows="calibration", source="calibration"),
        "the centre and the spread learned from",
    ),
    "threshold from training": (
        _PLAIN.format(rows="train", source="train"),
        "threshold stayed",
    ),
    "threshold from train and calibration": (
        _PLAIN.format(rows="train", source=_KNOWN),
        "Mend where the numbers come from, and leave the rule",
    ),
    "threshold half from train": (
        _method(_LENGTH, "(np.quantile(s(train), 0.95) + np.quantile(s(calibration), 0.95)) / 2"),
        "of 200 lie above your threshold",
    ),
    "no scaling": (_method("(x**2).sum(axis=1)"), "every column counts the same"),
    "centre only": (_method("((x - c) ** 2).sum(axis=1)"), "thousandths of its unit"),
    "scale only": (_method("((x / d) ** 2).sum(axis=1)"), "I added 1000"),
    "one scale for all columns": (
        _method("(((x - c) / train.std()) ** 2).sum(axis=1)"),
        "whatever its size",
    ),
    "sign flipped": (_method("-" + _LENGTH), "above normal values score lower"),
    "no square": (_method("((x - c) / d).sum(axis=1)"), "below normal values score lower"),
    "absolute instead of squared": (_method("abs((x - c) / d).sum(axis=1)"), "No leak found"),
    "largest column": (_method("abs((x - c) / d).max(axis=1)"), "from the original method"),
    "median and quartiles": (
        _HEAD + "    from sklearn.preprocessing import RobustScaler\n"
        "    z = RobustScaler().fit(train)\n"
        "    s = lambda x: (z.transform(x) ** 2).sum(axis=1)\n"
        "    return s(test), np.quantile(s(calibration), 0.95)",
        "centre, spread and length",
    ),
    "another rate": (
        _method(_LENGTH, "np.quantile(s(calibration), 0.5)"),
        "100 of 200 calibration rows",
    ),
    "wrong tail": (
        _method(_LENGTH, "np.quantile(s(calibration), 0.05)"),
        "190 of 200 calibration rows",
    ),
    "keeps a reserve": (
        _method(_LENGTH, "al.thresholds.FalsePositiveBudget().fit(s(calibration)).value"),
        "the original rule, 5 %, gives 10",
    ),
    "highest calibration score": (
        _method(_LENGTH, "s(calibration).max()"),
        "0 of 200 calibration rows",
    ),
    "a fixed threshold": (_method(_LENGTH, "11.07"), "which flatters it"),
    "one value": (_HEAD + "    return 1.0", "Return two things"),
    "three values": (_HEAD + "    return test, calibration, 1.0", "and one threshold"),
    "scores of calibration": (
        _method(_LENGTH).replace("return s(test)", "return s(calibration[:-1])"),
        "Expected 200 numbers",
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
