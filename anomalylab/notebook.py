"""What only a notebook needs: set-up, captions, source display, claims, progress."""

from __future__ import annotations

import inspect
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, SupportsFloat, TypeVar

import matplotlib as mpl
import torch
from cycler import cycler
from matplotlib.figure import Figure, SubFigure

import anomalylab
from anomalylab.extras import extra
from anomalylab.seeding import status

with extra("course"):
    from IPython import get_ipython
    from IPython.core.pylabtools import print_figure
    from IPython.display import Markdown, display

T = TypeVar("T")

STYLE: dict[Any, Any] = {
    "figure.dpi": 80,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(
        color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
    ),
    "legend.frameon": False,
    "font.size": 10,
}


def setup(section: str, needs: str = "0.1", seed: int = 0) -> None:
    """Prepare a notebook: version gate, seed, threads, 64-bit numbers, style, captions.

    Training in 64-bit numbers costs little on networks this small, and the rounding that
    differs between machines then stays far behind the digits that are printed.

    Parameters
    ----------
    section : str
        Such as "4.1", for the message.
    needs : str
        The oldest version of anomalylab that the notebook works with.
    seed : int
        For code that draws random numbers outside `seeded`.

    Raises
    ------
    RuntimeError
        If the installed anomalylab is older than `needs`.
    """
    if _numbers(anomalylab.__version__) < _numbers(needs):
        raise RuntimeError(
            f"This notebook needs anomalylab {needs} or newer, but {anomalylab.__version__} is "
            "installed. Update the course and start JupyterLab again with `make lab`."
        )
    threads = int(os.environ.get("ANOMALYLAB_THREADS", "1"))
    torch.set_num_threads(threads)
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(seed)
    shell = get_ipython()
    if shell is not None:
        shell.run_line_magic("matplotlib", "inline")
        shell.display_formatter.ipython_display_formatter.for_type(Figure, show_figure)
    mpl.rcParams.update(STYLE)
    print(f"Section {section} is ready: seed {seed}, on the CPU, in 64-bit numbers.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def describe(figure: Figure | SubFigure) -> str:
    """The description of a figure: the sentences of its Axes."""
    labels = [str(ax.get_label()) for ax in figure.axes]
    return " ".join(label for label in labels if label and not label.startswith("<"))


def show_figure(figure: Figure | SubFigure) -> None:
    """Show the picture and, below it, its description as a caption.

    A figure whose Axes have no description (``ax.set_label(sentence)``) is shown with
    matplotlib's own text and without a caption.
    """
    sentence = describe(figure)
    png = print_figure(figure, fmt="png", base64=True, bbox_inches="tight")
    picture = {"text/plain": f"Figure: {sentence}" if sentence else repr(figure)}
    if png is not None:  # an empty figure has no picture
        picture["image/png"] = png
    display(picture, raw=True)
    if sentence:
        display(Markdown(f"*{sentence}*"))


def show_source(thing: Any) -> None:
    """Show the library's own code of a function or class, without its docstring."""
    code = textwrap.dedent(inspect.getsource(thing))
    if thing.__doc__:
        before, quotes, rest = code.partition('"""')
        code = before.rstrip() + rest.partition(quotes)[2]
    display(Markdown(f"From `{thing.__module__}`:\n```python\n{code.strip()}\n```"))


def claim(
    what: str, value: SupportsFloat, *, above: float | None = None, below: float | None = None
) -> None:
    """Print whether a number lies where the text says it does.

    Parameters
    ----------
    what : str
        Name of the number, such as "mean ROC-AUC of the autoencoder".
    value : number, array of one number or tensor of one number
    above, below : float
        At least one bound. Choose them with a margin: the verdict must hold on every machine.
    """
    if above is None and below is None:
        raise ValueError("A claim needs a bound: above=…, below=…, or both.")
    number = float(value)
    held = (above is None or number > above) and (below is None or number < below)
    bounds = [
        f"above {above:g}" if above is not None else "",
        f"below {below:g}" if below is not None else "",
    ]
    print(f"{what}: {' and '.join(filter(None, bounds))}? {'yes' if held else 'NO'} ({number:.2f})")


def progress(items: Iterable[T], label: str) -> Iterator[T]:
    """Yield the items, with one line that says how many are done."""
    everything = list(items)
    for number, item in enumerate(everything):
        status(f"{label}: {number} of {len(everything)}")
        yield item
    status(f"{label}: {len(everything)} of {len(everything)}", end=True)


def check_environment() -> None:
    """Print in plain words whether this computer is ready for the course, and the remedy if not."""
    checks: dict[str, tuple[Callable[[], bool], str]] = {
        "Python is 3.11 or newer": (
            lambda: sys.version_info >= (3, 11),
            "install Python 3.11 and run `make lab` again",
        ),
        "PyTorch computes": (
            lambda: float(torch.ones(3).sum()) == 3,
            "run `make lab` again; it installs PyTorch",
        ),
        "the digits load without a network": (
            lambda: len(import_module("sklearn.datasets").load_digits().data) == 1797,
            "run `make lab` again; it installs scikit-learn",
        ),
        "sliders and buttons are installed": (
            lambda: bool(import_module("ipywidgets").IntSlider(description="test")),
            "run `make lab` again; it installs ipywidgets",
        ),
        "this folder can be written to": (
            lambda: os.access(Path.cwd(), os.W_OK),
            "move the course to a folder of your own",
        ),
    }
    problems = sum(not _check_passes(what, *check) for what, check in checks.items())
    print("Everything is ready." if not problems else f"{problems} thing(s) to mend first.")


def _check_passes(what: str, test: Callable[[], bool], remedy: str) -> bool:
    try:
        passed = test()
    except Exception as problem:  # whatever it is, the learner needs the remedy, not a traceback
        remedy = f"{remedy} ({problem})"
        passed = False
    print(f"{what}: yes" if passed else f"{what}: NO. What to do: {remedy}.")
    return passed
