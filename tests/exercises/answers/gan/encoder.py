"""Exercise 4.3-encoder."""

_F = "gan.discriminator.features"


def _loss(body: str) -> str:
    lines = "\n    ".join(body.split("; "))
    return f"def encoder_loss(gan, x, z, kappa):\n    {lines}\n"


_HAT = "x_hat = gan.generator(z); "
_RESIDUAL = "((x - x_hat) ** 2).mean()"
_FEATURE = f"(({_F}(x) - {_F}(x_hat)) ** 2).mean()"
_RIGHT = f"{_RESIDUAL} + kappa * {_FEATURE}"
_MSE = "torch.nn.functional.mse_loss"


def _parts(residual: str = _RESIDUAL, feature: str = _FEATURE) -> str:
    return _loss(f"{_HAT}return {residual} + kappa * {feature}")


CORRECT: dict[str, str] = {
    "one line": _loss(f"{_HAT}return {_RIGHT}"),
    "mse_loss": _parts(f"{_MSE}(x_hat, x)", f"{_MSE}({_F}(x_hat), {_F}(x))"),
    "decode": _loss(f"x_hat = gan.decode(z); return {_RIGHT}"),
    "rows first": _parts(
        "((x - x_hat) ** 2).mean(dim=1).mean()", f"(({_F}(x) - {_F}(x_hat)) ** 2).mean(1).mean()"
    ),
    "the features of x without gradients": _parts(
        feature=f"(({_F}(x).detach() - {_F}(x_hat)) ** 2).mean()"
    ),
    "the body by name": _parts(
        feature="((gan.discriminator.body(x) - gan.discriminator.body(x_hat)) ** 2).mean()"
    ),
    "both rows at once": _loss(
        f"{_HAT}both = {_F}(torch.cat([x, x_hat])); real, made = both.chunk(2); "
        f"return {_RESIDUAL} + kappa * (real - made).square().mean()"
    ),
    "sums over numbers": _parts("((x - x_hat) ** 2).sum() / x.numel()"),
    "one number in a list": _loss(f"{_HAT}return ({_RIGHT}).reshape(1)"),
    "a sum of two": _loss(f"{_HAT}return sum([{_RESIDUAL}, kappa * {_FEATURE}])"),
    "frozen for a while": _loss(
        f"copied = __import__('copy').deepcopy(gan).requires_grad_(False); "
        f"x_hat = copied.generator(z); return {_RIGHT}"
    ),
}
WRONG: dict[str, tuple[str, str]] = {
    "the final output": (
        _parts(feature="((gan.discriminator(x) - gan.discriminator(x_hat)) ** 2).mean()"),
        "with D's final output",
    ),
    "no features": (_loss(f"{_HAT}return {_RESIDUAL}"), "the residual alone"),
    "no residual": (_loss(f"{_HAT}return kappa * {_FEATURE}"), "the features alone"),
    "no kappa": (_loss(f"{_HAT}return {_RESIDUAL} + {_FEATURE}"), "what kappa = 1 would give"),
    "kappa on the residual": (
        _loss(f"{_HAT}return kappa * {_RESIDUAL} + {_FEATURE}"),
        "kappa weighs the residual",
    ),
    "a mixture": (
        _loss(f"{_HAT}return (1 - kappa) * {_RESIDUAL} + kappa * {_FEATURE}"),
        "gives 4.34, where 6.74",
    ),
    "absolute": (
        _parts("(x - x_hat).abs().mean()", f"({_F}(x) - {_F}(x_hat)).abs().mean()"),
        "absolute differences, as in the search",
    ),
    "sums": (
        _parts(
            "((x - x_hat) ** 2).sum(dim=1).mean()",
            f"(({_F}(x) - {_F}(x_hat)) ** 2).sum(dim=1).mean()",
        ),
        "a sum over the numbers of a row",
    ),
    "sum of the features only": (
        _parts(feature=f"(({_F}(x) - {_F}(x_hat)) ** 2).sum(dim=1).mean()"),
        "Over what do you take the means",
    ),
    "roots": (
        _parts("((x - x_hat) ** 2).mean().sqrt()", f"(({_F}(x) - {_F}(x_hat)) ** 2).mean().sqrt()"),
        "how are the parts joined",
    ),
    "a difference of the parts": (
        _loss(f"{_HAT}return {_RESIDUAL} - kappa * {_FEATURE}"),
        "your function gives -1.94",
    ),
    "no square": (_parts("(x - x_hat).mean()"), "gives 3.87, where"),
    "the features of the mean": (
        _parts(feature=f"(({_F}(x).mean(dim=0) - {_F}(x_hat).mean(dim=0)) ** 2).mean()"),
        "for one row, then for two",
    ),
    "one number a row": (
        _loss(f"{_HAT}return ((x - x_hat) ** 2).mean(dim=1)"),
        "Expected one number",
    ),
    "x_hat without gradients": (
        _loss(f"x_hat = gan.generator(z).detach(); return {_RIGHT}"),
        "the values are right, but in the gradient by z",
    ),
    "features without gradients": (
        _parts(feature=f"(({_F}(x) - {_F}(x_hat).detach()) ** 2).mean()"),
        "Which step between z and your result",
    ),
    "a number": (_loss(f"{_HAT}return float({_RIGHT})"), "Expected a PyTorch tensor"),
    "works out gradients": (
        _loss(
            f"{_HAT}loss = {_RIGHT}; "
            "loss.requires_grad and loss.backward(retain_graph=True); return loss"
        ),
        "your function left a gradient behind",
    ),
    "freezes for good": (
        _loss(f"gan.requires_grad_(False); {_HAT}return {_RIGHT}"),
        "On a GAN that still asks for gradients your function changed gan",
    ),
    "asks for gradients of x": (
        _loss(f"x.requires_grad_(); {_HAT}return {_RIGHT}"),
        "your function changed x",
    ),
    "draws another z": (
        _loss(f"z = torch.randn_like(z); {_HAT}return {_RIGHT}"),
        "your function draws random numbers",
    ),
    "features of z": (_parts(feature=f"(({_F}(x) - {_F}(z)) ** 2).mean()"), "mat1 and mat2"),
    "forgets to return": (_loss(f"{_HAT}loss = {_RIGHT}"), "Is there a `return`"),
    "a value": ("encoder_loss = 0.5", "should be a function"),
}
