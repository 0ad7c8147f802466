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
    "32-bit": _score("return np.mean((x - x_hat) ** 2, axis=1, where=mask).astype(np.float32)"),
    "list of tensors": _score(
        "import torch; return [torch.tensor(v) for v in np.mean((x - x_hat) ** 2, 1, where=mask)]"
    ),
    "prints and warns": _score(
        "import sys; print('careful', file=sys.stderr); "
        "return np.mean((x - x_hat) ** 2, axis=1, where=mask)"
    ),
}
_MEAN = "return np.mean((x - x_hat) ** 2, axis=1, where={})"
WRONG: dict[str, tuple[str, str]] = {
    "drops zeros": (_score(_MEAN.format("mask & (x != 0)")), "On rows full of zeros"),
    "drops what is drawn exactly": (_score(_MEAN.format("mask & (x != x_hat)")), "full of zeros"),
    "one mask for all rows": (_score(_MEAN.format("mask[:1] & (mask | True)")), "row 1 gives"),
    "NaN for an infinite filler": (
        _score(
            "e = np.where(np.isnan(x), 0, x - x_hat); "
            f"return {_MEAN[7:].format('mask')} + 0 * e.sum(1)"
        ),
        "hold ∞ or −∞ row 0 gives nan",
    ),
    "NaN where a row has gaps": (
        _score(f"g = np.isnan(x).any(1); e = {_MEAN[7:].format('mask')}; e[g] = np.nan; return e"),
        "hold NaN row 0 gives nan",
    ),
    "whole numbers": (
        _score(f"return np.nan_to_num({_MEAN[7:].format('mask')}).astype(int)"),
        "all observed, row 0 gives 1, where 1.17 is right",
    ),
    "squares the mean": (
        _score("return np.mean(x - x_hat, axis=1, where=mask) ** 2"),
        "should be the one you know",
    ),
    "sign": (_score(f"return -{_MEAN[7:].format('mask')}"), "row 0 gives -1.17"),
    "averages the batch": (_score("return np.mean((x - x_hat) ** 2, where=mask)"), "one number."),
    "wrong axis": (_score("return np.mean((x - x_hat) ** 2, axis=0, where=mask)"), "shape (7,)"),
    "errors without a mean": (_score("return np.where(mask, (x - x_hat) ** 2, 0)"), "shape (5, 7)"),
    "one row becomes a number": (
        _score(f"return np.squeeze({_MEAN[7:].format('mask')})"),
        "something else alone",
    ),
    "infinite for an unseen row": (
        _score(f"return np.where(mask.any(1), {_MEAN[7:].format('mask')}, np.inf)"),
        "row 1 gives inf, where nan is right",
    ),
    "an unseen row spoils the batch": (
        _score(f"e = {_MEAN[7:].format('mask')}; return e if mask.any(1).all() else e * np.nan"),
        "row 0 gives nan, where 1.13 is right",
    ),
    "raises for an unseen row": (
        _score(
            "return np.ma.filled(np.array([np.average((a - b)[m] ** 2, weights=m[m] * 1.0) "
            "for a, b, m in zip(x, x_hat, mask)]))"
        ),
        "raised ZeroDivisionError",
    ),
    "writes into x_hat": (_score(f"x_hat[~mask] = 0; {_MEAN.format('mask')}"), "changed x_hat"),
    "writes into the mask": (
        _score(f"e = {_MEAN[7:].format('mask')}; mask[:] = True; return e"),
        "changed mask",
    ),
    "seeds NumPy": (_score(f"np.random.seed(0); {_MEAN.format('mask')}"), "random numbers"),
    "no error, no observation": (
        _score(
            "s = np.where(mask, (x - x_hat) ** 2, 0).sum(1); "
            "return np.where(s == 0, np.nan, s / np.maximum(mask.sum(1), 1))"
        ),
        "A row without error is not",
    ),
    "the first ten rows": (
        _score(f"e = {_MEAN[7:].format('mask')}; e[10:] = 0; return e"),
        "On 50 rows",
    ),
    "nan for all": (_score("return np.full(len(x), np.nan)"), "gives nan, where"),
    "rounds": (_score(f"return {_MEAN[7:].format('mask')}.round(4)"), "row 2 gives 2.0074, where"),
    "leaves the program": (_score("import sys; sys.exit()"), "raised SystemExit"),
    "flags": (_score("return mask.any(axis=1)"), "Expected numbers"),
    "forgets to return": (_score("scores = x.mean(axis=1)"), "Is there a `return`"),
    "a value": ("masked_score = 0.5", "should be a function"),
}
