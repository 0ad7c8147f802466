"""Exercise 4.2-fit."""


def _best(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def best_prior(mu, logvar):\n    {lines}"


def _s(s: str, m: str = "mu.mean(dim=0)") -> str:
    return _best(f"m = {m}; d = mu - m; return m, {s}")


CORRECT: dict[str, str] = {
    "two means": _s("(d.var(dim=0, correction=0).mean() + logvar.exp().mean()).sqrt()"),
    "the second moment": _s("((mu**2 + logvar.exp()).mean() - (m**2).mean()).clamp(min=0) ** 0.5"),
    "arrays": _best(
        "a, v = mu.numpy(), np.exp(logvar.numpy()); m = a.mean(axis=0); "
        "return m, np.sqrt(((a - m) ** 2 + v).mean())"
    ),
    "loops": _best(
        "rows, units = mu.shape; m = sum(mu) / rows; total = 0.0; "
        "\n    for i in range(rows):\n        for j in range(units):\n            "
        "total += float((mu[i, j] - m[j]) ** 2 + logvar[i, j].exp())\n    "
        "return [m, math.sqrt(total / (rows * units))]"
    ),
    "logsumexp": _s(
        "(d.square().mean() + torch.logsumexp(logvar.flatten(), 0).exp() / d.numel())**.5"
    ),
    "s in an array": _s("((d**2 + logvar.exp()).mean().sqrt()).reshape(1)"),
    "lists": _s("float((d**2 + logvar.exp()).mean().sqrt())").replace(
        "return m", "return m.tolist()"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "only the centres": (_s("(d**2).mean().sqrt()"), "the spread of the centres alone"),
    "only the widths": (_s("logvar.exp().mean().sqrt()"), "not how far apart they lie"),
    "a variance": (_s("(d**2 + logvar.exp()).mean()"), "your s is a variance"),
    "σ for σ²": (_s("(d**2 + (logvar / 2).exp()).mean().sqrt()"), "σ stands where σ² belongs"),
    "sum over units": (
        _s("(d**2 + logvar.exp()).sum(dim=1).mean().sqrt()"),
        "grows with the number of units",
    ),
    "around 0": (_s("(d**2 + logvar.exp()).mean().sqrt()", "0 * mu[0]"), "stays around 0"),
    "one number for m": (
        _s("(d**2 + logvar.exp()).mean().sqrt()", "mu.mean()"),
        "Over which axes",
    ),
    "one m a row": (
        _s("(d**2 + logvar.exp()).mean().sqrt()", "mu.mean(1, keepdim=True)"),
        "m has shape (7, 1)",
    ),
    "one s a unit": (_s("(d**2 + logvar.exp()).mean(dim=0).sqrt()"), "s has shape (3,)"),
    "the median": (
        _s("(d**2 + logvar.exp()).mean().sqrt()", "mu.median(dim=0).values"),
        "s is 1.56",
    ),
    "degrees of freedom": (_s("(d.var(dim=0).mean() + logvar.exp().mean()).sqrt()"), "s is"),
    "mean of the widths": (
        _s("(d**2).mean().sqrt() + (logvar / 2).exp().mean()"),
        "s is 2.01",
    ),
    "mean of the roots": (_s("(d**2 + logvar.exp()).sqrt().mean()"), "s is 1.46"),
    "mean of logvar": (_s("((d**2).mean() + logvar.mean().exp()).sqrt()"), "s is 1.32"),
    "at least 1": (
        _s("(d**2 + logvar.exp()).mean().sqrt().clamp(min=1)"),
        "small clouds near 0 s is 1,",
    ),
    "at least 0.3": (
        _s("(d**2 + logvar.exp()).mean().sqrt().clamp(min=0.3)"),
        "On small clouds near 0 s is 0.3",
    ),
    "a search": (
        _best(
            "m = mu.mean(dim=0); widths = [i / 20 for i in range(1, 400)]; "
            "squares = float(((mu - m) ** 2 + logvar.exp()).mean()); "
            "price = lambda s: squares / s**2 + 2 * np.log(s); "
            "return m, min(widths, key=price)"
        ),
        "s is 1.55",
    ),
    "weights by certainty": (
        _s(
            "(d**2 + logvar.exp()).mean().sqrt()",
            "(mu / logvar.exp()).sum(0) / (-logvar).exp().sum(0)",
        ),
        "where 1.54 is right",
    ),
    "only m": (_best("return mu.mean(dim=0)"), "Expected two things"),
    "s first": (
        _best("m = mu.mean(dim=0); return ((mu - m) ** 2 + logvar.exp()).mean().sqrt(), m"),
        "m has shape () and",
    ),
    "centres mu for good": (
        _best("m = mu.mean(dim=0); mu -= m; return m, (mu**2 + logvar.exp()).mean().sqrt()"),
        "your function changed mu",
    ),
    "forgets to return": (_best("m = mu.mean(dim=0)"), "Is there a `return`"),
    "a value": ("best_prior = 0.5", "should be a function"),
}
