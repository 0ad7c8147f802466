"""What every detector must satisfy (one suite for all of them)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from anomalylab import baselines
from anomalylab.detector import Detector, errors, fit, reconstruct, score
from anomalylab.metrics import roc_auc
from anomalylab.seeding import seeded
from tests.detectors import CASES, Case, Problem

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)


def trained(case: Case, problem: Problem, epochs: int | None = None) -> Detector:
    with seeded(0):
        detector = case.build()
    fit(detector, problem.train, epochs=epochs or case.epochs, lr=3e-3)
    return detector


@pytest.fixture(scope="module")
def problem() -> Problem:
    return CASES[0].wins(0)


@pytest.fixture(scope="module")
def ready(problem: Problem) -> dict[str, Detector]:
    return {case.name: trained(case, problem, epochs=3) for case in CASES}


def test_same_seed_same_scores(case: Case, problem: Problem, ready: dict[str, Detector]) -> None:
    again = score(trained(case, problem, epochs=3), problem.test)
    np.testing.assert_array_equal(score(ready[case.name], problem.test), again)
    with seeded(1):
        other = case.build()
    fit(other, problem.train, epochs=3, seed=1)
    assert not np.allclose(score(other, problem.test), again)


def test_scoring_is_pure(case: Case, problem: Problem, ready: dict[str, Detector]) -> None:
    detector = ready[case.name]
    before = {k: v.clone() for k, v in detector.state_dict().items()}
    detector.train()
    first, second = score(detector, problem.test), score(detector, problem.test)
    np.testing.assert_array_equal(first, second)
    assert detector.training, "scoring should leave the mode alone"
    assert all(torch.equal(before[k], v) for k, v in detector.state_dict().items())


def test_rows_do_not_influence_each_other(
    case: Case, problem: Problem, ready: dict[str, Detector]
) -> None:
    whole = score(ready[case.name], problem.test)
    alone = np.concatenate([score(ready[case.name], row[None]) for row in problem.test])
    chunked = score(ready[case.name], problem.test, chunk=7)
    np.testing.assert_allclose(alone, whole, rtol=1e-5)
    np.testing.assert_allclose(chunked, whole, rtol=1e-5)


def test_shapes(case: Case, problem: Problem, ready: dict[str, Detector]) -> None:
    detector = ready[case.name]
    assert score(detector, problem.test).shape == (len(problem.test),)
    assert errors(detector, problem.test).shape == problem.test.shape
    assert reconstruct(detector, problem.test).shape == problem.test.shape
    assert np.ptp(score(detector, problem.test)) > 0


def test_gradients_reach_every_parameter(case: Case, problem: Problem) -> None:
    with seeded(0):
        detector = case.build()
    x = torch.from_numpy(problem.train).to(next(detector.parameters()))
    for turn, player in detector.turns().items():
        parameters = dict(player.named_parameters())
        gradients = torch.autograd.grad(detector.loss(x, turn, 0), list(parameters.values()))
        for name, gradient in zip(parameters, gradients, strict=True):
            assert gradient.abs().sum() > 0, f"{name} gets no gradient in turn {turn}"


def test_decoder_can_express_the_range(case: Case) -> None:
    """A far sample can be learned, or is refused before training."""
    low, high = case.build().output_range
    far = np.full((40, 10), -3.0) + np.random.default_rng(0).normal(0, 0.01, (40, 10))
    detector = case.build()
    if low <= -3 <= high:
        fit(detector, far, epochs=200, lr=1e-2)
        assert np.abs(reconstruct(detector, far) - far).mean() < 0.2
    else:
        with pytest.raises(ValueError, match=r"Column 0 reaches -3.* output='linear'"):
            fit(detector, far)


def rivals(case: Case, problem: Problem) -> dict[str, float]:
    with seeded(0):
        blank = case.build()
    scores = baselines.rivals(problem.train, problem.test, untrained=lambda x: score(blank, x))
    return {name: roc_auc(problem.labels, scores[name]) for name in ("untrained", "norm", "PCA")}


def test_wins_where_it_should(case: Case) -> None:
    problem = case.wins(0)
    auc = roc_auc(problem.labels, score(trained(case, problem), problem.test))
    assert auc > max(rivals(case, problem).values()) + 0.03


def test_loses_where_recorded(case: Case) -> None:
    problem = case.loses(0)
    auc = roc_auc(problem.labels, score(trained(case, problem), problem.test))
    assert auc < 0.5


def test_bad_input_is_named_before_training(case: Case) -> None:
    good = np.random.default_rng(0).random((20, 10))
    weights = case.build().state_dict()
    detector = case.build()
    detector.load_state_dict(weights)
    frame = pd.DataFrame(good, columns=[f"c{i}" for i in range(10)])
    for bad, message in {
        "empty": (good[:0], "at least 2"),
        "one row": (good[:1], "at least 2"),
        "narrow": (good[:, :9], r"shape \(10,\).*\(9,\)"),
        "flat": (good[:, 0], "one sample a row"),
        "nan": (np.where(good == good[3, 4], np.nan, good), r"Column 4.*NaN.*row 3.*Fill"),
        "inf": (np.where(good == good[3, 4], np.inf, good), r"Column 4.*infinite.*row 3"),
        "text": (frame.assign(c2="red"), r"'c2' is not numeric.*'red'.*Encode"),
        "frame nan": (frame.assign(c2=np.nan), r"'c2' has a missing value"),
    }.values():
        with pytest.raises(ValueError, match=message):
            fit(detector, bad)
    assert all(torch.equal(weights[k], v) for k, v in detector.state_dict().items())


def test_friendly_input_is_accepted(case: Case, ready: dict[str, Detector]) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.random((20, 10)))
    np.testing.assert_array_equal(
        score(ready[case.name], frame), score(ready[case.name], frame.to_numpy())
    )
    integers = rng.integers(0, 2, (20, 10))
    assert np.isfinite(score(ready[case.name], integers)).all()
    assert score(ready[case.name], frame[:1]).shape == (1,)
    constant = frame.assign(**{"3": 0.5})
    constant[3] = 0.5
    fit(case.build(), constant[list(range(10))], epochs=2)


def test_weights_survive_a_new_process(
    case: Case, problem: Problem, ready: dict[str, Detector], tmp_path: Path
) -> None:
    """Only tensors are stored; nothing is unpickled on the way back."""
    torch.save(ready[case.name].state_dict(), tmp_path / "weights.pt")
    np.save(tmp_path / "x.npy", problem.test)
    code = (
        "import sys, numpy, torch\n"
        "from tests.detectors import CASES\n"
        "from anomalylab.detector import score\n"
        "d = next(c for c in CASES if c.name == sys.argv[2]).build()\n"
        "d.load_state_dict(torch.load(sys.argv[1] + '/weights.pt', weights_only=True))\n"
        "x = numpy.load(sys.argv[1] + '/x.npy')\n"
        "numpy.save(sys.argv[1] + '/scores.npy', score(d, x))\n"
    )
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", code, str(tmp_path), case.name], check=True, cwd=root)
    np.testing.assert_array_equal(
        np.load(tmp_path / "scores.npy"), score(ready[case.name], problem.test)
    )
