"""Answers to the exercises of 4.1: other correct ones, and wrong ones with the reply they earn."""

from tests.exercises.answers.autoencoder import leak, masked, order, thresholds

CORRECT: dict[str, dict[str, str]] = {
    "4.1-order": order.CORRECT,
    "4.1-budget": thresholds.BUDGET_CORRECT,
    "4.1-rate": thresholds.RATE_CORRECT,
    "4.1-leak": leak.CORRECT,
    "4.1-masked": masked.CORRECT,
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.1-order": order.WRONG,
    "4.1-budget": thresholds.BUDGET_WRONG,
    "4.1-rate": thresholds.RATE_WRONG,
    "4.1-leak": leak.WRONG,
    "4.1-masked": masked.WRONG,
}
MUTATIONS: list[tuple[str, str, str]] = [
    ("4.1-order", "F C", "C F"),
    ("4.1-order", "B F", "F B"),
    ("4.1-order", "D G", "D"),
    ("4.1-order", "C", "E"),
    ("4.1-budget", "- allowed - 1", "- 3 * allowed - 1"),
    ("4.1-budget", "- allowed - 1", "- allowed // 2 - 1"),
    ("4.1-budget", "- allowed - 1", "- allowed - 2"),
    ("4.1-budget", "- allowed - 1", "- 1"),
    ("4.1-budget", "at_most *", "0.05 *"),
    ("4.1-budget", "np.sort(calibration_scores)", "calibration_scores"),
    ("4.1-budget", "np.sort(calibration_scores)", "np.sort(-calibration_scores)"),
    ("4.1-rate", "scores >", "scores <"),
    ("4.1-rate", "scores >", "scores >="),
    ("4.1-rate", "mean", "sum"),
    ("4.1-leak", "train.mean(axis=0)", "test.mean(axis=0)"),
    ("4.1-leak", "train.mean(axis=0)", "calibration.mean(axis=0)"),
    ("4.1-leak", "train.mean(axis=0)", "train.mean()"),
    ("4.1-leak", "train.mean(axis=0)", "np.median(train, axis=0)"),
    ("4.1-leak", "train.std(axis=0)", "test.std(axis=0)"),
    ("4.1-leak", "train.std(axis=0)", "calibration.std(axis=0)"),
    ("4.1-leak", "train.std(axis=0)", "train.std()"),
    ("4.1-leak", "train.std(axis=0)", "train.var(axis=0)"),
    ("4.1-leak", "((test - centre)", "((test + centre)"),
    ("4.1-leak", "(((test - centre) / spread) ** 2)", "((test - centre) / spread)"),
    ("4.1-leak", "((calibration - centre) / spread)", "(calibration - centre)"),
    ("4.1-leak", "quantile(calibration_scores", "quantile(scores"),
    ("4.1-leak", "0.95", "0.05"),
    ("4.1-leak", "0.95", "0.9"),
]
# What the released notebook may not hold, beside the lines of the hidden tests themselves.
SECRETS: tuple[str, ...] = (
    "412",
    "413",
    "977",
    "(731, 732)",
    "D G B",
    "allowed = ",
    "GB",
    "np.mean(scores > ",
)
SECRETS += ("np.where(mask", "Claim:*", "train.mean(axis=0), ")
