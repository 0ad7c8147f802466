"""The exercises of section 4.2: what is checked, and hints from gentle to strong."""

from anomalylab.classroom.core import Programmed, register
from anomalylab.classroom.vae.divergence import examine_kl
from anomalylab.classroom.vae.restless import examine_restless
from anomalylab.classroom.vae.sample import examine_sample
from anomalylab.classroom.vae.step import examine_step
from anomalylab.classroom.vae.toy import Toy as Toy

register(
    Programmed(
        name="4.2-step",
        title="the lines of a training step",
        check=examine_step,
        hints=(
            "For every line ask: which names does it use, and which line makes them?",
            "Two lines set z. Ask of each: does it know which x is to be drawn?",
            "Encode, sample, decode, error, loss, gradients, weights. Clean before the gradients.",
        ),
    )
)
register(
    Programmed(
        name="4.2-sample",
        title="a draw from every posterior",
        check=examine_sample,
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
    Programmed(
        name="4.2-kl",
        title="the divergence from N(0, I)",
        check=examine_kl,
        hints=(
            "Section 4.2 of the course derives it for one unit. Units add up, rows do not.",
            "Per unit there are four terms: mu squared, the variance, its logarithm, a constant.",
            "Check yours: (mu, logvar) = (0, 0) gives 0, (1, 0) gives ½, and nothing is below 0.",
        ),
    )
)
register(
    Programmed(
        name="4.2-restless",
        title="mend the restless score",
        check=examine_restless,
        hints=(
            "Call it twice on the same rows, then on one row only. What differs, and why?",
            "Two lines are to blame: one draws, one looks at the whole batch.",
            "The mean of the posterior is a z without chance. A score needs no other row's score.",
        ),
    )
)
