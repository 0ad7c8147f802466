"""Exercise 4.2-prior."""


def _kl_to(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def kl_to(mu, logvar, m, s):\n    {lines}"


def _total(squares: str, logs: str = "2 * math.log(s)", after: str = "") -> str:
    """The formula with other squares, or another logarithm of s."""
    return _kl_to(f"return 0.5 * ({squares} - 1 - logvar + {logs}).sum(1){after}")


_RIGHT = "((mu - m) ** 2 + logvar.exp()) / s**2"

CORRECT: dict[str, str] = {
    "torch.distributions": _kl_to(
        "from torch.distributions import Normal, kl_divergence; "
        "return kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(m, s)).sum(dim=1)"
    ),
    "moved and shrunk": _kl_to(
        "mu, logvar = (mu - m) / s, logvar - 2 * np.log(s); "
        "return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)"
    ),
    "multivariate": _kl_to(
        "from torch.distributions import MultivariateNormal as MVN, kl_divergence; "
        "q = MVN(mu, torch.diag_embed(logvar.exp())); "
        "return kl_divergence(q, MVN(m, s**2 * torch.eye(len(m), dtype=mu.dtype)))"
    ),
    "unit by unit": _kl_to(
        "rows = []; "
        "rows = [sum(math.log(s) - v / 2 + (v.exp() + (a - c) ** 2) / (2 * s**2) - 0.5 "
        "for a, v, c in zip(row, logs, m)) for row, logs in zip(mu, logvar)]; "
        "return torch.stack(rows)"
    ),
    "entropies": _kl_to(
        "k = mu.shape[1]; cross = ((mu - m) ** 2 + logvar.exp()).sum(1) / (2 * s**2); "
        "return cross + k * math.log(s) - 0.5 * (k + logvar.sum(1))"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "the old prior": (
        _kl_to("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)"),
        "the divergence from N(0, I), as ever",
    ),
    "ignores m": (_total("(mu**2 + logvar.exp()) / s**2"), "what a prior around 0 would give"),
    "adds m": (_total("((mu + m) ** 2 + logvar.exp()) / s**2"), "around (−1, 2, −0.5)"),
    "only the first m": (
        _total("((mu - m[0]) ** 2 + logvar.exp()) / s**2"),
        "Which part of m do you use",
    ),
    "the mean of m": (
        _total("((mu - m.mean()) ** 2 + logvar.exp()) / s**2"),
        "What did you do to m",
    ),
    "mu² + m²": (_total("(mu**2 + m**2 + logvar.exp()) / s**2"), "a difference has three terms"),
    "ignores s": (
        _kl_to("return 0.5 * ((mu - m) ** 2 + logvar.exp() - 1 - logvar).sum(1)"),
        "what a prior of width 1 would give",
    ),
    "s for s²": (_total("((mu - m) ** 2 + logvar.exp()) / s"), "in a unit that is too small"),
    "s for s² throughout": (
        _total("((mu - m) ** 2 + logvar.exp()) / s", "math.log(s)"),
        "a prior of *variance* 2.5",
    ),
    "forgets log s²": (_total(_RIGHT, "0"), "would get −2.75"),
    "log s for log s²": (_total(_RIGHT, "math.log(s)"), "would get −1.37"),
    "log s² subtracted": (_total(_RIGHT, "-2 * math.log(s)"), "would get −5.50"),
    "log s² twice": (_total(_RIGHT, "2 * math.log(s**2)"), "would get 2.75"),
    "only the distance over s²": (
        _total("(mu - m) ** 2 / s**2 + logvar.exp()"),
        "What is a variance compared with",
    ),
    "only the variance over s²": (
        _total("(mu - m) ** 2 + logvar.exp() / s**2"),
        "In which unit is a distance measured",
    ),
    "precision for variance": (
        _total("((mu - m) ** 2 + logvar.exp()) * s**2", "-2 * math.log(s)"),
        "Which way does s act",
    ),
    "sign": (_total(_RIGHT, after=" * -1"), "Is it log q − log p"),
    "no half": (_total(_RIGHT, after=" * 2"), "twice the divergence. Compare"),
    "mean over the units": (_total(_RIGHT).replace(".sum(1)", ".mean(1)"), "the mean over units"),
    "the other way round": (
        _kl_to(
            "v = logvar.exp(); "
            "return 0.5 * (((mu - m) ** 2 + s**2) / v - 1 + logvar - 2 * math.log(s)).sum(1)"
        ),
        "whose draws are averaged",
    ),
    "no constant": (_total(_RIGHT, after=" + mu.shape[1] / 2"), "would get 1.5 in three units"),
    "deviation for variance": (
        _total("((mu - m) ** 2 + torch.exp(logvar / 2)) / s**2"),
        "the posterior's standard deviation stands",
    ),
    "distance not squared": (
        _total("((mu - m) + logvar.exp()) / s**2"),
        "the new terms should vanish",
    ),
    "constant once a row": (
        _kl_to(f"return 0.5 * (({_RIGHT} - logvar + 2 * math.log(s)).sum(1) - 1)"),
        "your `kl` of exercise 3",
    ),
    "log s² once a row": (
        _kl_to(f"return 0.5 * ({_RIGHT} - 1 - logvar).sum(1) + math.log(s)"),
        "Write both logarithms down",
    ),
    "averages draws": (
        _kl_to(
            "e = torch.randn(9999, *mu.shape); z = mu + torch.exp(logvar / 2) * e; "
            "w = ((z - m) / s) ** 2; "
            "return 0.5 * (w - e**2 - logvar + 2 * math.log(s)).sum(2).mean(0)"
        ),
        "What is drawn in yours",
    ),
    "keeps s away from 0": (
        _kl_to(f"s = max(s, 0.1); return 0.5 * ({_RIGHT} - 1 - logvar + 2 * math.log(s)).sum(1)"),
        "s = 0.01, a row gets",
    ),
    "clamps the variance": (
        _total("((mu - m) ** 2 + logvar.exp().clamp(max=1e3)) / s**2"),
        "s = 300, a row gets",
    ),
    "wrong axis": (_total(_RIGHT).replace(".sum(1)", ".sum(0)"), "Which axis did you sum over"),
    "the whole batch": (_total(_RIGHT).replace(".sum(1)", ".sum()"), "doubles it"),
    "mean over the batch": (_total(_RIGHT, after=".mean()"), "gives it again"),
    "not summed": (_total(_RIGHT).replace(".sum(1)", ""), "a number for every unit"),
    "an axis left": (
        _total(_RIGHT).replace(".sum(1)", ".sum(1, keepdim=True)"),
        "An axis of length one is left",
    ),
    "detached": (_total(_RIGHT, after=".detach()"), "Which call cuts the tape"),
    "mu detached": (_total("((mu.data - m) ** 2 + logvar.exp()) / s**2"), "On the way from mu"),
    "variance detached": (
        _total("((mu - m) ** 2 + logvar.data.exp()) / s**2"),
        "training would go elsewhere",
    ),
    "takes s for a tensor": (_total(_RIGHT, "2 * torch.log(s)"), "raised TypeError"),
    "forgets m and s": ("def kl_to(mu, logvar):\n    return mu.sum(1)", "2 positional arguments"),
    "writes into mu": (
        _kl_to(f"mu -= m; return 0.5 * ({_RIGHT} - 1 - logvar + 2 * math.log(s)).sum(1)"),
        "writes into an argument",
    ),
    "an array": (
        _kl_to(
            "v = logvar.numpy(); d = ((mu - m) ** 2).numpy(); "
            "return 0.5 * ((d + np.exp(v)) / s**2 - 1 - v + 2 * np.log(s)).sum(1)"
        ),
        "Expected a PyTorch tensor",
    ),
    "forgets to return": (_kl_to("price = mu.sum(1)"), "Is there a `return`"),
    "a value": ("kl_to = 0.5", "should be a function"),
}
