"""The latent walk without a browser: the right picture, the right neighbours, true numbers."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Circle
from scipy.stats import multivariate_normal

from anomalylab.explore import LatentWalk, latent_walk

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


def walk(data: Data, **changes: Any) -> LatentWalk:
    return latent_walk(**{"image_shape": (2, 3), **data, **changes})


def test_sentence_is_true(data: Data) -> None:
    place = np.array([-1.2, 0.5])
    distances = np.linalg.norm(data["z"] - place, axis=1)
    near = np.argsort(distances)[:3]
    listed = ", ".join(f"{data['names'][row]} at {distances[row]:.2f}" for row in near)
    prior = multivariate_normal([0, 0])
    density, peak = prior.pdf(place), prior.pdf([0, 0])
    explorer = walk(data).set(z1=-1.2, z2=0.5)
    assert explorer.sentence == (
        f"z = (−1.20, 0.50): 1.30 from the centre, prior density {density:.4f}, "
        f"{100 * density / peak:.0f} % of its peak; nearest training samples, with distance in z: "
        f"{listed}."
    )
    unnamed = walk(data, names=None).set(z1=-1.2, z2=0.5)
    assert f": row {near[0]} at {distances[near[0]]:.2f}, row" in unnamed.sentence


def test_it_starts_in_the_centre_and_far_out_is_not_rounded_to_nothing(data: Data) -> None:
    explorer = walk(data)
    assert explorer.sentence.startswith("z = (0.00, 0.00): 0.00 from the centre, prior density")
    assert "density 0.1592, 100 % of its peak" in explorer.sentence
    assert "z = (0.00, " in explorer.set(z1=-0.0, z2=0.1).sentence, "no minus zero"
    assert ", 0.012 % of its peak" in explorer.set(z1=3.0, z2=-3.0).sentence


def test_the_pictures_are_those_of_the_place(data: Data) -> None:
    explorer = walk(data)
    figure, _ = explorer.render(z1=1.0, z2=-0.4)
    pixels = np.asarray(figure.axes[1].images[0].get_array())
    drawn = decode(np.array([[1.0, -0.4]])).reshape(2, 3)
    np.testing.assert_allclose(pixels[2:7:3, 1:9:3], drawn)
    near = np.argsort(np.linalg.norm(data["z"] - [1.0, -0.4], axis=1))[:3]
    for place, row in enumerate(near):
        np.testing.assert_allclose(
            pixels[3 * place : 3 * place + 2, -3:], data["x"][row].reshape(2, 3)
        )
    assert list(explorer._cross.get_xydata()[0]) == [1.0, -0.4]
    np.testing.assert_allclose(explorer._rings.get_xydata(), data["z"][near])
    told = [text.get_text() for text in explorer._pictures._texts]
    assert [text.split("\n")[0] for text in told] == [data["names"][row] for row in near]


def test_every_code_is_in_the_picture_and_three_circles_stand_for_the_prior(data: Data) -> None:
    data["z"][7] = (-5.0, 4.0)
    plane = walk(data).render(z1=0.0, z2=0.0)[0].axes[0]
    points = np.concatenate([line.get_xydata() for line in plane.get_lines()[:4]])
    assert sorted(map(tuple, points)) == sorted(map(tuple, data["z"]))
    assert {str(line.get_marker()) for line in plane.get_lines()[:4]} == {
        f"${kind}$" for kind in "0123"
    }, "the kinds are told apart without colour"
    assert plane.get_xlim()[0] < -5 and plane.get_ylim()[1] > 4
    circles = [patch for patch in plane.patches if isinstance(patch, Circle)]
    assert sorted(circle.get_radius() for circle in circles) == [1, 2, 3]
    (dots, *_) = walk(data, names=["digit"] * ROWS).render(z1=0.0, z2=0.0)[0].axes[0].get_lines()
    assert len(np.asarray(dots.get_xydata())) == ROWS


def test_fast_drawing_leaves_no_trace_of_other_places(data: Data) -> None:
    travelled = walk(data).set(z1=2.0, z2=1.0).set(z1=-0.5, z2=0.3)
    direct = walk(data).set(z1=-0.5, z2=0.3)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(z1=-0.4).picture.value
    pictures = direct._pictures
    moving = [direct._cross, direct._rings, pictures._image, *pictures._texts]
    assert all(artist.get_animated() for artist in moving), "it would not be drawn again"


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
    assert "x_hat holds a gap or an infinite value" in explorer.error_pane.value
    assert "z1=2.50" in explorer.error_pane.value
    short = walk(data, decode=lambda z: np.zeros((1, 5)))
    assert "decode should return one picture of 6 pixels for one z" in repr(short)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"decode": 3}, r"decode should be a function: decode\(z\)"),
        ({"z": np.zeros((ROWS, 8))}, "z has 8 columns, but a walk needs a plane"),
        ({"z": np.zeros(ROWS)}, "z should hold one sample a row"),
        ({"z": np.full((ROWS, 2), np.inf)}, "z holds a gap or an infinite value in row 0"),
        ({"x": np.ones((3, 6))}, "z and x should have the same rows, at least 3"),
        ({"z": np.ones((2, 2)), "x": np.ones((2, 6)), "names": None}, "at least 3, but have 2"),
        ({"names": ["a"]}, "names should be one text a row: 1 for 40 rows"),
        ({"image_shape": (8, 8)}, "image_shape 8 × 8 is 64 pixels, but a sample has 6"),
        ({"step": 0.0}, "step should be above 0 and below reach"),
    ],
)
def test_bad_input_is_named(data: Data, changes: Data, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        walk(data, **changes)
