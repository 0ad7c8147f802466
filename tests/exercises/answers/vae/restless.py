"""Exercise 4.2-restless."""


def _calm(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def calm(vae, x, beta=1.0):\n    {lines}"


_DRAW = "mu, logvar = vae.posterior(x); z = mu + torch.exp(0.5 * logvar) * {noise}; "
_SCORE = "vae.reconstruction(x, z) + beta * vae.kl(x)"


def _drawn(noise: str, score: str = _SCORE) -> str:
    """The old score with other noise, and without the last line that looks at the batch."""
    return _calm(_DRAW.format(noise=noise) + f"return {score}")


CORRECT: dict[str, str] = {
    "encode": _calm("return vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x)"),
    "by hand": _calm(
        "mu, v = vae.posterior(x); price = 0.5 * (mu**2 + v.exp() - 1 - v).sum(1); "
        "return vae.reconstruction(x, mu) + beta * price"
    ),
    "row by row": _calm(
        "one = lambda r: vae.reconstruction(r, vae.encode(r)) + beta * vae.kl(r); "
        "return torch.cat([one(row[None]) for row in x])"
    ),
    "fixed draws for all rows": _calm(
        "g = torch.Generator().manual_seed(0); mu, logvar = vae.posterior(x); "
        "eps = torch.randn(16, 1, mu.shape[1], generator=g, dtype=mu.dtype); "
        "z = mu + torch.exp(0.5 * logvar) * eps; "
        "return sum(vae.reconstruction(x, one) for one in z) / 16 + beta * vae.kl(x)"
    ),
    "seeded and no trace": _calm(
        "mu, logvar = vae.posterior(x); error = 0; "
        "\n    with al.seeded(3):\n        eps = torch.randn(8, mu.shape[1], dtype=mu.dtype)\n    "
        "error = sum(vae.reconstruction(x, mu + torch.exp(0.5 * logvar) * e) for e in eps) / 8; "
        "return error + beta * vae.kl(x)"
    ),
    "without gradients, as an array": _calm(
        "\n    with torch.no_grad():\n        mu = vae.posterior(x)[0]\n"
        "        return (vae.reconstruction(x, mu) + beta * vae.kl(x)).numpy()"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "mends nothing": (
        _calm(
            _DRAW.format(noise="torch.randn_like(mu)") + f"s = {_SCORE}; "
            "return (s - s.mean()) / s.std()"
        ),
        "I scored the same 200 rows twice, and",
    ),
    "mends only the batch": (_drawn("torch.randn_like(mu)"), "changed sides of one threshold"),
    "evaluation mode": (
        _calm("vae.eval(); " + _DRAW.format(noise="torch.randn_like(mu)") + f"return {_SCORE}"),
        "What is new at every call",
    ),
    "fewer random numbers": (_drawn("torch.randn(1, 2)"), "no label flips, but scores differ"),
    "an average of fresh draws": (
        _calm(
            "mu, logvar = vae.posterior(x); "
            "eps = torch.randn(9000, 1, mu.shape[1], dtype=mu.dtype); "
            "z = mu + 0.1 * torch.exp(0.5 * logvar) * eps; "
            "z = z.mean(0); "
            f"return {_SCORE}"
        ),
        "A little chance is still chance",
    ),
    "mends only the noise": (
        _calm(
            "s = vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x); "
            "return (s - s.mean()) / s.std()"
        ),
        "Which line asks a single score",
    ),
    "largest score is 1": (
        _calm("s = vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x); return s / s.max()"),
        "among 200 rows gets 1.00 alone",
    ),
    "only centred": (
        _calm("s = vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x); return s - s.mean()"),
        "gets 0.00 alone",
    ),
    "ranks": (
        _calm(
            "s = vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x); "
            "return s.argsort().argsort().double()"
        ),
        "Which line looks at its neighbours",
    ),
    "seed before the noise": (
        _calm(
            "torch.manual_seed(0); "
            + _DRAW.format(noise="torch.randn_like(mu)")
            + f"return {_SCORE}"
        ),
        "your noise belongs to a place in the batch",
    ),
    "own generator, a number for every place": (
        _calm(
            "g = torch.Generator().manual_seed(0); mu, logvar = vae.posterior(x); "
            "e = torch.randn(mu.shape, generator=g, dtype=mu.dtype); "
            f"z = mu + torch.exp(0.5 * logvar) * e; return {_SCORE}"
        ),
        "I handed the same rows in backwards",
    ),
    "global seed, shared noise": (
        _calm(
            "torch.manual_seed(0); " + _DRAW.format(noise="torch.randn(1, 2)") + f"return {_SCORE}"
        ),
        "scoring between two epochs would change the training",
    ),
    "a draw for nothing": (
        _calm("torch.randn(3); return vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x)"),
        "whoever draws from PyTorch's generator",
    ),
    "no divergence": (
        _calm("return vae.reconstruction(x, vae.encode(x))"),
        "What became of the second part",
    ),
    "beta ignored": (
        _calm("return vae.reconstruction(x, vae.encode(x)) + vae.kl(x)"),
        "Where did beta go",
    ),
    "divergence subtracted": (
        _calm("return vae.reconstruction(x, vae.encode(x)) - beta * vae.kl(x)"),
        "the oddest rows got *lower* scores",
    ),
    "mean over the units": (
        _calm("return vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x) / 2"),
        "and twice its divergence is",
    ),
    "only the divergence": (_calm("return beta * vae.kl(x)"), "all rows score 0.00"),
    "mean over the features": (
        _calm("e = ((x - vae.reconstruct(x)) ** 2).mean(1); return e + beta * vae.kl(x)"),
        "a mean over 6 features",
    ),
    "sign": (
        _calm("return -vae.reconstruction(x, vae.encode(x)) - beta * vae.kl(x)"),
        "odd rows score lowest",
    ),
    "root of the error": (
        _calm("return vae.reconstruction(x, vae.encode(x)).sqrt() + beta * vae.kl(x)"),
        "Take the chance out of the old method",
    ),
    "draws from the prior instead": (
        _calm(
            "g = torch.Generator().manual_seed(0); "
            "z = torch.randn(1, 2, generator=g, dtype=x.dtype).expand(len(x), 2); "
            f"return {_SCORE}"
        ),
        "its squared error is",
    ),
    "the mean of the batch": (
        _calm("s = vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x); return s.mean()"),
        "Expected 200 scores",
    ),
    "an error for every feature": (
        _calm("return (x - vae.reconstruct(x)) ** 2"),
        "of shape (200, 6)",
    ),
    "labels": (
        _calm("s = vae.reconstruction(x, vae.encode(x)); return (s > s.median()).tolist()"),
        "the type list",
    ),
    "nothing left": (
        _calm("s = vae.reconstruction(x, vae.encode(x)); return 0 * s / (s - s)"),
        "a score is nan",
    ),
    "switches the noise off for good": (
        _calm("vae.tilt.data.zero_(); return vae.reconstruction(x, vae.encode(x)) + vae.kl(x)"),
        "changed the network or the rows",
    ),
    "writes into x": (
        _calm("x -= vae.reconstruct(x).detach(); return (x**2).sum(1) + beta * vae.kl(x)"),
        "Scoring only looks",
    ),
    "forgets to return": (
        _calm("score = vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x)"),
        "Is there a `return`",
    ),
    "raises": (_calm("return vae.sample(x)"), "raised AttributeError"),
    "a value": ("calm = 0.5", "should be a function"),
}
