"""The training loop itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from anomalylab.detector import Detector, duplicate, errors, fit, for_scoring, score
from anomalylab.models import GAN, VAE, Autoencoder, DenoisingAutoencoder
from anomalylab.seeding import seeded
from anomalylab.windows import layout
from tests.stand_ins import BesideFrozen, Normed, Recurrent

X = np.random.default_rng(0).random((64, 6))


def build(**settings: object) -> Autoencoder:
    with seeded(0):
        return Autoencoder(6, hidden=(8,), latent=2, **settings)  # type: ignore[arg-type]


class Players(Detector):
    """Two players; the loss of each flows through both networks."""

    def __init__(self) -> None:
        super().__init__()
        self.sample_shape = (6,)
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.seen: list[bool] = []

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))

    def loss(self, x: Tensor, turn: str = "first", epoch: int = 0) -> Tensor:
        self.seen.append(self.second.weight.grad is not None)
        loss = self.score(x).mean()
        return loss if turn == "first" else -0.1 * loss

    def turns(self) -> Mapping[str, nn.Module]:
        return {"first": self.first, "second": self.second}


def test_history_tells_what_happened() -> None:
    history = fit(build(), X, validation=X[:10], epochs=5, seed=3)
    assert len(history.train) == len(history.validation) == 5
    assert history.train[-1] < history.train[0]
    assert history.validation[history.best_epoch - 1] == min(history.validation)
    assert "Trained 5 epochs (seed 3)" in str(history)


def test_best_weights_are_kept() -> None:
    detector = build()
    history = fit(detector, X[:8], validation=X[8:], epochs=300, lr=3e-2)
    assert history.best_epoch < 300, "this set should overfit"
    kept = float(np.mean(score(detector, X[8:])))
    assert kept == pytest.approx(min(history.validation), rel=1e-5)


def test_patience_stops_early() -> None:
    history = fit(build(), X[:8], validation=X[8:], epochs=2000, lr=3e-2, patience=5)
    assert history.stopped == "early"
    assert len(history.train) == history.best_epoch + 5


def test_interrupt_keeps_the_best_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    detector, calls = build(), []
    honest = detector.loss

    def impatient(x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        calls.append(epoch)
        if epoch == 3:
            raise KeyboardInterrupt
        return honest(x, turn, epoch)

    monkeypatch.setattr(detector, "loss", impatient)
    history = fit(detector, X, validation=X[:10], epochs=50)
    assert history.stopped == "by you" and len(history.train) == 3
    assert np.mean(score(detector, X[:10])) == pytest.approx(min(history.validation), rel=1e-5)


def test_one_players_loss_leaves_no_gradient_on_the_other() -> None:
    with seeded(0):
        players = Players()
    start = players.second.weight.clone()
    fit(players, X, epochs=1, batch_size=64)
    assert players.seen == [False, False], "the first turn leaked a gradient into the second player"
    assert not torch.equal(start, players.second.weight)
    assert set(fit(players, X, epochs=1).losses) == {"first", "second"}


def test_unused_parameter_is_named() -> None:
    detector = build()
    detector.idle = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="does not depend on idle.weight"):
        fit(detector, X)


def test_exploding_loss_is_reported() -> None:
    detector = build(output="linear")
    with pytest.raises(ValueError, match="Scale the data or lower lr"):
        fit(detector, X * 1e160, epochs=3)


@pytest.mark.parametrize("way", ["later epoch", "own error", "NaN in watch", "last step", "stop"])
def test_a_training_that_fails_loses_nothing(way: str) -> None:
    """The weights are as they were, batch normalisation too, and it can be fitted again."""

    class Failing(BesideFrozen):
        calls, broken = 0, True

        def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
            self.calls += 1
            loss = super().loss(x)
            if not self.broken or self.calls < 4:
                return loss
            if way == "own error":
                raise RuntimeError("a shape is wrong")
            if way == "stop":
                raise KeyboardInterrupt
            return loss * float("nan") if way == "later epoch" else loss

        def watch(self, x: Tensor) -> Tensor:
            bad = self.broken and way == "NaN in watch" and self.calls > 3
            return torch.tensor(float("nan")) if bad else self.loss(x).detach()

    x = np.random.default_rng(0).random((40, 10))
    detector = Failing()
    if way == "last step":
        next(detector.net.parameters()).register_hook(lambda gradient: gradient * float("nan"))
    before = {name: value.clone() for name, value in detector.state_dict().items()}
    watched = {"validation": x[:8]} if way == "NaN in watch" else {}
    steps = 1 if way == "last step" else 8
    error = {"own error": RuntimeError, "stop": KeyboardInterrupt}.get(way, ValueError)
    size = 8 if way == "stop" else 20
    with pytest.raises(error) as problem:
        fit(detector, x, steps=steps, batch_size=size, **watched)  # type: ignore[arg-type]
    assert all(torch.equal(before[name], v) for name, v in detector.state_dict().items())
    assert not detector.training
    if error is ValueError:
        assert "The weights are as they were before fit." in str(problem.value)
    detector.broken = False
    if way != "last step":
        fit(detector, x, steps=8)
        assert not torch.equal(before["net.0.weight"], detector.state_dict()["net.0.weight"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs is a whole number, 1 or more, and cannot be 0"),
        ({"epochs": 2.5}, "epochs is a whole number.*2.5"),
        ({"steps": 0}, "steps is a whole number"),
        ({"epochs": 1, "steps": 1}, "epochs or steps, not both"),
        ({"patience": 0, "validation": X}, "patience is a whole number"),
        ({"patience": -3, "validation": X}, "patience is a whole number"),
        ({"max_grad_norm": 0.0}, "max_grad_norm should be above 0"),
        ({"lr": np.nan}, "lr should be above 0"),
        ({"lr_decay": "step"}, "lr_decay should be one of None, 'cosine', not 'step'"),
        ({"batch_size": -1}, "batch_size"),
        ({"batch_size": None}, "batch_size and lr need a number"),
        ({"lr": None}, "batch_size and lr need a number"),
        ({"lr": 0}, "lr"),
        ({"patience": 3}, "patience needs validation"),
    ],
)
def test_bad_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(build(), X, **settings)  # type: ignore[arg-type]


def test_seeding_leaves_no_trace() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    fit(build(), X, epochs=1)
    assert torch.equal(torch.rand(1), expected)
    threads = torch.get_num_threads()
    assert threads == torch.get_num_threads()


def test_scoring_can_show_its_progress_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    detector = build()
    np.testing.assert_array_equal(
        score(detector, X, chunk=20, progress=True), score(detector, X, chunk=20)
    )
    said = capsys.readouterr().out
    assert said.startswith(f"\rscored 20 of {len(X)} ")
    assert said.count("\n") == 1 and f"scored {len(X)} of {len(X)} " in said.split("\r")[-1]


def test_progress_is_one_line_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    history = fit(build(), X, epochs=3, progress=True)
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 and str(history) in out and err == ""


def test_autoencoder_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Autoencoder(6, latent=0)
    with pytest.raises(ValueError, match="output should be one of 'sigmoid', 'linear'"):
        Autoencoder(6, output="relu")
    assert any(isinstance(m, nn.Dropout) for m in Autoencoder(6, dropout=0.2).modules())


def test_only_the_player_in_turn_is_in_training_mode() -> None:
    class Watched(Players):
        def loss(self, x: Tensor, turn: str = "first", epoch: int = 0) -> Tensor:
            modes.append((turn, self.first.training, self.second.training, self.training))
            return super().loss(x, turn, epoch)

    modes: list[tuple[str, bool, bool, bool]] = []
    fit(Watched(), X, validation=X[:5], epochs=2, batch_size=64)
    assert set(modes) == {
        ("first", True, False, False),
        ("second", False, True, False),
        ("first", False, False, False),  # the validation rows
    }


def test_a_frozen_network_stays_as_it_is() -> None:
    x = np.random.default_rng(0).normal(3, 2, (64, 10))
    detector = BesideFrozen()
    before = {k: v.clone() for k, v in detector.state_dict().items()}
    fit(detector, x, epochs=2)
    changed = {k for k, v in detector.state_dict().items() if not torch.equal(before[k], v)}
    assert changed and not any(name.startswith("frozen") for name in changed), changed
    assert "net.1.running_mean" in changed


def test_nothing_to_watch_keeps_the_last_weights() -> None:
    x = np.random.default_rng(0).random((64, 10))
    with seeded(0):
        one, two = GAN(10, (8,), 2), GAN(10, (8,), 2)
    two.load_state_dict(one.state_dict())
    history = fit(one, x, validation=x[:8], patience=1, epochs=5)
    fit(two, x, epochs=5)
    assert history.validation == [] and history.best_epoch == 5
    np.testing.assert_array_equal(score(one, x), score(two, x))


def test_what_is_watched_decides() -> None:
    class Upwards(Autoencoder):
        def watch(self, x: Tensor) -> Tensor:
            return -self.loss(x)

    with seeded(0):
        detector = Upwards(6, hidden=(8,), latent=2)
    history = fit(detector, X, validation=X[:10], epochs=5)
    assert history.best_epoch == int(np.argmin(history.validation)) + 1 == 1
    assert history.validation[0] < 0


def test_steps_count_batches() -> None:
    class Counted(Autoencoder):
        def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
            sizes.append(len(x))
            return super().loss(x, turn, epoch)

    for steps, epochs in ((1, 1), (3, 1), (4, 2), (8, 3)):
        sizes: list[int] = []
        history = fit(Counted(6), X[:49], steps=steps, batch_size=16)  # batches of 16, 16 and 17
        assert len(sizes) == steps and len(history.train) == epochs
    sizes = []
    fit(Counted(6), X[:3], epochs=1, batch_size=1)
    assert sizes == [1, 1, 1]


def test_the_optimiser_is_the_detectors() -> None:
    class Still(Autoencoder):
        def optimiser(
            self, turn: str, parameters: list[nn.Parameter], lr: float
        ) -> torch.optim.Optimizer:
            asked.append((turn, len(parameters), lr))
            return torch.optim.SGD(parameters, lr=0.0)

    asked: list[tuple[str, int, float]] = []
    with seeded(0):
        detector = Still(6, hidden=(8,), latent=2)
    before = score(detector, X)
    fit(detector, X, epochs=2, lr=0.5)
    assert asked == [("train", 8, 0.5)]
    np.testing.assert_array_equal(score(detector, X), before)


class Plain(Autoencoder):
    """Steps of plain gradient descent, so that their length is known."""

    rates: list[float]

    def optimiser(
        self, turn: str, parameters: list[nn.Parameter], lr: float
    ) -> torch.optim.Optimizer:
        self.made = torch.optim.SGD(parameters, lr=lr)
        return self.made

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        self.__dict__.setdefault("rates", []).append(self.made.param_groups[0]["lr"])
        return super().loss(x, turn, epoch)


def test_gradients_are_shortened_to_the_limit() -> None:
    def moved(limit: float | None) -> float:
        with seeded(0):
            detector = Plain(6, hidden=(8,), latent=2)
        before = nn.utils.parameters_to_vector(detector.parameters()).clone()
        fit(detector, X, steps=1, lr=1.0, max_grad_norm=limit)
        after = nn.utils.parameters_to_vector(detector.parameters())
        return float((after - before).norm().detach())

    assert moved(None) > 2e-3
    assert moved(1e-3) == pytest.approx(1e-3, rel=1e-3)


def test_the_learning_rate_falls_along_a_cosine() -> None:
    with seeded(0):
        detector = Plain(6, hidden=(8,), latent=2)
    fit(detector, X, epochs=2, batch_size=32, lr=0.4, lr_decay="cosine")
    expected = 0.2 * (1 + np.cos(np.pi * np.arange(4) / 4))
    np.testing.assert_allclose(detector.rates, expected)


def test_interrupt_without_validation_says_which_weights_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detector = build()
    honest = detector.loss

    def impatient(x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        if epoch == 3:
            raise KeyboardInterrupt
        return honest(x, turn, epoch)

    monkeypatch.setattr(detector, "loss", impatient)
    history = fit(detector, X, epochs=50)
    assert history.stopped == "by you" and history.best_epoch == 4, "the unfinished epoch counts"


def test_a_validation_loss_that_is_no_number_is_reported() -> None:
    class Overflowing(Autoencoder):
        def watch(self, x: Tensor) -> Tensor:
            return torch.tensor(float("nan"))

    with pytest.raises(ValueError, match="validation loss became nan in epoch 1"):
        fit(Overflowing(6), X, validation=X, epochs=2)


class Silent(Detector):
    """No parameters, and a score that is not always a number."""

    sample_shape = (6,)

    def errors(self, x: Tensor) -> Tensor:
        return torch.where(x > 0.99, torch.nan, x**2)


def test_no_parameters() -> None:
    with pytest.raises(ValueError, match="train turn of this detector has no parameters"):
        fit(Silent(), X)
    np.testing.assert_allclose(score(Silent(), X[:2] / 2), (X[:2] ** 2 / 4).mean(1))


def test_a_score_that_is_no_number_is_an_error() -> None:
    rows = np.full((4, 6), 0.5)
    rows[2, 1] = 1.0
    with pytest.raises(ValueError, match=r"Silent.score gives no number \(NaN\) for row 2"):
        score(Silent(), rows)
    with pytest.raises(ValueError, match=r"Silent.errors.*row 2"):
        errors(Silent(), rows)


def test_scoring_copies_only_what_it_must() -> None:
    detector = build().double()
    assert for_scoring(detector) is not detector, "in training mode"
    assert for_scoring(detector.eval()) is detector
    single = for_scoring(build().float().eval())
    assert next(single.parameters()).dtype == torch.float64
    assert for_scoring(Recurrent().float().eval()).scoring_dtype == torch.float32
    half_awake = build().double().eval()
    half_awake.encoder.train()
    assert for_scoring(half_awake) is not half_awake


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_weights_computed_from_weights_can_be_copied() -> None:
    old = Normed()
    old.net[2] = nn.utils.weight_norm(nn.Linear(16, 10))
    x = np.random.default_rng(0).random((20, 10))
    fit(old, x, epochs=2)
    twin = duplicate(old)
    np.testing.assert_array_equal(score(twin, x), score(old, x))
    assert next(twin.parameters()) is not next(old.parameters())


def test_arguments_are_recorded() -> None:
    with seeded(0):
        vae = VAE(6, (8,), 2, likelihood="gaussian")
    vae.beta, vae.scoring = 3.0, "elbo"
    again = vae.untrained()
    assert again.likelihood == "gaussian"
    again.load_state_dict(vae.state_dict())
    assert (again.beta, again.scoring) == (3.0, "elbo"), "what was changed travels with the weights"
    np.testing.assert_array_equal(score(again, X), score(vae, X))
    assert VAE(6).beta == 1.0, "one detector's arguments are not another's"


def test_windows_train_and_score_like_copies_of_them() -> None:
    rows = np.random.default_rng(0).random((40, 2))
    windows = layout(None, 40, 5).of(rows)
    copies = np.stack([rows[i : i + 5] for i in range(36)])
    scores = []
    for x in (windows, copies):
        with seeded(0):
            detector = Recurrent()
        fit(detector, x, epochs=2)
        scores.append(score(detector, x))
    np.testing.assert_array_equal(scores[0], scores[1])
    with pytest.raises(ValueError, match=r"shape \(4, 2\).*windows of 5 row.* are 10 values"):
        score(Recurrent(4), windows)


def test_a_player_in_a_container_of_its_own_stays_in_training_mode() -> None:
    class Contained(Autoencoder):
        def turns(self) -> Mapping[str, nn.Module]:
            return {"train": nn.ModuleList([self.encoder, self.decoder])}

        def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
            if torch.is_grad_enabled():
                modes.append(self.encoder.training)
            return super().loss(x, turn, epoch)

    modes: list[bool] = []
    fit(Contained(6), X, validation=X[:8], epochs=3)
    assert modes == [True] * 3


@pytest.mark.parametrize(
    ("method", "wrong", "message"),
    [
        (
            "reconstruct",
            lambda x: x.mean(1),
            r"reconstruct should return a tensor of shape \(64, 6\).*\(64,\)",
        ),
        ("score", lambda x: x[:, :1], r"score should return a tensor of shape \(64,\).*\(64, 1\)"),
        (
            "score",
            lambda x: x.mean(),
            r"score should return a tensor of shape \(64,\).*returns \(\)",
        ),
        ("errors", lambda x: x.mean(0), r"errors should return a tensor of shape \(64, 6\)"),
    ],
)
def test_another_shape_is_an_error(
    monkeypatch: pytest.MonkeyPatch, method: str, wrong: object, message: str
) -> None:
    detector = build()
    monkeypatch.setattr(detector, method, wrong)
    with pytest.raises(ValueError, match=message):
        (errors if method == "errors" else score)(detector, X)


def test_scoring_is_in_the_scoring_dtype_without_parameters_too() -> None:
    class Plain(Detector):
        sample_shape = (2,)

        def errors(self, x: Tensor) -> Tensor:
            return x**2

    assert score(Plain(), [[1e8 + 1, 0.0]])[0] == (1e8 + 1) ** 2 / 2


def test_a_careless_detector_harms_nobody_else() -> None:
    class Careless(Players):
        def loss(self, x: Tensor, turn: str = "first", epoch: int = 0) -> Tensor:
            sums.append((turn, float(x.sum())))
            loss = self.score(x.clone()).mean()
            x.mul_(0)
            return loss

    sums: list[tuple[str, float]] = []
    fit(Careless(), X, validation=X[:8], epochs=2, batch_size=64)
    whole, eight = X.sum(), X[:8].sum()
    expected = [eight, whole, whole, eight, whole, whole, eight]
    np.testing.assert_allclose([total for _, total in sums], expected, rtol=1e-5)


def test_arguments_are_recorded_as_they_were() -> None:
    class Holding(Detector):
        def __init__(self, net: nn.Linear, widths: list[int]) -> None:
            super().__init__()
            self.sample_shape, self.widths = (6,), widths
            self.net: nn.Linear = net

        def reconstruct(self, x: Tensor) -> Tensor:
            return self.net(x)

    widths, detector = [8], Holding(nn.Linear(6, 6), [8])
    detector = Holding(detector.net, widths)
    before = detector.untrained().net.weight.clone()
    fit(detector, X, epochs=2)
    widths.append(3)
    assert detector.untrained().widths == [8]
    assert torch.equal(detector.untrained().net.weight, before)


def test_a_subclass_with_its_own_constructor_can_be_built_again() -> None:
    class Wide(VAE):
        def __init__(self, n: int) -> None:
            super().__init__(n, beta=2.0)

    assert Wide(6).untrained().beta == 2.0
    changed, again = Wide(6), Wide(6)
    changed.scoring = "importance"
    again.load_state_dict(changed.state_dict())
    assert again.scoring == "importance"


def test_watching_a_loss_that_needs_gradients_is_refused_before_training() -> None:
    class Contractive(Autoencoder):
        def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
            calls.append(epoch)
            x = x.clone().requires_grad_()
            z = self.encode(x)
            slope = torch.autograd.grad(z.sum(), x, create_graph=True)[0]
            return super().loss(x) + slope.square().mean()

    calls: list[int] = []
    with pytest.raises(ValueError, match="Contractive.watch needs gradients"):
        fit(Contractive(6), X, validation=X[:8], epochs=2)
    assert len(calls) == 1
    fit(Contractive(6), X, epochs=2)


def test_weights_that_are_no_numbers_are_reported_at_the_last_step_too() -> None:
    class Rooted(Autoencoder):
        def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
            return super().loss(x) + ((self.reconstruct(x) * 0) ** 2).sum().sqrt()

    with pytest.raises(ValueError, match="weights that are no numbers"):
        fit(Rooted(6), X, steps=1)


def test_what_is_watched_late_counts_its_epochs() -> None:
    class Late(Autoencoder):
        calls = 0

        def watch(self, x: Tensor) -> Tensor | None:
            self.calls += 1
            return None if self.calls < 4 else super().watch(x)

    history = fit(Late(6), X, validation=X[:8], epochs=5)
    assert history.best_epoch >= 3 and len(history.validation) == 3
    assert "validation loss" in str(history)


def test_what_a_loss_and_a_shape_should_be() -> None:
    class Vector(Autoencoder):
        def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
            return self.score(x)

    with pytest.raises(ValueError, match="one number, a tensor"):
        fit(Vector(6), X)
    with pytest.raises(ValueError, match="Detector should set sample_shape"):
        score(Detector(), X)
    fit(build(), X, batch_size=np.int64(16), epochs=1)  # type: ignore[arg-type]


def test_watching_sees_the_same_noise_and_takes_none_from_training() -> None:
    class Still(DenoisingAutoencoder):
        def optimiser(
            self, turn: str, parameters: list[nn.Parameter], lr: float
        ) -> torch.optim.Optimizer:
            return torch.optim.SGD(parameters, lr=0.0)

    with seeded(0):
        detector = Still(6)
    history = fit(detector, X, validation=X[:8], epochs=3)
    assert len(set(history.validation)) == 1
    assert history.losses == fit(detector, X, epochs=3).losses


def test_a_network_that_works_in_place_is_compared_with_the_x_it_got() -> None:
    class InPlace(Detector):
        def __init__(self) -> None:
            super().__init__()
            self.sample_shape = (6,)
            self.net = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(6, 6))

        def reconstruct(self, x: Tensor) -> Tensor:
            return self.net(x)

    detector, x = InPlace().double().eval(), X - 0.5
    expected = ((x - detector.net(torch.tensor(x)).detach().numpy()) ** 2).mean(1)
    np.testing.assert_allclose(score(detector, x), expected)


def test_a_loss_may_freeze_and_thaw_its_players() -> None:
    class Toggling(Players):
        def loss(self, x: Tensor, turn: str = "first", epoch: int = 0) -> Tensor:
            modes.append((turn, self.first.training, self.second.training))
            self.first.requires_grad_(turn == "first")
            self.second.requires_grad_(turn == "second")
            return super().loss(x, turn, epoch)

    modes: list[tuple[str, bool, bool]] = []
    fit(Toggling(), X, epochs=3, batch_size=64)
    assert set(modes) == {("first", True, False), ("second", False, True)}


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_what_cannot_be_copied_among_the_arguments_harms_nothing() -> None:
    class Fed(Autoencoder):
        def __init__(self, numbers: Iterator[int]) -> None:
            super().__init__(6)
            self.first = next(numbers)

    detector = Fed(iter([3]))
    fit(detector, X, epochs=1)
    assert len(score(detector, X)) == 64


def test_slips_of_every_day_hear_what_is_wrong() -> None:
    class Pair(Autoencoder):
        def reconstruct(self, x: Tensor) -> Tensor:
            return super().reconstruct(x), x  # type: ignore[return-value]

    class Detached(Autoencoder):
        def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
            return super().loss(x).detach()

    with pytest.raises(ValueError, match="reconstruct should return a tensor.*returns tuple"):
        score(Pair(6), X)
    with pytest.raises(ValueError, match="a tensor with gradient"):
        fit(Detached(6), X)
