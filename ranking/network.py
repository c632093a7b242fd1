"""The two-tower matcher as a torch module, and how it is fitted.

In: `Examples`. Out: the tensors that `ranking.matcher.TwoTowerMatcher` serves with; a test holds the two formulas
together. Knows neither events nor files.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ranking.examples import SHARED, Examples
from ranking.features import SCALARS
from ranking.matcher import HEAD, OF_REVIEWS, PROFILE_SHRINKAGE, TOWERS
from ranking.metrics import ndcg_at
from ranking.personal import SEEN

START = {
    "relevance": 6.0, "query_match": 1.0, "profile_match": 2.0, "taste": 0.5, "budget_fit": 3.0, "level_fit": 0.5,
    "brand_fit": 0.5, "size_fit": 1.0, "audience_fit": 1.0, "quality": 0.2, "popularity": 0.0, "novelty": 0.1,
    "stock": 0.5, "stated_like": 1.0, "stated_dislike": 2.0, **OF_REVIEWS,
}  # fmt: skip
"""The coefficients before training; training is drawn towards them. They stand where the events say nothing: of sizes
and dislikes in any log, of tastes where no model of them is there."""

FULL, EMPTY, STATED_ONLY = range(3)
PROFILE_MIX = (0.5, 0.2, 0.3)
"""How often a training search is seen with its whole profile, with none, and with stated likes alone."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How to train. `rank` is the towers' inner width; the decays draw the towers to the identity and the head to
    `START`; the coefficients of `held` stay there, whatever the events seem to say of them."""

    rank: int = 64
    n_epochs: int = 30
    patience: int = 4
    batch_size: int = 256
    tower_rate: float = 2e-3
    head_rate: float = 3e-2
    query_decay: float = 20.0
    product_decay: float = 0.1
    head_decay: float = 1e-3
    dropout: float = 0.1
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass over the training searches came to. `validation_ndcg` is NDCG@5 in [0, 1], higher is better."""

    number: int
    loss: float
    validation_ndcg: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """The tensors of the best epoch, and all epochs."""

    tensors: dict[str, NDArray[np.float32]]
    best_epoch: int
    epochs: tuple[Epoch, ...]


class Batch:
    """Some examples as tensors: B searches, C candidates, P products."""

    def __init__(self, examples: Examples, rows: NDArray[np.int64], modes: NDArray[np.int64]) -> None:
        """`modes` says for each search what of its profile is seen."""
        listings, queries = examples.listings, examples.query[rows]
        seen = (modes == FULL)[:, None]
        distance = np.abs(listings.price_positions[queries] - examples.levels[rows][:, None])
        columns = {
            **{name: listings.shared[queries, :, place] for place, name in enumerate(SHARED)},
            "level_fit": np.where(seen, -np.nan_to_num(distance), 0.0),
            "taste": np.where(seen, examples.taste[rows], 0.0),
            "brand_fit": np.where(seen, examples.brand_fit[rows], 0.0),
            # No event says which size was meant.
            "size_fit": np.zeros_like(distance),
            "stated_like": np.where((modes == STATED_ONLY)[:, None], examples.stated_like[rows], 0.0),
            "stated_dislike": np.where(seen, examples.stated_dislike[rows], 0.0),
        }
        columns["novelty"] = columns["novelty"] - SEEN * np.where(seen, examples.seen[rows], 0.0)
        history = np.zeros((len(rows), len(listings.ids)), dtype=np.float32)
        for place, row in enumerate(rows):
            if modes[place] == FULL:
                products, weights = examples.history[row]
                history[place, products] = weights
        self.scalars = torch.from_numpy(np.stack([columns[name] for name in SCALARS], axis=2).astype(np.float32))
        self.queries = torch.from_numpy(listings.queries[queries])
        self.candidates = torch.from_numpy(listings.candidates[queries])
        self.known = torch.from_numpy(listings.known[queries])
        self.gains = torch.from_numpy(examples.gains[rows])
        self.weights = torch.from_numpy(examples.weights[rows])
        self.history = torch.from_numpy(history)


class TwoTower(nn.Module):
    """The formula of `ranking.matcher`, differentiable."""

    def __init__(self, dimension: int, settings: FitSettings, generator: torch.Generator) -> None:
        """Start at the identity: the `down` matrices are orthonormal, the `up` matrices zero."""
        super().__init__()
        rank = min(settings.rank, dimension)
        for name in TOWERS:
            random = torch.randn(dimension, rank, generator=generator)
            start = torch.linalg.qr(random).Q if name.endswith("down") else torch.zeros(dimension, rank)
            self.register_parameter(name, nn.Parameter(start))
        free = [START[name] if name == "popularity" else float(np.log(np.expm1(START[name]))) for name in HEAD]
        self.head = nn.Parameter(torch.tensor(free))
        self.register_buffer("head_start", self.head.detach().clone())
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, batch: Batch, products: Tensor) -> Tensor:
        """Scores ``(B, C)``; `products` is ``(P, d)``. Padded candidates score -inf."""
        unit = self._tower("product", products)
        query = (self._tower("query", batch.queries) - batch.queries) @ products.T
        shopper = batch.history @ unit / (batch.history.sum(dim=1, keepdim=True) + PROFILE_SHRINKAGE)
        towers = torch.stack([query.gather(1, batch.candidates), (shopper @ unit.T).gather(1, batch.candidates)], dim=2)
        scores = torch.cat([towers, batch.scalars], dim=2) @ self.coefficients()
        return scores.masked_fill(~batch.known, -torch.inf)

    def coefficients(self) -> Tensor:
        """``(len(HEAD),)``: non-negative but for popularity (free) and stated_dislike (never positive)."""
        positive = functional.softplus(self.head)
        is_free = torch.tensor([name == "popularity" for name in HEAD])
        sign = torch.tensor([-1.0 if name == "stated_dislike" else 1.0 for name in HEAD])
        return torch.where(is_free, self.head, positive * sign)

    def _tower(self, name: str, rows: Tensor) -> Tensor:
        down, up = self.get_parameter(f"{name}_down"), self.get_parameter(f"{name}_up")
        return functional.normalize(rows + self.dropout(rows @ down) @ up.T, dim=1, eps=1e-9)

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """A copy of the parameters, by name."""
        return {name: parameter.detach().numpy().copy() for name, parameter in self.named_parameters()}


def listwise_loss(scores: Tensor, gains: Tensor, weights: Tensor) -> Tensor:
    """The cross-entropy of the softmax of the scores against the gains' shares, mean over searches.

    A gain of which only a share p of the shoppers would have looked stands for 1 / p gains, so the shares are those of
    gain times weight. They are taken within each search: to let a search whose one gain stood far down count several
    times as much as a whole, too, is without bias as well, but came out noisier (docs/figures.md).

    Args:
        scores: ``(B, C)``, padded candidates -inf.
        gains: ``(B, C)``, a search with none is not allowed.
        weights: ``(B, C)``, all > 0, one over the chance that a gain's position was looked at.

    Source: Cao et al. 2007, Learning to rank: from pairwise approach to listwise approach (ListNet, top one); the
    weights, Joachims et al. 2017, Unbiased learning-to-rank with biased feedback, section 4.
    """
    weighted = gains * weights
    target = weighted / weighted.sum(dim=1, keepdim=True)
    log_shares = functional.log_softmax(scores, dim=1).masked_fill(scores == -torch.inf, 0.0)
    return -(target * log_shares).sum(dim=1).mean()


def fit(
    examples: Examples,
    train: NDArray[np.int64],
    validation: NDArray[np.int64],
    settings: FitSettings,
    seed: int,
    on_epoch: Callable[[Epoch], None],
) -> Fitted:
    """Train until validation NDCG@5 has not risen for `patience` epochs; the best epoch's tensors are kept.

    The same inputs and seed give the same tensors on the same machine.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        products = torch.from_numpy(examples.listings.products)
        model = TwoTower(products.shape[1], settings, torch.Generator().manual_seed(seed))
        optimiser = _optimiser(model, settings)
        best, best_number, best_ndcg = model.tensors(), 0, _validation_ndcg(model, examples, validation)
        epochs = [Epoch(0, float("nan"), best_ndcg)]
        for number in range(1, settings.n_epochs + 1):
            loss = _one_epoch(model, optimiser, examples, train, settings, rng)
            epochs.append(Epoch(number, loss, _validation_ndcg(model, examples, validation)))
            on_epoch(epochs[-1])
            if epochs[-1].validation_ndcg > best_ndcg:
                best, best_number, best_ndcg = model.tensors(), number, epochs[-1].validation_ndcg
            if number - best_number >= settings.patience:
                break
    return Fitted(best, best_number, tuple(epochs))


def _optimiser(model: TwoTower, settings: FitSettings) -> torch.optim.AdamW:
    query = [model.get_parameter(name) for name in TOWERS if name.startswith("query")]
    product = [model.get_parameter(name) for name in TOWERS if name.startswith("product")]
    return torch.optim.AdamW(
        [
            {"params": query, "lr": settings.tower_rate, "weight_decay": settings.query_decay},
            {"params": product, "lr": settings.tower_rate, "weight_decay": settings.product_decay},
            {"params": [model.head], "lr": settings.head_rate, "weight_decay": 0.0},
        ]
    )


def _one_epoch(
    model: TwoTower,
    optimiser: torch.optim.AdamW,
    examples: Examples,
    train: NDArray[np.int64],
    settings: FitSettings,
    rng: np.random.Generator,
) -> float:
    model.train()
    products = torch.from_numpy(examples.listings.products)
    shuffled = rng.permutation(train)
    is_held = torch.tensor([name in settings.held for name in HEAD])
    losses = []
    for first in range(0, len(shuffled), settings.batch_size):
        rows = shuffled[first : first + settings.batch_size]
        batch = Batch(examples, rows, rng.choice(3, len(rows), p=PROFILE_MIX))
        loss = listwise_loss(model(batch, products), batch.gains, batch.weights)
        pull = settings.head_decay * (model.head - model.get_buffer("head_start")).square().sum()
        optimiser.zero_grad()
        (loss + pull).backward()  # type: ignore[no-untyped-call]
        if model.head.grad is not None:
            model.head.grad[is_held] = 0.0
        optimiser.step()
        losses.append(float(loss.detach()) * len(rows))
    return sum(losses) / len(shuffled)


def _validation_ndcg(model: TwoTower, examples: Examples, rows: NDArray[np.int64]) -> float:
    scores = score(model, examples, rows, FULL)
    return float(ndcg_at(scores, examples.gains[rows].astype(np.float64), 5).mean())


def score(model: TwoTower, examples: Examples, rows: NDArray[np.int64], mode: int) -> NDArray[np.float64]:
    """Scores ``(len(rows), C)`` in evaluation mode, padded candidates -inf; `mode` is what of the profile is seen."""
    model.eval()
    products = torch.from_numpy(examples.listings.products)
    parts = []
    with torch.no_grad():
        for first in range(0, len(rows), 1024):
            some = rows[first : first + 1024]
            parts.append(model(Batch(examples, some, np.full(len(some), mode)), products).numpy())
    return np.concatenate(parts).astype(np.float64)


def restored(tensors: dict[str, NDArray[np.float32]]) -> TwoTower:
    """A model with these tensors."""
    dimension, rank = tensors[TOWERS[0]].shape
    model = TwoTower(dimension, FitSettings(rank=rank), torch.Generator().manual_seed(0))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(tensors[name]))
    return model
