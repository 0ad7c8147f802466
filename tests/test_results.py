"""The tables of many runs: complete, and still what the code gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from anomalylab import results
from anomalylab.baselines import RIVALS
from anomalylab.models.vae import SCORINGS
from tools import results as tool


@pytest.fixture(autouse=True)
def in_64_bit() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_results_load() -> None:
    table = results.load("digits")
    assert set(table) == {"digit", "seed", "detector", "roc_auc"}
    assert {type(value) for value in results.load("architecture").value} == {str}
    with pytest.raises(ValueError, match="There are: architecture, digits"):
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
    assert table.groupby(["choice", "value"]).size().eq(30).all()


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
    assert "there are digits, architecture, vae" in capsys.readouterr().err
