"""How likely a click is: a matrix factorisation whose every number is drawn many times, not fitted once.

In: `Interactions`, and what is known of shoppers and products. Out: a `ClickModel`, which tells probabilities. Knows
neither files nor catalogs.

    P(click) = Phi(base + shopper's offset + product's offset + shopper's vector . product's vector + visit's effect)

Phi is the normal distribution's. Offsets and vectors are drawn towards what traits say (age, genre, ...) and who met
what at all, the more so the less is known; visits towards 0. The strength of every such pull is learned from the data,
so nothing has to be tuned to a data set. The probability is the mean over the draws: what is uncertain stays near the
middle, which is why it is nearly calibrated as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, ndtr, ndtri

from ranking.calibration import IDENTITY, Platt, fit_if_worth_it
from ranking.clicks.interactions import Codes, Interactions, require_contrast
from ranking.clicks.presence import presence_of
from ranking.clicks.sampling import Effects, Floats, Rows, Vectors, latent_scores
from ranking.clicks.visits import Visits

OnSweep = Callable[[int, int], None]
"""Called with (sweeps done, sweeps in all)."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How to fit. Of `n_sweeps` the first `n_warm` are left out and of the rest `n_draws` are kept, evenly spaced.

    `rank` is the vectors' width, `presence_rank` how many components of who met what are used, `gaps_s` after how many
    seconds of silence a visit ends.
    """

    n_sweeps: int = 300
    n_warm: int = 75
    n_draws: int = 60
    rank: int = 8
    presence_rank: int = 20
    gaps_s: tuple[int, ...] = (1800, 60)

    @classmethod
    def of_sweeps(cls, n_sweeps: int) -> "FitSettings":
        """The defaults, for a chain of another length.

        >>> FitSettings.of_sweeps(120)
        FitSettings(n_sweeps=120, n_warm=30, n_draws=24, rank=8, presence_rank=20, gaps_s=(1800, 60))
        """
        return cls(n_sweeps=n_sweeps, n_warm=n_sweeps // 4, n_draws=max(n_sweeps // 5, 1))


@dataclass(frozen=True, slots=True)
class Draw:
    """One state of the chain. Vectors are ``(n, rank + 1)``, the offset last; spreads are covariances, or variances."""

    base: float
    shoppers: NDArray[np.float32]
    products: NDArray[np.float32]
    shopper_spread: Floats
    product_spread: Floats
    visits: tuple[NDArray[np.float32], ...]
    visit_spreads: tuple[float, ...]

    def probability(self, shopper: Codes, product: Codes, visits: Sequence[Codes], unseen: "Unseen") -> Floats:
        """``(rows,)``; a part that was never observed counts with its mean, and its spread widens the middle."""
        ours, theirs = self.shoppers[shopper].astype(np.float64), self.products[product].astype(np.float64)
        score = self.base + ours[:, -1] + theirs[:, -1] + np.einsum("nk,nk->n", ours[:, :-1], theirs[:, :-1])
        spread = np.ones(len(shopper))
        for effects, variance, codes in zip(self.visits, self.visit_spreads, visits, strict=True):
            score += np.where(codes >= 0, effects[codes], 0.0)
            spread += np.where(codes >= 0, 0.0, variance)
        ours[:, -1] = theirs[:, -1] = 1.0
        for cold, other, covariance in (
            (unseen.shoppers[shopper], theirs, self.shopper_spread),
            (unseen.products[product], ours, self.product_spread),
        ):
            spread[cold] += np.einsum("nk,kl,nl->n", other[cold], covariance, other[cold])
        chance: Floats = ndtr(score / np.sqrt(spread))
        return chance


@dataclass(frozen=True, slots=True)
class Unseen:
    """Which shoppers and products had no observation."""

    shoppers: NDArray[np.bool_]
    products: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ClickModel:
    """Tells how likely a shopper clicks a product. Immutable; made by `fit`."""

    draws: tuple[Draw, ...]
    visits: tuple[Visits, ...]
    unseen: Unseen
    calibration: Platt = IDENTITY

    def probability(self, shopper: Codes, product: Codes, second: Codes | None = None) -> Floats:
        """The probabilities of clicks, ``(rows,)``, in (0, 1).

        Args:
            shopper: ``(rows,)``, numbers as in the `Interactions` that the model was fitted to.
            product: the same of products.
            second: when, in the unit of those; None where a visit is not to matter.
        """
        never = np.full(len(shopper), -1)
        found = [never if second is None else visits.find(shopper, second) for visits in self.visits]
        total = np.zeros(len(shopper))
        for draw in self.draws:
            total += draw.probability(shopper, product, found, self.unseen)
        chances: Floats = self.calibration(_logits(total / len(self.draws)))
        return chances

    def calibrated(self, held_out: Interactions) -> "ClickModel":
        """The same model with probabilities made honest on rows that it was not fitted to, where those ask for it."""
        plain = replace(self, calibration=IDENTITY)
        chance = plain.probability(held_out.shopper, held_out.product, held_out.second)
        return replace(plain, calibration=fit_if_worth_it(_logits(chance), held_out.clicked))


def _logits(chances: Floats) -> Floats:
    finite: Floats = logit(np.clip(chances, 1e-9, 1.0 - 1e-9))
    return finite


def fit(
    train: Interactions,
    shopper_traits: Floats | None = None,
    product_traits: Floats | None = None,
    settings: FitSettings | None = None,
    seed: int = 0,
    on_sweep: OnSweep | None = None,
) -> ClickModel:
    """Learn from what was clicked and what was not.

    The time grows in proportion to the rows; the same arguments give the same model on the same machine.

    Args:
        train: what to learn from.
        shopper_traits: ``(shoppers, f)``, see `ranking.clicks.traits`.
        product_traits: ``(products, f)``.
        settings: how to fit.
        seed: of the chain.
        on_sweep: told of progress.

    Raises:
        ModelError: there is nothing to learn (all or none clicked, one shopper, one product).
    """
    require_contrast(train)
    settings = settings or FitSettings()
    chain = _Chain(train, (shopper_traits, product_traits), settings, seed)
    kept = set(np.linspace(settings.n_sweeps, settings.n_warm, settings.n_draws, endpoint=False).round().astype(int))
    draws = []
    for sweep in range(1, settings.n_sweeps + 1):
        chain.sweep()
        if sweep in kept:
            draws.append(chain.state())
        if on_sweep:
            on_sweep(sweep, settings.n_sweeps)
    unseen = Unseen(~chain.shoppers.seen, ~chain.products.seen)
    return ClickModel(tuple(draws), chain.visits, unseen)


class _Chain:
    """The state that the sweeps move."""

    def __init__(
        self, train: Interactions, traits: tuple[Floats | None, Floats | None], settings: FitSettings, seed: int
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._shopper, self._product = train.shopper, train.product
        self._sign = np.where(train.clicked, 1.0, -1.0)
        self._base = float(ndtri(train.clicked.mean()))
        n, m = len(train.shopper_ids), len(train.product_ids)
        presence = presence_of(train.shopper, train.product, n, m, settings.presence_rank, seed)
        known = [met if some is None else np.hstack([some, met]) for some, met in zip(traits, presence, strict=True)]
        width = settings.rank + 1
        self.shoppers = Vectors(Rows.of(train.shopper, train.product, n, m), known[0], width, self._rng)
        self.products = Vectors(Rows.of(train.product, train.shopper, m, n), known[1], width, self._rng)
        gaps = () if train.second is None else settings.gaps_s
        self.visits = tuple(Visits.of(train.shopper, train.second, gap_s) for gap_s in gaps if train.second is not None)
        self._effects = [
            Effects(visits.find(train.shopper, train.second), visits.n)
            for visits in self.visits
            if train.second is not None
        ]

    def sweep(self) -> None:
        """Draw everything once, each part given the rest."""
        rng, matched = self._rng, self._matched()
        score = matched + self._base + sum((effect.fitted() for effect in self._effects), np.zeros(len(matched)))
        rest = latent_scores(rng, score, self._sign) - score
        moved = rng.normal(rest.mean(), len(rest) ** -0.5)
        self._base += moved
        rest -= moved
        for effect in self._effects:
            rest += effect.fitted()
            effect.draw(rng, rest)
            rest -= effect.fitted()
        target = rest + matched
        self.shoppers.draw(rng, self.products.values, target - self.products.values[self._product, -1])
        self.products.draw(rng, self.shoppers.values, target - self.shoppers.values[self._shopper, -1])

    def state(self) -> Draw:
        """A copy of where the chain stands."""
        return Draw(
            self._base,
            self.shoppers.values.astype(np.float32),
            self.products.values.astype(np.float32),
            self.shoppers.spread(),
            self.products.spread(),
            tuple(effect.values.astype(np.float32) for effect in self._effects),
            tuple(1.0 / effect.precision for effect in self._effects),
        )

    def _matched(self) -> Floats:
        ours, theirs = self.shoppers.values[self._shopper], self.products.values[self._product]
        matched: Floats = np.einsum("nk,nk->n", ours[:, :-1], theirs[:, :-1]) + ours[:, -1] + theirs[:, -1]
        return matched
