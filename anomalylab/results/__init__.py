"""Tables of many runs, made by ``make results``; too long for a notebook to compute."""

from __future__ import annotations

from importlib import resources

import pandas as pd


def load(name: str) -> pd.DataFrame:
    """Return a table that comes with the course.

    Parameters
    ----------
    name : {"digits", "architecture", "vae"}
        "digits": ROC-AUC of every detector and rival, for each digit left out and each seed.
        "architecture": mean error of normal test rows and ROC-AUC, with one choice of the
        architecture varied at a time.
        "vae": ROC-AUC of autoencoders and variational autoencoders by every score they offer,
        and of the rivals by their own, for each digit left out and each seed.
    """
    folder = resources.files(__name__)
    names = sorted(f.name[:-4] for f in folder.iterdir() if f.name.endswith(".csv"))
    if name not in names:
        raise ValueError(f"There is no table {name!r}. There are: {', '.join(names)}.")
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"value": str})
