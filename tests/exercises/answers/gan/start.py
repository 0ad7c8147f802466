"""Exercise 4.3-start."""

_BY_DRAW = "[gan.objective(x, draw.expand(len(x), -1)) for draw in draws]"
_TABLE = f"table = torch.stack({_BY_DRAW}); "


def _start(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def best_start(gan, x, draws):\n    {lines}\n"


CORRECT: dict[str, str] = {
    "stack": _start(f"{_TABLE}return draws[table.argmin(dim=0)]"),
    "all at once": _start(
        "z = draws[:, None].expand(-1, len(x), -1); return draws[gan.objective(x, z).argmin(dim=0)]"
    ),
    "min": _start(f"{_TABLE}return draws[table.min(0).indices]"),
    "row by row": _start(
        "best = []\n    for row in x:\n"
        "        values = gan.objective(row.expand(len(draws), -1), draws)\n"
        "        best.append(draws[values.argmin()])\n    return torch.stack(best)"
    ),
    "one draw after the other": _start(
        "best = draws[:1].repeat(len(x), 1); lowest = gan.objective(x, best)\n"
        "    for draw in draws[1:]:\n"
        "        z = draw.repeat(len(x), 1)\n"
        "        found = gan.objective(x, z)\n"
        "        best = torch.where((found < lowest)[:, None], z, best)\n"
        "        lowest = torch.minimum(found, lowest)\n    return best"
    ),
    "by hand": _start(
        "z = draws[:, None].repeat(1, len(x), 1); residual, feature = gan.losses(x, z); "
        "score = (1 - gan.weight) * residual + gan.weight * feature; "
        "return draws[(score + gan.price * (z**2).mean(-1)).argmin(0)]"
    ),
    "into a table of zeros": _start(
        "best = torch.zeros(len(x), draws.shape[1]).double(); "
        "low = torch.full((len(x),), torch.inf)\n"
        "    for draw in draws:\n"
        "        found = gan.objective(x, draw.repeat(len(x), 1)).detach()\n"
        "        best[found < low] = draw\n        low = torch.minimum(low, found)\n"
        "    return best"
    ),
    "sorted": _start(f"{_TABLE}return draws[table.sort(dim=0).indices[0]]"),
    "without gradients": _start(
        f"\n    with torch.no_grad():\n        table = torch.stack({_BY_DRAW})"
        "\n    return draws[table.argmin(0)].clone()"
    ),
    "NumPy": _start(f"{_TABLE}return draws.numpy()[table.detach().numpy().argmin(axis=0)]"),
    "the library, with its starts replaced": _start(
        "copied = __import__('copy').deepcopy(gan); copied.steps = 0; copied.starts = draws; "
        "return copied.encode(x)"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "best for the mean of the batch": (
        _start(f"{_TABLE}return draws[table.mean(dim=1).argmin()].expand(len(x), -1)"),
        "that is best for their mean",
    ),
    "nearest to 0": (
        _start("return draws[draws.norm(dim=1).argmin()].expand(len(x), -1)"),
        "nearest to 0. Does that draw",
    ),
    "worst": (_start(f"{_TABLE}return draws[table.argmax(dim=0)]"), "begin at their worst"),
    "residual alone": (
        _start(
            "table = torch.stack([gan.losses(x, draw.repeat(len(x), 1))[0] for draw in draws]); "
            "return draws[table.argmin(dim=0)]"
        ),
        "rank by the residual alone",
    ),
    "features alone": (
        _start(
            "table = torch.stack([gan.losses(x, draw.repeat(len(x), 1))[1] for draw in draws]); "
            "return draws[table.argmin(dim=0)]"
        ),
        "On 7 rows, 20 draws, row 1, column 0",
    ),
    "no price": (
        _start(
            f"{_TABLE}table = table - gan.price * (draws**2).mean(dim=1)[:, None]; "
            "return draws[table.argmin(dim=0)]"
        ),
        "without the price of a z far out",
    ),
    "the first draw": (_start("return draws[:1].expand(len(x), -1)"), "begins at the first draw"),
    "the mean draw": (_start("return draws.mean(dim=0).expand(len(x), -1)"), "row 0, column 0"),
    "draws anew": (
        _start(f"draws = torch.randn_like(draws); {_TABLE}return draws[table.argmin(dim=0)]"),
        "your function draws random numbers",
    ),
    "draws anew, with a generator of its own": (
        _start(
            "import numpy as np; g = np.random.default_rng(); "
            "draws = torch.tensor(g.normal(size=draws.shape)).to(draws); "
            f"{_TABLE}return draws[table.argmin(dim=0)]"
        ),
        "two calls gave different numbers",
    ),
    "its own fixed draws": (
        _start(
            "g = torch.Generator().manual_seed(0); "
            "draws = torch.randn(draws.shape, generator=g).to(draws); "
            f"{_TABLE}return draws[table.argmin(dim=0)]"
        ),
        "Print the objective of this row",
    ),
    "one value for all features": (
        _start(
            "known = [gan.objective(x.mean(dim=0)[None], draw[None])[0] for draw in draws]; "
            "return draws[torch.stack(known).argmin()].expand(len(x), -1)"
        ),
        "what do you return?",
    ),
    "nearest drawn row in squares": (
        _start(
            "table = torch.stack([((x - gan.generator(d[None])) ** 2).mean(1) for d in draws]); "
            "return draws[table.argmin(dim=0)]"
        ),
        "Which draw has the lowest",
    ),
    "numbers of the draws": (
        _start(f"{_TABLE}return table.argmin(dim=0)"),
        "numbers of shape (7,)",
    ),
    "the lowest objective": (
        _start(f"{_TABLE}return table.min(dim=0).values"),
        "of shape (7,). Expected",
    ),
    "the best draw of each column": (
        _start(f"{_TABLE}return draws[table.argmin(dim=1)]"),
        "of shape (20, 3)",
    ),
    "leaves gradients in the GAN": (
        _start(
            "gan.requires_grad_(True)\n    gan.objective(x, draws[:1].repeat(len(x), 1)).sum()"
            f".backward(); {_TABLE}return draws[table.argmin(dim=0)]"
        ),
        "Which line writes there",
    ),
    "gradients removed": (
        _start(f"gan.zero_grad(); {_TABLE}return draws[table.argmin(dim=0)]"),
        "On a GAN that asks for gradients your function changed gan",
    ),
    "replaces the starts": (
        _start("gan.starts = draws; gan.steps = 0; return gan.encode(x)"),
        "On 7 rows, 20 draws, your function changed gan",
    ),
    "asks for gradients of the draws": (
        _start(f"draws.requires_grad_(); {_TABLE}return draws[table.argmin(dim=0)]"),
        "your function changed draws",
    ),
    "scales the draws": (
        _start(f"draws /= draws.std(); {_TABLE}return draws[table.argmin(dim=0)]"),
        "20 draws, your function changed draws",
    ),
    "forgets to return": (_start(f"{_TABLE}best = draws[table.argmin(dim=0)]"), "`return`"),
    "a value": ("best_start = 0.5", "should be a function"),
}
