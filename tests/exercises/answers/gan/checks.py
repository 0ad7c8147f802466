"""Answers to the checks of notebook 4.3: no points, lines to be completed."""

_D = """\
def discriminator_step(generator, discriminator, optimiser, real):
    fake = generator(torch.randn(len(real), 16)).detach()
    real = real.clone().requires_grad_()
    said_real = discriminator(real)
    said_fake = discriminator(fake)
    loss = softplus(-said_real).mean() + softplus(said_fake).mean()
    slope = torch.autograd.grad(said_real.sum(), real, create_graph=True)[0]
    loss = loss + 1.5 * (slope**2).sum(dim=1).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()
"""
_G = """\
def generator_step(generator, discriminator, optimiser, rows):
    z = torch.randn(rows, 16)
    fake = generator(z)
    loss = softplus(-discriminator(fake)).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()
"""
_SEARCH = """\
def search(generator, x, z, steps):
    z = z.clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=0.1)
    for step in range(steps):
        residual = (x - generator(z)).abs().mean(dim=1)
        optimiser.zero_grad()
        residual.sum().backward()
        optimiser.step()
    return z.detach()
"""


def _changed(source: str, *changes: tuple[str, str]) -> str:
    source = f"from torch.nn.functional import softplus\n{source}"
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


def _fake(lines: str) -> str:
    """The discriminator's step with other lines in place of the first."""
    return _changed(_D, ("    fake = generator(torch.randn(len(real), 16)).detach()\n", lines))


def _loss(loss: str) -> str:
    """The discriminator's step with another loss."""
    return _changed(_D, ("softplus(-said_real).mean() + softplus(said_fake).mean()", loss))


def _d(*changes: tuple[str, str]) -> str:
    return _changed(_D, *changes)


def _g(*changes: tuple[str, str]) -> str:
    return _changed(_G, *changes)


def _made(loss: str) -> str:
    """The generator's step with another loss."""
    return _g(("softplus(-discriminator(fake)).mean()", loss))


def _search(*changes: tuple[str, str]) -> str:
    return _changed(_SEARCH, *changes)


def _residual(residual: str) -> str:
    """The search with another residual."""
    return _search(("(x - generator(z)).abs().mean(dim=1)", residual))


def _back(line: str) -> str:
    """The search with another way to the gradient."""
    return _search(("residual.sum().backward()", line))


_F = "torch.nn.functional"
_ENTROPY = f"{_F}.binary_cross_entropy_with_logits"
_BOTH = "    fake = generator(torch.randn(len(real), 16)).detach()\n"
_Z = "torch.randn(rows, 16)"

STUBS: dict[str, str] = {
    "4.3-discriminator": _d(
        (_BOTH, "    ...\n"),
        ("    loss = softplus(-said_real).mean() + softplus(said_fake).mean()\n", "    ...\n"),
    ),
    "4.3-generator": _g(
        (
            f"    z = {_Z}\n    fake = generator(z)\n"
            "    loss = softplus(-discriminator(fake)).mean()\n",
            "    ...\n",
        )
    ),
    "4.3-search": _search(
        (
            "        residual = (x - generator(z)).abs().mean(dim=1)\n"
            "        optimiser.zero_grad()\n        residual.sum().backward()\n",
            "        ...\n",
        )
    ),
}
CORRECT: dict[str, dict[str, str]] = {
    "4.3-discriminator": {
        "two lines": _d(),
        "no_grad": _fake(
            "    with torch.no_grad():\n        fake = generator(torch.randn(len(real), 16))\n"
        ),
        "z first": _fake(
            "    z = torch.randn((real.shape[0], 16))\n    fake = generator(z).detach()\n"
        ),
        "row by row": _fake(
            "    fake = torch.stack([generator(torch.randn(16)) for _ in real]).detach()\n"
        ),
        "NumPy draws": _fake(
            "    z = torch.tensor(__import__('numpy').random.normal(size=(len(real), 16)))\n"
            "    fake = generator(z).detach()\n"
        ),
        "inference mode": _fake(
            "    with torch.inference_mode():\n"
            "        fake = generator(torch.randn(len(real), 16))\n    fake = fake.clone()\n"
        ),
        "detached later": _d((".detach()", ""), ("r(fake)", "r(fake.detach())")),
        "forward by name": _d(("generator(", "generator.forward(")),
        "another layout of z": _d(("torch.randn(len(real), 16)", "torch.randn(16, len(real)).T")),
        "log sigmoid": _loss(
            f"-{_F}.logsigmoid(said_real).mean() - {_F}.logsigmoid(-said_fake).mean()"
        ),
        "cross entropy": _loss(
            f"{_ENTROPY}(said_real, torch.ones_like(said_real)) + "
            f"{_ENTROPY}(said_fake, torch.zeros_like(said_fake))"
        ),
        "one mean": _loss("(softplus(-said_real) + softplus(said_fake)).mean()"),
        "logarithms": _loss(
            "-(torch.log(torch.sigmoid(said_real)) + "
            "torch.log(1 - torch.sigmoid(said_fake))).mean()"
        ),
        "gradients cleared first": _d(
            ("    optimiser.zero_grad()\n", ""), (_BOTH, "    optimiser.zero_grad()\n" + _BOTH)
        ),
        "also clears the generator": _d(
            ("    optimiser.step()", "    generator.zero_grad()\n    optimiser.step()")
        ),
        "other names": _d(
            ("generator", "g"),
            ("discriminator", "d"),
            ("optimiser", "o"),
            ("def d", "def discriminator"),
        ),
    },
    "4.3-generator": {
        "three lines": _g(),
        "row by row": _g(
            (f"z = {_Z}", "z = [torch.randn(1, 16) for _ in range(rows)]"),
            ("generator(z)", "torch.cat([generator(row) for row in z])"),
        ),
        "one line": _g(
            (f"    z = {_Z}\n    fake = generator(z)\n", ""),
            ("discriminator(fake)", f"discriminator(generator({_Z}))"),
        ),
        "log sigmoid": _made(f"-{_F}.logsigmoid(discriminator(fake)).mean()"),
        "cross entropy": _made(f"{_ENTROPY}(discriminator(fake), torch.ones(rows, 1))"),
        "log of one over": _made("(1 + torch.exp(-discriminator(fake))).log().mean()"),
        "sum over number": _made("softplus(-discriminator(fake)).sum() / rows"),
        "clears the discriminator too": _g(
            ("    optimiser.step()", "    discriminator.zero_grad()\n    optimiser.step()")
        ),
        "discriminator frozen for a while": _g(
            ("    z =", "    discriminator.requires_grad_(False)\n    z ="),
            ("    return", "    discriminator.requires_grad_(True)\n    return"),
        ),
        "forward by name": _g(("generator(z)", "generator.forward(z)")),
        "other names": _g(("generator", "g"), ("optimiser", "o")).replace(
            "g_step", "generator_step"
        ),
    },
    "4.3-search": {
        "two lines": _search(),
        "the mean over everything": _residual("(x - generator(z)).abs().mean()"),
        "mean instead of sum": _back("residual.mean().backward()"),
        "sum over the features": _residual("(x - generator(z)).abs().sum(dim=1)"),
        "l1_loss": _residual(f"{_F}.l1_loss(generator(z), x)"),
        "gradient by name": _back("(z.grad,) = torch.autograd.grad(residual.sum(), z)"),
        "a gradient of ones": _back("residual.backward(torch.ones_like(residual))"),
        "row by row": _changed(
            _SEARCH.replace("def search", "def together")
            + "\n\ndef search(generator, x, z, steps):\n"
            "    pairs = zip(x.split(1), z.split(1))\n"
            "    return torch.cat([together(generator, *pair, steps) for pair in pairs])\n"
        ),
        "difference turned round": _residual("(generator(z) - x).abs().mean(1)"),
        "as an array": _search(("return z.detach()", "return z.detach().numpy()")),
    },
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.3-discriminator": {
        "generator frozen for good": (
            _fake(
                "    generator.requires_grad_(False)\n"
                "    fake = generator(torch.randn(len(real), 16))\n"
            ),
            "weights stay frozen",
        ),
        "no detach": (_d((".detach()", "")), "left gradients in the generator"),
        "swapped": (
            _loss("softplus(said_real).mean() + softplus(-said_fake).mean()"),
            "call drawn rows real and real",
        ),
        "all real": (
            _loss("softplus(-said_real).mean() + softplus(-said_fake).mean()"),
            "to call every row real",
        ),
        "raw logits": (_loss("said_fake.mean() - said_real.mean()"), "the mean logits themselves"),
        "no drawn rows": (_loss("softplus(-said_real).mean()"), "looks at the real rows only"),
        "no real rows": (_loss("softplus(said_fake).mean()"), "looks at the drawn rows only"),
        "loss written anew": (
            _d(("    loss = loss + 1.5", "    _ = loss + 1.5")),
            "the penalty on the slope, which is gone",
        ),
        "softplus of fake forgotten": (
            _loss("softplus(-said_real).mean() + said_fake.mean()"),
            "the weights do not move by the gradient",
        ),
        "sum": (
            _loss("softplus(-said_real).sum() + softplus(said_fake).sum()"),
            "each a mean over rows",
        ),
        "minimax sign": (
            _loss("-softplus(-said_real).mean() - softplus(said_fake).mean()"),
            "Work out your loss of two rows",
        ),
        "squares": (
            _loss("((said_real - 1) ** 2).mean() + (said_fake**2).mean()"),
            "Are old gradients cleared",
        ),
        "old gradients": (_d(("    optimiser.zero_grad()\n", "")), "1 − σ(D(fake))) + penalty"),
        "no step": (_d(("    optimiser.step()\n", "")), "no weight of the discriminator moved"),
        "loss detached": (_loss("torch.zeros((), requires_grad=True)"), "the weights do not move"),
        "moves the generator": (
            _d(
                (".detach()", ""),
                (
                    "    optimiser.step()",
                    "    torch.optim.SGD(generator.parameters(), lr=0.1).step()\n"
                    "    optimiser.step()",
                ),
            ),
            "weights of the generator moved too",
        ),
        "flat z": (_d(("randn(", "rand(")), "the numbers of z have mean"),
        "zeros": (_d(("randn(", "zeros(")), "draws from N(0, I), fresh for each row"),
        "a seed in every step": (
            _d((_BOTH, "    torch.manual_seed(0)\n" + _BOTH)),
            "the generator gets the same z in both",
        ),
        "noise instead of drawn rows": (
            _fake("    fake = torch.randn_like(real)\n"),
            "z of shape (0, 16), where (24, 16) is due: one z",
        ),
        "64 rows always": (
            _d(("len(real), 16", "64, 16")),
            "the generator got z of shape (64",
        ),
        "no generator": (
            _fake("    generator.eval()\n    fake = torch.rand_like(real)\n"),
            "the generator got z of shape (0, 16)",
        ),
        "z too narrow": (_d((", 16)", ", 8)")), "mat1 and mat2"),
        "asks for gradients of real": (
            _d(("real = real.clone()", "real = real")),
            "your function changed real",
        ),
        "returns nothing": (
            _d(("return loss.item()", "loss.item()")),
            "Is there a `return`",
        ),
        "returns rows": (_d(("loss.item()", "fake")), "Expected one finite number"),
        "a value": ("discriminator_step = 3", "should be a function"),
    },
    "4.3-generator": {
        "discriminator frozen for good": (
            _g(("    z =", "    discriminator.requires_grad_(False)\n    z =")),
            "weights stay frozen",
        ),
        "detached": (_g(("generator(z)", "generator(z).detach()")), "Which step cuts it"),
        "saturating": (_made("-softplus(discriminator(fake)).mean()"), "is log(1 − σ(D(fake)))"),
        "log of one minus": (
            _made("torch.log(1 - torch.sigmoid(discriminator(fake))).mean()"),
            "when the discriminator is sure",
        ),
        "sign": (
            _made("softplus(discriminator(fake)).mean()"),
            "discriminator calls drawn",
        ),
        "raw logit": (_made("-discriminator(fake).mean()"), "the mean logit with a minus"),
        "logit up": (_made("discriminator(fake).mean()"), "do not move by the gradient of −log"),
        "sum": (_made("softplus(-discriminator(fake)).sum()"), "the mean over the rows. Are old"),
        "labels of zero": (
            _made(f"{_ENTROPY}(discriminator(fake), torch.zeros(rows, 1))"),
            "softplus(−a) is small if a is",
        ),
        "old gradients": (
            _g(("    optimiser.zero_grad()\n", "")),
            "Work out your loss of two rows",
        ),
        "no step": (_g(("    optimiser.step()\n", "")), "is the optimiser's step missing"),
        "the discriminator's step": (
            _g(
                (
                    "    optimiser.step()",
                    "    torch.optim.SGD(discriminator.parameters(), lr=0.1).step()\n"
                    "    optimiser.step()",
                )
            ),
            "weights of the discriminator moved",
        ),
        "without gradients": (
            _g(
                (
                    "    fake = generator(z)",
                    "    with torch.no_grad():\n        fake = generator(z)",
                )
            ),
            "The way back leads from the loss",
        ),
        "one z": (
            _g((_Z, "torch.randn(1, 16).expand(rows, 16) * 0 + 1")),
            "the numbers of z have mean 1.00",
        ),
        "a generator of its own in every step": (
            _g((_Z, "torch.randn(rows, 16, generator=torch.Generator().manual_seed(0))")),
            "makes a generator of random numbers",
        ),
        "one row": (_g((_Z, "torch.randn(1, 16)")), "got z of shape (1, 16)"),
        "flat z": (_g((_Z, "2 * torch.rand(rows, 16) - 1")), "standard deviation 0.6"),
        "no reply": (_g(("return loss.item()", "loss.item()")), "Is there a `return`"),
        "returns rows": (_g(("loss.item()", "fake")), "Expected one finite number"),
        "a value": ("generator_step = 3", "should be a function"),
    },
    "4.3-search": {
        "one z for all rows": (
            _search(
                ("z = z.clone()", "z = z[:1].clone()"),
                ("z.detach()", "z.detach().expand(len(x), -1)"),
            ),
            "all rows share one z",
        ),
        "no step": (_search(("        optimiser.step()\n", "")), "z is where it began"),
        "returns the start": (
            _search(
                ("z = z.clone()", "start = z.clone()\n    z = z.clone()"),
                ("z.detach()", "start"),
            ),
            "Does a gradient of the residual reach it",
        ),
        "no backward": (_back("residual.sum()"), "before the optimiser's step"),
        "squares": (_residual("((x - generator(z)) ** 2).mean(dim=1)"), "comes out with squared"),
        "sign": (_residual("-(x - generator(z)).abs().mean(dim=1)"), "move away from x"),
        "no absolute value": (_residual("(x - generator(z)).mean(dim=1)"), "How far is −3 from 0"),
        "one step": (
            _search(("        optimiser.step()\n", "    optimiser.step()\n")),
            "z moved by one step only",
        ),
        "absolute value of the mean": (
            _residual("(x - generator(z)).mean(dim=1).abs()"),
            "Every step lowers mean",
        ),
        "largest feature": (
            _residual("(x - generator(z)).abs().amax(dim=1)"),
            "column 0 gives 0.359",
        ),
        "root of squares": (
            _residual("((x - generator(z)) ** 2).mean(dim=1).sqrt()"),
            "gives 0.404, where",
        ),
        "old gradients": (_search(("        optimiser.zero_grad()\n", "")), "gives 0.387, where"),
        "a price": (
            _residual("(x - generator(z)).abs().mean(dim=1) + 0.1 * (z**2).mean(dim=1)"),
            "gives 0.408, where 0.411",
        ),
        "the mean of the batch": (
            _residual("(x.mean(dim=0) - generator(z)).abs().mean(dim=1)"),
            "row 0, column 0 gives 0.397",
        ),
        "stops on the mean of the batch": (
            _search(
                ("    for step", "    last = 1e9\n    for step"),
                (
                    "        optimiser.step()\n",
                    "        optimiser.step()\n        if residual.mean() > last:\n"
                    "            break\n        last = residual.mean().item()\n",
                ),
            ),
            "Which line looks at other rows",
        ),
        "moves the start": (_search(("z.clone()", "z")), "your function changed z"),
        "moves the generator": (
            _search(
                ("    optimiser =", "    generator.requires_grad_()\n    optimiser ="),
                ("Adam([z]", "Adam([z, *generator.parameters()]"),
            ),
            "your function changed generator",
        ),
        "no reduction": (_back("residual.backward()"), "only for scalar outputs"),
        "drawn rows": (_search(("z.detach()", "generator(z).detach()")), "of shape (6, 6)"),
        "no reply": (_search(("return z.detach()", "z.detach()")), "Is there a `return`"),
        "a value": ("search = 3", "should be a function"),
    },
}
