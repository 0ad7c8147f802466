"""Exercise 4.3-frozen."""

_FROZEN = """\
def frozen(gan, x, z, steps):
    z = z.clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=0.1)
    for step in range(steps):
        residual = (x - gan.generator(z)).abs().mean(dim=1)
        z.grad = torch.autograd.grad(residual.sum(), z)[0]
        optimiser.step()
    return (x - gan.generator(z)).abs().mean(dim=1)
"""
_GRAD = "        z.grad = torch.autograd.grad(residual.sum(), z)[0]\n"
_BACK = "        optimiser.zero_grad()\n        residual.sum().backward()\n"
_ONLY_Z = "        optimiser.zero_grad()\n        residual.sum().backward(inputs=[z])\n"
_FIRST = "    z = z.clone().requires_grad_()\n"
_ADAM = "    optimiser = torch.optim.Adam([z], lr=0.1)\n"
_STEP = "        optimiser.step()\n"
_LAST = "    return (x - gan.generator(z)).abs().mean(dim=1)\n"
_COPY = "    gan = copy.deepcopy(gan)\n"


def _frozen(*changes: tuple[str, str]) -> str:
    text = f"import copy\n\n\n{_FROZEN}"
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _score(score: str) -> str:
    return _frozen((_LAST, f"    return {score}\n"))


_ALL = "[z, *gan.generator.parameters()]"

CORRECT: dict[str, str] = {
    "gradient of z alone": _frozen(),
    "backward to z alone": _frozen((_GRAD, _ONLY_Z)),
    "the mean instead of the sum": _frozen(("residual.sum()", "residual.mean()")),
    "a frozen copy": _frozen(
        (_FIRST, f"{_COPY}    gan.requires_grad_(False)\n{_FIRST}"), (_GRAD, _BACK)
    ),
    "a copy that collects gradients": _frozen(
        (_FIRST, f"    generator = copy.deepcopy(gan.generator)\n{_FIRST}"),
        ("gan.generator(z)", "generator(z)"),
        (_GRAD, _BACK),
    ),
    "frozen, and flags put back": _frozen(
        (
            _FIRST,
            "    flags = [w.requires_grad for w in gan.parameters()]\n"
            f"    gan.requires_grad_(False)\n{_FIRST}",
        ),
        (_GRAD, _BACK),
        (
            _LAST,
            "    for w, flag in zip(gan.parameters(), flags):\n"
            f"        w.requires_grad_(flag)\n{_LAST}",
        ),
    ),
    "decode": _frozen(("gan.generator(z)", "gan.decode(z)")),
    "row by row": _frozen(("def frozen", "def together"))
    + """

def frozen(gan, x, z, steps):
    pairs = zip(x.split(1), z.split(1))
    return torch.cat([together(gan, *pair, steps) for pair in pairs])
""",
    "functional_call": _frozen(
        (
            _FIRST,
            "    weights = {n: w.detach() for n, w in gan.generator.named_parameters()}\n" + _FIRST,
        ),
        ("gan.generator(z)", "torch.func.functional_call(gan.generator, weights, (z,))"),
        (_GRAD, _BACK),
    ),
    "an array": _score("(x - gan.generator(z)).abs().mean(dim=1).detach().numpy()"),
    "a list": _score("(x - gan.generator(z)).abs().mean(dim=1).tolist()"),
    "without gradients at the end": _frozen((_LAST, "    with torch.no_grad():\n    " + _LAST)),
}
WRONG: dict[str, tuple[str, str]] = {
    "moves the generator": (
        _frozen(("[z]", _ALL), (_GRAD, _BACK)),
        "On 5 rows, 6 steps, your function changed gan",
    ),
    "only the stop is gone, and gradients are cleared": (
        _frozen(("[z]", _ALL), (_GRAD, _BACK), (_LAST, "    gan.zero_grad()\n" + _LAST)),
        "Whoever calls it wants to use that again",
    ),
    "moves a copy": (
        _frozen(
            (_FIRST, _COPY + "    gan.requires_grad_(True)\n" + _FIRST),
            ("[z]", _ALL),
            (_GRAD, _BACK),
        ),
        "Every row takes all the steps, from its own z",
    ),
    "leaves gradients": (_frozen((_GRAD, _BACK)), "steps, your function changed gan, which it"),
    "clears the gradients at the end": (
        _frozen((_GRAD, _BACK), (_LAST, "    gan.zero_grad()\n" + _LAST)),
        "On a GAN with gradients in it your function changed gan",
    ),
    "freezes for good": (
        _frozen((_FIRST, "    gan.requires_grad_(False)\n" + _FIRST), (_GRAD, _BACK)),
        "your function changed gan",
    ),
    "thaws at the end": (
        _frozen(
            (_FIRST, "    gan.requires_grad_(False)\n" + _FIRST),
            (_GRAD, _BACK),
            (_LAST, "    gan.requires_grad_(True)\n" + _LAST),
        ),
        "On a GAN that is frozen already your function changed",
    ),
    "evaluation mode": (
        _frozen((_FIRST, "    gan.eval()\n" + _FIRST)),
        "6 steps, your function changed gan",
    ),
    "training mode": (
        _frozen((_FIRST, "    gan.train()\n" + _FIRST)),
        "is frozen already your function changed gan, which",
    ),
    "weights put back, gradients not": (
        _frozen(
            (_FIRST, "    before = copy.deepcopy(gan.state_dict())\n" + _FIRST),
            ("[z]", _ALL),
            (_GRAD, _BACK),
            (_LAST, "    gan.load_state_dict(before)\n" + _LAST),
        ),
        "Which line writes there",
    ),
    "stops on the mean of the batch": (
        _frozen(
            ("    for step", "    best = float('inf')\n    for step"),
            (
                _GRAD,
                "        if residual.mean() >= best:\n            break\n"
                "        best = residual.mean().item()\n" + _GRAD,
            ),
        ),
        "Which line looks at other rows",
    ),
    "stops when the worst row stops": (
        _frozen(
            ("    for step", "    best = float('inf')\n    for step"),
            (
                _GRAD,
                "        if residual.max() >= best:\n            break\n"
                "        best = residual.max().item()\n" + _GRAD,
            ),
        ),
        "A row should get what it gets alone",
    ),
    "stops when a single number says so": (
        _frozen(
            (_GRAD, "        if len(x) == 1 and step == 5:\n            break\n" + _GRAD),
        ),
        "and something else alone",
    ),
    "no search": (_frozen((_STEP, "")), "what its first z gives"),
    "the residual of the loop": (
        _frozen(
            (
                "    for step",
                "    residual = (x - gan.generator(z)).abs().mean(dim=1)\n    for step",
            ),
            (_LAST, "    return residual\n"),
        ),
        "the residual of the last step but",
    ),
    "one z": (
        _frozen(("z.clone()", "z[:1].clone()")),
        "one z serves all rows",
    ),
    "squares in the search": (
        _frozen(
            (
                "residual = (x - gan.generator(z)).abs().mean(dim=1)",
                "residual = ((x - gan.generator(z)) ** 2).mean(dim=1)",
            )
        ),
        "your search lowers squared",
    ),
    "squares in the score": (
        _score("((x - gan.generator(z)) ** 2).mean(dim=1)"),
        "The old method takes absolute ones",
    ),
    "sum": (_score("(x - gan.generator(z)).abs().sum(dim=1)"), "the sum over the features"),
    "sign": (_score("-(x - gan.generator(z)).abs().mean(dim=1)"), "the generator cannot draw"),
    "largest": (
        _score("(x - gan.generator(z)).abs().amax(dim=1)"),
        "where 0.607 is right. Every row takes",
    ),
    "the mean of the batch off": (
        _score(
            "(x - gan.generator(z)).abs().mean(dim=1) "
            "- (x - gan.generator(z)).abs().mean(dim=1).mean()"
        ),
        "Which line does anything else",
    ),
    "the mean of the batch": (_score("(x - gan.generator(z)).abs().mean()"), "one number"),
    "errors of every feature": (_score("(x - gan.generator(z)).abs()"), "of shape (5, 6)"),
    "another step size": (_frozen(("lr=0.1", "lr=0.01")), "row 0 gives 1.28,"),
    "starts at random": (
        _frozen(("z.clone()", "torch.randn_like(z)")),
        "your function draws random numbers",
    ),
    "starts at 0": (_frozen(("z.clone()", "(0 * z)")), "row 0 gives 0.116,"),
    "moves the given z": (_frozen(("z.clone()", "z")), "your function changed z"),
    "forgets to return": (
        _frozen((_LAST, "    score = (x - gan.generator(z)).abs()\n")),
        "`return`",
    ),
    "a value": ("frozen = 0.5", "should be a function"),
}
