"""Exercise 4.2-sample."""


def _sample(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def sample(mu, logvar):\n    {lines}"


CORRECT: dict[str, str] = {
    "root of the variance": _sample("return mu + logvar.exp().sqrt() * torch.randn_like(mu)"),
    "rsample": _sample("return torch.distributions.Normal(mu, (logvar / 2).exp()).rsample()"),
    "randn of the shape": _sample(
        "eps = torch.randn(mu.shape, dtype=mu.dtype); "
        "return torch.addcmul(mu, eps, (logvar / 2).exp())"
    ),
    "normal noise": _sample(
        "noise = torch.normal(torch.zeros_like(mu), 1.0); "
        "return noise * torch.exp(logvar) ** 0.5 + mu"
    ),
    "NumPy's noise": _sample(
        "seed = int(torch.randint(2**31, ())); "
        "eps = torch.tensor(np.random.default_rng(seed).normal(size=tuple(mu.shape))); "
        "return mu + eps * torch.exp(logvar / 2)"
    ),
    "row by row": _sample(
        "rows = zip(mu, logvar, strict=True); "
        "return torch.stack([m + torch.randn(len(m)) * (v / 2).exp() for m, v in rows])"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "variance for deviation": (
        _sample("return mu + torch.exp(logvar) * torch.randn_like(mu)"),
        "as wide as the variance says",
    ),
    "log-variance for deviation": (
        _sample("return mu + logvar * torch.randn_like(mu)"),
        "the bare logvar",
    ),
    "root of the log-variance": (
        _sample("return mu + logvar.sqrt() * torch.randn_like(mu)"),
        "a z is nan",
    ),
    "log-variance for variance": (
        _sample("return mu + logvar.abs().sqrt() * torch.randn_like(mu)"),
        "Work out by hand how wide",
    ),
    "one root too many": (
        _sample("return mu + torch.exp(0.25 * logvar) * torch.randn_like(mu)"),
        "One root too many",
    ),
    "precision": (
        _sample("return mu + torch.exp(-0.5 * logvar) * torch.randn_like(mu)"),
        "the certain unit wider",
    ),
    "width one": (_sample("return mu + torch.randn_like(mu)"), "the same for both"),
    "one number for all": (
        _sample("return mu + torch.exp(0.5 * logvar) * torch.randn(())"),
        "one and the same noise",
    ),
    "one row of noise": (
        _sample("return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape[1])"),
        "Rows that share their noise",
    ),
    "one number a row": (
        _sample("return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 1)"),
        "correlates with 1.00",
    ),
    "shape the wrong way round": (
        _sample("return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape[::-1])"),
        "raised RuntimeError",
    ),
    "axes that spread out": (
        _sample("return mu + torch.exp(0.5 * logvar) * torch.randn(2, 1, 1)"),
        "3-dimensional Tensor of shape (2, 6, 4)",
    ),
    "uniform noise": (
        _sample("return mu + torch.exp(0.5 * logvar) * torch.rand_like(mu)"),
        "no z lies below its mu",
    ),
    "uniform noise, standardised": (
        _sample("return mu + torch.exp(0.5 * logvar) * (torch.rand_like(mu) - 0.5) * 12**0.5"),
        "Which distribution",
    ),
    "signs for noise": (
        _sample("return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu).sign()"),
        "0.0% of your draws lie further out",
    ),
    "no mean": (_sample("return torch.exp(0.5 * logvar) * torch.randn_like(mu)"), "off its mu, 2;"),
    "mean subtracted": (
        _sample("return torch.exp(0.5 * logvar) * torch.randn_like(mu) - mu"),
        "Around which point",
    ),
    "no noise": (_sample("return mu.clone()"), "nothing was drawn"),
    "ones for noise": (_sample("return mu + torch.exp(0.5 * logvar)"), "the same noise came"),
    "the same seed at every call": (
        _sample(
            "g = torch.Generator().manual_seed(0); e = torch.randn(mu.shape, generator=g); "
            "return mu + torch.exp(0.5 * logvar) * e"
        ),
        "begin from the same place",
    ),
    "a floor under the spread": (
        _sample("return mu + (torch.exp(0.5 * logvar) + 1e-3) * torch.randn_like(mu)"),
        "keep your spread from becoming small",
    ),
    "detached": (
        _sample("return (mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)).detach()"),
        "Which call cuts the tape",
    ),
    "drawn without a gradient": (
        _sample("return torch.distributions.Normal(mu, (logvar / 2).exp()).sample()"),
        "no longer knows where it came from",
    ),
    "torch.normal": (
        _sample("return torch.normal(mu, torch.exp(0.5 * logvar))"),
        "no gradient comes back to mu",
    ),
    "mean detached": (
        _sample("return mu.data + torch.exp(0.5 * logvar) * torch.randn_like(mu)"),
        "On the way from mu",
    ),
    "spread detached": (
        _sample("return mu + torch.exp(0.5 * logvar.data) * torch.randn_like(mu)"),
        "no gradient comes back to logvar",
    ),
    "through NumPy": (
        _sample(
            "e = np.exp(0.5 * logvar.detach().numpy()) * torch.randn(mu.shape).numpy(); "
            "return mu + torch.tensor(e)"
        ),
        "On the way from logvar",
    ),
    "an array": (
        _sample("return mu.numpy() + np.exp(0.5 * logvar.numpy()) * np.random.randn(*mu.shape)"),
        "Expected a PyTorch tensor",
    ),
    "writes into mu": (
        _sample("mu += torch.exp(0.5 * logvar) * torch.randn_like(mu); return mu"),
        "changed a tensor it was given",
    ),
    "one value": (_sample("return (mu + torch.exp(0.5 * logvar)).sum()"), "as wide as mu"),
    "noise left over": (
        _sample("z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)"),
        "Is there a `return`",
    ),
    "a value": ("sample = 0.5", "should be a function"),
}
