"""4.1-network: the autoencoder that a learner completes in notebook 4.1."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from anomalylab.classroom.behaviour import Behaviour, Measured, Property, module, rank, x_hat
from anomalylab.classroom.core import Failed, NotAttempted, call, is_stub
from anomalylab.classroom.engine import declare
from anomalylab.models import Autoencoder


def _build(answer: Any, rng: np.random.Generator) -> Measured:
    """Make the network and see what it does with 20 rows of 64 pixels; x_hat has their shape."""
    if isinstance(answer, nn.Module):
        raise Failed(
            "The answer should be the class, and you gave a network that was made from it. Give "
            "its name without round brackets."
        )
    if is_stub(getattr(answer, "forward", None)):
        raise NotAttempted
    network = module(call(answer, on="no arguments"), "no arguments")
    x = torch.as_tensor(rng.uniform(0, 1, (20, 64)))
    drawn, alone = x_hat(network, x, "20 rows"), x_hat(network, x[:1], "one row")
    ends = x_hat(network, 1e4 * (x - 0.5))  # very bright pixels reach both ends of the last layer
    half, whole = torch.logit(x_hat(network, (x[:10] + x[10:]) / 2)), torch.logit(drawn)
    parts: list[Any] = [getattr(network, name, None) for name in ("encoder", "decoder")]
    both = all(isinstance(part, nn.Module) for part in parts)  # a class of one's own has others
    return {
        "deaf": torch.allclose(drawn, drawn[:1].expand_as(drawn)),
        "low": float(ends.min()),
        "high": float(ends.max()),
        "off": float((drawn[:1] - alone).abs().max()),
        "found": rank(network, x),
        "drawn": drawn,
        "parts": x_hat(nn.Sequential(*parts), x, "20 rows") if both else drawn,
        "straight": torch.allclose(half, (whole[:10] + whole[10:]) / 2),
    }


declare(
    Behaviour(
        name="4.1-network",
        title="forward",
        reference=partial(Autoencoder, 64, hidden=(32,), latent=8),
        build=_build,
        properties=[
            Property(
                "20 different rows",
                lambda net: not net["deaf"],
                "every row gets the same x_hat. What the decoder draws should follow from z, and "
                "z from x. What goes into the decoder?",
            ),
            Property(
                "rows that are much too bright and too dark",
                lambda net: -1e-9 <= net["low"] < 0.1 and 0.9 < net["high"] <= 1 + 1e-9,
                "x_hat goes from {low:.3g} to {high:.3g}. Pixels lie between 0 and 1, and both "
                "ends should be reached. What does a sigmoid do, and where does it stand?",
            ),
            Property(
                "one row, alone and among 20,",
                lambda net: net["off"] < 1e-6,
                "x_hat is not the same. Which step looks at other rows?",
            ),
            Property(
                "20 rows",
                lambda net: net["found"] == 8,
                "x_hat moves in {found} independent directions, where a z of 8 numbers allows 8. "
                "What does x pass on its way to x_hat, and does the gradient find its way back?",
            ),
            Property(
                "a row halfway between two others",
                lambda net: not net["straight"],
                "the last nn.Linear gives exactly the halfway numbers: layer after layer without "
                "ReLU is one straight map. What stands between the layers?",
            ),
            Property(
                "20 rows",
                lambda net: torch.allclose(net["drawn"], net["parts"]),
                "x_hat is not what your decoder makes of the numbers that your encoder gives. What "
                "else do you do in `forward`?",
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
