"""Exercise 4.2-calm."""


def _calm(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def calm(vae, x, beta=1.0):\n    {lines}"


_DRAW = "mu, logvar = vae.posterior(x); z = mu + torch.exp(0.5 * logvar) * {noise}; "
_SCORE = "vae.reconstruction(x, z) + beta * vae.kl(x)"
_RIGHT = "vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x)"


def _drawn(noise: str, score: str = _SCORE) -> str:
    """The old score with other noise, and without the last line that looks at the batch."""
    return _calm(_DRAW.format(noise=noise) + f"return {score}")


CORRECT: dict[str, str] = {
    "encode": _calm(f"return {_RIGHT}"),
    "by hand": _calm(
        "mu, v = vae.posterior(x); price = 0.5 * (mu**2 + v.exp() - 1 - v).sum(1); "
        "return vae.reconstruction(x, mu) + beta * price"
    ),
    "row by row": _calm(
        "one = lambda r: vae.reconstruction(r, vae.encode(r)) + beta * vae.kl(r); "
        "return torch.cat([one(row[None]) for row in x])"
    ),
    "as an array": _calm(
        f"\n    with torch.no_grad():\n        return ({_RIGHT}).numpy()",
    ),
    "a list": _calm(f"return ({_RIGHT}).tolist()"),
    "32-bit": _calm(f"return ({_RIGHT}).float()"),
    "in mode eval, and back": _calm(
        f"mode = vae.training; vae.eval(); score = {_RIGHT}; vae.train(mode); return score"
    ),
    "noise times 0": _calm(
        "mu, logvar = vae.posterior(x); z = mu + 0 * torch.exp(logvar / 2); return " + _SCORE
    ),
    "the library's, with β put back": _calm(
        "old = vae.beta; vae.beta = beta; score = vae.score(x); vae.beta = old; return score"
    ),
    "gradients switched off": _calm(
        f"\n    with torch.inference_mode():\n        return ({_RIGHT}).clone()",
    ),
    "a copy of x": _calm("x = x.clone(); return " + _RIGHT),
}
WRONG: dict[str, tuple[str, str]] = {
    "mends nothing": (
        _drawn("torch.randn_like(mu)", f"({_SCORE} - ({_SCORE}).mean()) / ({_SCORE}).std()"),
        "your function draws random numbers",
    ),
    "mends only the batch": (_drawn("torch.randn_like(mu)"), "or sets a seed"),
    "evaluation mode": (
        _calm(f"vae.eval(); return {_RIGHT}"),
        "On 8 rows, beta = 1, your function changed vae",
    ),
    "training mode": (
        _calm(f"vae.train(); return {_RIGHT}"),
        "mode eval your function changed vae",
    ),
    "asks for gradients of x": (
        _calm(f"x.requires_grad_(); return ({_RIGHT}).detach()"),
        "your function changed x",
    ),
    "seeds NumPy": (
        _calm(f"np.random.seed(0); return {_RIGHT}"),
        "draws random numbers",
    ),
    "gradients off for good": (
        _calm(f"torch.set_grad_enabled(False); return {_RIGHT}"),
        "a setting of PyTorch",
    ),
    "a generator of its own, unseeded": (
        _calm(
            "g = np.random.default_rng(); mu, logvar = vae.posterior(x); "
            "z = mu + torch.exp(logvar / 2) * torch.tensor(g.normal(size=mu.shape)).to(mu); "
            f"return {_SCORE}"
        ),
        "two calls gave different numbers",
    ),
    "a generator of its own, a number for every place": (
        _calm(
            "g = torch.Generator().manual_seed(0); mu, logvar = vae.posterior(x); "
            "e = torch.randn(mu.shape, generator=g, dtype=mu.dtype); "
            f"z = mu + torch.exp(0.5 * logvar) * e; return {_SCORE}"
        ),
        "On 8 rows, beta = 1, row 0 gives",
    ),
    "squared error": (
        _calm("return ((x - vae.reconstruct(x)) ** 2).sum(1) + beta * vae.kl(x)"),
        "the squared error instead of the old method's",
    ),
    "Gaussian by hand, whatever the network": (
        _calm(
            "mu, _ = vae.posterior(x); s = getattr(vae, 'log_sigma', torch.zeros(())).exp(); "
            "error = 0.5 * (((x - vae.decode(mu)) / s) ** 2 + math.log(2 * math.pi)).sum(1); "
            "return error + x.shape[1] * s.log() + beta * vae.kl(x)"
        ),
        "likelihood is not Gaussian",
    ),
    "largest score is 1": (
        _calm(f"s = {_RIGHT}; return s / s.max()"),
        "row 0 gives 0.638, where",
    ),
    "mended, and still standardised": (
        _calm(f"s = {_RIGHT}; return (s - s.mean()) / s.std()"),
        "still put on the scale of the batch",
    ),
    "between 0 and 1": (
        _calm(f"s = {_RIGHT}; return (s - s.min()) / (s.max() - s.min())"),
        "such as look at other rows",
    ),
    "no sign": (_calm(f"return ({_RIGHT}).abs()"), "What may the sign of"),
    "at least 0": (_calm(f"return ({_RIGHT}).clamp(min=0)"), "drawn well row 0 gives 0,"),
    "error at least 0": (
        _calm("return vae.reconstruction(x, vae.encode(x)).clamp(min=0) + beta * vae.kl(x)"),
        "A Gaussian is higher than 1",
    ),
    "empties the gradients": (
        _calm(f"vae.zero_grad(); return {_RIGHT}"),
        "On a network with gradients in it your function changed vae",
    ),
    "only centred": (_calm(f"s = {_RIGHT}; return s - s.mean()"), "the mean of the batch is"),
    "ranks": (
        _calm(f"s = {_RIGHT}; return s.argsort().argsort().double()"),
        "row 0 gives 2,",
    ),
    "no divergence": (_calm("return vae.reconstruction(x, vae.encode(x))"), "KL is gone"),
    "β ignored": (
        _calm("return vae.reconstruction(x, vae.encode(x)) + vae.kl(x)"),
        "Where did beta go",
    ),
    "divergence subtracted": (
        _calm("return vae.reconstruction(x, vae.encode(x)) - beta * vae.kl(x)"),
        "Check a sign",
    ),
    "mean over the units": (
        _calm("return vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x) / 2"),
        "KL of that row",
    ),
    "mean over the features": (
        _calm("return vae.reconstruction(x, vae.encode(x)) / x.shape[1] + beta * vae.kl(x)"),
        "a mean over 6 features",
    ),
    "sign": (_calm(f"return -({_RIGHT})"), "odd rows score lowest"),
    "only the divergence": (_calm("return beta * vae.kl(x)"), "row 0 gives 1.63"),
    "the mean of the batch": (_calm(f"return ({_RIGHT}).mean()"), "you returned one number"),
    "an error for every feature": (
        _calm("return (x - vae.reconstruct(x)) ** 2"),
        "of shape (8, 6)",
    ),
    "labels": (
        _calm(f"s = {_RIGHT}; return (s > s.median()).tolist()"),
        "Expected numbers",
    ),
    "rounded": (_calm(f"return ({_RIGHT}).round()"), "row 0 gives 17,"),
    "forgets to return": (_calm(f"score = {_RIGHT}"), "Is there a `return`"),
    "raises": (_calm("return vae.sample(x)"), "raised AttributeError"),
    "a value": ("calm = 0.5", "should be a function"),
}

# answers that are right but for a trace that they leave; all hear what they changed
TRACES: dict[str, str] = {
    "freezes the weights": (_calm(f"vae.requires_grad_(False); return {_RIGHT}")),
    "β left changed": (_calm("vae.beta = beta; return vae.score(x)")),
    "another scoring left": (_calm("vae.scoring = 'elbo'; return " + _RIGHT)),
    "gradients left": (_calm(f"score = {_RIGHT}; score.sum().backward(); return score.detach()")),
    "gradients removed": (
        _calm(f"\n    for p in vae.parameters():\n        p.grad = None\n    return {_RIGHT}")
    ),
    "weights rounded": (_calm(f"[w.data.mul_(1.0001) for w in vae.parameters()]; return {_RIGHT}")),
    "centres x": (_calm(f"x -= x.mean(); return {_RIGHT}")),
    "seeds PyTorch": (
        _drawn("torch.randn(1, mu.shape[1])").replace(
            "    mu, logvar", "    torch.manual_seed(0)\n    mu, logvar", 1
        )
    ),
    "Python's generator": (_calm(f"import random; random.seed(0); return {_RIGHT}")),
}
