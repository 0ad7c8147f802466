"""The tables of many runs: complete, and still what the code gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from anomalylab import results
from anomalylab.baselines import RIVALS
from tools import results as tool


@pytest.fixture(autouse=True)
def in_64_bit() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


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


def test_a_sampled_row_can_be_repeated() -> None:
    """Trains again what the tables claim; the tolerance is that of the last printed digit."""
    table = results.load("digits").set_index(["digit", "seed", "detector"]).roc_auc
    for row in tool.digits_rows(3, 1):
        found = table[row["digit"], row["seed"], row["detector"]]
        assert row["roc_auc"] == pytest.approx(found, abs=2e-3), row["detector"]


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
    assert "there are digits, architecture" in capsys.readouterr().err
