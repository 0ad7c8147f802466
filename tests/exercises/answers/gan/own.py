"""Exercise 4.3-own."""

_NETS = """\
    generator = nn.Sequential(
        nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3)
    )
    discriminator = nn.Sequential(
        nn.Linear(3, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1)
    )
    g_optimiser = torch.optim.Adam(generator.parameters(), lr=0.002, betas=(0.5, 0.999))
    d_optimiser = torch.optim.Adam(discriminator.parameters(), lr=0.002, betas=(0.5, 0.999))
"""
_D = """\
        real = rows[torch.randint(len(rows), (64,))].requires_grad_()
        fake = generator(torch.randn(64, 3)).detach()
        said = discriminator(real)
        slope = torch.autograd.grad(said.sum(), real, create_graph=True)[0]
        loss = softplus(-said).mean() + softplus(discriminator(fake)).mean()
        loss = loss + 1.5 * (slope**2).sum(dim=1).mean()
        d_optimiser.zero_grad()
        loss.backward()
        d_optimiser.step()
"""
_G = """\
        loss = softplus(-discriminator(generator(torch.randn(64, 3)))).mean()
        g_optimiser.zero_grad()
        loss.backward()
        g_optimiser.step()
"""
_LOOP = "    for step in range(steps):\n"
_DRAW = "    return lambda n: generator(torch.randn(n, 3)).detach()\n"
_OWN = (
    "from torch.nn.functional import softplus\n\n\ndef own_gan(rows, steps):\n"
    f"{_NETS}{_LOOP}{_D}{_G}{_DRAW}"
)
_REAL = "        real = rows[torch.randint(len(rows), (64,))].requires_grad_()\n"
_PENALTY = "        loss = loss + 1.5 * (slope**2).sum(dim=1).mean()\n"
_LOSS = "        loss = softplus(-said).mean() + softplus(discriminator(fake)).mean()\n"
_BETAS = ", betas=(0.5, 0.999)"


def _own(*changes: tuple[str, str]) -> str:
    text = _OWN
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


_CRITIC = """\
        for turn in range(2):
            real = rows[torch.randint(len(rows), (64,))]
            fake = generator(torch.randn(64, 3)).detach()
            between = (real + torch.rand(64, 1) * (fake - real)).requires_grad_()
            said = discriminator(between)
            slope = torch.autograd.grad(said.sum(), between, create_graph=True)[0]
            penalty = ((slope.norm(dim=1) - 1) ** 2).mean()
            loss = discriminator(fake).mean() - discriminator(real).mean() + penalty
            d_optimiser.zero_grad()
            loss.backward()
            d_optimiser.step()
"""

CORRECT: dict[str, str] = {
    "R1": _own(),
    "another width, another z": _own(
        ("nn.Linear(3, 32), nn.ReLU()", "nn.Linear(2, 48), nn.ReLU()"),
        (
            "nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3)",
            "nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 3)",
        ),
        ("torch.randn(64, 3)", "torch.randn(64, 2)"),
        ("torch.randn(n, 3)", "torch.randn(n, 2)"),
    ),
    "Wasserstein": _own(
        (_D, _CRITIC),
        (
            "softplus(-discriminator(generator(torch.randn(64, 3)))).mean()",
            "-discriminator(generator(torch.randn(64, 3))).mean()",
        ),
        (_BETAS, ", betas=(0.5, 0.9)"),
        ("0.002", "0.004"),
    ),
    "weak penalty, no momentum": _own(("1.5 *", "0.5 *"), (_BETAS, ", betas=(0.0, 0.999)")),
    "cross entropy": _own(
        (
            _LOSS,
            "        entropy = nn.BCEWithLogitsLoss()\n        made = discriminator(fake)\n"
            "        loss = entropy(said, torch.ones_like(said))\n"
            "        loss = loss + entropy(made, torch.zeros_like(made))\n",
        )
    ),
    "classes": _own(
        (
            "def own_gan",
            "class Net(nn.Module):\n    def __init__(self, last, act):\n"
            "        super().__init__()\n"
            "        self.layers = nn.ModuleList([nn.Linear(3, 32), nn.Linear(32, 32)])\n"
            "        self.last, self.act = nn.Linear(32, last), act\n\n"
            "    def forward(self, x):\n        for layer in self.layers:\n"
            "            x = self.act(layer(x))\n        return self.last(x)\n\n\ndef own_gan",
        ),
        (
            _NETS.partition("    g_opt")[0],
            "    generator = Net(3, torch.relu)\n    discriminator = Net(1, nn.LeakyReLU(0.2))\n",
        ),
    ),
    "whole epochs": _own(
        (_REAL, "        real = rows[torch.randperm(len(rows))[:64]].requires_grad_()\n")
    ),
    "without gradients, as an array": _own(
        (
            _DRAW,
            "\n    def draw(n):\n        with torch.no_grad():\n"
            "            return generator(torch.randn(n, 3)).numpy()\n\n    return draw\n",
        )
    ),
    "z of 16 numbers, as in the notebook": _own(
        ("nn.Linear(3, 32), nn.ReLU()", "nn.Linear(16, 32), nn.ReLU()"),
        ("torch.randn(64, 3)", "torch.randn(64, 16)"),
        ("torch.randn(n, 3)", "torch.randn(n, 16)"),
    ),
    "scaled, and back": _own(
        (_LOOP, "    m, s = rows.mean(0), rows.std(0)\n    rows = (rows - m) / s\n" + _LOOP),
        (_DRAW, "    return lambda n: generator(torch.randn(n, 3)).detach() * s + m\n"),
    ),
    "rows and drawn rows at once": _own(
        (
            "        said = discriminator(real)\n",
            "        both = discriminator(torch.cat([real, fake]))\n"
            "        said, made = both.split(64)\n",
        ),
        ("discriminator(fake)", "made"),
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "plain game with Adam's momentum": (
        _own((_PENALTY, ""), (_BETAS, "")),
        "does a penalty calm the game",
    ),
    "never trained": (
        _own((_LOOP, "    for step in range(0):\n")),
        "no network got gradients for a batch",
    ),
    "only the discriminator learns": (_own((_G, "")), "Are the signs right"),
    "the generator alone": (_own((_D, "")), "do both players move"),
    "swapped labels": (
        _own(
            (
                _LOSS,
                "        loss = softplus(said).mean() + softplus(-discriminator(fake)).mean()\n",
            )
        ),
        "times as far from the training rows as",
    ),
    "the generator's sign": (
        _own(("loss = softplus(-discriminator(gen", "loss = softplus(discriminator(gen")),
        "times as far",
    ),
    "sigmoid at the end": (
        _own(("nn.Linear(32, 3)\n", "nn.Linear(32, 3), nn.Sigmoid()\n")),
        "as fresh rows; at most",
    ),
    "one z": (
        _own(("generator(torch.randn(n, 3))", "generator(torch.randn(1, 3)).expand(n, 3)")),
        "On 500 drawn rows after 300 steps they lie",
    ),
    "straight layers": (
        _own((", nn.ReLU()", "")),
        "at most 3.5 is due",
    ),
    "five rows": (
        _own((_LOOP, "    rows = rows[:5]\n" + _LOOP)),
        "Which part is never drawn",
    ),
    "half of the curve": (
        _own((_LOOP, "    rows = rows[rows[:, 0] > 0.3]\n" + _LOOP)),
        "Does every step see rows of all kinds",
    ),
    "training rows": (
        _own((_DRAW, "    return lambda n: rows[torch.randint(len(rows), (n,))].detach()\n")),
        "they follow single training rows",
    ),
    "training rows with noise": (
        _own(
            (
                _DRAW,
                "    noise = torch.randn(1000, 3)\n"
                "    return lambda n: rows[torch.randint(200, (n,))] + 0.1 * noise[:n]\n",
            )
        ),
        "of the training rows already",
    ),
    "a mixture, once steps are asked for": (
        "def own_gan(rows, steps):\n    noise = 0.1 if steps > 2 else 3.0\n"
        "    return lambda n: rows[torch.randint(len(rows), (n,))] + noise * torch.randn(n, 3)\n",
        "The discriminator should learn from real",
    ),
    "the library's": (
        "def own_gan(rows, steps):\n"
        "    gan = al.GAN(3, hidden=(32, 32), latent=3, output='linear')\n"
        "    al.fit(gan, rows.numpy(), steps=steps, lr=0.002, batch_size=64)\n"
        "    return lambda n: gan.generator(torch.randn(n, 3)).detach()\n",
        "the library's discriminator learned",
    ),
    "always 500 rows": (
        _own(("torch.randn(n, 3)", "torch.randn(500, 3)")),
        "(500, 3). One row of 3 numbers",
    ),
    "the same rows at every call": (
        _own(
            (
                _DRAW,
                "    drawn = generator(torch.randn(1000, 3)).detach()\n"
                "    return lambda n: drawn[:n]\n",
            )
        ),
        "the second call gives the same rows",
    ),
    "too few columns": (
        _own((_DRAW, _DRAW.replace(".detach()", ".detach()[:, :2]"))),
        "array of shape (500, 2)",
    ),
    "columns first": (
        _own((_DRAW, _DRAW.replace(".detach()", ".detach().T"))),
        "array of shape (3, 500)",
    ),
    "an autoencoder": (
        "def own_gan(rows, steps):\n"
        "    encoder, decoder = dense(3, 2), dense(2, 3)\n"
        "    optimiser = adam(nn.ModuleList([encoder, decoder]))\n"
        "    for step in range(steps):\n"
        "        move(optimiser, ((decoder(encoder(rows)) - rows) ** 2).mean())\n"
        "    return lambda n: decoder(encoder(rows[torch.randint(len(rows), (n,))]))\n",
        "Where does draw take its rows from",
    ),
    "drawn rows at once": (
        _own((_DRAW, "    return generator(torch.randn(500, 3)).detach()\n")),
        "should be a function",
    ),
    "forgets to return": (_own(("    return lambda", "    draw = lambda")), "Is there a `return`"),
    "a value": ("own_gan = 0.5", "The answer should be a function, but is the number"),
}
