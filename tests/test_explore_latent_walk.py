"""The latent walk without a browser: the right picture, the right neighbours, true numbers."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.patches import Circle
from scipy.stats import multivariate_normal

from anomalylab import data as loaders
from anomalylab import latent
from anomalylab.detector import fit
from anomalylab.explore import Explorer, latent_walk
from anomalylab.models import VAE
from anomalylab.seeding import seeded
from tests.explorers import axes_of

ROWS = 40
Data = dict[str, Any]
MIX = np.random.default_rng(1).random((2, 6)) / 8


def decode(z: np.ndarray) -> np.ndarray:
    """Six pixels that grow with z."""
    return 0.5 + z @ MIX


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


@pytest.fixture
def data() -> Data:
    """40 samples of 2 × 3 pixels and their codes; four kinds in turn."""
    draw = np.random.default_rng(0)
    codes = draw.standard_normal((ROWS, 2))
    return {
        "decode": decode,
        "z": codes,
        "x": draw.random((ROWS, 6)),
        "names": [str(row % 4) for row in range(ROWS)],
    }


def walk(data: Data, **changes: Any) -> Explorer:
    return latent_walk(**{"image_shape": (2, 3), **data, **changes})


def test_sentence_is_true(data: Data) -> None:
    place = np.array([-1.2, 0.5])
    distances = np.linalg.norm(data["z"] - place, axis=1)
    near = np.argsort(distances)[:3]
    listed = ", ".join(f"{data['names'][row]} at {distances[row]:.2f}" for row in near)
    prior = multivariate_normal([0, 0])
    share = prior.pdf(place) / prior.pdf([0, 0])
    gaps = np.linalg.norm(data["x"] - decode(place[None]), axis=1)
    like = int(gaps.argmin())
    explorer = walk(data).set(z1=-1.2, z2=0.5)
    assert explorer.sentence == (
        f"z = (−1.20, 0.50): 1.30 from the centre, where the prior has {100 * share:.3g} % of its "
        f"peak; the picture's nearest training sample is {data['names'][like]}, {gaps[like]:.2f} "
        f"away; nearest in z: {listed}."
    )
    unnamed = walk(data, names=None).set(z1=-1.2, z2=0.5)
    assert f"sample is row {like}, {gaps[like]:.2f} away" in unnamed.sentence
    assert f": row {near[0]} at {distances[near[0]]:.2f}, row" in unnamed.sentence


def test_a_picture_is_compared_with_fresh_samples(data: Data) -> None:
    """Two of four fresh samples are nearer to a training sample than the picture at z = 0 is."""
    gap = np.linalg.norm(data["x"] - 0.5, axis=1).min()
    steps = np.array([0.2, 0.9, 1.1, 3.0]) * gap
    corner = data["x"].max(axis=0)  # from here outwards the distances grow one by one
    data["x"] = np.concatenate([data["x"][:-1], corner[None]])
    fresh = np.repeat(corner[None], 4, axis=0)
    fresh[:, 0] += steps
    told = walk(data, fresh=fresh).sentence
    assert f"{gap:.2f} away (50 % of fresh samples are nearer to theirs); nearest in z" in told
    with pytest.raises(ValueError, match=r"shape \(6,\)"):
        walk(data, fresh=np.ones((3, 5)))


def test_it_starts_in_the_centre_and_far_out_is_not_rounded_to_nothing(data: Data) -> None:
    explorer = walk(data)
    assert explorer.sentence.startswith("z = (0.00, 0.00): 0.00 from the centre, where")
    assert "the prior has 100 % of its peak" in explorer.sentence
    assert "z = (0.00, " in explorer.set(z1=-0.0, z2=0.1).sentence, "no minus zero"
    assert "has 0.0123 % of its peak" in explorer.set(z1=3.0, z2=-3.0).sentence


def test_the_pictures_are_those_of_the_place(data: Data) -> None:
    explorer = walk(data)
    plane, strip = axes_of(explorer, z1=1.0, z2=-0.4)
    pixels = np.asarray(strip.images[-1].get_array())
    near = np.argsort(np.linalg.norm(data["z"] - [1.0, -0.4], axis=1))[:3]
    wanted = [decode(np.array([[1.0, -0.4]])), *data["x"][near]]
    for place, picture in enumerate(wanted):
        drawn = pixels[:2, 4 * place : 4 * place + 3]
        np.testing.assert_allclose(drawn, np.reshape(picture, (2, 3)))
    rings, cross = plane.get_lines()[-2:]
    np.testing.assert_allclose(np.asarray(cross.get_xydata()), [[1.0, -0.4]])
    np.testing.assert_allclose(np.asarray(rings.get_xydata()), data["z"][near])
    titles = [text.get_text().split("\n")[0] for text in strip.texts]
    assert titles == ["decoded", *(data["names"][row] for row in near)]


def test_every_code_is_in_the_picture_and_three_circles_stand_for_the_prior(data: Data) -> None:
    data["z"][7] = (-5.0, 4.0)
    plane, _ = axes_of(walk(data))
    points = np.concatenate([line.get_xydata() for line in plane.get_lines()[:4]])
    assert sorted(map(tuple, points)) == sorted(map(tuple, data["z"]))
    assert {str(line.get_marker()) for line in plane.get_lines()[:4]} == {
        f"${kind}$" for kind in "0123"
    }, "the kinds are told apart without colour"
    assert plane.get_xlim()[0] < -5 and plane.get_ylim()[1] > 4
    circles = [patch for patch in plane.patches if isinstance(patch, Circle)]
    assert sorted(circle.get_radius() for circle in circles) == [1, 2, 3]
    dots = axes_of(walk(data, names=None))[0].get_lines()[0]
    assert len(np.asarray(dots.get_xydata())) == ROWS and dots.get_marker() == "."


def test_drawing_leaves_no_trace_of_other_places(data: Data) -> None:
    travelled = walk(data).set(z1=2.0, z2=1.0).set(z1=-0.5, z2=0.3)
    direct = walk(data).set(z1=-0.5, z2=0.3)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(z1=-0.4).picture.value


def test_large_pictures_are_redrawn_at_once() -> None:
    draw = np.random.default_rng(0)
    z, x = draw.standard_normal((1000, 2)), draw.random((1000, 784))
    names = [str(row % 10) for row in range(1000)]
    explorer = latent_walk(lambda z: np.full((1, 784), 0.5), z, x, names, image_shape=(28, 28))
    times = []
    for step in range(1, 8):
        start = time.perf_counter()
        explorer.set(z1=step / 10)
        times.append(time.perf_counter() - start)
    assert np.median(times) < 3 * 0.15


def test_a_place_that_cannot_be_decoded_is_named(data: Data) -> None:
    def far_is_wild(z: np.ndarray) -> np.ndarray:
        return decode(z) if z[0, 0] < 2 else np.full((1, 6), np.nan)

    explorer = walk(data, decode=far_is_wild)
    explorer.controls["z1"].value = 2.5
    assert "Column 0 has a missing value (NaN) in row 0" in explorer.pane.value
    assert "z1=2.50" in explorer.pane.value
    short = walk(data, decode=lambda z: np.zeros((1, 5)))
    assert "Every sample should have shape (6,)" in repr(short)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"z": np.zeros((ROWS, 8))}, r"Every sample should have shape \(2,\)"),
        ({"z": np.full((ROWS, 2), np.inf)}, "Column 0 holds an infinite value in row 0"),
        ({"x": np.ones((3, 6))}, "z, x and names should have one entry a sample, but have 40, 3"),
        ({"z": np.ones((2, 2)), "x": np.ones((2, 6)), "names": None}, "at least 3 row"),
        ({"names": ["a"]}, "one entry a sample, but have 40, 40 and 1"),
        ({"image_shape": (8, 8)}, r"Every sample should have shape \(64,\)"),
    ],
)
def test_bad_input_is_named(data: Data, changes: Data, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        walk(data, **changes)


def test_the_tasks_of_the_walk_have_the_answers_that_are_written_down() -> None:
    """Along z₂ = 0 come 7, 5, 0, 2; near (−0.3, 0.3), well inside the prior, is no digit."""
    torch.set_default_dtype(torch.float64)
    try:
        split = loaders.digits(held_out=8)
        with seeded(0):
            flat = VAE(64, hidden=(32,), latent=2)
        fit(flat, split.train, validation=split.validation, epochs=100, lr=3e-3)
        codes, kinds = latent.encode(flat, split.train), split.train_kinds
        explorer = latent_walk(
            lambda z: latent.decode(flat, z), codes, split.train, kinds, split.normal_tuning
        )
        order: list[str] = []
        for step in range(-30, 31, 5):
            sentence = explorer.set(z1=step / 10).sentence
            kind = sentence.split("sample is ")[1][0]
            order += [kind] if order[-1:] != [kind] else []
        nowhere = explorer.set(z1=-0.3, z2=0.3).sentence
    finally:
        torch.set_default_dtype(torch.float32)
    assert order == ["7", "5", "0", "2"]
    assert int(nowhere.split("away (")[1].split(" %")[0]) >= 96
