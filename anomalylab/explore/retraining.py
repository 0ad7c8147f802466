"""Explorers whose every state is trained: mean and spread over seeds (chapters 4.1.1, 4.2.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from anomalylab import plots
from anomalylab.explore.base import Explorer, choice
from anomalylab.inputs import check_scores
from anomalylab.metrics import roc_auc

FEWEST = 3  # seeds; fewer show chance as if it were insight
NARROWEST = 0.1  # range of the ROC-AUC that is drawn, so that small differences look small


@dataclass(frozen=True)
class Run:
    """What the training of one network gave.

    Parameters
    ----------
    normal_scores, anomaly_scores : array (rows,)
        Scores of rows that were not trained on, higher = more anomalous; of the TUNING part,
        for a setting is chosen by them.
    pictures : mapping of a row's name to array (pictures, pixels)
        Such as a few samples and their reconstructions.
    names : sequence of str
        What the pictures of the first row are.
    facts : mapping of name to number
        What else the explorer tells of a state.

    Attributes
    ----------
    auc : float
        Area under the ROC curve: how often an anomaly scores above a normal row.
    """

    normal_scores: Any
    anomaly_scores: Any
    pictures: Mapping[str, Any]
    names: Sequence[str] = ()
    facts: Mapping[str, float] = field(default_factory=dict)

    auc: float = field(init=False)

    def __post_init__(self) -> None:
        # copies, for `train` may use its arrays again
        object.__setattr__(self, "pictures", {n: np.array(p) for n, p in self.pictures.items()})
        object.__setattr__(self, "facts", dict(self.facts))
        normal, anomalous = check_scores(self.normal_scores), check_scores(self.anomaly_scores)
        labels = np.repeat([0, 1], [len(normal), len(anomalous)])
        area = roc_auc(labels, np.concatenate([normal, anomalous]))
        object.__setattr__(self, "auc", area)  # the way to fill a frozen dataclass


class Retraining(Explorer):
    """Train what the controls say, with several seeds, and keep a trail of the results.

    Left: ROC-AUC against one of the controls, a dot for every seed and the mean of each value
    that was visited. Right: pictures of the first seed's network, one row of them of every seed.

    Parameters
    ----------
    title : str
    train : callable (seed, **state) -> Run
        Called once for every state and seed. It should take at most half a second or so, print
        nothing and give the same answer each time.
    controls : mapping of name to control
    along : str
        The control on the horizontal axis. Results are compared where the others are the same.
    state, sentence : str
        How to name a state and what to tell of it: format strings of the names of the controls,
        and of the facts of a `Run`: ``{error}`` is the mean over the seeds, ``{error_low}`` and
        ``{error_high}`` are the extremes.
    note : (str, str)
        A format string of facts, written above the results, and what the legend calls it.
    xlabel : str
    each_seed : str
        The row of pictures, if any, that is shown of every seed, such as new samples.
    seeds : sequence of int
        At least three: one result alone may be chance.
    image_shape : (height, width)
        Of the pictures.
    """

    def __init__(
        self,
        title: str,
        train: Callable[..., Run],
        controls: Mapping[str, Any],
        *,
        along: str,
        state: str,
        sentence: str,
        note: tuple[str, str],
        xlabel: str,
        each_seed: str = "",
        seeds: Sequence[int] = (0, 1, 2),
        image_shape: tuple[int, int] = (8, 8),
    ) -> None:
        if not callable(train):
            raise ValueError(f"train should be a function of seed, {', '.join(controls)}.")
        if len(set(seeds)) < max(FEWEST, len(seeds)):
            raise ValueError(f"seeds should be at least {FEWEST} different ones, not {seeds}.")
        self._train, self._seeds, self._along, self._note = train, seeds, along, note
        self._each_seed = each_seed
        self._words, self._xlabel, self._image_shape = (state, sentence), xlabel, image_shape
        self._runs: dict[tuple[Any, ...], list[Run]] = {}
        super().__init__(title, controls, self._draw_trained, widths=(4, 5), left=0.75)
        self.pane.layout.min_height = "34px"  # the picture should not jump

    def _draw_trained(self, left: Axes, right: Axes, **state: Any) -> str:
        self._train_once(state)
        trail = {
            label: self._runs.get(tuple({**state, self._along: value}.values()), [])
            for label, value in self.controls[self._along].options
        }
        visited = {label: runs for label, runs in trail.items() if runs}
        areas = {label: [run.auc for run in runs] for label, runs in trail.items()}
        here = self.controls[self._along].label
        form, noted = self._note
        plots.against(
            areas,
            self._xlabel,
            "ROC-AUC (tuning part)",
            left,
            marked=[here],
            notes={label: form.format(**_summary(runs)) for label, runs in visited.items()},
            noted=noted,
        )
        low, high = left.get_ylim()
        room = max(0.0, NARROWEST - (high - low)) / 2
        left.set_ylim(low - room, high + room)
        facts, names = _summary(visited[here]), visited[here][0].names
        plots.picture_rows(self._pictures(visited[here]), self._image_shape, names, right)
        naming, telling = (text.format(**state, **facts) for text in self._words)
        sentence = (
            f"{naming}: {telling}, ROC-AUC {mean_and_range(areas[here])}, of {len(self._seeds)} "
            "seeds."
        )
        if len(visited) == 1:
            return sentence
        others = "; ".join(f"{label}: {mean_and_range(areas[label])}" for label in visited)
        return f"{sentence} So far ({self._xlabel}: ROC-AUC) {others}."

    def _pictures(self, runs: Sequence[Run]) -> dict[str, Any]:
        """The first seed's rows of pictures, and the row that is shown of every seed."""
        rows = dict(runs[0].pictures)
        if not self._each_seed:
            return rows
        del rows[self._each_seed]
        for seed, run in zip(self._seeds, runs, strict=True):
            rows[f"{self._each_seed},\nseed {seed}"] = run.pictures[self._each_seed]
        return rows

    def _train_once(self, state: dict[str, Any]) -> None:
        """Train this state with every seed, unless that has been done, and say so meanwhile."""
        key = tuple(state.values())
        if key in self._runs:
            return
        runs = []
        for number, seed in enumerate(self._seeds, 1):
            self.say(
                f"Training… {self._words[0].format(**state)}, network {number} of "
                f"{len(self._seeds)}. The picture below is still the one before."
            )
            runs.append(self._train(seed=seed, **state))
            if not isinstance(runs[-1], Run):
                given = type(runs[-1]).__name__
                raise TypeError(f"train should return an explore.Run(…), not {given}.")
        self._runs[key] = runs
        self._remembered.clear()  # pictures drawn before lack the new results


def _summary(runs: Sequence[Run]) -> dict[str, float]:
    """Mean, lowest and highest of every fact."""
    found = {}
    for name in runs[0].facts:
        values = [run.facts[name] for run in runs]
        found[name] = float(np.mean(values))
        found[f"{name}_low"], found[f"{name}_high"] = float(min(values)), float(max(values))
    return found


def mean_and_range(values: Any, digits: int = 2) -> str:
    """Such as "0.91 (0.89 to 0.93)"."""
    return f"{np.mean(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def bottleneck_explorer(
    train: Callable[..., Run],
    *,
    digits: Sequence[int] = tuple(range(10)),
    widths: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    noises: Sequence[float] = (0.0, 0.1, 0.2, 0.3),
    **settings: Any,
) -> Retraining:
    """Turn the width of the bottleneck, the noise and the digit left out; it trains anew.

    Parameters
    ----------
    train : callable (seed, digit, width, noise) -> Run
        Trains a detector without this digit, with a z of this width, on rows with Gaussian
        noise of this standard deviation. The facts need ``error``: the mean of the errors of
        fresh normals.
    digits, widths, noises : sequence of numbers
        What the controls offer. The first digit, the middle width and the first noise come first.
    **settings
        ``seeds`` and ``image_shape``, as in `Retraining`.
    """
    controls = {
        "digit": choice("digit left out", digits, ordered=False),
        "width": choice("width of z", widths, widths[len(widths) // 2]),
        "noise": choice("noise in training", [float(noise) for noise in noises]),
    }
    return Retraining(
        "Bottleneck explorer",
        train,
        controls,
        along="width",
        state="Width {width}, digit {digit} left out, noise {noise:g}",
        sentence="mean error of fresh normals {error:.3f}",
        note=("{error:.3f}", "mean error of fresh normals"),
        xlabel="width of z",
        **settings,
    )


def beta_explorer(
    train: Callable[..., Run],
    *,
    betas: Sequence[float] = (0, 0.25, 1, 2, 4, 8),
    digits: Sequence[int] = tuple(range(10)),
    **settings: Any,
) -> Retraining:
    """Turn β, the weight of the KL divergence, and the digit left out; it trains anew.

    Parameters
    ----------
    train : callable (seed, digit, beta) -> Run
        Trains a variational autoencoder without this digit and with this weight. The pictures
        need a row ``new``, drawn from the prior, which is shown of every seed. The facts need
        ``kinds``: how many kinds there are among many such samples (`latent.kinds_among`);
        ``active``: how many units of z say something about x (`latent.active_units`); and means
        over fresh normal rows of ``reconstruction`` = −log p(x | z) and
        ``kl`` = KL(q(z | x) ‖ N(0, I)), in nats.
    betas, digits : sequence of numbers
        What the controls offer. The first digit and β = 1 (if offered) come first.
    **settings
        ``seeds`` and ``image_shape``, as in `Retraining`.
    """
    weights = sorted(float(beta) for beta in betas)
    start = 1.0 if 1.0 in weights else weights[len(weights) // 2]
    controls = {
        "digit": choice("digit left out", digits, ordered=False),
        "beta": choice("weight β of the KL", weights, start),
    }
    return Retraining(
        "Beta explorer",
        train,
        controls,
        along="beta",
        state="β {beta:g}, digit {digit} left out",
        sentence="{kinds:.1f} kinds among new samples ({kinds_low:g} to {kinds_high:g}), "
        "{active:.1f} units active ({active_low:g} to {active_high:g}), reconstruction error "
        "{reconstruction:.1f} and KL {kl:.2f} nats per fresh normal",
        note=("{kinds:.1f}", "kinds among new samples"),
        xlabel="weight β of the KL divergence",
        each_seed="new",
        **settings,
    )
