"""Answers to the exercises of 4.1: other correct ones, and wrong ones with the reply they earn."""

from tests.exercises.answers.autoencoder import leak, masked, own, thresholds

CORRECT: dict[str, dict[str, str]] = {
    "4.1-own": own.CORRECT,
    "4.1-budget": thresholds.BUDGET_CORRECT,
    "4.1-sure": thresholds.SURE_CORRECT,
    "4.1-leak": leak.CORRECT,
    "4.1-masked": masked.CORRECT,
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.1-own": own.WRONG,
    "4.1-budget": thresholds.BUDGET_WRONG,
    "4.1-sure": thresholds.SURE_WRONG,
    "4.1-leak": leak.WRONG,
    "4.1-masked": masked.WRONG,
}
MUTATIONS: list[tuple[str, str, str]] = [
    ("4.1-own", "nn.ReLU(), ", ""),
    ("4.1-own", "nn.Linear(width, 32)", "nn.Linear(width, 32), nn.Dropout(0.5)"),
    ("4.1-own", "range(epochs)", "range(3)"),
    ("4.1-own", "[torch.randperm(len(rows))]", "[torch.randint(len(rows), (len(rows) - 5,))]"),
    ("4.1-own", "split(32)", "split(len(rows))"),
    ("4.1-own", " - batch)", " + batch)"),
    ("4.1-own", "** 2", "** 3"),
    ("4.1-own", "zero_grad", "step"),
    ("4.1-own", "return network", "return decoder"),
]
# What the released notebook may not hold, beside the lines of the hidden tests themselves.
SECRETS: tuple[str, ...] = (
    "(412,)",
    "(598, 599)",
    "(603, 604)",
    "(977, 978)",
    "(731, 732)",
    "allowed = ",
    "1 - confidence",
    "np.where(mask",
    "Claim:*",
    "train.mean(axis=0), ",
    "optim.Adam",
)
