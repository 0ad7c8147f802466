"""Answers to the checks of notebook 4.2: no points, lines to be completed."""


def _draw(lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines.split("; "))
    return f"def draw(mu, logvar):\n{body}"


def _noise(epsilon: str) -> str:
    return _draw(f"epsilon = {epsilon}; return mu + torch.exp(logvar / 2) * epsilon")


def _wide(sigma: str, mu: str = "mu") -> str:
    return _draw(f"epsilon = torch.randn_like(mu); return {mu} + {sigma} * epsilon")


_LOSS = """\
def loss(x, x_hat, mu, logvar, noise):
    error = ((x - x_hat) ** 2).sum(dim=1) / (2 * noise**2)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return (error + kl).mean()
"""


def _loss(*changes: tuple[str, str]) -> str:
    text = _LOSS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


_NORMAL = "torch.distributions.Normal"
_KL = "0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)"
_ERROR = "((x - x_hat) ** 2).sum(dim=1) / (2 * noise**2)"

STUBS: dict[str, str] = {
    "4.2-draw": _draw("..."),
    "4.2-loss": "def loss(x, x_hat, mu, logvar, noise):\n    ...\n",
}
CORRECT: dict[str, dict[str, str]] = {
    "4.2-draw": {
        "two lines": _noise("torch.randn_like(mu)"),
        "the size of logvar": _noise("torch.randn(logvar.shape, dtype=mu.dtype)"),
        "distribution": _draw(f"return {_NORMAL}(mu, torch.exp(0.5 * logvar)).rsample()"),
        "a root": _wide("logvar.exp().sqrt()"),
        "subtracted": _wide("(-1) * torch.exp(logvar / 2)"),
        "32 bits": _noise("torch.randn(mu.shape).float()"),
        "NumPy's": _noise("torch.tensor(__import__('numpy').random.normal(size=mu.shape))"),
        "addcmul": _noise("torch.randn_like(mu)").replace(
            "mu + torch.exp(logvar / 2) * epsilon",
            "torch.addcmul(mu, torch.exp(logvar / 2), epsilon)",
        ),
    },
    "4.2-loss": {
        "three lines": _LOSS,
        "two means": _loss(("(error + kl).mean()", "error.mean() + kl.mean()")),
        "errors in units of noise": _loss((_ERROR, "0.5 * (((x_hat - x) / noise) ** 2).sum(-1)")),
        "one line": _loss(("(error + kl).mean()", "torch.mean(kl + error, dim=0)")),
        "distributions": _loss(
            (
                _KL,
                f"torch.distributions.kl_divergence({_NORMAL}(mu, (logvar / 2).exp()), "
                f"{_NORMAL}(0.0, 1.0)).sum(1)",
            )
        ),
        "a density, its constant taken off": _loss(
            (
                _ERROR,
                f"-({_NORMAL}(x_hat, noise).log_prob(x) "
                "+ torch.log(noise * torch.tensor(2 * torch.pi, dtype=x.dtype) ** 0.5)).sum(1)",
            )
        ),
        "all numbers at once": _loss(
            (_ERROR, "((x - x_hat) ** 2).sum() / (2 * len(x) * noise**2)"),
            ("(error + kl).mean()", "error + kl.mean()"),
        ),
    },
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.2-draw": {
        "exp(logvar) for σ": (_wide("logvar.exp()"), "not what a variance of exp(logvar) gives"),
        "logvar for σ": (_wide("logvar"), "with logvar"),
        "no logvar": (_wide("1"), "spread by"),
        "sign of logvar": (_wide("torch.exp(-logvar / 2)"), "by hand how wide"),
        "root of logvar": (_wide("logvar.sqrt()"), "a z is nan"),
        "mu": (_draw("return mu"), "nothing was drawn"),
        "one noise for all rows": (_noise("torch.randn(mu.shape[1])"), "has 3 different sizes"),
        "the mean centre": (
            _wide("torch.exp(logvar / 2)", "mu.mean(0)"),
            "the mu of that row",
        ),
        "the centre of the next row": (
            _wide("torch.exp(logvar / 2)", "mu.roll(1, 0)"),
            "correlates with mu",
        ),
        "centred noise": (
            _noise("torch.randn_like(mu); epsilon = epsilon - epsilon.mean(0)"),
            "looks at other rows",
        ),
        "one noise for all units": (_noise("torch.randn(len(mu), 1)"), "rows or units move"),
        "one noise": (_noise("torch.randn(1)"), "has 1 different sizes"),
        "antithetic": (
            _draw(
                "half = torch.randn((len(mu) + 1) // 2, mu.shape[1]); "
                "epsilon = torch.cat([half, -half])[: len(mu)]; "
                "return mu + torch.exp(logvar / 2) * epsilon"
            ),
            "a fresh one for every",
        ),
        "seeded": (
            _draw("torch.manual_seed(0); return mu + torch.exp(logvar / 2) * torch.randn_like(mu)"),
            "noise of the first again",
        ),
        "rand": (_noise("torch.rand_like(mu)"), "on both sides"),
        "flat": (_noise("(torch.rand_like(mu) - 0.5) * 12**0.5"), "Which distribution"),
        "neighbours alike": (
            _draw(
                "noise = torch.randn_like(mu); epsilon = (noise + noise.roll(1, 0)) / 2**0.5; "
                "return mu + torch.exp(logvar / 2) * epsilon"
            ),
            "noise of neighbours",
        ),
        "no gradient": (
            _draw(f"return {_NORMAL}(mu, torch.exp(logvar / 2)).sample()"),
            "If mu moves by 1",
        ),
        "σ detached": (_wide("torch.exp(logvar / 2).detach()"), "if σ doubles"),
        "mu twice": (
            _wide("torch.exp(logvar / 2)", "2 * mu - mu.detach()"),
            "but not their gradients",
        ),
        "summed": (
            _draw("return (mu + torch.randn_like(mu)).sum(dim=1)"),
            "z is 1-dimensional",
        ),
        "writes into mu": (
            _draw("mu.data += 1; return mu - 1 + torch.exp(logvar / 2) * torch.randn_like(mu)"),
            "your function changed mu",
        ),
        "forgets to return": (_draw("z = mu + torch.randn_like(mu)"), "Is there a `return`"),
    },
    "4.2-loss": {
        "sign of KL": (_loss(("error + kl", "error - kl")), "Which sign does their price"),
        "no KL": (_loss(("error + kl", "error")), "does not change when the clouds"),
        "σ in KL": (_loss(("logvar.exp()", "(logvar / 2).exp()")), "The loss is 2.43, where"),
        "mean over pixels": (
            _loss((".sum(dim=1) / (2", ".mean(dim=1) / (2")),
            "How do the features of a row join",
        ),
        "noise missing": (_loss((" / (2 * noise**2)", " / 2")), "what noise = 1 would give"),
        "noise for a variance": (_loss(("noise**2", "noise")), "the variance of a feature"),
        "sum over rows": (_loss((".mean()", ".sum()")), "the sum over the rows"),
        "with the constant": (
            _loss((_ERROR, f"-{_NORMAL}(x_hat, noise).log_prob(x).sum(dim=1)")),
            "Which constant of −log p",
        ),
        "noise without its gradient": (
            _loss(("noise**2", "float(noise) ** 2")),
            "the values are right, but in the gradient by noise",
        ),
        "only a tensor as noise": (_loss(("noise**2", "torch.square(noise)")), "TypeError"),
        "half KL": (_loss(("error + kl", "error + kl / 2")), "the price of the clouds is left"),
        "KL of logvar squared": (_loss(("- logvar)", "- logvar**2)")), "gradient by logvar row 0"),
        "error not halved": (_loss(("(2 * noise**2)", "noise**2")), "only the error is left"),
        "one a row": (_loss((".mean()", "")), "Expected one number"),
        "detached": (_loss((".mean()", ".mean().detach()")), "in the gradient by"),
        "a number": (
            _loss(("return (error + kl).mean()", "return float((error + kl).mean())")),
            "Expected a PyTorch tensor",
        ),
        "draws": (
            _loss(("error + kl", "error + kl + 0 * torch.randn(1)")),
            "your function draws random numbers",
        ),
        "forgets to return": (_loss(("return (error", "value = (error")), "Is there a `return`"),
    },
}
