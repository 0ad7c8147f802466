"""What the checks of section 4.2 share: tensors in, one tensor out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.core import Failed, call, kind

Guess = tuple[Tensor, str]  # what a slip would give, and what its owner hears


def gaussians(seed: int, rows: int, latent: int) -> tuple[Tensor, Tensor]:
    """mu and logvar of some posteriors, 64-bit, logvar on both sides of 0."""
    rng = np.random.default_rng(seed)
    mu, logvar = rng.normal(0.4, 1.2, (rows, latent)), rng.normal(-0.5, 1.0, (rows, latent))
    return torch.tensor(mu), torch.tensor(logvar)


def run(answer: Any, *inputs: Any, on: str) -> Tensor:
    """The learner's tensor; the tensors given to it may not be changed."""
    given = [x.clone() if isinstance(x, Tensor) and not x.requires_grad else x for x in inputs]
    result = call(answer, *given, on=on)
    if not isinstance(result, Tensor):
        raise Failed(f"On {on} you returned {kind(result)}. Expected a PyTorch tensor.")
    for before, after in zip(inputs, given, strict=True):
        if isinstance(before, Tensor) and not torch.equal(before, after):
            raise Failed(
                f"On {on} your function changed a tensor it was given. Whoever calls it wants to "
                "use it again. Which line writes into an argument?"
            )
    return result


def per_row(answer: Any, *inputs: Any, on: str) -> Tensor:
    """The learner's tensor of shape (rows,), detached; any other shape hears why."""
    rows, latent = inputs[0].shape
    found = run(answer, *inputs, on=on).detach()
    shape = tuple(found.shape)
    if shape == (rows,):
        again = run(answer, *inputs, on=on).detach()
        if not torch.equal(found.nan_to_num(), again.nan_to_num()):
            raise Failed(
                f"On {on} two calls gave {float(found[0]):.3f} and {float(again[0]):.3f} for row "
                "0. A closed form knows no chance. What is drawn in yours?"
            )
        return found.to(torch.float64)
    if shape == ():
        raise Failed(_all_together(answer, float(found), *inputs, on=on))
    told = {
        (latent,): f"{latent} numbers, one a latent unit, where every row needs one. Which axis "
        "did you sum over?",
        (rows, latent): f"shape {shape}: a number for every unit of every row. What is the price "
        "of a whole row?",
        (rows, 1): f"shape {shape}. An axis of length one is left, which breaks `error + kl`: it "
        "would give every row every other row's price.",
    }.get(shape, f"{kind(found)}. Expected shape ({rows},).")
    raise Failed(f"On {on} you returned {told}")


def _all_together(
    answer: Any, found: float, mu: Tensor, logvar: Tensor, *more: Any, on: str
) -> str:
    """What to say about one number for all rows: is it their sum or their mean?"""
    longer = run(answer, mu.repeat(2, 1), logvar.repeat(2, 1), *more, on=f"{on} given twice,")
    doubled = np.isclose(float(longer.detach().sum()), 2 * found)
    kept = "doubles it: a sum over rows" if doubled else "gives it again: a mean over rows"
    return (
        f"On {on} you returned one number for all rows, {found:.2f}; handing every row in twice "
        f"{kept}. What does each single row pay?"
    )


def name_it(found: Tensor, guesses: Sequence[Guess]) -> None:
    """Raise `Failed` with the message of the first guess that equals what was found."""
    for guess, message in guesses:
        if torch.allclose(found, guess, rtol=1e-6, atol=1e-9, equal_nan=True):
            raise Failed(message)


def needs_gradients(answer: Any, mu: Tensor, logvar: Tensor, *more: Any, on: str) -> list[Tensor]:
    """The gradients of the learner's summed result by mu and by logvar; both must be there."""
    leaves = [mu.clone().requires_grad_(), logvar.clone().requires_grad_()]
    result = run(answer, *leaves, *more, on=on)
    if not result.requires_grad:
        raise Failed(
            f"On {on} the result no longer knows where it came from, so no gradient reaches the "
            "encoder and it would never learn. Which call cuts the tape?"
        )
    found = torch.autograd.grad(result.sum(), leaves, allow_unused=True)
    for name, gradient in zip(("mu", "logvar"), found, strict=True):
        if gradient is None or not gradient.any():
            raise Failed(
                f"On {on} no gradient comes back to {name}: that part of the encoder would never "
                f"learn. On the way from {name} to your result, what does PyTorch not follow?"
            )
    return [gradient for gradient in found if gradient is not None]
