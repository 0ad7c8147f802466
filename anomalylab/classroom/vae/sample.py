"""Exercise 4.2-sample: one draw from every posterior, with a way back for the gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from anomalylab.classroom.core import Failed, kind
from anomalylab.classroom.vae.tensors import gaussians, needs_gradients, run
from anomalylab.seeding import seeded

ROWS = 4000
MEANS, LOGVARS = (2.0, -1.0, 0.5), (-2.0, 1.0, 0.0)


def examine_sample(answer: Any) -> str:
    """`answer(mu, logvar)` should return one draw from N(mu, exp(logvar)) for every element."""
    with seeded(20):
        _shape(answer)
        _fresh(answer)
        noise = _noise(answer)
        _own_noise(noise)
        _mean(noise)
        _spread(noise)
        _bell(noise)
        _certain(answer)
        _gradients(answer)
    return "Fresh noise for every element, the right width, and a way back to the encoder."


def _shape(answer: Any) -> None:
    mu, logvar = gaussians(21, 6, 4)
    on = "6 rows of 4 latent units"
    z = run(answer, mu, logvar, on=on)
    if z.shape != mu.shape:
        raise Failed(f"On {on} you returned {kind(z)}. Each row should get one z as wide as mu.")


def _noise(answer: Any) -> Tensor:
    """Standardised draws, shape (ROWS, 3): what the learner's noise must have been."""
    mu, logvar = (torch.tensor(v, dtype=torch.float64) for v in (MEANS, LOGVARS))
    on = f"{ROWS} equal rows of 3 units"
    z = run(answer, mu.repeat(ROWS, 1), logvar.repeat(ROWS, 1), on=on).detach()
    if not torch.isfinite(z).all():
        raise Failed(
            f"On {on} a z is {float(z[~torch.isfinite(z)][0])}. A logarithm may be negative; what "
            "it is the logarithm of never is. How do you get back from one to the other?"
        )
    return (z.to(mu) - mu) / torch.exp(0.5 * logvar)


def _fresh(answer: Any) -> None:
    mu, logvar = gaussians(23, 5, 3)
    on = "5 rows of 3 units, twice,"
    first, second = run(answer, mu, logvar, on=on), run(answer, mu, logvar, on=on)
    if torch.equal(first, second):
        if torch.allclose(first, mu):
            raise Failed(
                f"On {on} z is mu itself both times: nothing was drawn. What is a network worth in "
                "places between the codes it was shown?"
            )
        raise Failed(
            f"On {on} the same noise came both times. Training should meet new noise at every "
            "step. Where does yours begin from the same place again?"
        )


def _own_noise(noise: Tensor) -> None:
    if float(noise.max() - noise.min()) < 1e-6:
        raise Failed(
            f"{noise.numel()} numbers all got one and the same noise: every z of the batch moves "
            "the same way. How many random numbers does your source give, and how many are needed?"
        )
    if len(torch.unique((noise[:, 0] * 1e6).round())) == 1:
        raise Failed(
            f"{ROWS} equal rows all got the same z. Rows that share their noise move the same "
            "way, and a batch teaches no more than one row. What shape has yours?"
        )
    alike = float(torch.corrcoef(noise.T)[0, 1])
    if abs(alike) > 0.1:
        raise Failed(
            f"Over {ROWS} rows the noise of unit 0 and of unit 1 correlates with {alike:.2f}; "
            "independent units give 0. How many random numbers does a row need?"
        )


def _mean(noise: Tensor) -> None:
    shift = noise.mean(0) / noise.std(0).clamp_min(1e-9)
    unit = int(shift.abs().argmax())
    if abs(float(shift[unit])) < 0.1:
        return
    if float(noise.min()) >= 0:
        raise Failed(
            f"Over {ROWS} draws no z lies below its mu. A Gaussian goes to both sides alike. "
            "Which numbers does your source of noise give?"
        )
    raise Failed(
        f"Over {ROWS} draws, unit {unit} lies {float(shift[unit]):+.2f} standard deviations off "
        f"its mu, {MEANS[unit]:g}; 0 was due. Around which point does your cloud lie?"
    )


def _spread(noise: Tensor) -> None:
    """Each unit's spread over the right one; unit 0 has log-variance −2, unit 1 has 1."""
    ratio, deviation = noise.std(0), torch.exp(0.5 * torch.tensor(LOGVARS, dtype=noise.dtype))
    measured = ratio * deviation
    told = f"With logvar = −2 your draws spread by {float(measured[0]):.2f}, with logvar = 1 by "
    told += f"{float(measured[1]):.2f}"
    endings = (
        (deviation**2, "as wide as the variance says. What does a draw get multiplied by?"),
        (deviation.log().abs() * 2, "the bare logvar. Can a spread be negative, or 0 at logvar 0?"),
        (deviation.sqrt(), "less than is due, and the wide unit is too narrow. One root too many?"),
        (1 / deviation, "the certain unit wider than the uncertain one. Check the sign."),
        (torch.ones(3), "the same for both. Where does logvar come in?"),
    )
    for values, message in endings:
        if torch.allclose(measured, values.to(measured), rtol=0.08):
            raise Failed(f"{told}: {message}")
    if not torch.allclose(ratio, torch.ones_like(ratio), rtol=0.08):
        raise Failed(
            f"{told}. Work out by hand how wide a Gaussian with log-variance 0 is, then with −2."
        )


def _bell(noise: Tensor) -> None:
    beyond = float((noise.abs() > 2).double().mean())
    if not 0.03 < beyond < 0.065:
        raise Failed(
            f"Mean and spread are right, but {beyond:.1%} of your draws lie further out than two "
            "standard deviations; of a Gaussian it is 4.6 %. Which distribution did you draw from?"
        )


def _certain(answer: Any) -> None:
    mu, _ = gaussians(22, 6, 4)
    on = "posteriors that are all but certain (logvar = −60)"
    z = run(answer, mu, torch.full_like(mu, -60.0), on=on)
    if not torch.allclose(z, mu, atol=1e-6):
        off = float((z - mu).abs().max())
        raise Failed(
            f"On {on} z should be mu, but lies up to {off:.2g} away. Does something keep your "
            "spread from becoming small?"
        )


def _gradients(answer: Any) -> None:
    mu, logvar = gaussians(24, 6, 3)
    on = "6 rows with gradients"
    by_mu, by_logvar = needs_gradients(answer, mu, logvar, on=on)
    if not torch.allclose(by_mu, torch.ones_like(by_mu)):
        raise Failed(
            f"On {on} moving a mu by 1 moves its z by {float(by_mu[0, 0]):.2f}. The cloud should "
            "move with its centre, one to one."
        )
    if float(by_logvar.std()) < 1e-6:
        raise Failed(f"On {on} every logvar has the same gradient. A lucky draw should differ.")
