"""Tables of many runs, made by ``make results``; too long for a notebook to compute."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

import pandas as pd


def load(name: str) -> pd.DataFrame:
    """Return a table that comes with the course.

    Parameters
    ----------
    name : str
        One of these.

        "digits": ROC-AUC of every detector and rival, for each digit left out and each seed.
        "architecture": mean error of normal test rows and ROC-AUC, with one choice of the
        architecture varied at a time.
        "defects": ROC-AUC of the convolutional autoencoder and of rivals for pictures on the test
        parts of `data.defects`, for each seed. The score is the mean of the error map, the highest
        mean of 3 × 3 of its pixels ("local"), or the rival's own.
        "gan": ROC-AUC of detectors on top of a GAN, of autoencoders and rivals, with the mean of
        absolute ("L1") or squared errors or their own score, for each digit left out and for noise
        added to normal rows, and each seed; milliseconds a row on the machine that made it.
        "gan_health": what shows whether a GAN draws all of its data, for four ways to train one.
        "gan_large": how well a convolutional GAN draws threes of 28 × 28 pixels, and ROC-AUC of
        AnoGAN and rivals on the TUNING part, for each seed.
        "gan_search": ROC-AUC and mean objective on the TUNING part, for steps, starts, price and
        weight of AnoGAN's search.
        "series": what detectors of windows and rivals find in the test part of `data.sensors`, for
        every way from windows to rows ("window": the mean error of a window, "row": the errors of
        the row itself, in the window that ends there or mean over all that cover it; "Gaussian":
        `gaussian_score` of these) and each seed: ROC-AUC and VUS-PR of rows; of 21 events those
        found, in all and of each kind, false alarms in 1,000 normal rows and the median delay, at
        a threshold that 0.5 % of the calibration rows exceed. An alarm up to 31 rows after an
        event still counts as found.
        "series_warp": ROC-AUC for windows of three channels that each run at a speed of its own;
        in the anomalous ones two pulses of a channel have changed places.
        "series_window": as "series", for windows of 8 to 128 rows.
        "sheet": ROC-AUC of a VAE, with and without KL in its score, of an autoencoder and of rivals
        for both kinds of anomaly of `data.sheet`, for each seed.
        "vae": ROC-AUC of autoencoders and variational autoencoders by every score they offer,
        and of the rivals by their own, for each digit left out and each seed.
    """
    folder = resources.files(__name__)
    names = sorted(f.name[:-4] for f in folder.iterdir() if f.name.endswith(".csv"))
    if name not in names:
        raise ValueError(f"There is no table {name!r}. There are: {', '.join(names)}.")
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"value": str})


def over_seeds(
    table: pd.DataFrame, by: str | Sequence[str], column: str, decimals: int = 2
) -> pd.DataFrame:
    """Mean and range over seeds, ready to be shown.

    If there is a column "digit", each seed counts with its mean over the digits.

    Parameters
    ----------
    table : DataFrame
        One run a row, with a column "seed", such as rows of a table of `load`.
    by : str or sequence of str
        The column, or columns, that say what is compared.
    column : str
        The numbers, such as "roc_auc".
    decimals : int
        How many digits behind the point are kept.

    Returns
    -------
    DataFrame
        One row for each value of `by`, in order of appearance, with the columns "mean", "lowest"
        and "highest".

    Raises
    ------
    ValueError
        If a column is missing or holds no numbers, a run occurs twice, or not every value has runs
        of the same seeds (and digits).
    """
    names = [by] if isinstance(by, str) else list(by)
    for name in (*names, "seed", column):
        if name not in table:
            raise ValueError(
                f"There is no column {name!r}. There are: {', '.join(map(str, table))}."
            )
    if not len(table):
        raise ValueError("The table has no rows. Which condition left none?")
    if table[column].dtype.kind not in "fi" or table[column].isna().any():
        raise ValueError(f"Column {column!r} should hold a number in every row.")
    if "seed" in names:
        raise ValueError("by says what is compared, such as a detector; seeds are averaged over.")
    run = [name for name in ("digit", "seed") if name in table and name not in names]
    twice = table.duplicated([*names, *run], keep=False)
    if twice.any():
        kinds = table[twice].groupby([*names, *run]).nunique().max()
        differ = [name for name in kinds.index[kinds > 1] if table[name].dtype.kind != "f"]
        raise ValueError(
            f"Some rows have the same {', '.join([*names, *run])} and differ in: "
            f"{', '.join(differ) or 'nothing else'}. Keep one kind of them, or add it to by."
        )
    due = len(table.drop_duplicates(names))
    for name in run:
        due *= table[name].nunique()
    if len(table) < due:
        raise ValueError(f"Not every {', '.join(names)} has runs of the same {' and '.join(run)}.")
    seeds = table.groupby([*names, "seed"], sort=False, dropna=False)[column].mean()
    found = seeds.groupby(names, sort=False, dropna=False).agg(["mean", "min", "max"])
    return found.set_axis(["mean", "lowest", "highest"], axis=1).round(decimals)
