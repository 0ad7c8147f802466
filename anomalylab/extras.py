"""Packages that only some installations have, and what to install where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Import what an extra brings inside the block; a missing package is named with its remedy.

    Parameters
    ----------
    name : str
        An extra of the package: "course", "monitor", "serve" or "scale".

    Raises
    ------
    ModuleNotFoundError
        If a package is not installed; the message says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            f"{missing.name} is not installed. It comes with the extra {name!r}: "
            f'pip install "anomalylab-course[{name}]"',
            name=missing.name,
        ) from missing
