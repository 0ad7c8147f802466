"""Exercise 4.1-own: networks and loops of many kinds, and what goes wrong in them."""

_LINES = """\
def own(rows, width, epochs):
    columns = rows.shape[1]
    encoder = nn.Sequential(nn.Linear(columns, 32), nn.ReLU(), nn.Linear(32, width))
    decoder = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, columns))
    network = nn.Sequential(encoder, decoder)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for epoch in range(epochs):
        for batch in rows[torch.randperm(len(rows))].split(32):
            loss = ((network(batch) - batch) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return network
"""
_SPLIT = "for batch in rows[torch.randperm(len(rows))].split(32):"
_CLASS = """\
class Mine(nn.Module):
    def __init__(self, columns, width):
        super().__init__()
        self.inside = nn.Linear(columns, 24)
        self.z = nn.Linear(24, width)
        self.back = nn.Linear(width, 24)
        self.out = nn.Linear(24, columns)

    def forward(self, x):
        z = self.z(torch.tanh(self.inside(x)))
        return self.out(torch.tanh(self.back(z)))

"""
_NETWORK = """\
    encoder = nn.Sequential(nn.Linear(columns, 32), nn.ReLU(), nn.Linear(32, width))
    decoder = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, columns))
    network = nn.Sequential(encoder, decoder)
"""


def _own(*changes: tuple[str, str]) -> str:
    text = _LINES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


_LOADER = "torch.utils.data.DataLoader(rows, batch_size=16, shuffle=True)"
_BYPASS = """\
    class Bypass(nn.Module):
        def __init__(self):
            super().__init__()
            self.narrow = nn.Sequential(nn.Linear(columns, width), nn.Linear(width, columns))
            self.wide = nn.Linear(columns, columns)
        def forward(self, x):
            return self.narrow(x) + self.wide(x)
    network = Bypass()
"""
_DRAWN = (
    "torch.utils.data.DataLoader(rows, 32, "
    "sampler=torch.utils.data.RandomSampler(rows, replacement=True))"
)
_NO_SHUFFLE = (_SPLIT, "for batch in rows.split(50):")

CORRECT: dict[str, str] = {
    "class of one's own": _CLASS + _own((_NETWORK, "    network = Mine(columns, width)\n")),
    "data loader": _own((_SPLIT, f"for batch in {_LOADER}:")),
    "data loader of a TensorDataset": _own(
        (
            _SPLIT,
            "pairs = torch.utils.data.TensorDataset(rows)\n"
            "        for (batch,) in torch.utils.data.DataLoader(pairs, 32):",
        )
    ),
    "slices in order": _own(
        (
            _SPLIT,
            "for start in range(0, len(rows), 25):\n            batch = rows[start : start + 25]",
        )
    ),
    "a loss that is a module": _own(
        ("    for epoch", "    measure = nn.MSELoss()\n    for epoch"),
        ("((network(batch) - batch) ** 2).mean()", "measure(network(batch), batch)"),
    ),
    "plain gradient descent": _own(("optim.Adam", "optim.SGD"), ("lr=0.01", "lr=0.1")),
    "sum of squares, deeper": _own(
        (".mean()", ".sum()"),
        ("nn.Linear(32, width)", "nn.Linear(32, 16), nn.GELU(), nn.Linear(16, width)"),
    ),
    "a seed of its own, smaller steps": _own(
        ("    columns", "    torch.manual_seed(3)\n    columns"), ("0.01", "0.003")
    ),
    "gradients by hand": _own(
        (
            "            optimiser.zero_grad()\n            loss.backward()\n"
            "            optimiser.step()\n",
            "            weights = list(network.parameters())\n"
            "            slopes = torch.autograd.grad(loss, weights)\n"
            "            with torch.no_grad():\n"
            "                for weight, slope in zip(weights, slopes):\n"
            "                    weight -= 0.1 * slope\n",
        )
    ),
    "watches its loss": _own(
        (
            "    return network",
            "        losses = float(((network(rows) - rows) ** 2).mean())\n"
            "        print(losses)\n    return network.eval()",
        )
    ),
    "dropout switched off at the end": _own(
        ("nn.ReLU(), nn.Linear(32, width)", "nn.ReLU(), nn.Dropout(0.01), nn.Linear(32, width)"),
        ("    return network", "    network.eval()\n    return network"),
    ),
    "absolute errors": _own(("((network(batch) - batch) ** 2)", "(network(batch) - batch).abs()")),
    "two backward passes a step": _own(
        (
            "            loss = ((network(batch) - batch) ** 2).mean()\n"
            "            optimiser.zero_grad()\n            loss.backward()\n",
            "            optimiser.zero_grad()\n"
            "            for half in batch.tensor_split(2):\n"
            "                ((network(half) - half) ** 2).mean().backward()\n",
        )
    ),
    "encoder and decoder by themselves": _own(
        ("network(batch) -", "decoder(encoder(batch)) -"),
    ),
    "noise on the rows": _own(
        ("network(batch) -", "network(batch + 0.05 * torch.randn_like(batch)) -")
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "no step": (_own(("            optimiser.step()\n", "")), "Does the weight move"),
    "no backward": (_own(("            loss.backward()\n", "")), "before and after one step"),
    "wrong sign": (_own(("((network", "-((network")), "how far, and what makes"),
    "steps too long": (
        _own(("optim.Adam", "optim.SGD"), ("lr=0.01", "lr=1000.0")),
        "how far, and",
    ),
    "only the first batch": (
        _own(
            ("            optimiser.step()\n", "            optimiser.step()\n            break\n")
        ),
        "Which rows are left out",
    ),
    "drops the last batch": (
        _own((_SPLIT, "for batch in rows[: 32 * (len(rows) // 32)].split(32):")),
        "your steps looked at 512 rows",
    ),
    "all rows at once": (_own((_SPLIT, "for batch in [rows]:")), "learned from 150 rows"),
    "the loss of all rows": (
        _own(("network(batch) - batch", "network(rows) - rows")),
        "What goes into the network in your loop",
    ),
    "one step after all batches": (
        _own(
            ("            optimiser.zero_grad()\n", ""),
            ("            optimiser.step()\n", "        optimiser.step(); optimiser.zero_grad()\n"),
        ),
        "how often do the weights move",
    ),
    "rows with replacement": (
        _own(("torch.randperm(len(rows))", "torch.randint(len(rows), (len(rows),))")),
        "How do you choose the rows of a batch",
    ),
    "rows weighted by chance": (
        _own((_SPLIT, f"for batch in {_DRAWN}:")),
        "times, where 4 are due",
    ),
    "tanh at the end": (
        _own(("nn.Linear(32, columns))", "nn.Linear(32, columns), nn.Tanh())")),
        "Which numbers can your last layer give",
    ),
    "one step an epoch": (
        _own(
            ("            loss.backward()\n            optimiser.step()\n", ""),
            ("    return", "        loss.backward()\n        optimiser.step()\n    return"),
        ),
        "your steps looked at",
    ),
    "epochs of its own": (_own(("range(epochs)", "range(60)")), "Where does `epochs` come in"),
    "ignores the width": (
        _own(("nn.Linear(32, width)", "nn.Linear(32, 1)"), ("(width, 32)", "(1, 32)")),
        "moves in 1 independent directions, where 3",
    ),
    "a wide bottleneck": (
        _own(("nn.Linear(32, width)", "nn.Linear(32, 3)"), ("(width, 32)", "(3, 32)")),
        "Is there a way past",
    ),
    "copies": (_own((_NETWORK, "    network = nn.Linear(columns, columns)\n")), "6 independent"),
    "a way past the bottleneck": (_own((_NETWORK, _BYPASS)), "how wide is the narrowest"),
    "sigmoid at the end": (
        _own(("nn.Linear(32, columns))", "nn.Linear(32, columns), nn.Sigmoid())")),
        "can the last one go below zero",
    ),
    "ReLU at the end": (
        _own(("nn.Linear(32, columns))", "nn.Linear(32, columns), nn.ReLU())")),
        "below zero",
    ),
    "nothing bends": (_own(("nn.ReLU(), ", "")), "What bends between your layers"),
    "tiny steps": (_own(("lr=0.01", "lr=0.0001")), "Does the loss still fall"),
    "draws zero": (_own((") - batch)", "))")), "The mean row has 1.00"),
    "dropout left on": (
        _own(("nn.ReLU(), nn.Linear(32, c", "nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, c")),
        "act otherwise while training",
    ),
    "scales the rows in place": (
        _own(("    columns", "    rows -= rows.mean(dim=0)\n    columns")),
        "changed rows",
    ),
    "32-bit from now on": (
        _own(("    columns", "    torch.set_default_dtype(torch.float32)\n    columns")),
        "raised RuntimeError",
    ),
    "a setting for everybody": (
        _own(("    return network", "    torch.set_grad_enabled(False)\n    return network")),
        "changed a setting of PyTorch",
    ),
    "the library's network": (
        "def own(rows, width, epochs):\n"
        "    network = al.Autoencoder(rows.shape[1], latent=width, output='linear')\n"
        "    if epochs:\n"
        "        al.fit(network, rows.numpy(), epochs=epochs, lr=0.01)\n"
        "    return network",
        "the library's Autoencoder",
    ),
    "returns the loss": (
        _own(("    return network", "    return loss if epochs else 0.0")),
        "an nn.Module",
    ),
    "returns z": (_own(("    return network", "    return encoder")), "of shape (200, 1)"),
    "returns a pair": (_own(("    return network", "    return network, loss")), "the type tuple"),
    "forgets to return": (_own(("    return network", "    print(end='')")), "Is there a `return`"),
    "raises": (_own(("network(batch)", "network(batch.T)")), "shapes cannot be multiplied"),
}
