"""The exercises of section 4.2: what is checked, and hints from gentle to strong."""

from anomalylab.classroom.core import Exercise, register
from anomalylab.classroom.vae.divergence import examine_kl
from anomalylab.classroom.vae.prior import examine_prior
from anomalylab.classroom.vae.restless import examine_restless
from anomalylab.classroom.vae.sample import examine_sample
from anomalylab.classroom.vae.step import examine_step
from anomalylab.classroom.vae.toy import Toy as Toy

register(
    Exercise(
        name="4.2-step",
        title="the lines of a training step",
        cell="step-answer",
        examine=examine_step,
        hints=(
            "For every line ask: which names does it use, and which line makes them?",
            "Two lines set z. Ask of each: does it know which x is to be drawn?",
            "Encode, sample, decode, error, loss, gradients, weights. Clean before the gradients.",
        ),
    )
)
register(
    Exercise(
        name="4.2-sample",
        title="a draw from every posterior",
        cell="sample-answer",
        examine=examine_sample,
        hints=(
            "A draw from N(mu, sigma²) is a draw from N(0, 1), made wider and moved.",
            "sigma is the root of the variance, and logvar is the variance's logarithm. The "
            "logarithm of a root is half the logarithm.",
            "torch.randn_like(mu) is fresh noise in the shape of mu. What it is multiplied by and "
            "added to keeps its gradient.",
        ),
    )
)
register(
    Exercise(
        name="4.2-kl",
        title="the divergence from N(0, I)",
        cell="kl-answer",
        examine=examine_kl,
        hints=(
            "Section 4.2 of the course derives it for one unit. Units add up, rows do not.",
            "Per unit there are four terms: mu squared, the variance, its logarithm, a constant.",
            "Check yours: (mu, logvar) = (0, 0) gives 0, (1, 0) gives ½, and nothing is below 0.",
        ),
    )
)
register(
    Exercise(
        name="4.2-restless",
        title="mend the restless score",
        cell="restless-answer",
        examine=examine_restless,
        hints=(
            "Call it twice on the same rows, then on one row only. What differs, and why?",
            "Two lines are to blame: one draws, one looks at the whole batch.",
            "The mean of the posterior is a z without chance. A score needs no other row's score.",
        ),
    )
)
register(
    Exercise(
        name="4.2-prior",
        title="the divergence from N(m, s²I)",
        cell="prior-answer",
        examine=examine_prior,
        hints=(
            "Shift and shrink: what happens to a divergence if both clouds are moved by −m and "
            "divided by s?",
            "Per unit, log q − log p is a difference of two squares, each over its own variance, "
            "and of two logarithms of a width. Average it over q.",
            "After moving and shrinking, the prior is N(0, 1), the posterior's mean is (mu − m)/s, "
            "its variance exp(logvar)/s². You have a formula for that.",
        ),
    )
)
