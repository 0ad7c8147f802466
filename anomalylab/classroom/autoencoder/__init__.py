"""The exercises of section 4.1: what is checked, and hints from gentle to strong."""

from anomalylab.classroom.autoencoder.leak import examine_leak
from anomalylab.classroom.autoencoder.order import examine_order
from anomalylab.classroom.autoencoder.own import pump as pump
from anomalylab.classroom.autoencoder.thresholds import examine_budget, examine_rate
from anomalylab.classroom.core import Programmed, register

register(
    Programmed(
        name="4.1-order",
        title="the lines in order",
        check=examine_order,
        hints=(
            "For every line ask: which names does it use, and which line makes them?",
            "Two lines set the same name. Ask of each: whose scores are these?",
            "Deal out and build first, then learn, then score, then decide. Decide is line A.",
        ),
    )
)
register(
    Programmed(
        name="4.1-budget",
        title="a threshold for at most 5 % false alarms",
        check=examine_budget,
        hints=(
            "Sort the scores in your head. Which of 100 has exactly five above it?",
            "A percentile or a sorted list does it; no mean, no standard deviation.",
            "np.quantile takes a share between 0 and 1, np.percentile a percentage.",
        ),
    )
)
register(
    Programmed(
        name="4.1-rate",
        title="the realised rate",
        check=examine_rate,
        hints=(
            "How many rows are flagged, out of how many? Try it with five scores of your own.",
            "`scores > threshold` is an array of True and False. NumPy counts True as 1.",
            "The mean of ones and zeros is the share of ones.",
        ),
    )
)
register(
    Programmed(
        name="4.1-leak",
        title="mend the leak",
        check=examine_leak,
        hints=(
            "Follow every number back: which rows did it come from?",
            "There are two leaks: one in the scaling, one in the threshold.",
            "Centre and spread belong to train, the threshold to calibration, test to nobody.",
        ),
    )
)
