"""Section 4.3: detectors on top of a GAN: a search for z, and encoders that replace the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from anomalylab.inputs import check_choice
from anomalylab.models.autoencoder import layers
from anomalylab.models.convolutional import encoder
from anomalylab.models.gan import GAN, Discriminator
from anomalylab.seeding import fixed_noise

ROUTES = ("izi_f", "izi", "ziz")


class AnoGAN(GAN):
    """Search for the z whose G(z) is nearest to x (Schlegl et al. 2017; chapter 4.3.2).

    For every row, from several starts, Adam minimises over z (G and D stay as they are)

        A(x, z) + price · mean(z²),   A(x, z) = (1 − weight) · L_R + weight · L_D,
        L_R = mean |x − G(z)|  (residual loss),   L_D = mean |f(x) − f(G(z))|  (feature loss)

    where f is D's feature layer. All are means, over features, units and numbers of z. The best z
    of all steps and starts is x's code, G of it the reconstruction, and A at it the score.

    Parameters
    ----------
    n_features, hidden, latent, **settings
        As in `GAN`. To search in a GAN that is trained already: ``AnoGAN.on(gan, steps=100)``.
    steps : int
        Steps of the search; 0 only compares the starts.
    starts : int
        How many starts; the same fixed ones for every row.
    weight : float in [0, 1]
        Of the feature loss; the λ of chapter 4.3.3.
    price : float
        Price of a z that the prior would hardly draw, at least 0; not part of the score.
    patience : int, optional
        A start of a row stops after this many steps without a better objective.
    rate : float
        Adam's step size in the search.
    """

    starts: Tensor

    def __init__(
        self,
        n_features: int,
        *args: Any,
        steps: int = 30,
        starts: int = 4,
        weight: float = 0.1,
        price: float = 0.3,
        patience: int | None = None,
        rate: float = 0.1,
        **settings: Any,
    ) -> None:
        super().__init__(n_features, *args, **settings)
        if steps % 1 or steps < 0 or starts < 1 or not (patience is None or patience >= 1):
            raise ValueError("steps is at least 0 and whole, starts and patience are at least 1.")
        if not (0 <= weight <= 1 and 0 <= price < inf and 0 < rate < inf):
            raise ValueError("weight is between 0 and 1, price at least 0 and rate above 0.")
        self.steps, self.weight, self.price, self.rate = int(steps), weight, price, rate
        self.patience = inf if patience is None else patience
        z = fixed_noise(starts, self.latent)
        self.register_buffer("starts", z.to(torch.get_default_dtype()))

    def features(self, x: Tensor) -> Tensor:
        """Return f(x), D's feature layer, shape (batch, width)."""
        return self.discriminator.features(x)

    def losses(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return L_R and L_D of x (batch, n_features) and z (…, batch, latent): (…, batch) each."""
        drawn = self.generator(z.flatten(0, -2))
        found = self.features(drawn).unflatten(0, z.shape[:-1])
        residual = (x - drawn.unflatten(0, z.shape[:-1])).abs().mean(-1)
        return residual, (self.features(x) - found).abs().mean(-1)

    def objective(self, x: Tensor, z: Tensor) -> Tensor:
        """What the search minimises, shape (…, batch)."""
        return self._score(x, z) + self.price * (z**2).mean(-1)

    def _score(self, x: Tensor, z: Tensor) -> Tensor:
        residual, feature = self.losses(x, z)
        return (1 - self.weight) * residual + self.weight * feature

    def encode(self, x: Tensor) -> Tensor:
        """Return the best z of every row, shape (batch, latent)."""
        return self._search(x)[0]

    def errors(self, x: Tensor) -> Tensor:
        """Absolute residual of every feature, |x − G(z)|, shape of x."""
        return (x - self(x)).abs()

    def score(self, x: Tensor) -> Tensor:
        """A(x, z) at the best z, shape (batch,)."""
        return self._score(x, self.encode(x))

    def walk(self, x: Tensor) -> Tensor:
        """Return every z that the best start of each row came through, (batch, steps + 1, latent).

        A start that has stopped stays where it is.
        """
        path: list[Tensor] = []
        start = self._search(x, path)[1]
        return torch.stack(path, dim=2)[start, torch.arange(len(x))]

    def _search(self, x: Tensor, path: list[Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """The best z of every row and the number of its start; all rows and starts at once.

        No row changes another's: the objective is a sum, and Adam moves each number by itself.
        """
        z = self.starts[:, None].repeat(1, len(x), 1).requires_grad_()
        found, best = z.detach().clone(), torch.full_like(z[..., 0], inf)
        going = torch.ones_like(best, dtype=torch.bool)
        waited = torch.zeros_like(best)
        optimiser = torch.optim.Adam([z], lr=self.rate)
        for _ in range(self.steps + 1):
            with torch.enable_grad():
                objective = self.objective(x, z)
                (z.grad,) = torch.autograd.grad(objective.sum(), z)
            if path is not None:
                path.append(z.detach().where(going[..., None], path[-1] if path else z))
            better = (objective < best) & going
            best = objective.detach().where(better, best)
            found = z.detach().where(better[..., None], found)
            waited = (waited + 1).where(~better, 0)
            going = going & (waited < self.patience)
            if path is None and not going.any():
                break
            optimiser.step()
        start = best.argmin(0)
        return found[start, torch.arange(len(x))], start


class FastAnoGAN(GAN):
    """f-AnoGAN: an encoder instead of the search (Schlegl et al. 2019; chapter 4.3.4).

    The encoder E learns on normal rows, while G and D stay as they are, to minimise one of

    - "ziz": mean (z − E(G(z)))²,  z ~ N(0, I);
    - "izi": mean (x − G(E(x)))²;
    - "izi_f": the same + kappa · mean (f(x) − f(G(E(x))))², f being D's feature layer;

    plus price · mean(E(x)²). The score is mean (x − x_hat)² + kappa · mean (f(x) − f(x_hat))², with
    x_hat = G(E(x)): one pass, no search.

    Parameters
    ----------
    n_features, **settings
        As in `GAN`. ``FastAnoGAN.on(gan)`` takes a trained GAN, and `fit` trains the encoder alone;
        without it the encoder has its turn after G, and follows G as it learns.
    route : {"izi_f", "izi", "ziz"}
    kappa : float
        Weight of the features, at least 0.
    price : float
        Price of a z that the prior would hardly draw, at least 0.
    """

    def __init__(
        self,
        n_features: int,
        *args: Any,
        route: str = "izi_f",
        kappa: float = 1.0,
        price: float = 0.3,
        **settings: Any,
    ) -> None:
        super().__init__(n_features, *args, **settings)
        check_choice("route", route, ROUTES)
        if not (0 <= kappa < inf and 0 <= price < inf):
            raise ValueError("kappa and price are at least 0.")
        self.route, self.kappa, self.price = route, kappa, price
        self.encoder = _encoder(self)

    def turns(self) -> Mapping[str, nn.Module]:
        """The players of the GAN, if it is not trained yet, and the encoder."""
        players = {} if self.frozen else super().turns()
        return {**players, "encoder": self.encoder}

    def watch(self, x: Tensor) -> Tensor | None:
        """The loss of the encoder, if it alone is trained."""
        return self.loss(x) if self.frozen else None

    def encode(self, x: Tensor) -> Tensor:
        """Return z = E(x), shape (batch, latent)."""
        return self.encoder(x)

    def loss(self, x: Tensor, turn: str = "encoder", epoch: int = 0) -> Tensor:
        """The loss of the chosen route, or in its turn that of a player of the GAN."""
        if turn != "encoder":
            return super().loss(x, turn, epoch)
        code = self.encoder(x)
        if self.route == "ziz":
            z = self.prior(x)
            error = ((z - self.encoder(self.generator(z))) ** 2).mean()
        else:
            error = self._score(x, code, self.kappa if self.route == "izi_f" else 0).mean()
        return error + self.price * (code**2).mean()

    def score(self, x: Tensor) -> Tensor:
        """Anomaly score, shape (batch,)."""
        return self._score(x, self.encoder(x), self.kappa)

    def _score(self, x: Tensor, z: Tensor, kappa: float) -> Tensor:
        x_hat, features = self.generator(z), self.discriminator.features
        return ((x - x_hat) ** 2).mean(1) + kappa * ((features(x) - features(x_hat)) ** 2).mean(1)


class EGBAD(GAN):
    """A GAN that learns its encoder in the game (BiGAN; Zenati et al. 2018, chapter 4.3.4).

    D judges pairs: (x, E(x)) for real, (G(z), z) for made. G and E play together against it:

        D: −log σ(D(x, E(x))) − log(1 − σ(D(G(z), z))) + penalty/2 · ‖∂D(x, E(x))‖²
        G, E: −log σ(D(G(z), z)) − log(1 − σ(D(x, E(x)))) + reconstruction · mean (x − G(E(x)))²

    In theory E inverts G; in practice it hardly does. The last term mends that, and is an
    autoencoder's: it is **not** in the paper, and 0 leaves it out. The score is

        (1 − weight) · mean |x − x_hat| + weight · mean |f(x, E(x)) − f(x_hat, E(x))|

    with x_hat = G(E(x)) and D's feature layer f.

    Parameters
    ----------
    n_features, hidden, latent, **settings
        As in `GAN`, with the non-saturating game. D stays dense also for pictures.
    weight : float in [0, 1]
        Of the features in the score.
    reconstruction : float
        Weight of the reconstruction in the loss, at least 0.
    """

    pairs = True

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int] = (64, 64),
        *args: Any,
        weight: float = 0.1,
        reconstruction: float = 1.0,
        **settings: Any,
    ) -> None:
        super().__init__(n_features, hidden, *args, **settings)
        if not (0 <= weight <= 1 and 0 <= reconstruction < inf):
            raise ValueError("weight is between 0 and 1, reconstruction at least 0.")
        if self.game != "non-saturating":
            raise ValueError("EGBAD plays the non-saturating game only: leave game out.")
        self.weight, self.reconstruction = weight, reconstruction
        self.encoder = _encoder(self)
        body = layers([n_features + self.latent, *hidden], activation="leaky")
        self.discriminator = Discriminator(
            body.append(nn.LeakyReLU(0.2)), hidden[-1]
        ).requires_grad_(not self.frozen)

    def turns(self) -> Mapping[str, nn.Module]:
        """D's turn, then the turn of G and E together."""
        both = nn.ModuleList([self.generator, self.encoder])
        return {"discriminator": self.discriminator, "generator and encoder": both}

    def encode(self, x: Tensor) -> Tensor:
        """Return z = E(x), shape (batch, latent)."""
        return self.encoder(x)

    def loss(self, x: Tensor, turn: str = "discriminator", epoch: int = 0) -> Tensor:
        """What the player whose turn it is minimises, mean over the batch."""
        z, code = self.prior(x), self.encoder(x)
        real, made = torch.cat([x, code], 1), torch.cat([self.generator(z), z], 1)
        if turn == "discriminator":
            return self.play(real.detach(), made.detach())
        error = ((x - self.generator(code)) ** 2).mean()
        game = softplus(-self.discriminator(made)) + softplus(self.discriminator(real))
        return game.mean() + self.reconstruction * error

    def errors(self, x: Tensor) -> Tensor:
        """Absolute residual of every feature, |x − x_hat|, shape of x."""
        return (x - self(x)).abs()

    def score(self, x: Tensor) -> Tensor:
        """Anomaly score, shape (batch,)."""
        z = self.encoder(x)
        x_hat, features = self.generator(z), self.discriminator.features
        pairs = features(torch.cat([x, z], 1)) - features(torch.cat([x_hat, z], 1))
        residual = (x - x_hat).abs().mean(1)
        return (1 - self.weight) * residual + self.weight * pairs.abs().mean(1)


def _encoder(gan: GAN) -> nn.Sequential:
    """From x to z, built like the discriminator of this GAN."""
    plan = gan.plan
    widths = [*plan["hidden"], gan.latent]
    return encoder(plan["n_features"], widths, plan["image_shape"], plan["channels"])
