"""Seeds, threads and the progress line: the surroundings of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw PyTorch's random numbers from `seed` inside the block, and leave no trace outside."""
    with torch.random.fork_rng(devices=[]):
        if torch.cuda.is_available():
            torch.manual_seed(seed)
        else:  # without a look for graphics cards, which takes longer than a training step
            torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def threads(number: int | None) -> Iterator[None]:
    """Let PyTorch use this many CPU threads inside the block; None changes nothing."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def status(text: str, *, end: bool = False) -> None:
    """Rewrite the one progress line on standard output; `end` finishes it."""
    sys.stdout.write(f"\r{text:<79}" if not end else f"\r{text:<79}\n")
    sys.stdout.flush()
