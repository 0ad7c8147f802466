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
    "32-bit": _total(_RIGHT, after=".float()"),
    "in 32 bits": _kl_to(
        "mu, logvar, m = mu.float(), logvar.float(), m.float(); "
        f"return 0.5 * ({_RIGHT} - 1 - logvar + 2 * math.log(s)).sum(1)"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "adds m": (_total("((mu + m) ** 2 + logvar.exp()) / s**2"), "s = 2.5, row 0 gives"),
    "only the first m": (
        _total("((mu - m[0]) ** 2 + logvar.exp()) / s**2"),
        "row 0 gives 4.05",
    ),
    "s for s²": (_total("((mu - m) ** 2 + logvar.exp()) / s"), "many draws of q"),
    "sign": (_total(_RIGHT, after=" * -1"), "gives -3.41, where 3.41 is right"),
    "no half": (_total(_RIGHT, after=" * 2"), "gives 6.81, where 3.41"),
    "mean over the units": (
        _total(_RIGHT).replace(".sum(1)", ".mean(1)"),
        "gives 1.14, where 3.41 is right",
    ),
    "no constant": (_total(_RIGHT, after=" + mu.shape[1] / 2"), "gives 4.91, where 3.41"),
    "averages draws": (
        _kl_to(
            "e = torch.randn(9999, *mu.shape); z = mu + torch.exp(logvar / 2) * e; "
            "w = ((z - m) / s) ** 2; "
            "return 0.5 * (w - e**2 - logvar + 2 * math.log(s)).sum(2).mean(0)"
        ),
        "your function draws random numbers",
    ),
    "knows only two priors": (
        _kl_to(
            "s = 1.0 if not m.any() else s; "
            f"return 0.5 * ({_RIGHT} - 1 - logvar + 2 * math.log(s)).sum(1)"
        ),
        "On 4 rows, m = 0, s = 1.7,",
    ),
    "keeps s away from 0": (
        _kl_to(f"s = max(s, 0.1); return 0.5 * ({_RIGHT} - 1 - logvar + 2 * math.log(s)).sum(1)"),
        "s = 0.01, row 0 gives 3.62, where 0 is right",
    ),
    "clamps the variance": (
        _total("((mu - m) ** 2 + logvar.exp().clamp(max=1e3)) / s**2"),
        "s = 300, row 0 gives -0.989, where 0 is right",
    ),
    "the whole batch": (_total(_RIGHT).replace(".sum(1)", ".sum()"), "you returned one number"),
    "not summed": (_total(_RIGHT).replace(".sum(1)", ""), "you returned numbers of shape (5, 3)"),
    "an axis left": (_total(_RIGHT).replace(".sum(1)", ".sum(1, keepdim=True)"), "(5, 1)"),
    "detached": (_total(_RIGHT, after=".detach()"), "in the gradient by mu"),
    "mu detached": (
        _total("((mu.data - m) ** 2 + logvar.exp()) / s**2"),
        "Which step between mu and your result",
    ),
    "variance detached": (
        _total("((mu - m) ** 2 + logvar.data.exp()) / s**2"),
        "the values are right, but in the gradient by logvar",
    ),
    "leaves a gradient behind": (
        _kl_to(
            f"r = 0.5 * ({_RIGHT} - 1 - logvar + 2 * math.log(s)).sum(1); "
            "r.requires_grad and r.sum().backward(retain_graph=True); return r"
        ),
        "left a gradient behind in an input",
    ),
    "switches gradients off": (
        _kl_to("torch.set_grad_enabled(False); return mu.sum(1)"),
        "a setting of PyTorch",
    ),
    "the logarithm of a density that is 0": (
        _kl_to(
            "sd = (logvar / 2).exp(); p = torch.exp(-0.5 * ((mu - m) / s) ** 2) / s; "
            "return (torch.log(1 / sd) - torch.log(p) + sd**2 / (2 * s * s) - 0.5).sum(1)"
        ),
        "gives inf, where",
    ),
    "clamps logvar": (
        _kl_to(
            "b = logvar.clamp(-30, 20); "
            "return 0.5 * (((mu - m) ** 2 + b.exp()) / s**2 - 1 - b + 2 * math.log(s)).sum(1)"
        ),
        "very narrow clouds",
    ),
    "the first eight units": (
        _total(_RIGHT).replace("0.5 * (", "0.5 * (").replace(").sum(1)", ")[:, :8].sum(1)"),
        "50 rows of 12 units",
    ),
    "takes s for a tensor": (_total(_RIGHT, "2 * torch.log(s)"), "raised TypeError"),
    "forgets m and s": ("def kl_to(mu, logvar):\n    return mu.sum(1)", "2 positional arguments"),
    "writes into mu": (
        _kl_to(f"mu -= m; return 0.5 * ({_RIGHT} - 1 - logvar + 2 * math.log(s)).sum(1)"),
        "changed mu",
    ),
    "an array": (
        _kl_to("return (mu - m).detach().numpy().sum(1)"),
        "Expected a PyTorch tensor",
    ),
    "forgets to return": (_kl_to("price = mu.sum(1)"), "Is there a `return`"),
    "a value": ("kl_to = 0.5", "should be a function"),
}
