"""Exercise 4.2-own: draws and losses of many kinds, and what goes wrong in them."""

_LINES = """\
def own_loss(encode, decode, x, noise):
    mu, logvar = encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    error = ((x - decode(z)) ** 2).sum(dim=1) / (2 * noise**2)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return (error + kl).mean()
"""


def _own(*changes: tuple[str, str]) -> str:
    text = _LINES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _z(z: str) -> str:
    return _own(("mu + torch.exp(logvar / 2) * torch.randn_like(mu)", z))


_NORMAL = "torch.distributions.Normal"
_KL = "0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)"
_ERROR = "((x - decode(z)) ** 2).sum(dim=1) / (2 * noise**2)"

CORRECT: dict[str, str] = {
    "distributions": _own(
        (
            "    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)\n",
            f"    q = {_NORMAL}(mu, torch.exp(0.5 * logvar))\n    z = q.rsample()\n",
        ),
        (_KL, f"torch.distributions.kl_divergence(q, {_NORMAL}(0.0, 1.0)).sum(-1)"),
    ),
    "roots": _z("mu + logvar.exp().sqrt() * torch.randn(mu.shape, dtype=mu.dtype)"),
    "normal_": _z("mu + torch.exp(0.5 * logvar) * torch.empty_like(mu).normal_()"),
    "noise subtracted": _z("mu - torch.exp(logvar / 2) * torch.randn_like(mu)"),
    "row by row": _z(
        "torch.stack([m + torch.exp(v / 2) * torch.randn_like(m) for m, v in zip(mu, logvar)])"
    ),
    "row by row to the end": """\
def own_loss(encode, decode, x, noise):
    mu, logvar = encode(x)
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    x_hat = decode(z)
    total = 0
    for i in range(len(x)):
        error = torch.sum((x[i] - x_hat[i]) ** 2) / noise**2
        price = torch.sum(mu[i] ** 2 + torch.exp(logvar[i]) - logvar[i]) - mu.shape[1]
        total = total + (error + price) / 2
    return total / len(x)
""",
    "two means": _own(("return (error + kl).mean()", "return error.mean() + kl.mean()")),
    "mse_loss": _own(
        (
            _ERROR,
            "nn.functional.mse_loss(decode(z), x, reduction='sum') / len(x) / noise**2 / 2",
        ),
        ("(error + kl).mean()", "error + kl.mean()"),
    ),
    "errors in units of noise": _own((_ERROR, "0.5 * (((x - decode(z)) / noise) ** 2).sum(-1)")),
    "NumPy's noise": _z(
        "mu + torch.exp(logvar / 2) * torch.tensor(np.random.default_rng().normal(size=mu.shape))"
    ),
    "NumPy's one generator": _z(
        "mu + torch.exp(logvar / 2) * torch.tensor(np.random.normal(size=mu.shape))"
    ),
    "lists": _own(("mu, logvar = encode(x)", "mu, logvar = list(encode(x))")),
    "a density, its constant taken off": _own(
        (
            _ERROR,
            f"-({_NORMAL}(decode(z), noise).log_prob(x) + math.log(noise * (2 * math.pi) ** 0.5))"
            ".sum(1)",
        )
    ),
    "noise as a tensor": _own(("noise**2", "torch.as_tensor(noise).square()")),
}
WRONG: dict[str, tuple[str, str]] = {
    "the variance for σ": (
        _z("mu + logvar.exp() * torch.randn_like(mu)"),
        "not what a variance of",
    ),
    "logvar for σ": (_z("mu + logvar * torch.randn_like(mu)"), "spread by"),
    "σ upside down": (_z("mu + torch.exp(-logvar / 2) * torch.randn_like(mu)"), "by hand how wide"),
    "width 1": (_z("mu + torch.randn_like(mu)"), "gives. Work out by hand"),
    "root of logvar": (_z("mu + logvar.sqrt() * torch.randn_like(mu)"), "a z is nan"),
    "no draw": (_z("mu"), "nothing was drawn"),
    "one noise for all rows": (
        _z("mu + torch.exp(logvar / 2) * torch.randn(mu.shape[1])"),
        "has 3 different sizes",
    ),
    "the mean centre": (
        _z("mu.mean(0) + torch.exp(logvar / 2) * torch.randn_like(mu)"),
        "lie around the mu of that row",
    ),
    "rows turned round": (
        _z("mu.flip(0) + torch.exp(logvar / 2) * torch.randn_like(mu)"),
        "z − mu correlates with mu by",
    ),
    "the centre of the next row": (
        _z("mu.roll(1, 0) + torch.exp(logvar / 2) * torch.randn_like(mu)"),
        "Around what do yours lie",
    ),
    "no centre": (_z("torch.exp(logvar / 2) * torch.randn_like(mu)"), "Every row of your z"),
    "the mean width": (
        _z("mu + torch.exp(logvar.mean(0) / 2) * torch.randn_like(mu)"),
        "numbers with logvar",
    ),
    "the width of the next row": (
        _z("mu + torch.exp(logvar.roll(1, 0) / 2) * torch.randn_like(mu)"),
        "with log-variance 0",
    ),
    "centred noise": (
        _own(
            (
                "    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)\n",
                "    e = torch.randn_like(mu)\n"
                "    z = mu + torch.exp(logvar / 2) * (e - e.mean(0))\n",
            )
        ),
        "On a single row z − mu is at most 0",
    ),
    "standardised noise": (
        _own(
            (
                "    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)\n",
                "    e = torch.randn_like(mu)\n"
                "    z = mu + torch.exp(logvar / 2) * (e - e.mean(0)) / e.std(0)\n",
            )
        ),
        "at most nan",
    ),
    "one noise for all units": (
        _z("mu + torch.exp(logvar / 2) * torch.randn(len(mu), 1)"),
        "3000 are due, a fresh one for every number",
    ),
    "one number": (
        _z("mu + torch.exp(logvar / 2) * torch.randn(1)"),
        "has 1 different sizes",
    ),
    "antithetic": (
        _own(
            (
                "    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)\n",
                "    half = torch.randn((len(mu) + 1) // 2, mu.shape[1])\n"
                "    z = mu + torch.exp(logvar / 2) * torch.cat([half, -half])[: len(mu)]\n",
            )
        ),
        "Where noise is shared",
    ),
    "antithetic from call to call": (
        "turn = []\n"
        + _own(
            (
                "    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)\n",
                "    same = turn and turn[0].shape == mu.shape\n"
                "    e = turn.pop() if same else torch.randn_like(mu)\n"
                "    turn[:] = [-e]\n    z = mu + torch.exp(logvar / 2) * e\n",
            )
        ),
        "noise of the first again",
    ),
    "same seed at every call": (
        _own(("    z =", "    torch.manual_seed(0)\n    z =")),
        "the noise of the first again",
    ),
    "flat noise": (
        _z("mu + torch.exp(logvar / 2) * (torch.rand_like(mu) - 0.5) * 12**0.5"),
        "Which distribution",
    ),
    "noise on one side": (
        _z("mu + torch.exp(logvar / 2) * torch.randn_like(mu).abs()"),
        "the mean of a unit lies",
    ),
    "noise that lingers": (
        _own(
            (
                "    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)\n",
                "    e = torch.randn_like(mu)\n"
                "    z = mu + torch.exp(logvar / 2) * (e + e.roll(1, 0)) / 2**0.5\n",
            )
        ),
        "noise of neighbours",
    ),
    "sample without gradients": (
        _z(f"{_NORMAL}(mu, torch.exp(logvar / 2)).sample()"),
        "If mu moves by 1, z should move by 1",
    ),
    "σ detached": (
        _z("mu + torch.exp(logvar / 2).detach() * torch.randn_like(mu)"),
        "if σ doubles, so should z − mu",
    ),
    "gradient of mu twice": (
        _z("2 * mu - mu.detach() + torch.exp(logvar / 2) * torch.randn_like(mu)"),
        "but not their gradients",
    ),
    "z of a row summed": (
        _own(("decode(z)", "decode(z[:, 0])[:, None]")),
        "z is 1-dimensional",
    ),
    "never decodes": (_own(("decode(z)", "x.mean(dim=0)")), "never calls decode"),
    "sign of KL": (_own(("(error + kl)", "(error - kl)")), "Which sign does their price"),
    "no KL": (_own(("(error + kl)", "error")), "does not change when the clouds"),
    "σ in KL": (_own(("logvar.exp() - 1", "(logvar / 2).exp() - 1")), "The loss is 2.43, where"),
    "mean over the readings": (
        _own((".sum(dim=1) / (2 *", ".mean(dim=1) / (2 *")),
        "How do the features of a row join",
    ),
    "noise missing": (_own((" / (2 * noise**2)", " / 2")), "what noise = 1 would give"),
    "noise for a variance": (_own(("noise**2", "noise")), "the variance of a feature"),
    "sum over rows": (_own((".mean()", ".sum()")), "the sum over the rows"),
    "with the constant": (
        _own((_ERROR, f"-{_NORMAL}(decode(z), noise).log_prob(x).sum(dim=1)")),
        "Which constant of −log p",
    ),
    "no half in the error": (_own(("(2 * noise**2)", "noise**2")), "gives 5.79"),
    "no half in KL": (_own(("0.5 * (mu", "(mu")), "function gives 4.73"),
    "KL reversed": (
        _own((_KL, "0.5 * ((mu**2 + 1) / logvar.exp() - 1 + logvar).sum(dim=1)")),
        "gives 17.3",
    ),
    "mean over the units": (
        _own(("- logvar).sum(dim=1)", "- logvar).mean(dim=1)")),
        "gives 0.788",
    ),
    "one constant for all units": (
        _own((_KL, "0.5 * (mu**2 + logvar.exp() - logvar).sum(dim=1) - 0.5")),
        "gives 3.89",
    ),
    "β is 2": (_own(("(error + kl)", "(error + 2 * kl)")), "gives 4.73, where 2.36"),
    "one loss a row": (_own((".mean()", "")), "Expected one number"),
    "detached": (_own((".mean()", ".mean().detach()")), "but in the gradient by"),
    "a number": (
        _own(("return (error + kl).mean()", "return float((error + kl).mean())")),
        "tensor",
    ),
    "KL detached": (
        _own((_KL, f"({_KL}).detach()")),
        "in the gradient by",
    ),
    "works out gradients": (
        _own(
            (
                "return (error + kl).mean()",
                "loss = (error + kl).mean()\n    loss.requires_grad and loss.backward("
                "retain_graph=True)\n    return loss",
            )
        ),
        "your function changed mu",
    ),
    "writes into x": (
        _own(("    mu, logvar = encode(x)\n", "    mu, logvar = encode(x)\n    x -= x.mean()\n")),
        "your function changed x",
    ),
    "default dtype": (
        _own(("    mu, ", "    torch.set_default_dtype(torch.float32)\n    mu, ")),
        "a setting of PyTorch",
    ),
    "fades from call to call": (
        "calls = []\n"
        + _own(
            (
                "return (error + kl).mean()",
                "calls.append(1)\n    return (error + kl * (len(calls) < 100)).mean()",
            )
        ),
        "an early and a late step",
    ),
    "encodes something else": (
        _own(("encode(x)", "encode(x[:, :2])"), ("decode(z)", "decode(z[:, :2])")),
        "raised",
    ),
    "forgets to return": (
        _own(("return (error + kl).mean()", "loss = (error + kl).mean()")),
        "return",
    ),
    "forgets noise": (_own((", noise)", ")")), "positional arguments"),
    "a value": ("own_loss = 0.5", "should be a function"),
}
