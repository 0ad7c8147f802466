"""Answers to the checks that stand in notebooks: no points, lines to be completed."""

from tests.exercises.answers.gan import checks as gan
from tests.exercises.answers.series import checks as series
from tests.exercises.answers.vae import checks as vae

_NETWORK = """\
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8))
        self.decoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 64), nn.Sigmoid())

    def forward(self, x):
        z = self.encoder(x)
        return self.decoder(z)
"""
_LOOP = """\
def train(network, rows, epochs, lr, batch_size):
    optimiser = torch.optim.Adam(network.parameters(), lr=lr)
    for epoch in range(epochs):
        for batch in rows[torch.randperm(len(rows))].split(batch_size):
            optimiser.zero_grad()
            loss = ((network(batch) - batch) ** 2).mean()
            loss.backward()
            optimiser.step()
"""
_FORWARD = "        z = self.encoder(x)\n        return self.decoder(z)\n"
_LOSS = "            loss = ((network(batch) - batch) ** 2).mean()\n"
_BACK, _STEP = "            loss.backward()\n", "            optimiser.step()\n"
_ZERO = "            optimiser.zero_grad()\n"


def _network(forward: str) -> str:
    lines = "".join(f"        {line}\n" for line in forward.split("; "))
    return _NETWORK.replace(_FORWARD, lines)


def _changed(source: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


STUBS: dict[str, str] = {
    "4.1-network": _network("..."),
    "4.1-loop": _changed(_LOOP, (_LOSS + _BACK + _STEP, "            ...\n")),
}
CORRECT: dict[str, dict[str, str]] = {
    "4.1-network": {
        "two lines": _NETWORK,
        "one line": _network("return self.decoder(self.encoder(x))"),
        "other names": _network("few = self.encoder(x); many = self.decoder(few); return many"),
        "forward called by name": _network("return self.decoder.forward(self.encoder.forward(x))"),
        "keeps z": _network("self.z = self.encoder(x); return self.decoder(self.z)"),
        "layer by layer": _network(
            "for layer in [*self.encoder, *self.decoder]:\n"
            "            x = layer(x)\n        return x"
        ),
        "no Sequential": _changed(
            _NETWORK,
            ("nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8))", "nn.Linear(64, 8)"),
        ),
    },
    "4.1-loop": {
        "three lines": _LOOP,
        "mse_loss": _changed(
            _LOOP,
            (
                "((network(batch) - batch) ** 2).mean()",
                "nn.functional.mse_loss(network(batch), batch)",
            ),
        ),
        "a loss that is a module": _changed(
            _LOOP, ("((network(batch) - batch) ** 2).mean()", "nn.MSELoss()(network(batch), batch)")
        ),
        "forward called by name": _changed(
            _LOOP, ("network(batch) - batch", "network.forward(batch) - batch")
        ),
        "x_hat first": _changed(
            _LOOP,
            (
                _LOSS,
                "            x_hat = network(batch)\n"
                "            loss = (x_hat - batch).square().mean()\n",
            ),
        ),
        "cleared at the end": _changed(_LOOP, (_ZERO, ""), (_STEP, _STEP + _ZERO)),
        "cleared before backward": _changed(_LOOP, (_ZERO, ""), (_BACK, _ZERO + _BACK)),
        "returns its losses": _changed(
            _LOOP,
            ("    for epoch", "    losses = []\n    for epoch"),
            (_STEP, _STEP + "            losses.append(loss.item())\n    return losses\n"),
        ),
        "in order": _changed(_LOOP, ("rows[torch.randperm(len(rows))]", "rows")),
        "plain gradient descent": _changed(_LOOP, ("Adam", "SGD"), ("lr=lr", "lr=30 * lr")),
        "a look at all rows": _changed(
            _LOOP,
            (
                _STEP,
                _STEP + "            with torch.no_grad():\n                network(rows)\n",
            ),
        ),
    },
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.1-network": {
        "stops at z": (_network("z = self.encoder(x); return z"), "of shape (20, 8)"),
        "no return": (
            _network("z = self.encoder(x); x_hat = self.decoder(z)"),
            "Is there a `return`",
        ),
        "only the decoder": (_network("return self.decoder(x)"), "mat1 and mat2"),
        "the encoder twice": (_network("z = self.encoder(x); return self.encoder(z)"), "20x8"),
        "eight pixels instead of z": (
            _network("return self.decoder(x[:, :8])"),
            "What else do you do in",
        ),
        "z without gradient": (
            _network("z = self.encoder(x).detach(); return self.decoder(z)"),
            "moves in 0 independent",
        ),
        "nothing of x": (
            _network("z = self.encoder(x); return self.decoder(torch.ones_like(z))"),
            "every row gets the same",
        ),
        "the mean of the batch": (
            _network("z = self.encoder(x - x.mean(dim=0)); return self.decoder(z)"),
            "looks at other rows",
        ),
        "half of z": (
            _network("z = self.encoder(x)[:, :4]; return self.decoder(torch.cat([z, z], dim=1))"),
            "moves in 4 independent",
        ),
        "a way past z": (
            _network("z = self.encoder(x); return torch.sigmoid(torch.logit(self.decoder(z)) + x)"),
            "x_hat",
        ),
        "x itself": (_network("return x"), "from -5e+03"),
        "no sigmoid": (_changed(_NETWORK, (", nn.Sigmoid()", "")), "where does it stand"),
        "two sigmoids": (
            _network("return torch.sigmoid(self.decoder(self.encoder(x)))"),
            "from 0.5",
        ),
        "no ReLU": (_changed(_NETWORK, ("nn.ReLU(), ", "")), "is one straight map"),
        "bends z": (
            _network("z = nn.functional.leaky_relu(self.encoder(x)); return self.decoder(z)"),
            "not what your decoder makes",
        ),
        "z twice as large": (
            _network("z = self.encoder(x); return self.decoder(2 * z)"),
            "x_hat is not what",
        ),
        "nine numbers": (_changed(_NETWORK, (" 8)", " 9)"), ("(8,", "(9,")), "9 independent"),
        "a pair": (_network("z = self.encoder(x); return self.decoder(z), z"), "the type tuple"),
        "misspelt": (_network("return self.decode(self.encoder(x))"), "no attribute 'decode'"),
        "an argument": (
            _changed(_NETWORK, ("__init__(self)", "__init__(self, width)")),
            "On no arguments your function raised TypeError",
        ),
        "a network, not the class": (_NETWORK + "Network = Network()\n", "without round brackets"),
        "no module": (
            "class Network:\n    def forward(self, x):\n        return x",
            "an nn.Module",
        ),
        "no function": ("Network = 8", "the number 8"),
    },
    "4.1-loop": {
        "no backward": (_changed(_LOOP, (_BACK, "")), "came to `backward` 0 times"),
        "no step": (_changed(_LOOP, (_STEP, "")), "weights moved for every batch"),
        "no zero_grad": (_changed(_LOOP, (_ZERO, "")), "Are old gradients cleared"),
        "only the loss": (_changed(_LOOP, (_BACK, ""), (_STEP, "")), "Is it called"),
        "step before backward": (
            _changed(_LOOP, (_BACK + _STEP, _STEP + _BACK)),
            "less than a fifth",
        ),
        "cleared before the step": (_changed(_LOOP, (_BACK, _BACK + _ZERO)), "should be left"),
        "only the first batch": (
            _changed(_LOOP, (_STEP, _STEP + "            break\n")),
            "once an epoch",
        ),
        "only one batch": (
            _changed(_LOOP, (_STEP, _STEP + "            return\n")),
            "where 30 are due",
        ),
        "one step an epoch": (_changed(_LOOP, (_STEP, _STEP[4:])), "the error was"),
        "backward and step after the batches": (
            _changed(_LOOP, (_BACK, _BACK[4:]), (_STEP, _STEP[4:])),
            "came to `backward`",
        ),
        "all rows at once": (
            _changed(_LOOP, ("network(batch) - batch", "network(rows) - rows")),
            "50 rows",
        ),
        "drops the last batch": (
            _changed(_LOOP, (".split(batch_size)", "[:48].split(batch_size)")),
            "how often does each of your lines run",
        ),
        "draws zero": (_changed(_LOOP, (" - batch)", ")")), "does anything else come in"),
        "wrong sign": (_changed(_LOOP, ("((network", "-((network")), "your gradient is not"),
        "no square": (_changed(_LOOP, (") ** 2)", "))")), "What do you do with the"),
        "sum": (_changed(_LOOP, (".mean()", ".sum()")), "Work out your loss of two rows"),
        "absolute": (
            _changed(_LOOP, ("((network(batch) - batch) ** 2)", "(network(batch) - batch).abs()")),
            "mean squared difference between",
        ),
        "root": (_changed(_LOOP, (".mean()", ".mean().sqrt()")), "of the mean squared difference"),
        "weight decay": (
            _changed(
                _LOOP,
                (
                    ".mean()",
                    ".mean() + 1e-3 * sum((w**2).sum() for w in network.parameters())",
                ),
            ),
            "does anything else come in",
        ),
        "no mean": (_changed(_LOOP, (".mean()", "")), "only for scalar outputs"),
        "no network": (_changed(_LOOP, ("network(batch) - batch", "batch")), "Call it yourself"),
        "x_hat without gradient": (
            _changed(_LOOP, ("network(batch)", "network(batch).detach()")),
            "does not have a grad_fn. Call",
        ),
        "loss as a number": (
            _changed(_LOOP, (".mean()", ".mean().item()")),
            "no attribute 'backward'",
        ),
        "writes into the rows": (
            _changed(_LOOP, ("    for epoch", "    rows -= rows.mean(dim=0)\n    for epoch")),
            "changed rows",
        ),
        "a value": ("train = 3", "should be a function"),
    },
}
STUBS |= vae.STUBS | gan.STUBS | series.STUBS
CORRECT |= vae.CORRECT | gan.CORRECT | series.CORRECT
WRONG |= vae.WRONG | gan.WRONG | series.WRONG
