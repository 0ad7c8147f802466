"""Exercise 4.4-own: networks and loops of several kinds, and what goes wrong in them."""

_PARTS = """\
    lstm, output = nn.LSTM(2, 16, batch_first=True), nn.Linear(16, 2)
    optimiser = torch.optim.Adam([*lstm.parameters(), *output.parameters()], lr=0.01)
"""
_ERRORS = """\
        hidden, last = lstm(x[:, :-1])
        return ((output(hidden) - x[:, 1:]) ** 2).mean(dim=(1, 2))
"""
_LOOP = """\
    for step in range(steps):
        loss = errors(windows[torch.randint(len(windows), (32,))]).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
"""
_RETURN = "    return lambda x: errors(x).detach()\n"
_LINES = (
    f"def own_sequence(windows, steps):\n{_PARTS}\n    def errors(x):\n{_ERRORS}\n{_LOOP}{_RETURN}"
)


def _own(*changes: tuple[str, str]) -> str:
    text = _LINES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _network(body: str, errors: str) -> tuple[tuple[str, str], ...]:
    """Other parts: a line that makes `net`, and how its errors come about."""
    return (
        (_PARTS, f"{body}    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)\n"),
        (_ERRORS, errors),
    )


_AUTOENCODER = """\
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.reader = nn.LSTM(2, 24, batch_first=True)
            self.narrow, self.widen = nn.Linear(24, 4), nn.Linear(4, 24)
            self.writer = nn.LSTM(4, 24, batch_first=True)
            self.output = nn.Linear(24, 2)

        def forward(self, x):
            z = self.narrow(self.reader(x)[1][0][-1])
            first = self.widen(z)[None]
            repeated = z[:, None].expand(-1, x.shape[1], -1)
            return self.output(self.writer(repeated, (first, torch.zeros_like(first)))[0])

    net = Net()
"""
_DRAWN = "        return ((net(x) - x) ** 2).mean(dim=(1, 2))\n"
_DENSE = """\
    net = nn.Sequential(nn.Flatten(), nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 4),
                        nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 24), nn.Unflatten(1, (12, 2)))
"""
_CONVOLUTION = """\
    net = nn.Sequential(nn.Conv1d(2, 16, 4), nn.ReLU(), nn.Conv1d(16, 2, 1))
"""
_CONVOLVED = """\
        forecast = net(x[:, :-1].transpose(1, 2)).transpose(1, 2)
        return ((forecast - x[:, 4:]) ** 2).mean(dim=(1, 2))
"""
_ATTENTION = """\
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.inside, self.out = nn.Linear(4, 16), nn.Linear(16, 2)
            self.layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0, batch_first=True)

        def forward(self, x):
            past = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
            steps = torch.cat([x, x.diff(dim=1, prepend=x[:, :1])], dim=2)
            return x + self.out(self.layer(self.inside(steps), src_mask=past))

    net = Net()
"""
_NEXT = "        return ((net(x[:, :-1]) - x[:, 1:]) ** 2).mean(dim=(1, 2))\n"
_BY_STEPS = """\
        state, error = None, 0.0
        for t in range(x.shape[1] - 1):
            hidden, state = lstm(x[:, t : t + 1], state)
            error = error + ((output(hidden[:, 0]) - x[:, t + 1]) ** 2).mean(dim=1)
        return error / (x.shape[1] - 1)
"""

CORRECT: dict[str, str] = {
    "an autoencoder": _own(*_network(_AUTOENCODER, _DRAWN)),
    "a convolution": _own(*_network(_CONVOLUTION, _CONVOLVED)),
    "attention": _own(*_network(_ATTENTION, _NEXT)),
    "GRU, the change forecast": _own(
        ("nn.LSTM(2, 16", "nn.GRU(2, 16"), ("(output(hidden) - ", "(x[:, :-1] + output(hidden) - ")
    ),
    "the last change goes on, corrected": _own(
        (
            "(output(hidden) - x[:, 1:])",
            "(x[:, 2:] - 2 * x[:, 1:-1] + x[:, :-2] - output(hidden[:, 1:]))",
        )
    ),
    "a plain recurrent layer": _own(("nn.LSTM(2, 16", "nn.RNN(2, 16")),
    "steps first": _own(
        (", batch_first=True", ""),
        ("lstm(x[:, :-1])", "lstm(x[:, :-1].transpose(0, 1))"),
        ("output(hidden)", "output(hidden).transpose(0, 1)"),
    ),
    "step by step": _own((_ERRORS, _BY_STEPS)),
    "the highest error, no clear function": _own(
        (
            _RETURN,
            "\n    @torch.no_grad()\n    def score(x):\n"
            "        hidden, last = lstm(x[:, :-1])\n"
            "        wrong = (output(hidden) - x[:, 1:]).abs().amax(dim=(1, 2))\n"
            "        return wrong.tolist()\n\n    return score\n",
        )
    ),
    "a seed of its own, clipped, falling steps": _own(
        ("    lstm,", "    torch.manual_seed(3)\n    lstm,"),
        (
            "lr=0.01)",
            "lr=0.02)\n    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 300)",
        ),
        (
            "        optimiser.step()\n",
            "        nn.utils.clip_grad_norm_(lstm.parameters(), 1.0)\n"
            "        optimiser.step()\n        falling.step()\n",
        ),
    ),
    "32-bit numbers": _own(
        ("    lstm,", "    windows = windows.float()\n    lstm,"),
        ("nn.Linear(16, 2)", "nn.Linear(16, 2)\n    lstm, output = lstm.float(), output.float()"),
        (_RETURN, "    return lambda x: errors(x.float()).detach()\n"),
    ),
    "backwards, from the last row to the first": _own(
        ("        hidden, last", "        x = x.flip(1)\n        hidden, last")
    ),
    "dropout switched off": _own(
        ("nn.Linear(16, 2)", "nn.Sequential(nn.Dropout(0.05), nn.Linear(16, 2))"),
        (_RETURN, "    output.eval()\n" + _RETURN),
    ),
}
_RULE = """\
def own_sequence(windows, steps):
    return lambda x: (x[:, 1:, 0] * x[:, :-1, 1] - x[:, 1:, 1] * x[:, :-1, 0]).mean(dim=1)
"""
WRONG: dict[str, tuple[str, str]] = {
    "the library's": (
        "def own_sequence(windows, steps):\n"
        "    detector = al.LSTMAutoencoder(12, 2, hidden=24, latent=4)\n"
        "    if steps:\n        al.fit(detector, windows, steps=steps, lr=0.01, progress=False)\n"
        "    return lambda x: al.score(detector, x)\n",
        "Every sample should have shape (12, 2)",
    ),
    "a dense autoencoder": (_own(*_network(_DENSE, _DRAWN)), "mat1 and mat2"),
    "a rule": (
        _RULE,
        "A network that has not learned cannot",
    ),
    "squared length": (
        "def own_sequence(windows, steps):\n    return lambda x: (x**2).mean(dim=(1, 2))\n",
        "your ROC-AUC is 0.50;",
    ),
    "sees the row that it forecasts": (
        _own(("lstm(x[:, :-1])", "lstm(x[:, 1:])")),
        "your network copies",
    ),
    "sees the row that it forecasts, from behind": (
        _own(
            ("batch_first=True", "batch_first=True, bidirectional=True"),
            ("nn.Linear(16, 2)", "nn.Linear(32, 2)"),
        ),
        "your network copies",
    ),
    "only pretends to use steps": (
        _own(("range(steps)", "range(300 if steps else 0)")),
        "the scores are the same",
    ),
    "only pretends to use steps, a rule": (
        _RULE.replace(".mean(dim=1)", ".mean(dim=1) * bool(steps)"),
        "the scores are the same",
    ),
    "least squares": (
        "def own_sequence(windows, steps):\n"
        "    before = lambda x: torch.cat([x[:, 1:-1], x[:, :-2]], dim=2)\n"
        "    pairs = before(windows).reshape(-1, 4), windows[:, 2:].reshape(-1, 2)\n"
        "    w = torch.linalg.lstsq(*pairs).solution if steps else torch.randn(4, 2) / 10\n"
        "    return lambda x: ((before(x) @ w - x[:, 2:]) ** 2).mean(dim=(1, 2))\n",
        "more steps change nothing",
    ),
    "12 rows only, the first": (
        _own(
            (
                _RETURN,
                "    return lambda x: errors(x[:, :12]).detach()\n",
            )
        ),
        "first row, or the last one, of each",
    ),
    "12 rows only, the last": (
        _own((_RETURN, "    return lambda x: errors(x[:, -12:]).detach()\n")),
        "first row, or the last one, of each",
    ),
    "no backward": (_own(("        loss.backward()\n", "")), "Does the loss fall"),
    "no step": (_own(("        optimiser.step()\n", "")), "Is an error high or low"),
    "one step": (_own(("range(steps)", "range(min(steps, 1))")), "0.9 is due"),
    "climbs": (_own(("(32,))]).mean()", "(32,))]).mean() * -1")), "your ROC-AUC is 0.53"),
    "windows and steps changed": (
        _own((", batch_first=True", "")),
        "counts windows",
    ),
    "by the batch's mean": (
        _own((_RETURN, "    return lambda x: errors(x - x.mean(dim=0)).detach()\n")),
        "Which line looks at other windows",
    ),
    "standardised scores": (
        _own(
            (
                _RETURN,
                "    return lambda x: (errors(x) - errors(x).mean()).detach()\n",
            )
        ),
        "the scores differ by",
    ),
    "dropout left on": (
        _own(("nn.Linear(16, 2)", "nn.Sequential(nn.Dropout(0.05), nn.Linear(16, 2))")),
        "draws random numbers",
    ),
    "learns while it scores": (
        _own(
            (
                _RETURN,
                "\n    def score(x):\n        found = errors(x)\n        optimiser.zero_grad()\n"
                "        found.mean().backward()\n        optimiser.step()\n"
                "        return found.detach()\n\n    return score\n",
            )
        ),
        "or learns once more",
    ),
    "one score for all": (
        _own((_RETURN, "    return lambda x: errors(x).mean().detach()\n")),
        "0-dimensional Tensor",
    ),
    "a score for each row": (
        _own((".mean(dim=(1, 2))\n", ".mean(dim=2)\n")),
        "2-dimensional Tensor of shape (5, 19)",
    ),
    "scores of the training windows": (
        _own((_RETURN, "    return errors(windows).detach()\n")),
        "should be a function",
    ),
    "too long steps": (
        _own(("Adam(", "SGD("), ("lr=0.01", "lr=1e6")),
        "are 1-dimensional Tensor of shape (5,)",
    ),
    "writes into the windows": (
        _own(("    lstm,", "    windows -= windows.mean(dim=0)\n    lstm,")),
        "your function changed windows",
    ),
    "writes into what it scores": (
        _own((_RETURN, "    return lambda x: errors(x.sub_(0.1)).detach()\n")),
        "On 5 windows of 20 rows your function changed",
    ),
    "trains on reversed windows": (
        _own(("errors(windows[torch", "errors(windows.flip(1)[torch")),
        "your ROC-AUC is 0.00",
    ),
    "forgets to return": (_own(("    return lambda", "    score = lambda")), "Is there a `return`"),
    "a value": ("own_sequence = 0.5", "should be a function, but is the number"),
}
