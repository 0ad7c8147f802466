"""Seeds, threads and the progress line: what PyTorch keeps once for the whole process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import torch

_ONE_AT_A_TIME = RLock()


@contextmanager
def seeded(seed: int, device: str | torch.device = "cpu") -> Iterator[None]:
    """Draw PyTorch's random numbers from `seed` inside the block, and leave no trace outside.

    Parameters
    ----------
    seed : int
    device : str or torch.device
        Its generator is seeded and restored beside the CPU's.

    Notes
    -----
    PyTorch has one generator a device for the whole process, so only one thread at a time is
    inside such a block: the others wait, and get what they would have got alone. A thread that
    draws outside of any such block takes numbers from whoever is inside.
    """
    with _ONE_AT_A_TIME:
        generators = _generators(torch.device(device))
        before = [generator.get_state() for generator in generators]
        try:
            for generator in generators:
                generator.manual_seed(seed)
            yield
        finally:
            for generator, state in zip(generators, before, strict=True):
                generator.set_state(state)


def fixed_noise(*shape: int) -> torch.Tensor:
    """Draw N(0, I) from a generator of its own, in 64 bits: the same numbers in every process."""
    fixed = torch.Generator().manual_seed(0)
    return torch.randn(shape, generator=fixed, dtype=torch.float64)


def _generators(device: torch.device) -> list[torch.Generator]:
    """The generators that numbers drawn on the CPU and on this device come from."""
    generators = [torch.default_generator]
    if device.type == "cuda":
        torch.cuda.init()
        index = torch.cuda.current_device() if device.index is None else device.index
        generators.append(torch.cuda.default_generators[index])
    elif device.type == "mps":
        generators.append(torch.mps._get_default_mps_generator())
    return generators


@contextmanager
def cpu_threads(number: int | None) -> Iterator[None]:
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
