"""Answers to every exercise: other correct ones, and wrong ones with the reply they earn.

One package a section. Each holds `CORRECT` (exercise → kind → source), `WRONG` (exercise → kind →
source and a piece of the reply), `MUTATIONS` of the reference (exercise, old, new) and `SECRETS`
(what the released notebook may not hold).
"""

from tests.exercises.answers import autoencoder, gan, series, vae

_SECTIONS = {"4.1": autoencoder, "4.2": vae, "4.3": gan, "4.4": series}

CORRECT: dict[str, dict[str, str]] = {}
WRONG: dict[str, dict[str, tuple[str, str]]] = {}
MUTATIONS: list[tuple[str, str, str]] = []
SECRETS: dict[str, tuple[str, ...]] = {}
for _section, _answers in _SECTIONS.items():
    CORRECT |= _answers.CORRECT
    WRONG |= _answers.WRONG
    MUTATIONS += _answers.MUTATIONS
    SECRETS[_section] = _answers.SECRETS
