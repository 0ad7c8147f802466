"""Exercise 4.1-masked."""


def _score(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def masked_score(x, x_hat, mask):\n    {lines}"


CORRECT: dict[str, str] = {
    "nanmean": _score("return np.nanmean(np.where(mask, (x - x_hat) ** 2, np.nan), axis=1)"),
    "mean where": _score("return np.mean((x - x_hat) ** 2, axis=1, where=mask)"),
    "division 0 / 0": _score(
        "e = np.where(mask, x - x_hat, 0); return (e**2).sum(1) / mask.sum(1)"
    ),
    "loop": _score(
        "rows = zip(x, x_hat, mask); "
        "return np.array([((a - b)[m] ** 2).mean() if m.any() else np.nan for a, b, m in rows])"
    ),
    "list": _score("return [np.mean((x[i] - x_hat[i])[mask[i]] ** 2) for i in range(len(x))]"),
    "masked array": _score("return np.ma.array((x - x_hat) ** 2, mask=~mask).mean(axis=1)"),
    "fills a copy": _score(
        "x = x.copy(); x[~mask] = 0; e = mask * (x - x_hat) ** 2; "
        "return e.sum(1) / np.where(mask.any(1), mask.sum(1), np.nan)"
    ),
    "errors at observed places": _score(
        "total, row = np.zeros(len(x)), np.nonzero(mask)[0]; "
        "np.add.at(total, row, (x - x_hat)[mask] ** 2); return total / mask.sum(1)"
    ),
    "tensor": _score(
        "import torch; e = torch.tensor(np.where(mask, x - x_hat, 0.0)) ** 2; "
        "return e.sum(1) / torch.tensor(mask).sum(1)"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "ignores the mask": (_score("return ((x - x_hat) ** 2).mean(axis=1)"), "only pixels that"),
    "trusts NaN": (
        _score("return np.nanmean((x - x_hat) ** 2, axis=1)"),
        "which of them come into your sum",
    ),
    "inverts the mask": (
        _score("return np.mean((x - x_hat) ** 2, axis=1, where=~mask)"),
        "no pixel came in",
    ),
    "inverts the mask when there is one": (
        _score("m = mask if mask.all() else ~mask; return np.mean((x - x_hat) ** 2, 1, where=m)"),
        "Which pixels are yours to judge",
    ),
    "divides by all pixels": (
        _score("return np.where(mask, (x - x_hat) ** 2, 0).mean(axis=1)"),
        "you returned 0.25, 0.125, 0.0312",
    ),
    "divides by the batch": (
        _score("return np.where(mask, (x - x_hat) ** 2, 0).sum(1) / mask.sum() * len(x)"),
        "What do you divide by",
    ),
    "sums": (_score("return np.where(mask, (x - x_hat) ** 2, 0).sum(axis=1)"), "7 times"),
    "root": (
        _score("return np.sqrt(np.mean((x - x_hat) ** 2, axis=1, where=mask))"),
        "the root of",
    ),
    "sign": (_score("return -np.mean((x - x_hat) ** 2, axis=1, where=mask)"), "minus the mean"),
    "absolute errors": (
        _score("return np.mean(abs(x - x_hat), axis=1, where=mask)"),
        "score should be the one you know",
    ),
    "squares the mean": (
        _score("return np.mean(x - x_hat, axis=1, where=mask) ** 2"),
        "but its mean squared error is",
    ),
    "medians": (
        _score("return np.nanmedian(np.where(mask, (x - x_hat) ** 2, np.nan), axis=1)"),
        "With nothing missing",
    ),
    "averages the batch": (
        _score("return np.mean((x - x_hat) ** 2, where=mask)"),
        "How many rows went in",
    ),
    "one value for every row": (
        _score("return np.full(len(x), np.mean((x - x_hat) ** 2, where=mask))"),
        "What differs by row",
    ),
    "wrong axis": (
        _score("return np.mean((x - x_hat) ** 2, axis=0, where=mask)"),
        "Which axis did you sum over",
    ),
    "errors without a mean": (_score("return np.where(mask, (x - x_hat) ** 2, 0)"), "shape (5, 7)"),
    "weights by the observed share": (
        _score("return np.mean((x - x_hat) ** 2, axis=1, where=mask) * mask.mean(1)"),
        "All three rows fit equally badly",
    ),
    "scales up twice": (
        _score("e = np.where(mask, (x - x_hat) ** 2, 0).mean(1); return e / mask.mean(1) ** 2"),
        "you returned 0.25, 0.5, 2",
    ),
    "counts one more": (
        _score(
            "m = np.where(mask.all(1), mask.sum(1), mask.sum(1) + 1); "
            "return np.where(mask, (x - x_hat) ** 2, 0).sum(1) / m"
        ),
        "you returned 0.25, 0.2",
    ),
    "poisoned by NaN": (
        _score("return (mask * (x - x_hat) ** 2).sum(1) / mask.sum(1)"),
        "What is 0 · NaN",
    ),
    "zero for an unseen row": (
        _score(
            "e = np.where(mask, (x - x_hat) ** 2, 0); return e.sum(1) / np.maximum(mask.sum(1), 1)"
        ),
        "scores 0. That reads like",
    ),
    "infinite for an unseen row": (
        _score(
            "e = np.mean((x - x_hat) ** 2, axis=1, where=mask); "
            "return np.where(mask.any(1), e, np.inf)"
        ),
        "scores inf",
    ),
    "raises for an unseen row": (
        _score(
            "return np.ma.filled(np.array([np.average((a - b)[m] ** 2, weights=m[m] * 1.0) "
            "for a, b, m in zip(x, x_hat, mask)]))"
        ),
        "raised ZeroDivisionError",
    ),
    "drops the unseen row": (
        _score("i = mask.any(1); return np.mean((x[i] - x_hat[i]) ** 2, axis=1, where=mask[i])"),
        "Expected 3 numbers",
    ),
    "an unseen row spoils the batch": (
        _score(
            "e = np.mean((x - x_hat) ** 2, axis=1, where=mask); "
            "return e if mask.any(1).all() else e * np.nan"
        ),
        "spoils the scores of the rows beside it",
    ),
    "writes into x": (
        _score("x[~mask] = 0; return np.mean((x - x_hat) ** 2, axis=1, where=mask)"),
        "writes into an argument",
    ),
    "writes into the mask": (
        _score("e = np.mean((x - x_hat) ** 2, axis=1, where=mask); mask[:] = True; return e"),
        "changed the arrays it was given",
    ),
    "zero for every NaN": (
        _score(
            "g = np.isnan(x); x = np.nan_to_num(x); "
            "return np.mean((x - x_hat) ** 2, axis=1, where=mask | g)"
        ),
        "Nobody looked at those pixels",
    ),
    "rounds": (
        _score("return np.mean((x - x_hat) ** 2, axis=1, where=mask).round(1)"),
        "row 0 scores",
    ),
    "only half of the pixels": (
        _score(
            "m = mask.copy(); m[:, 7:] = False; return np.mean((x - x_hat) ** 2, axis=1, where=m)"
        ),
        "Work out one such row by hand",
    ),
    "a word": (_score("return 'small'"), "a single value"),
    "flags": (_score("return mask.any(axis=1)"), "Expected 5 numbers"),
    "forgets to return": (
        _score("scores = np.mean((x - x_hat) ** 2, axis=1, where=mask)"),
        "Is there a `return`",
    ),
    "a value": ("masked_score = 0.5", "should be a function"),
}
