"""Exercise 4.2-kl."""


def _kl(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def kl(mu, logvar):\n    {lines}"


CORRECT: dict[str, str] = {
    "the chapter's": _kl("return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)"),
    "torch.distributions": _kl(
        "from torch.distributions import Normal, kl_divergence; "
        "q, p = Normal(mu, (logvar / 2).exp()), Normal(torch.zeros_like(mu), 1.0); "
        "return kl_divergence(q, p).sum(-1)"
    ),
    "from sigma": _kl(
        "sigma = torch.exp(logvar / 2); "
        "return ((mu**2 + sigma**2) / 2 - sigma.log()).sum(1) - mu.shape[1] / 2"
    ),
    "unit by unit": _kl(
        "total = torch.zeros(len(mu), dtype=mu.dtype); "
        "[total := total + (m * m + v.exp() - 1 - v) / 2 for m, v in zip(mu.T, logvar.T)]; "
        "return total"
    ),
    "expm1": _kl("return (mu.square() + torch.expm1(logvar) - logvar).sum(dim=-1) / 2"),
}
WRONG: dict[str, tuple[str, str]] = {
    "sign": (_kl("return 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)"), "below 0. A diverg"),
    "no half": (_kl("return (mu**2 + logvar.exp() - 1 - logvar).sum(1)"), "twice what averaging"),
    "mean over the units": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(1)"),
        "a third of the divergence",
    ),
    "in bits": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1) / np.log(2)"),
        "counted in bits",
    ),
    "variance for log-variance": (
        _kl("return 0.5 * (mu**2 + logvar - 1 - torch.log(logvar)).sum(1)"),
        "What is `logvar` already",
    ),
    "log-deviation for log-variance": (
        _kl("return 0.5 * (mu**2 + torch.exp(2 * logvar) - 1 - 2 * logvar).sum(1)"),
        "if exp(logvar) were a standard deviation",
    ),
    "deviation for variance": (
        _kl("return 0.5 * (mu**2 + torch.exp(0.5 * logvar) - 1 - logvar).sum(1)"),
        "stands where the variance belongs",
    ),
    "log-variance for the variance": (
        _kl("return 0.5 * (mu**2 + logvar - 1 - logvar).sum(1)"),
        "a row gets -1.50",
    ),
    "the other way round": (
        _kl("return 0.5 * ((mu**2 + 1) / logvar.exp() - 1 + logvar).sum(1)"),
        "the divergence from the prior to the posterior",
    ),
    "no mu": (_kl("return 0.5 * (logvar.exp() - 1 - logvar).sum(1)"), "Where does mu come in"),
    "mu not squared": (
        _kl("return 0.5 * (mu + logvar.exp() - 1 - logvar).sum(1)"),
        "Both lie equally far from 0",
    ),
    "absolute mu": (
        _kl("return 0.5 * (mu.abs() + logvar.exp() - 1 - logvar).sum(1)"),
        "With which power does mu come in",
    ),
    "mu subtracted": (
        _kl("return 0.5 * (logvar.exp() - 1 - logvar - mu**2).sum(1)"),
        "Which sign has the term with mu",
    ),
    "no constant": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - logvar).sum(1)"),
        "Which constant is missing",
    ),
    "constant added": (
        _kl("return 0.5 * (mu**2 + logvar.exp() + 1 - logvar).sum(1)"),
        "a row gets 3.00. Two equal",
    ),
    "constant once a row": (
        _kl("return 0.5 * ((mu**2 + logvar.exp() - logvar).sum(1) - 1)"),
        "a row gets 1.00. Two equal",
    ),
    "no logarithm": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1).sum(1)"),
        "with −6 it gets -1.50. Ever",
    ),
    "logarithm added": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 + logvar).sum(1)"),
        "Which sign has that term",
    ),
    "logarithm capped": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar.clamp(min=-2)).sum(1)"),
        "gets 1.57, with −6",
    ),
    "no variance": (
        _kl("return 0.5 * (mu**2 + logvar.abs()).sum(1)"),
        "Does the variance come in",
    ),
    "clamped at a capacity of 0": (
        _kl("return (0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)).clamp(max=0)"),
        "your divergence stayed 0",
    ),
    "clamped at a capacity": (
        _kl("return (0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)).clamp(max=5)"),
        "Twice as far should cost four",
    ),
    "free bits": (
        _kl("return (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).clamp(min=0.1).sum(1)"),
        "a row gets 0.30",
    ),
    "wrong axis": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(0)"),
        "Which axis did you sum over",
    ),
    "the whole batch": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum()"),
        "doubles it: a sum over rows",
    ),
    "mean over the batch": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()"),
        "gives it again: a mean",
    ),
    "mean over everything": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean()"),
        "one number for all rows, 0.",
    ),
    "not summed": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)"),
        "a number for every unit of every row",
    ),
    "an axis left": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1, keepdim=True)"),
        "An axis of length one is left",
    ),
    "averages draws": (
        _kl(
            "e = torch.randn(9999, *mu.shape); z = mu + torch.exp(logvar / 2) * e; "
            "return 0.5 * (z**2 - e**2 - logvar).sum(2).mean(0)"
        ),
        "A closed form knows no chance",
    ),
    "detached": (
        _kl("return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).detach()"),
        "Which call cuts the tape",
    ),
    "mu detached": (
        _kl("return 0.5 * (mu.data**2 + logvar.exp() - 1 - logvar).sum(1)"),
        "On the way from mu",
    ),
    "log-variance detached": (
        _kl("return 0.5 * (mu**2 + logvar.data.exp() - 1 - logvar.data).sum(1)"),
        "On the way from logvar",
    ),
    "variance detached": (
        _kl("return 0.5 * (mu**2 + logvar.data.exp() - 1 - logvar).sum(1)"),
        "its gradient is not that of the divergence",
    ),
    "an array": (
        _kl("m, v = mu.numpy(), logvar.numpy(); return 0.5 * (m**2 + np.exp(v) - 1 - v).sum(1)"),
        "Expected a PyTorch tensor",
    ),
    "writes into logvar": (
        _kl("a = logvar.clone(); logvar.exp_(); return 0.5 * (mu**2 + logvar - 1 - a).sum(1)"),
        "writes into an argument",
    ),
    "forgets to return": (
        _kl("price = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)"),
        "Is there a `return`",
    ),
    "a value": ("kl = 0.5", "should be a function"),
}
