"""What every detector must satisfy (one suite for all of them)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from anomalylab import baselines
from anomalylab.detector import Detector, errors, fit, reconstruct, score
from anomalylab.inputs import Array
from anomalylab.metrics import roc_auc
from anomalylab.seeding import seeded
from tests.model_cases import CASES, STAND_INS, Case, Problem

every = pytest.mark.parametrize("case", [*CASES, *STAND_INS], ids=str)
real = pytest.mark.parametrize("case", CASES, ids=str)


def shaped(detector: Detector, x: Array) -> Array:
    """The same values as samples of the detector's shape."""
    return x.reshape(len(x), *detector.sample_shape)


def draws(detector: Detector) -> bool:
    return type(detector).reconstruct is not Detector.reconstruct


def built(case: Case, seed: int = 0) -> Detector:
    with seeded(seed):
        return case.build()


def trained(case: Case, problem: Problem, epochs: int | None = None) -> Detector:
    detector = built(case)
    fit(detector, shaped(detector, problem.train), epochs=epochs or case.epochs, lr=3e-3)
    return detector


@pytest.fixture(scope="module")
def problem() -> Problem:
    return CASES[0].wins(0)


@pytest.fixture(scope="module")
def ready(problem: Problem) -> Callable[[Case], tuple[Detector, Array]]:
    """A detector trained for three epochs, and test rows in its shape."""
    known: dict[str, Detector] = {}

    def give(case: Case) -> tuple[Detector, Array]:
        if case.name not in known:
            known[case.name] = trained(case, problem, epochs=3)
        return known[case.name], shaped(known[case.name], problem.test)

    return give


Ready = Callable[[Case], tuple[Detector, Array]]


@every
def test_same_seed_same_scores(case: Case, problem: Problem, ready: Ready) -> None:
    detector, x = ready(case)
    again = score(trained(case, problem, epochs=3), x)
    np.testing.assert_array_equal(score(detector, x), again)
    other = built(case, seed=1)
    fit(other, shaped(other, problem.train), epochs=3, seed=1)
    assert not np.allclose(score(other, x), again)


@every
def test_scoring_is_pure(case: Case, ready: Ready) -> None:
    detector, x = ready(case)
    before = {k: v.clone() for k, v in detector.state_dict().items()}
    rows = x.copy()
    for mode in (False, True):
        detector.train(mode)
        first, second = score(detector, x), score(detector, x)
        np.testing.assert_array_equal(first, second)
        assert detector.training == mode, "scoring should leave the mode alone"
    detector.eval()
    np.testing.assert_array_equal(x, rows)
    assert all(torch.equal(before[k], v) for k, v in detector.state_dict().items())
    assert all(p.grad is None or p.requires_grad for p in detector.parameters())


@every
def test_rows_do_not_influence_each_other(case: Case, ready: Ready) -> None:
    detector, x = ready(case)
    whole = score(detector, x)
    alone = np.concatenate([score(detector, row[None]) for row in x])
    chunked = score(detector, x, chunk=7)
    np.testing.assert_allclose(alone, whole, rtol=case.rtol)
    np.testing.assert_allclose(chunked, whole, rtol=case.rtol)


@every
def test_the_default_dtype_does_not_change_a_score(case: Case, ready: Ready) -> None:
    detector, x = ready(case)
    here, before = score(detector, x), torch.get_default_dtype()
    other = torch.float64 if before == torch.float32 else torch.float32
    torch.set_default_dtype(other)
    try:
        np.testing.assert_array_equal(score(detector, x), here)
    finally:
        torch.set_default_dtype(before)


@every
def test_shapes(case: Case, ready: Ready) -> None:
    detector, x = ready(case)
    assert score(detector, x).shape == (len(x),)
    assert errors(detector, x).shape == x.shape
    assert np.ptp(score(detector, x)) > 0
    if draws(detector):
        assert reconstruct(detector, x).shape == x.shape
        tensor = torch.from_numpy(x[:2]).to(next(detector.parameters()))
        torch.testing.assert_close(detector(tensor), detector.reconstruct(tensor))


@every
def test_gradients_reach_every_parameter(case: Case, problem: Problem) -> None:
    detector = built(case)
    rows = shaped(detector, problem.train)
    x = torch.from_numpy(rows).to(next(detector.parameters()))
    for turn, player in detector.turns().items():
        parameters = {n: p for n, p in player.named_parameters() if p.requires_grad}
        gradients = torch.autograd.grad(detector.loss(x, turn, 0), list(parameters.values()))
        for name, gradient in zip(parameters, gradients, strict=True):
            assert gradient.abs().sum() > 0, f"{name} gets no gradient in turn {turn}"


@real
def test_decoder_can_express_the_range(case: Case) -> None:
    """A far sample can be learned, or is refused before training."""
    detector = built(case)
    low, high = detector.output_range
    far = np.full((40, 10), -3.0) + np.random.default_rng(0).normal(0, 0.01, (40, 10))
    if low <= -3 <= high:
        far = shaped(detector, far)
        fit(detector, far, epochs=200, lr=1e-2, lr_decay="cosine")  # for GANs, which circle
        assert np.abs(reconstruct(detector, far) - far).mean() < 0.2
    else:
        with pytest.raises(ValueError, match=r"Column 0 reaches -3.* output='linear'"):
            fit(detector, far)


def rivals(case: Case, problem: Problem) -> dict[str, float]:
    blank = built(case)
    scores = baselines.rivals(
        problem.train, problem.test, untrained=lambda x: score(blank, shaped(blank, x))
    )
    return {name: roc_auc(problem.labels, scores[name]) for name in ("untrained", "norm", "PCA")}


@real
def test_wins_where_it_should(case: Case) -> None:
    problem = case.wins(0)
    detector = trained(case, problem)
    auc = roc_auc(problem.labels, score(detector, shaped(detector, problem.test)))
    assert auc > max(rivals(case, problem).values()) + 0.03


@real
def test_loses_where_recorded(case: Case) -> None:
    problem = case.loses(0)
    detector = trained(case, problem)
    auc = roc_auc(problem.labels, score(detector, shaped(detector, problem.test)))
    assert auc < 0.5


@every
def test_bad_input_is_named_before_training(case: Case) -> None:
    detector = built(case)
    weights = {k: v.clone() for k, v in detector.state_dict().items()}
    good = shaped(detector, np.random.default_rng(0).random((20, 10)))
    spot = (3, *(n - 1 for n in good.shape[1:]))
    column, nan, inf = spot[-1], good.copy(), good.copy()
    nan[spot], inf[spot] = np.nan, np.inf
    cases: list[tuple[object, str]] = [
        (good[:0], "at least 2"),
        (good[:1], "at least 2"),
        (good[:, :-1], r"should have shape"),
        (good.ravel(), "one sample a row"),
        (nan, rf"Column {column}.*NaN.*row 3.*Fill"),
        (inf, rf"Column {column}.*infinite.*row 3"),
    ]
    if good.ndim == 2:
        frame = pd.DataFrame(good, columns=[f"c{i}" for i in range(10)])
        cases += [
            (frame.assign(c2="red"), r"'c2' is not numeric.*'red'.*Encode"),
            (frame.assign(c2=np.nan), r"'c2' has a missing value"),
        ]
    for bad, message in cases:
        with pytest.raises(ValueError, match=message):
            fit(detector, bad)
    assert all(torch.equal(weights[k], v) for k, v in detector.state_dict().items())


@every
def test_friendly_input_is_accepted(case: Case, ready: Ready) -> None:
    detector, _ = ready(case)
    rng = np.random.default_rng(0)
    rows = shaped(detector, rng.integers(0, 2, (20, 10)).astype(np.float64))
    integers, single = rows.astype(np.int64), rows.astype(np.float32)
    np.testing.assert_array_equal(score(detector, integers), score(detector, rows))
    np.testing.assert_array_equal(score(detector, torch.from_numpy(single)), score(detector, rows))
    assert score(detector, rows[:1]).shape == (1,)
    constant = shaped(detector, rng.random((20, 10)))
    constant[..., -1] = 0.5
    fit(case.build(), constant, epochs=2)
    if rows.ndim == 2:
        np.testing.assert_array_equal(score(detector, pd.DataFrame(rows)), score(detector, rows))


@every
def test_a_last_batch_of_one_trains(case: Case) -> None:
    detector = built(case)
    x = shaped(detector, np.random.default_rng(0).random((33, 10)))
    fit(detector, x, epochs=1, batch_size=32)


@every
def test_a_fresh_one_takes_the_state(case: Case, ready: Ready) -> None:
    detector, x = ready(case)
    again = detector.untrained()
    assert type(again) is type(detector)
    again.load_state_dict(detector.state_dict())
    np.testing.assert_array_equal(score(again, x), score(detector, x))


def test_weights_survive_a_new_process(ready: Ready, tmp_path: Path) -> None:
    """Only tensors are stored; nothing is unpickled on the way back."""
    cases = [*CASES, *STAND_INS]
    stored = {case.name: ready(case)[0].state_dict() for case in cases}
    torch.save(stored, tmp_path / "weights.pt")
    np.save(tmp_path / "x.npy", ready(CASES[0])[1])
    code = (
        "import sys, numpy, torch\n"
        "from tests.model_cases import CASES, STAND_INS\n"
        "from anomalylab.detector import score\n"
        "stored = torch.load(sys.argv[1] + '/weights.pt', weights_only=True)\n"
        "x = numpy.load(sys.argv[1] + '/x.npy')\n"
        "found = {}\n"
        "for case in [*CASES, *STAND_INS]:\n"
        "    d = case.build()\n"
        "    d.load_state_dict(stored[case.name])\n"
        "    found[case.name] = score(d, x.reshape(len(x), *d.sample_shape))\n"
        "numpy.savez(sys.argv[1] + '/scores.npz', **found)\n"
    )
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=root)
    with np.load(tmp_path / "scores.npz") as found:
        for case in cases:
            np.testing.assert_array_equal(found[case.name], score(*ready(case)), case.name)


@every
def test_threads_get_what_they_get_alone(case: Case, problem: Problem) -> None:
    def run(seed: int) -> Array:
        detector = built(case, seed)
        rows = shaped(detector, problem.train[:100])
        fit(detector, rows, epochs=2, seed=seed)
        return score(detector, rows)

    alone = [run(seed) for seed in range(4)]
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run, range(4)))
    assert torch.equal(torch.rand(1), expected), "the global generator was disturbed"
    np.testing.assert_array_equal(together, alone)
