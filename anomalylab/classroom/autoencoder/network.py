"""4.1-network: the autoencoder that a learner completes in notebook 4.1."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.behaviour import Behaviour, Property, rank, x_hat
from anomalylab.classroom.core import Failed, NotAttempted, call, is_stub, kind
from anomalylab.classroom.engine import declare
from anomalylab.models import Autoencoder

Built = tuple[nn.Module, Tensor]


def _build(answer: Any, rng: np.random.Generator) -> Built:
    """The network, and 20 rows of 64 pixels; x_hat has their shape."""
    if isinstance(answer, nn.Module):
        raise Failed(
            "The answer should be the class, and you gave a network that was made from it. Give "
            "its name without round brackets."
        )
    if is_stub(getattr(answer, "forward", None)):
        raise NotAttempted
    network = call(answer, on="no arguments")
    if not isinstance(network, nn.Module):
        raise Failed(f"Your class makes {kind(network)}. Expected an nn.Module, a network.")
    x = torch.as_tensor(rng.uniform(0, 1, (20, 64)))
    x_hat(network, x, "20 rows")
    x_hat(network, x[:1], "one row")
    return network, x


def _ends(built: Built) -> dict[str, Any] | None:
    """Very bright pixels drive the last layer to both its ends."""
    network, x = built
    wide = x_hat(network, 1e4 * (x - 0.5))
    low, high = float(wide.min()), float(wide.max())
    right = -1e-9 <= low < 0.1 and 0.9 < high <= 1 + 1e-9
    return None if right else {"low": low, "high": high}


def _deaf(built: Built) -> dict[str, Any] | None:
    network, x = built
    drawn = x_hat(network, x)
    return {} if torch.allclose(drawn, drawn[:1].expand_as(drawn)) else None


def _directions(built: Built) -> dict[str, Any] | None:
    found = rank(*built)
    return None if found == 8 else {"found": found}


def _straight(built: Built) -> dict[str, Any] | None:
    """Before the sigmoid, a network without ReLU gives a halfway row the halfway number."""
    network, x = built
    half, whole = (torch.logit(x_hat(network, rows)) for rows in ((x[:10] + x[10:]) / 2, x))
    return {} if torch.allclose(half, (whole[:10] + whole[10:]) / 2) else None


def _unreached(built: Built) -> dict[str, Any] | None:
    network, x = built
    network.zero_grad()
    ((network(x) - x) ** 2).mean().backward()
    named = list(network.named_parameters())
    missed = [name for name, p in named if p.grad is None or not p.grad.any()]
    network.zero_grad()
    return {"name": (missed or ["none"])[0]} if missed or not named else None


declare(
    Behaviour(
        name="4.1-network",
        title="the network",
        reference=partial(Autoencoder, 64, hidden=(32,), latent=8),
        build=_build,
        properties=[
            Property(
                "20 different rows",
                _deaf,
                "every row gets the same x_hat. What the decoder draws should follow from z, and "
                "z from x. What goes into the decoder?",
            ),
            Property(
                "rows that are much too bright and too dark",
                _ends,
                "x_hat goes from {low:.3g} to {high:.3g}. Pixels lie between 0 and 1, and both "
                "ends should be reached. What does a sigmoid do, and where does it stand?",
            ),
            Property(
                "one row, alone and among 20,",
                lambda b: None if torch.allclose(x_hat(*b)[:1], x_hat(b[0], b[1][:1])) else {},
                "x_hat is not the same. Which step looks at other rows?",
            ),
            Property(
                "20 rows",
                _unreached,
                "no gradient reaches `{name}`: training could never change it. Follow x through "
                "`forward`. Which layers does it pass?",
            ),
            Property(
                "20 rows",
                _directions,
                "x_hat moves in {found} independent directions, where a z of 8 numbers allows 8. "
                "What does x pass on its way to x_hat?",
            ),
            Property(
                "a row halfway between two others",
                _straight,
                "the last nn.Linear gives exactly the halfway numbers: layer after layer without "
                "ReLU is one straight map. What stands between the layers?",
            ),
        ],
        hints=(
            "Two steps: from x to z, and from z to x_hat. `__init__` has made a part for each.",
            "A part is called like a function: self.encoder(x) gives z.",
            "z = self.encoder(x), and then return what self.decoder makes of z.",
        ),
        praise="64 numbers, then 8, then 64 again: only what fits into z can be drawn.",
    )
)
