"""Answers to the checks of notebook 4.4."""

_NETWORK = """\
class Network(nn.Module):
    def __init__(self, columns, hidden, latent):
        super().__init__()
        self.reader = nn.LSTM(columns, hidden, batch_first=True)
        self.narrow = nn.Linear(hidden, latent)
        self.widen = nn.Linear(latent, hidden)
        self.writer = nn.LSTM(latent, hidden, batch_first=True)
        self.output = nn.Linear(hidden, columns)

    def encode(self, x):
        steps, (hidden, cell) = self.reader(x)
        return self.narrow(hidden[-1])

    def decode(self, z, length):
        hidden = self.widen(z)[None]
        first = hidden, torch.zeros_like(hidden)
        repeated = z[:, None].expand(-1, length, -1)
        steps, last = self.writer(repeated, first)
        return self.output(steps)

    def forward(self, x):
        z = self.encode(x)
        return self.decode(z, x.shape[1])
"""


def _network(*changes: tuple[str, str]) -> str:
    return _changed(_NETWORK, *changes)


def _changed(source: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


_ENCODE = """\
        steps, (hidden, cell) = self.reader(x)
        return self.narrow(hidden[-1])
"""
_DECODE = """\
        repeated = z[:, None].expand(-1, length, -1)
        steps, last = self.writer(repeated, first)
        return self.output(steps)
"""

STUBS: dict[str, str] = {
    "4.4-network": _network((_DECODE, "        ...\n")),
}
CORRECT: dict[str, dict[str, str]] = {
    "4.4-network": {
        "five lines": _NETWORK,
        "repeat": _network((".expand(-1, length, -1)", ".repeat(1, length, 1)")),
        "last answer": _network(
            (
                _ENCODE,
                "        steps, last = self.reader(x)\n        return self.narrow(steps[:, -1])\n",
            )
        ),
        "unsqueeze": _network(("z[:, None].expand", "z.unsqueeze(1).expand")),
        "stacked": _network(
            (
                "z[:, None].expand(-1, length, -1)",
                "torch.stack([z for step in range(length)], dim=1)",
            )
        ),
        "index 0": _network(("hidden[-1])\n\n    def decode", "hidden[0])\n\n    def decode")),
        "step by step": _network(
            (
                _DECODE,
                "        state, drawn = first, []\n"
                "        for step in range(length):\n"
                "            answer, state = self.writer(z[:, None], state)\n"
                "            drawn.append(self.output(answer[:, 0]))\n"
                "        return torch.stack(drawn, dim=1)\n",
            )
        ),
        "step by step in a list": _network(
            (
                _DECODE,
                "        state = [first]\n"
                "        def one():\n"
                "            answer, state[0] = self.writer(z[:, None], state[0])\n"
                "            return answer\n"
                "        return self.output(torch.cat([one() for i in range(length)], dim=1))\n",
            )
        ),
        "one line": _network(
            (_ENCODE, "        return self.narrow(self.reader(x)[1][0].squeeze(0))\n")
        ),
    },
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.4-network": {
        "all answers": (
            _network((_ENCODE, _ENCODE.replace("hidden[-1]", "steps"))),
            "encode` gave",
        ),
        "the state with its layer": (_network(("hidden[-1])", "hidden)")), "encode` gave"),
        "the first answer": (
            _network(("hidden[-1])\n\n    def decode", "steps[:, 0])\n\n    def decode")),
            "last one with 0",
        ),
        "the cell": (
            _network(("hidden[-1])\n\n    def decode", "cell[-1])\n\n    def decode")),
            "last hidden state",
        ),
        "the mean of the answers": (
            _network(("hidden[-1])\n\n    def decode", "steps.mean(dim=1))\n\n    def decode")),
            "last hidden state",
        ),
        "hidden without narrow": (
            _network(("self.narrow(hidden[-1])", "hidden[-1]")),
            "encode` gave",
        ),
        "z without gradient": (
            _network(("self.narrow(hidden[-1])", "self.narrow(hidden[-1]).detach()")),
            "does not reach it",
        ),
        "one answer for all": (
            _network(("self.output(steps)", "self.output(steps[:, -1:]).expand(-1, length, -1)")),
            "two steps of x_hat are the same",
        ),
        "no first state": (
            _network(("(repeated, first)", "(repeated)")),
            "What differs in your `decode`",
        ),
        "z at the first step only": (
            _network(
                (
                    "        steps, last",
                    "        repeated = repeated * (torch.arange(length) == 0)[:, None]\n"
                    "        steps, last",
                )
            ),
            "What differs in your `decode`",
        ),
        "backwards": (
            _network(("self.output(steps)", "self.output(steps.flip(1))")),
            "in your `decode`",
        ),
        "the state begins anew at every step": (
            _network(
                (
                    _DECODE,
                    "        answers = [self.writer(z[:, None], first)[0] for i in range(length)]\n"
                    "        return self.output(torch.cat(answers, dim=1))\n",
                )
            ),
            "two steps of x_hat are the same",
        ),
        "no writer": (
            _network((_DECODE, "        return self.output(hidden[0])[:, None] + z.sum() * 0\n")),
            "of shape",
        ),
        "the reader writes": (
            _network(("self.writer(repeated", "self.reader(repeated")),
            "RuntimeError",
        ),
        "windows and steps changed": (
            _network(
                (
                    _DECODE,
                    "        steps, last = self.writer(z[None].expand(length, -1, -1))\n"
                    "        return self.output(steps).transpose(0, 1)\n",
                )
            ),
            "looks at other windows",
        ),
        "a new layer in every call": (
            _network(("self.output(steps)", "nn.Linear(12, 5)(steps)")),
            "draws new numbers",
        ),
        "no output": (_network(("return self.output(steps)", "return steps")), "of shape"),
        "one number a window": (
            _network(("z[:, None].expand(-1, length, -1)", "z[:, :1, None].expand(-1, length, 3)")),
            "What differs in your `decode`",
        ),
        "the batch's mean": (
            _network(
                ("self.narrow(hidden[-1])", "self.narrow(hidden[-1] - hidden[-1].mean(dim=0))")
            ),
            "looks at other windows",
        ),
        "no batch_first": (_network((", batch_first=True", "")), ""),
        "x shown": (
            _network(
                (
                    "z = self.encode(x)\n        return",
                    "z = self.encode(x)\n        return x * 0.1 +",
                )
            ),
            "independent directions",
        ),
        "an instance": (_NETWORK + "Network = Network(5, 12, 3)\n", ""),
    },
}
