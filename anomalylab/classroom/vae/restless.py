"""Exercise 4.2-restless: a score that draws new noise at every call, and looks at the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.core import Failed, call, kind
from anomalylab.classroom.vae.toy import Toy
from anomalylab.seeding import seeded

ROWS, ODD = 200, 20


def examine_restless(answer: Any) -> str:
    """`answer(vae, x, beta)` should return one score a row, the same whenever and beside whom."""
    x = _rows(51)
    with seeded(52):
        _twice(answer, x)
        _alone(answer, x)
        _leaves_chance_alone(answer, x)
        _error_part(answer, x)
        _price_part(answer, x)
    return "A row scores the same today and tomorrow, alone or in company, by the old method."


def _rows(seed: int) -> Tensor:
    """Rows near a plane, the last of them far from it and from 0."""
    random = torch.Generator().manual_seed(seed)
    z = torch.randn(ROWS, 2, generator=random, dtype=torch.float64)
    x = z @ Toy().basis.detach().T
    x = x + 0.2 * torch.randn(x.shape, generator=random, dtype=torch.float64)
    x[-ODD:] += 1.2
    return x


def _scores(answer: Any, vae: Toy, x: Tensor, beta: float, on: str) -> Tensor:
    given, weights = x.clone(), [w.detach().clone() for w in vae.parameters()]
    result = call(answer, vae, given, beta, on=on)
    if not isinstance(result, Tensor | np.ndarray):
        raise Failed(f"On {on} you returned {kind(result)}. Expected a tensor of scores.")
    scores = result.detach() if isinstance(result, Tensor) else torch.from_numpy(result)
    if scores.shape != (len(x),):
        raise Failed(f"On {on} you returned {kind(result)}. Expected {len(x)} scores, one a row.")
    same = all(torch.equal(a, b) for a, b in zip(weights, vae.parameters(), strict=True))
    if not same or not torch.equal(given, x):
        raise Failed(
            f"On {on} your function changed the network or the rows. Scoring only looks. What does "
            "yours write to?"
        )
    return scores.to(torch.float64)


def _twice(answer: Any, x: Tensor) -> None:
    vae, on = Toy(), f"{ROWS} rows"
    first, second = (_scores(answer, vae, x, 1.0, on) for _ in range(2))
    if not torch.isfinite(first).all():
        odd = float(first[~torch.isfinite(first)][0])
        raise Failed(f"On {on} a score is {odd}. Which of your steps can give that?")
    limit = first.quantile(0.9)
    flips = int(((first > limit) != (second > limit)).sum())
    apart = float((first - second).abs().max() / first.std().clamp_min(1e-12))
    if flips:
        raise Failed(
            f"I scored the same {ROWS} rows twice, and {flips} of them changed sides of one "
            "threshold. Nothing about the rows had changed. What is new at every call?"
        )
    if apart > 1e-9:
        raise Failed(
            f"I scored the same {ROWS} rows twice: no label flips, but scores differ by up to "
            f"{apart:.2g} standard deviations. A little chance is still chance. What is new at "
            "every call?"
        )


def _alone(answer: Any, x: Tensor) -> None:
    vae = Toy()
    batch = _scores(answer, vae, x, 1.0, f"{ROWS} rows")
    single = torch.cat([_scores(answer, vae, row[None], 1.0, "one row") for row in x[-40:]])
    if torch.allclose(batch[-40:], single, rtol=1e-6, atol=1e-9):
        return
    turned = _scores(answer, vae, x.flip(0), 1.0, "the rows backwards").flip(0)
    if not torch.allclose(batch, turned, rtol=1e-6, atol=1e-9):
        raise Failed(
            "I handed the same rows in backwards, and rows got other scores: your noise belongs to "
            "a place in the batch, not to all rows alike. What shape does it have?"
        )
    if torch.isnan(single).any():
        raise Failed(
            f"One of {ROWS} rows, scored alone, gets nan. Alarms come one at a time. Which line "
            "asks a single score how scores are spread?"
        )
    raise Failed(
        f"A row that scores {float(batch[-1]):.2f} among {ROWS} rows gets {float(single[-1]):.2f} "
        "alone. A row's score should depend on that row only. Which line looks at its neighbours?"
    )


def _leaves_chance_alone(answer: Any, x: Tensor) -> None:
    torch.manual_seed(53)
    before = torch.get_rng_state()
    _scores(answer, Toy(), x, 1.0, f"{ROWS} rows")
    if not torch.equal(before, torch.get_rng_state()):
        raise Failed(
            "After your scoring, whoever draws from PyTorch's generator gets other numbers than "
            "without it: scoring between two epochs would change the training. Where can noise of "
            "your own come from?"
        )


def _error_part(answer: Any, x: Tensor) -> None:
    """Without KL, and with a posterior that is nearly a point, only ‖x − x_hat‖² is left."""
    vae = Toy(seed=1, logvar=-60.0)
    found = _scores(answer, vae, x, 0.0, "certain posteriors and beta = 0")
    with torch.no_grad():
        expected = vae.reconstruction(x, vae.encode(x))
    if torch.allclose(found, expected, rtol=1e-4, atol=1e-6):
        return
    where = "With certain posteriors and beta = 0"
    if torch.allclose(found, -expected, rtol=1e-4, atol=1e-6):
        raise Failed(f"{where} odd rows score lowest. In this course higher is more anomalous.")
    if torch.allclose(found, expected / 6, rtol=1e-4, atol=1e-6):
        raise Failed(
            f"{where} a row scores a sixth of what the old method gave: a mean over 6 features. "
            "The balance between error and KL has changed. Mend chance, and leave the method."
        )
    with torch.no_grad():
        extra = found - expected
        if torch.allclose(extra, vae.kl(x), rtol=1e-4):
            raise Failed(f"{where} the divergence still comes in, in full. Where did beta go?")
    if float(found.std()) < 1e-9:
        raise Failed(f"{where} all rows score {float(found[0]):.2f}. What is left of x in it?")
    raise Failed(
        f"{where} row 0 scores {float(found[0]):.3f}; its squared error is "
        f"{float(expected[0]):.3f}. "
        "Take the chance out of the old method, and leave the rest of it as it was."
    )


def _price_part(answer: Any, x: Tensor) -> None:
    """Whatever the noise: raising β by 2 should raise a score by twice its KL."""
    vae = Toy(seed=2)
    rise = _scores(answer, vae, x, 2.0, "beta = 2") - _scores(answer, vae, x, 0.0, "beta = 0")
    with torch.no_grad():
        price = 2 * vae.kl(x)
    if torch.allclose(rise, price, rtol=1e-6):
        return
    if float(rise.abs().max()) < 1e-9:
        raise Failed(
            "I raised beta from 0 to 2, and no score changed. Chance sat in the error, not in the "
            "divergence. What became of the second part of the score?"
        )
    if torch.allclose(rise, -price, rtol=1e-6):
        raise Failed("I raised beta, and the oddest rows got *lower* scores. Check a sign.")
    raise Failed(
        f"I raised beta from 0 to 2: row 0 rose by {float(rise[0]):.3f}, and twice its divergence "
        f"is {float(price[0]):.3f}. Leave that part of the score as it was."
    )
