"""What the library does without any extra: fit, alarms, thresholds, metrics, plots.

``python tests/library_alone.py`` runs it in an environment that holds the package alone. With
``--block`` every package that the package alone does not bring is hidden first, so that any
environment will do.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterable
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def brought(requirements: Iterable[str]) -> set[str]:
    """The names of the distributions that these requirements install, directly or not."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    names: set[str] = set()
    waiting = list(requirements)
    while waiting:
        wanted = Requirement(waiting.pop())
        name = canonicalize_name(wanted.name)
        if name not in names and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            names.add(name)
            waiting += metadata.requires(name) or []
    return names


class Visible(PathFinder):
    """Finds what is installed, but none of the hidden packages."""

    hidden: frozenset[str] = frozenset()

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] in cls.hidden:
            return None
        return super().find_spec(fullname, path, target)


def hide_extras() -> None:
    """Hide what an installation without extras does not bring."""
    from packaging.utils import canonicalize_name

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    there = brought(project["dependencies"]) | {project["name"], "pip", "setuptools"}
    hidden = frozenset(
        package
        for package, owners in metadata.packages_distributions().items()
        if there.isdisjoint(map(canonicalize_name, owners))
    )
    assert {"ipywidgets", "IPython", "mlxtend", "river", "aeon"} <= hidden
    assert not {"torch", "pandas", "sklearn", "matplotlib", "anomalylab"} & hidden
    Visible.hidden = hidden
    sys.meta_path[sys.meta_path.index(PathFinder)] = Visible


def use() -> None:
    """Go from a table to alarms, metrics and a figure."""
    import matplotlib
    import numpy as np
    import pandas as pd

    import anomalylab as al
    from anomalylab import baselines, data, latent, metrics, plots, results, thresholds

    matplotlib.use("agg")
    rng = np.random.default_rng(0)
    normal = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd"))
    fresh = normal[:50] + np.repeat([[0.0], [9.0]], 25, axis=0)
    fresh.loc[3, "b"] = np.nan
    pipeline = al.AnomalyDetectionPipeline(threshold=thresholds.Percentile(95))
    alarms = pipeline.fit(normal).detect(fresh)
    assert alarms.is_anomaly[25:].all() and alarms.is_anomaly[:25].mean() < 0.2
    assert metrics.roc_auc(np.repeat([0, 1], 25), alarms.score.to_numpy()) > 0.95

    split = data.digits(held_out=4)
    with al.seeded(0):
        vae = al.VAE(64, hidden=(16,), latent=2)
    history = al.fit(vae, split.train[:200], epochs=2)
    scores = {"VAE": al.score(vae, split.test), **baselines.rivals(split.train, split.test)}
    assert plots.roc(split.test_labels, scores).get_label()
    assert plots.learning_curve(history.train).get_label()
    assert latent.encode(vae, split.test).shape == (len(split.test), 2)
    assert len(results.load("digits")) == 550
    assert len(data.sensors().events) == 21


def ask_for_extras() -> None:
    """What needs the extra says so."""
    import anomalylab as al
    from anomalylab import data

    loaders: list[Callable[[], Any]] = [data.mnist, data.shuttle, data.water_flow]
    for needs_it in [lambda: al.explore, lambda: al.setup, lambda: al.check, *loaders]:
        try:
            needs_it()
        except ModuleNotFoundError as error:
            assert 'pip install "anomalylab-course[course]"' in str(error), error
        else:
            raise AssertionError("worked without the extra")


if __name__ == "__main__":
    if "--block" in sys.argv:
        hide_extras()
    use()
    ask_for_extras()
    print("The library works without extras.")
