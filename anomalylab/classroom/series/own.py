"""Exercise 4.4-own: a network for sequences and its training, from an empty cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.behaviour import Behaviour, Measured, Property
from anomalylab.classroom.core import Failed, kind, numbers
from anomalylab.classroom.engine import call_watched, declare
from anomalylab.inputs import Array
from anomalylab.metrics import roc_auc

# on noise, where no row tells another one, a network that copies is left with at most .15 of its
# error after 100 steps, others with at least .34 (see `left`);
# after 300 steps networks of many kinds have a ROC-AUC of .99 or more, without training at most
# .96; a rule written by hand has 1.00 from the beginning
WINDOWS, FRESH, STEPS, ENOUGH, FEW, LEFT = 300, 100, 300, 0.9, (10, 100), 0.2


def shaft(windows: int, seed: int, rows: int = 12) -> Tensor:
    """Two sensors beside a shaft that turns at a wandering speed, and never backwards.

    Parameters
    ----------
    windows, seed : int
    rows : int
        In each window.

    Returns
    -------
    tensor (windows, rows, 2)
        Every column with about mean 0 and standard deviation 1.
    """
    rng = np.random.default_rng(seed)
    speed = np.clip(0.5 + np.cumsum(rng.normal(0, 0.12, (windows, rows)), axis=1), 0.1, 1)
    angle = rng.uniform(0, 2 * np.pi, (windows, 1)) + np.cumsum(speed, axis=1)
    x = 1.4 * np.stack([np.cos(angle), np.cos(angle - 1)], axis=2)
    return torch.as_tensor(x + rng.normal(0, 0.1, x.shape), dtype=torch.get_default_dtype())


def _scores(score: Any, x: Tensor, on: str) -> Array:
    result = call_watched(("windows",), score, (x.clone(),), (x,), on)
    found = numbers(result)
    if found is None or found.shape != (len(x),) or not np.isfinite(found).all():
        raise Failed(
            f"On {on} your scores are {kind(result)}. Expected {len(x)} finite numbers (no NaN), "
            "one for every window."
        )
    return found


def _build(answer: Any, rng: np.random.Generator) -> Measured:
    """Train on 300 windows, and on noise; score fresh ones, and the same ones played backwards."""
    windows, fresh = (shaft(count, int(rng.integers(1 << 30))) for count in (WINDOWS, FRESH))
    noise = torch.randn(2, *windows.shape)

    def trained(steps: int, x: Tensor = windows) -> Any:
        on, given = f"{WINDOWS} windows, steps={steps},", (x.clone(), steps)
        return call_watched(("windows", "steps"), answer, given, (x, steps), on, draws=True)

    def found(score: Any) -> float:
        return roc_auc(
            np.repeat([0, 1], FRESH),
            _scores(score, torch.cat([fresh, fresh.flip(1)]), f"{2 * FRESH} windows"),
        )

    score, longer = trained(STEPS), shaft(5, int(rng.integers(1 << 30)), 20)
    among, *turned = (
        _scores(score, x, "5 windows of 20 rows")
        for x in (
            longer,
            torch.cat([3 * longer[:, :1], longer[:, 1:]], dim=1),
            torch.cat([longer[:, :-1], 3 * longer[:, -1:]], dim=1),
        )
    )
    untrained, some, more = (
        _scores(trained(steps, noise[0]), noise[1], f"{WINDOWS} windows of noise")
        for steps in (0, *FEW)
    )
    return {
        "off": float(abs(among - _scores(score, longer[-1:], "a window of 20 rows"))[-1]),
        "seen": min(float(abs(each - among).max()) for each in turned),
        "before": found(trained(0)),
        "learned": float(abs(more - some).max()),
        # whoever always says 0 has an error of 1; what begins above it (at 6, if the last change
        # goes on) is compared with a root, which also shows a copy whose score is a sum;
        # an answer may score otherwise than by an error, with numbers below zero
        "left": float(max(more.mean() / untrained.mean() ** power for power in (0.5, 1)))
        if untrained.min() > 0
        else 1.0,
        "after": found(score),
    }


declare(
    Behaviour(
        name="4.4-own",
        title="your own network for sequences",
        build=_build,
        properties=[
            Property(
                "one window, alone and among others,",
                lambda own: own["off"] < 1e-6,
                "the scores differ by {off:.2g}. A window gets the score that it gets alone. Which "
                "line looks at other windows, or learns once more? In an LSTM with "
                "batch_first=True the first axis counts windows.",
            ),
            Property(
                f"noise after {FEW[-1]} steps",
                lambda own: own["left"] > LEFT,
                "{left:.2f} of the untrained error is left. No row of noise can be told from "
                "others, so your network copies. Does it see the row that it forecasts? In an "
                "autoencoder: how many numbers pass?",
            ),
            Property(
                "5 windows of 20 rows",
                lambda own: own["seen"] > 1e-9,
                "the scores stay as they are when the first row, or the last one, of each changes. "
                "Which rows does your score look at?",
            ),
            Property(
                "fresh windows and reversed ones, steps=0,",
                lambda own: own["before"] < 0.99,
                "your ROC-AUC is {before:.2f} already. A network that has not learned cannot tell "
                "them apart. Where does `steps` come in, and what do your scores come from?",
            ),
            Property(
                f"fresh windows and reversed ones after {STEPS} steps",
                lambda own: own["after"] >= ENOUGH,
                f"your ROC-AUC is {{after:.2f}}; {ENOUGH} is due. A score that does not see the "
                "order of rows has 0.50. Does the loss fall? Is an error high or low for reversed "
                "windows?",
            ),
            Property(
                "noise after {} and {} steps".format(*FEW),
                lambda own: own["learned"] > 1e-6,  # a solver differs in the last digits
                "the scores are the same: more steps change nothing. Does a network learn in a "
                "loop, as often as `steps` says?",
            ),
        ],
        hints=(
            "Begin with the forecaster. Which rows of a window does it read, and which must it "
            "forecast? It has read only the rows before.",
            "lstm(x[:, :-1]) gives a hidden state for each row but the last; nn.Linear makes a "
            "forecast of the next row, x[:, 1:], from it. Adam with lr=0.01, batches of 32.",
            "def errors(x) returns the mean squared difference over the axes 1 and 2. The loop "
            "makes errors(batch).mean() small; return a function with errors(x).detach().",
        ),
        praise="Your network knows in which direction time runs.",
    )
)
