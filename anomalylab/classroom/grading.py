"""What the points cells of an assignment share: an answer may fail, the cell may not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from io import StringIO


@contextmanager
def graded() -> Iterator[None]:
    """Run part of a points cell; an exception ends the part, a warning is not shown.

    nbgrader gives nothing for a cell that raises or writes to stderr, not even for what was
    right. With one ``with graded():`` for each part, an answer that raises in one part loses
    that part only, and a right answer that warns (a division 0 / 0, say) loses nothing.
    """
    with suppress(Exception), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
