"""Turn the weight between the two parts of a VAE's score (chapter 4.2.3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from anomalylab import plots
from anomalylab.explore.base import Explorer, choice
from anomalylab.inputs import check_labels, check_scores
from anomalylab.metrics import roc_auc

REST = 0.005  # share of rows at either end that the first and the last bar gather


def weight_explorer(reconstruction: Any, kl: Any, labels: Any) -> Explorer:
    """Turn the weight between reconstruction error and KL divergence, and see who ranks better.

    score = (1 − w) · reconstruction + w · KL, which ranks as the chapter's reconstruction +
    β · KL with β = w / (1 − w). Nothing is trained again.

    Parameters
    ----------
    reconstruction, kl : array (rows,)
        The two parts of the score, in the same units (nats), of the TUNING part. Never the test
        part: a weight chosen on it would make every number reported from it too good.
    labels : array (rows,)
        0 (normal) or 1 (anomaly); some of each.

    Returns
    -------
    Explorer
        End a cell with it, or with ``explorer.set(weight=0.8)``.

    Raises
    ------
    ValueError
        If lengths disagree, a value is not finite, or one kind of row is missing.
    """
    first, second = check_scores(reconstruction), check_scores(kl)
    kinds = check_labels(labels, len(first))
    if len(first) != len(second):
        raise ValueError(f"kl should be one a row: {len(second)} for {len(first)} rows.")
    weights = [step / 10 for step in range(11)]
    scores = {weight: (1 - weight) * first + weight * second for weight in weights}
    areas = {weight: roc_auc(kinds, values) for weight, values in scores.items()}
    best = max(weights, key=lambda weight: areas[weight])
    scaled = {weight: _standardised(values, kinds) for weight, values in scores.items()}
    low, high = np.quantile(np.concatenate([*scaled.values()]), [REST, 1 - REST])
    edges = np.linspace(low, high, 31)
    bars = [
        np.histogram(values[kinds == kind].clip(low, high), edges)[0].max() / np.sum(kinds == kind)
        for values in scaled.values()
        for kind in (0, 1)
    ]

    def still(left: Axes, right: Axes) -> None:
        left.set(xlim=(low, high), ylim=(0, 103 * max(bars)))
        curve = {f"{weight:g}": [area] for weight, area in areas.items()}
        plots.against(curve, "weight w\n(0: reconstruction alone, 1: KL alone)", "ROC-AUC", right)

    def draw(left: Axes, right: Axes, weight: float) -> str:
        values = scaled[weight].clip(low, high)
        plots.score_histogram(values[kinds == 0], values[kinds == 1], ax=left, bins=edges)
        left.set_xlabel("score, in standard deviations of the normals\n(end bars: and beyond)")
        plots.threshold_lines({"now": weights.index(weight)}, right)
        beta = "only the KL" if weight == 1 else f"β = {weight / (1 - weight):.2f}"
        return (
            f"Weight {weight:g} ({beta}): ROC-AUC {areas[weight]:.2f}; reconstruction alone "
            f"{areas[0]:.2f}, β = 1 {areas[0.5]:.2f}, KL alone {areas[1]:.2f}; highest "
            f"{areas[best]:.2f} at weight {best:g}."
        )

    controls = {"weight": choice("weight w", weights, 0.5)}
    return Explorer("Weight explorer", controls, draw, still, widths=(1, 1), bottom=0.7)


def _standardised(scores: Any, kinds: Any) -> Any:
    """Scores in standard deviations of the normal rows from their mean."""
    normal = scores[kinds == 0]
    return (scores - normal.mean()) / (float(normal.std()) or 1.0)
