"""Answers to the exercises of 4.2: other correct ones, and wrong ones with the reply they earn."""

from tests.exercises.answers.vae import divergence, prior, restless, sample, step

CORRECT: dict[str, dict[str, str]] = {
    "4.2-step": step.CORRECT,
    "4.2-sample": sample.CORRECT,
    "4.2-kl": divergence.CORRECT,
    "4.2-restless": restless.CORRECT,
    "4.2-prior": prior.CORRECT,
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.2-step": step.WRONG,
    "4.2-sample": sample.WRONG,
    "4.2-kl": divergence.WRONG,
    "4.2-restless": restless.WRONG,
    "4.2-prior": prior.WRONG,
}
MUTATIONS: list[tuple[str, str, str]] = [
    ("4.2-step", "D B", "B D"),
    ("4.2-step", "G A", "A G"),
    ("4.2-step", "G A", "A"),
    ("4.2-step", "B", "H"),
    ("4.2-step", "A F", "F A"),
    ("4.2-sample", "0.5 * logvar", "logvar"),
    ("4.2-sample", "0.5 * logvar", "0.25 * logvar"),
    ("4.2-sample", "0.5 * logvar", "-0.5 * logvar"),
    ("4.2-sample", "torch.exp(0.5 * logvar)", "logvar"),
    ("4.2-sample", "randn_like", "rand_like"),
    ("4.2-sample", "randn_like", "ones_like"),
    ("4.2-sample", "torch.randn_like(mu)", "torch.randn(())"),
    ("4.2-sample", "mu +", "mu.detach() +"),
    ("4.2-sample", "mu +", "mu *"),
    ("4.2-kl", "0.5", "-0.5"),
    ("4.2-kl", "0.5", "1.0"),
    ("4.2-kl", "mu**2", "mu"),
    ("4.2-kl", "mu**2", "mu**4"),
    ("4.2-kl", "mu**2 + ", ""),
    ("4.2-kl", "logvar.exp()", "logvar"),
    ("4.2-kl", "logvar.exp()", "(2 * logvar).exp()"),
    ("4.2-kl", " - 1", ""),
    ("4.2-kl", " - 1", " + 1"),
    ("4.2-kl", "- logvar)", "+ logvar)"),
    ("4.2-kl", "- logvar)", ")"),
    ("4.2-kl", "dim=1", "dim=0"),
    ("4.2-kl", "dim=1", ""),
    ("4.2-kl", "sum", "mean"),
    ("4.2-restless", "beta *", "0 *"),
    ("4.2-restless", "beta *", "-beta *"),
    ("4.2-restless", "beta *", "beta**2 *"),
    ("4.2-restless", "vae.reconstruction(x, mu)", "-vae.reconstruction(x, mu)"),
    (
        "4.2-restless",
        "vae.reconstruction(x, mu)",
        "vae.reconstruction(x, mu + torch.randn_like(mu))",
    ),
    ("4.2-restless", "vae.reconstruction(x, mu)", "vae.reconstruction(x, 0 * mu)"),
    ("4.2-restless", "vae.kl(x)", "vae.kl(x).mean()"),
]
# What the released notebook may not hold, beside the lines of the hidden tests themselves.
SECRETS: tuple[str, ...] = (
    "421",
    "422",
    "423",
    "983",
    "(617, 618)",
    "D B E",
    "DB",
    "Claim:*",
    "mu**2",
)
SECRETS += ("0.5 * logvar)", "math.log(s)", "vae.reconstruction(x, mu)")
