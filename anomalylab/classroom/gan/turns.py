"""Checks 4.3-discriminator and 4.3-generator: one training step of each player of a GAN."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.nn.utils import parameters_to_vector

from anomalylab.classroom.behaviour import Behaviour, Measured, Property
from anomalylab.classroom.core import call, number
from anomalylab.classroom.engine import call_watched, declare
from anomalylab.models.autoencoder import layers

ROWS, LATENT = 24, 16
_ON = f"one step with {ROWS} rows"


def step(optimiser: torch.optim.Optimizer, loss: Tensor) -> float:
    """Move by the gradient of a loss; return the loss."""
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def losses(discriminator: nn.Module, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    """The losses of both players, "D" and "G", and those of slips."""
    real = real.clone().requires_grad_()
    said, made = discriminator(real), discriminator(fake)
    slope = torch.autograd.grad(said.sum(), real, create_graph=True)[0]
    penalty = 1.5 * (slope**2).sum(dim=1).mean()  # R1
    return {
        "D": softplus(-said).mean() + softplus(made).mean() + penalty,
        "swapped": softplus(said).mean() + softplus(-made).mean() + penalty,
        "raw": made.mean() - said.mean() + penalty,
        "no fake": softplus(-said).mean() + penalty,
        "no real": softplus(made).mean() + penalty,
        "all real": softplus(-said).mean() + softplus(-made).mean() + penalty,
        "no penalty": softplus(-said).mean() + softplus(made).mean(),
        "G": softplus(-made).mean(),
        "saturating": -softplus(made).mean(),
        "sign": softplus(made).mean(),
        "raw G": -made.mean(),
    }


def _turn(answer: Any, rng: np.random.Generator, mover: int) -> Measured:
    """Run one step of G (mover 0) or D (mover 1), and compare its move with several losses.

    Plain gradient descent at rate 1 moves the weights by their gradient. Both players hold old
    gradients, all 1.
    """
    players = layers([LATENT, 8, 5]), layers([5, 6, 1], activation="leaky")
    for weight in nn.ModuleList(players).parameters():
        weight.grad = torch.ones_like(weight)
    before, drawn = deepcopy(players), [torch.zeros(0, LATENT)]
    players[0][0].register_forward_pre_hook(
        lambda part, inputs: drawn.append(inputs[0].detach().reshape(-1, inputs[0].shape[-1]))
    )
    real = torch.tensor(rng.normal(1, 3, (ROWS, 5)))
    given, fresh = (
        (
            *players,
            torch.optim.SGD(players[mover].parameters(), lr=1.0),
            real.clone() if mover else ROWS,
        )
        for _ in range(2)
    )
    call(answer, *deepcopy(given), on=_ON)  # once more, for other z
    number(
        call_watched(
            ("generator", "discriminator", "optimiser", "real"),
            answer,
            given,
            fresh,
            _ON,
            draws=True,
        ),
        _ON,
    )
    # in each of the two steps G was called once, or row by row
    z = torch.cat(drawn[-(len(drawn) // 2) :] if len(drawn[-1]) < 2 else drawn[-1:])
    moves = [
        (parameters_to_vector(old.parameters()) - parameters_to_vector(new.parameters())).detach()
        for old, new in zip(before, players, strict=True)
    ]
    slopes = {
        name: torch.autograd.grad(
            loss, list(before[mover].parameters()), retain_graph=True, materialize_grads=True
        )
        for name, loss in losses(before[1], real, before[0](z)).items()
    }
    return {
        "again": torch.equal(drawn[-1], drawn[-1 - len(drawn) // 2]),
        "shape": tuple(z.shape),
        "mean": float(z.mean()),
        "spread": float((z - z.mean()).pow(2).mean().sqrt()),
        "moved": float(moves[mover].abs().max()),
        "other": float(moves[1 - mover].abs().max()),
        "asking": all(w.requires_grad for w in nn.ModuleList(players).parameters()),
        "left": any((w.grad != 1).any() for w in players[0].parameters() if w.grad is not None),
        **{
            name: torch.allclose(moves[mover], parameters_to_vector(slope), rtol=1e-4, atol=1e-6)
            for name, slope in slopes.items()
        },
    }


_DRAWN = (
    Property(
        _ON,
        lambda turn: turn["asking"],
        "weights stay frozen after the step (`requires_grad` is False), so the other player's next "
        "turn changes nothing. Which line freezes them, and which one could do without?",
    ),
    Property(
        _ON,
        lambda turn: turn["shape"] == (ROWS, LATENT),
        f"the generator got z of shape {{shape}}, where ({ROWS}, {LATENT}) is due: one z of "
        f"{LATENT} numbers for each row. Print the shape of your z. How many rows do you draw?",
    ),
    Property(
        _ON,
        lambda turn: abs(turn["mean"]) < 0.25 and 0.8 < turn["spread"] < 1.2,
        "the numbers of z have mean {mean:.2f} and standard deviation {spread:.2f}, where about 0 "
        "and 1 are due: draws from N(0, I), fresh for each row. Where do yours come from?",
    ),
    Property(
        "two steps",
        lambda turn: not turn["again"],
        "the generator gets the same z in both, so it learns to draw these rows only. "
        "Which line sets a seed, or makes a generator of random numbers?",
    ),
)

declare(
    Behaviour(
        name="4.3-discriminator",
        title="discriminator_step",
        reference=lambda generator, discriminator, optimiser, real: step(
            optimiser,
            losses(discriminator, real, generator(torch.randn(len(real), LATENT)).detach())["D"],
        ),
        build=lambda answer, rng: _turn(answer, rng, 1),
        properties=[
            *_DRAWN,
            Property(
                _ON,
                lambda turn: turn["moved"] > 0,
                "no weight of the discriminator moved. Does a gradient of your loss reach it, and "
                "does the optimiser take its step?",
            ),
            Property(
                _ON,
                lambda turn: turn["other"] == 0,
                "weights of the generator moved too. This step belongs to the discriminator. "
                "What in your lines moves a weight of the generator?",
            ),
            Property(
                _ON,
                lambda turn: not turn["left"],
                "`backward` left gradients in the generator, which does not move in this step. "
                "Where does the way back from the loss lead, and where should it end?",
            ),
            Property(
                _ON,
                lambda turn: not turn["swapped"],
                "the discriminator learns to call drawn rows real and real rows drawn. Which "
                "logits should be high, and which should be low? softplus(−a) is small if a is "
                "high.",
            ),
            Property(
                _ON,
                lambda turn: not turn["all real"],
                "the discriminator learns to call every row real, also the drawn ones. Which logit "
                "should a drawn row get, and which sign does softplus need for that?",
            ),
            Property(
                _ON,
                lambda turn: not turn["raw"],
                "your gradient is that of the mean logits themselves: a loss that has no end, as "
                "the logits can grow for ever. What stands around a logit in −log σ?",
            ),
            Property(
                _ON,
                lambda turn: not turn["no fake"],
                "your loss looks at the real rows only. A discriminator that calls everything "
                "real has almost no loss. What does the second half of the loss ask about?",
            ),
            Property(
                _ON,
                lambda turn: not turn["no real"],
                "your loss looks at the drawn rows only. A discriminator that calls nothing real "
                "has almost no loss. What does the first half of the loss ask about?",
            ),
            Property(
                _ON,
                lambda turn: not turn["no penalty"],
                "your loss is right but for the penalty on the slope, which is gone. Is it added "
                "to the loss before `backward`?",
            ),
            Property(
                _ON,
                lambda turn: turn["D"],
                "the weights do not move by the gradient of −log σ(D(real)) − log(1 − σ(D(fake))) "
                "+ penalty, each a mean over rows. Are old gradients cleared? Work out your loss "
                "of two rows by hand.",
            ),
        ],
        hints=(
            "Rows that the generator draws, what is said about them, and a number that is small if "
            "the discriminator judges both kinds well.",
            "Drawn rows are data here, like the real ones: `.detach()` ends their way back. "
            "−log σ(a) is softplus(−a), and −log(1 − σ(a)) is softplus(a).",
            "generator(torch.randn(len(real), 16)).detach(); softplus(-said_real).mean() + "
            "softplus(said_fake).mean().",
        ),
        praise="Real rows up, drawn rows down, and the generator stays as it is.",
    )
)

declare(
    Behaviour(
        name="4.3-generator",
        title="generator_step",
        reference=lambda generator, discriminator, optimiser, rows: step(
            optimiser, softplus(-discriminator(generator(torch.randn(rows, LATENT)))).mean()
        ),
        build=lambda answer, rng: _turn(answer, rng, 0),
        properties=[
            *_DRAWN,
            Property(
                _ON,
                lambda turn: turn["other"] == 0,
                "weights of the discriminator moved. In its own step the generator learns what the "
                "discriminator wants, and the discriminator holds still. Who moves it?",
            ),
            Property(
                _ON,
                lambda turn: turn["moved"] > 0,
                "no weight of the generator moved. The way back leads from the loss through the "
                "discriminator and the drawn rows to the generator. Which step cuts it, or is the "
                "optimiser's step missing?",
            ),
            Property(
                _ON,
                lambda turn: not turn["saturating"],
                "your loss is log(1 − σ(D(fake))). Its slope is almost 0 when the discriminator "
                "is sure that a row is drawn, so a bad generator hardly learns. Which other loss "
                "asks for the same?",
            ),
            Property(
                _ON,
                lambda turn: not turn["sign"],
                "the generator learns to draw rows that the discriminator calls drawn. Which logit "
                "does it want for its rows? softplus(−a) is small if a is high.",
            ),
            Property(
                _ON,
                lambda turn: not turn["raw G"],
                "your loss is the mean logit with a minus, which has no end: the logits can grow "
                "for ever. What stands around a logit in −log σ?",
            ),
            Property(
                _ON,
                lambda turn: turn["G"],
                "the weights do not move by the gradient of −log σ(D(fake)), the mean over the "
                "rows. Are old gradients cleared before `backward`? Work out your loss of two rows "
                "by hand.",
            ),
        ],
        hints=(
            "The generator wants its rows to be called real. Which logits of which rows count?",
            "Draw z, then rows, and ask the discriminator; no `.detach()` here, or nothing comes "
            "back. −log σ(a) is softplus(−a).",
            "softplus(-discriminator(generator(torch.randn(rows, 16)))).mean(); then zero_grad, "
            "backward, step.",
        ),
        praise="The discriminator says which way, and the generator alone moves.",
    )
)
