"""The tables of many runs: complete, and still what the code gives."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
import torch

from anomalylab import data, results
from anomalylab.baselines import RIVALS
from anomalylab.models.vae import SCORINGS
from tools import results as tool
from tools import results_gan


@pytest.fixture(autouse=True)
def in_64_bit() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_results_load() -> None:
    table = results.load("digits")
    assert set(table) == {"digit", "seed", "detector", "roc_auc"}
    assert {type(value) for value in results.load("architecture").value} == {str}
    with pytest.raises(ValueError, match="There are: architecture, defects, digits"):
        results.load("nonsense")


def test_digits_table_is_complete() -> None:
    table = results.load("digits")
    names = {*tool.DETECTORS, *RIVALS, "untrained"}
    assert set(table.detector) == names
    assert len(table) == len(names) * len(tool.DIGITS) * len(tool.SEEDS)
    assert not table.duplicated(["digit", "seed", "detector"]).any()
    assert table.roc_auc.between(0, 1).all()


def test_architecture_table_is_complete() -> None:
    table = results.load("architecture")
    values = {choice: set(group.value) for choice, group in table.groupby("choice")}
    assert values == {choice: set(settings) for choice, settings in tool.CHOICES.items()}
    assert table.groupby(["choice", "value"]).size().eq(50).all()


def test_vae_table_is_complete() -> None:
    table = results.load("vae")
    runs = len(tool.DIGITS) * len(tool.SEEDS)
    plain, rivals = ("squared error", "code length"), {*RIVALS, "untrained"}
    for name, group in table.groupby("detector"):
        views = {*plain, "KL", *SCORINGS} if str(name).startswith("VAE") else {*plain}
        views = {"its own"} if name in rivals else views
        assert set(group.score) == views
        assert len(group) == runs * len(views)
    assert set(table.detector) == {*tool.VAES, *rivals}
    assert not table.duplicated(["digit", "seed", "detector", "score"]).any()
    assert table.roc_auc.between(0, 1).all()


def test_defects_table_is_complete() -> None:
    table = results.load("defects")
    views = dict.fromkeys(["convolutional", "untrained", *tool.MAPS], {"mean", "local"})
    views |= dict.fromkeys(tool.SCORES, {"its own"})
    assert {name: set(group.score) for name, group in table.groupby("method")} == views
    keys = ["defect", "method", "score", "seed"]
    assert not table.duplicated(keys).any() and set(table.defect) == set(data.DEFECTS)
    assert len(table) == len(data.DEFECTS) * len(tool.SEEDS) * sum(map(len, views.values()))
    assert table.roc_auc.between(0, 1).all()


def test_gan_tables_are_complete() -> None:
    runs = len(results_gan.DIGITS) * len(results_gan.SEEDS)
    table = results.load("gan")
    keys = ["task", "digit", "seed", "method", "score"]
    assert not table.duplicated(keys).any() and table.roc_auc.between(0, 1).all()
    assert table.groupby(["task", "method", "score"]).size().eq(runs).all()
    assert {*RIVALS, "AnoGAN", "f-AnoGAN", "EGBAD", "D(x) alone"} < set(table.method)
    assert set(table.task) == {"left-out digit", "noise"} and (table.ms > 0).all()
    searches = results.load("gan_search")
    settings = ["steps", "starts", "price", "weight"]
    assert searches.groupby(settings).size().eq(runs).all()
    assert [set(searches[name]) for name in settings] == [
        set(results_gan.SEARCH_STEPS),
        set(results_gan.SEARCH_STARTS),
        set(results_gan.PRICES),
        set(results_gan.WEIGHTS),
    ]
    fewer = searches.sort_values("steps").groupby(["digit", "seed", *settings[1:]]).objective
    assert (fewer.diff().dropna() <= 0).all(), "more steps never find a worse z"
    health = results.load("gan_health")
    runs = len(results_gan.HEALTH_DIGITS) * len(results_gan.SEEDS)
    assert health.GAN.value_counts().to_dict() == dict.fromkeys(results_gan.GANS, runs)
    large = results.load("gan_large").groupby("measure").seed.agg(list).to_dict()
    rivals = ["ROC-AUC, AnoGAN", "ROC-AUC, PCA", "ROC-AUC, kNN"]
    names = ["coverage", "diversity", "distance", *rivals]
    assert large == dict.fromkeys(names, list(results_gan.LARGE_SEEDS))


@pytest.mark.parametrize(
    ("fitting", "repeated", "tolerance"),
    [
        ({"steps": 1}, ["ROC-AUC, PCA", "ROC-AUC, kNN"], 2e-3),
        # this game is chaotic: after 500 steps other processors give other drawings
        pytest.param(
            {}, ["coverage", "diversity", "ROC-AUC, AnoGAN"], 0.06, marks=pytest.mark.slow
        ),
    ],
)
def test_a_sampled_large_gan_can_be_repeated(
    fitting: dict[str, int], repeated: list[str], tolerance: float
) -> None:
    table = results.load("gan_large").query("seed == 2").set_index("measure").result
    found = {row["measure"]: row["result"] for row in results_gan.gan_large_rows(2, **fitting)}
    for name in repeated:
        assert found[name] == pytest.approx(table[name], abs=tolerance), name


def test_rivals_of_the_gan_table_are_those_of_the_digits_table() -> None:
    keys = ["digit", "seed"]
    gans, digits = results.load("gan"), results.load("digits")
    gans = gans[(gans.task == "left-out digit") & (gans.score == "its own")]
    for name in ("PCA", "kNN", "norm", "autoencoder"):
        one = gans[gans.method == name].set_index(keys).roc_auc
        other = digits[digits.detector == name].set_index(keys).roc_auc
        assert one.to_numpy() == pytest.approx(other.loc[one.index].to_numpy(), abs=2e-3), name


def test_two_tables_agree_where_they_overlap() -> None:
    keys = ["digit", "seed", "detector"]
    vae, digits = results.load("vae"), results.load("digits")
    vae = vae[vae.score.isin(["squared error", "its own"]) & (vae.detector != "untrained")]
    both = vae.merge(digits, on=keys, suffixes=("", "_before"))
    assert set(both.detector) == {"autoencoder", *RIVALS}
    assert both.roc_auc.to_numpy() == pytest.approx(both.roc_auc_before.to_numpy(), abs=2e-3)


def test_a_sampled_row_can_be_repeated() -> None:
    """Trains again what the tables claim; the tolerance is that of the last printed digit."""
    table = results.load("digits").set_index(["digit", "seed", "detector"]).roc_auc
    for row in tool.digits_rows(3, 1):
        found = table[row["digit"], row["seed"], row["detector"]]
        assert row["roc_auc"] == pytest.approx(found, abs=2e-3), row["detector"]


def test_a_sampled_vae_can_be_repeated() -> None:
    table = results.load("vae").set_index(["digit", "seed", "detector", "score"]).roc_auc
    for row in tool.vae_rows(5, 3, ["VAE", "VAE, width 2", "VAE, Bernoulli"]):
        found = table[row["digit"], row["seed"], row["detector"], row["score"]]
        assert row["roc_auc"] == pytest.approx(found, abs=5e-3), (row["detector"], row["score"])


@pytest.mark.slow
def test_a_sampled_defect_can_be_repeated() -> None:
    table = results.load("defects").set_index(["defect", "method", "score", "seed"]).roc_auc
    rivals = ["Laplacian", "PCA on patches", "isolation forest", "random"]
    for row in tool.defects_rows(2, rivals):
        found = table[row["defect"], row["method"], row["score"], row["seed"]]
        assert row["roc_auc"] == pytest.approx(found, abs=5e-3), row["method"]


@pytest.mark.slow
def test_sampled_gans_can_be_repeated() -> None:
    """Roughly: 1,500 steps of the game amplify the last digits, in which processors differ.

    One processor gave .83 where the table has .79; after 30 steps of training the test fails.
    """
    keys = ["task", "digit", "seed", "method", "score"]
    table = results.load("gan").set_index(keys).roc_auc
    for row in results_gan.gan_rows(4, 1, ["AnoGAN", "D(x) alone", "f-AnoGAN"]):
        found = table[tuple(row[key] for key in keys)]
        assert row["roc_auc"] == pytest.approx(found, abs=0.1), row
    keys = ["digit", "seed", "steps", "starts", "price", "weight"]
    searches = results.load("gan_search").set_index(keys)
    for row in results_gan.gan_search_rows(7, 2, [0.3], [0.1]):
        found = searches.loc[tuple(row[key] for key in keys)]
        assert row["roc_auc"] == pytest.approx(found.roc_auc, abs=0.1), row
        assert row["objective"] == pytest.approx(found.objective, rel=0.2), row
    health = results.load("gan_health").query("digit == 8 and seed == 0 and GAN == 'R1 penalty'")
    for row in results_gan.gan_health_rows(8, 0, ["R1 penalty"]):
        found = health.iloc[0][["coverage", "diversity", "distance", "accuracy"]]
        assert [row[key] for key in found.index] == pytest.approx(found.to_list(), abs=0.1)


def runs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "width": ["8", "8", "8", "8", "16", "16", "16", "16"],
            "digit": [0, 1, 0, 1, 0, 1, 0, 1],
            "seed": [0, 0, 1, 1, 0, 0, 1, 1],
            "roc_auc": [0.5, 0.7, 0.7, 0.9, 1.0, 0.8, 0.6, 0.8],
        }
    )


def test_over_seeds_is_exact() -> None:
    """Width 8 has .6 and .8 in its two seeds, width 16 .9 and .7; digits are averaged first."""
    found = results.over_seeds(runs(), by="width", column="roc_auc")
    assert found.to_dict("index") == {
        "8": {"mean": 0.7, "lowest": 0.6, "highest": 0.8},
        "16": {"mean": 0.8, "lowest": 0.7, "highest": 0.9},
    }
    assert list(found.index) == ["8", "16"], "in order of appearance"
    single = results.over_seeds(runs().query("digit == 1"), "width", "roc_auc", decimals=1)
    assert single.loc[["16"]].to_numpy().tolist() == [[0.8, 0.8, 0.8]]
    pairs = results.over_seeds(runs(), ["width", "digit"], "roc_auc")
    assert pairs.to_numpy()[1].tolist() == [0.8, 0.7, 0.9]


def test_over_seeds_takes_the_tables_of_the_course() -> None:
    architecture = results.load("architecture")
    found = results.over_seeds(
        architecture[architecture.choice == "latent"], by="value", column="roc_auc"
    )
    assert list(found.index) == list(tool.CHOICES["latent"])
    defects = results.load("defects")
    found = results.over_seeds(
        defects[defects.defect == "extra stroke"], by=["method", "score"], column="roc_auc"
    )
    assert len(found) == 2 * 8 + 3 and (found["lowest"] <= found["mean"]).all()


@pytest.mark.parametrize(
    ("table", "by", "column", "message"),
    [
        (runs(), "depth", "roc_auc", "no column 'depth'.*width, digit, seed"),
        (runs(), "width", "error", "no column 'error'"),
        (runs().drop(columns="seed"), "width", "roc_auc", "no column 'seed'"),
        (runs()[:0], "width", "roc_auc", "no rows"),
        (runs().astype({"roc_auc": str}), "width", "roc_auc", "should hold a number"),
        (runs().replace(0.5, float("nan")), "width", "roc_auc", "should hold a number"),
        (runs(), "seed", "roc_auc", "seeds are averaged over"),
        (runs(), "digit", "roc_auc", "same digit, seed and differ in: width"),
        (pd.concat([runs(), runs()]), "width", "roc_auc", "differ in: nothing else"),
        (runs()[:-1], "width", "roc_auc", "Not every width has runs of the same digit and seed"),
        (runs().drop([1, 6]), "width", "roc_auc", "Not every width"),
    ],
)
def test_over_seeds_names_what_is_wrong(
    table: pd.DataFrame, by: str, column: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        results.over_seeds(table, by, column)


def test_a_sampled_architecture_can_be_repeated() -> None:
    columns = ["choice", "value", "digit", "seed"]
    table = results.load("architecture").set_index(columns)
    for choice, value in (("latent", "16"), ("hidden layers", "3")):
        row = tool.architecture_row(choice, value, digit=6, seed=2)
        found = table.loc[tuple(row[column] for column in columns)]
        assert row["roc_auc"] == pytest.approx(found.roc_auc, abs=2e-3)
        assert row["error"] == pytest.approx(found.error, abs=2e-4)


def test_command_names_an_unknown_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        tool.main(["nonsense"])
    assert "there are digits, architecture, vae, sheet, defects" in capsys.readouterr().err


def test_a_sheet_can_be_repeated() -> None:
    table = results.load("sheet")
    assert set(table.seed) == set(tool.SHEETS) and len(table) == 2 * 9 * 5
    columns = ["kind", "seed", "detector"]
    torch.set_default_dtype(torch.float64)
    try:
        again = pd.DataFrame(tool.sheet_rows(21)).set_index(columns).roc_auc
    finally:
        torch.set_default_dtype(torch.float32)
    known = table.set_index(columns).roc_auc.loc[again.index]
    pd.testing.assert_series_equal(again, known, atol=0.005, rtol=0)


def test_over_seeds_keeps_rows_without_a_name_and_misses_no_run() -> None:
    table = pd.DataFrame({"score": [None, "a"] * 2, "seed": [0, 0, 1, 1], "roc_auc": [0.5] * 4})
    assert len(results.over_seeds(table, by="score", column="roc_auc")) == 2
    runs = [(digit, seed) for digit in (0, 1) for seed in (0, 1) if (digit, seed) != (1, 1)]
    holes = pd.DataFrame(runs, columns=["digit", "seed"]).assign(detector="a", roc_auc=0.5)
    with pytest.raises(ValueError, match="Not every detector"):
        results.over_seeds(holes, by="detector", column="roc_auc")
