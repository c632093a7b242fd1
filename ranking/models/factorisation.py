"""Matrix factorisation by gradient descent, a shopper being the sum of what they took up.

In: `Interactions`. Out: scores. Each item has two vectors: what it says of a shopper who took it up, and what kind of
shopper takes it up. A shopper is made of the former, so there are no shoppers to learn, and one who was not in training
is served like one who was. In training the item that is asked for is left out of the sum. Knows no text: a new item
scores what the median item scores for somebody of whom nothing is known.

Source: Kabbur, Ning and Karypis 2013, FISM: Factored item similarity models for top-N recommender systems, equation
4; the "asymmetric" half of SVD++: Koren 2008, Factorization meets the neighborhood, section 4.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ranking.evaluation import ndcg_of
from ranking.interactions import Histories, Integers, Interactions, Items, check
from ranking.models.aligned import aligned_rows, moved
from ranking.models.batches import Negatives, identity_of, in_random_order, padded
from ranking.models.loop import Curve, Loop, device_of
from ranking.models.losses import binary_loss, bpr_loss, sampled_softmax_loss
from ranking.models.newest import distinct_acts, liked_items
from ranking.models.protocol import Scores, Tensors, Validation, Watch
from retrieval.errors import ModelError

BPR, BCE, SAMPLED_SOFTMAX = LOSSES = ("bpr", "bce", "sampled_softmax")
WARM_UP_STEPS = 20


@dataclass(frozen=True, slots=True)
class FactorisationSettings:
    """`length`: so many of the newest acts make up a shopper, and so many in a row are learned from together.

    `spread`: their sum is divided by that power of how many they are; 1 is their mean, 0 their sum.
    """

    width: int = 64
    loss: str = BPR
    length: int = 10
    spread: float = 0.5
    n_negatives: int = 256
    batch_size: int = 64
    rate: float = 5e-3
    weight_decay: float = 0.1
    n_epochs: int = 40
    patience: int = 4


class Factors(nn.Module):
    """`taken` ``(I, width)``: what an item says of its shoppers; `asked` ``(I, width)``: who takes it up."""

    def __init__(self, n_items: int, width: int) -> None:
        super().__init__()
        self.taken = nn.Parameter(torch.randn(n_items, width) * 0.1)
        self.asked = nn.Parameter(torch.randn(n_items, width) * 0.1)
        self.bias = nn.Parameter(torch.zeros(n_items))


class FactorisationMatcher:
    """Matrix factorisation; see the module's docstring."""

    name: ClassVar[str] = "factorisation"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `FactorisationSettings`.

        Raises:
            ModelError: the loss is not one of those there are.
        """
        self._settings = FactorisationSettings(**settings)
        if self._settings.loss not in LOSSES:
            raise ModelError(f"there is no loss {self._settings.loss!r}: it is one of {', '.join(LOSSES)}")
        self._fitted_on, self._items = Items(()), Items(())
        self._learned: dict[str, NDArray[np.float32]] = {}
        self._now = self._learned
        self.curve: Curve | None = None

    @property
    def settings(self) -> FactorisationSettings:
        """How it is fitted."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Train the factors; the epoch with the best validation NDCG@10 is kept."""
        check(train)
        chosen = self._settings
        torch.manual_seed(watch.seed)
        network = Factors(len(train.items), chosen.width).to(device_of(watch.device))
        identity = identity_of(chosen, watch.seed, train)
        loop = Loop(network, chosen, watch, self.name, identity, WARM_UP_STEPS)
        negatives = Negatives(train.counts())
        self.curve = loop.run(
            partial(self._batches, network, train, negatives, watch.seed),
            partial(self._validate, network, train.items, validation),
        )
        self._take(network, train.items)

    def _batches(
        self, network: Factors, train: Interactions, negatives: Negatives, seed: int, epoch: int
    ) -> Iterator[Callable[[], Tensor]]:
        shoppers = np.flatnonzero(np.diff(train.starts) >= 2)
        for rows, _ in in_random_order(shoppers, self._settings.batch_size, seed, epoch):
            own = [
                part for shopper in rows.tolist() for part in _windows(train.sequence(shopper), self._settings.length)
            ]
            several = [np.unique(part) for part in own if len(np.unique(part)) > 1]
            if several:
                yield partial(self._loss, network, negatives, several)

    def _loss(self, network: Factors, negatives: Negatives, acts: list[Integers]) -> Tensor:
        sequence, lengths = (part.to(network.bias.device) for part in padded(acts, self._settings.length))
        known = torch.arange(sequence.shape[1], device=sequence.device) < lengths[:, None]
        taken = network.taken[sequence] * known[..., None]
        others = (taken.sum(dim=1, keepdim=True) - taken) / (lengths[:, None, None] - 1) ** self._settings.spread
        return self._compare(network, negatives, others[known], sequence, known)

    def _compare(
        self, network: Factors, negatives: Negatives, shoppers: Tensor, sequence: Tensor, known: Tensor
    ) -> Tensor:
        """`shoppers` is ``(n, width)``, one for each act that is `known` of `sequence`, ``(B, L)``."""
        chosen, target = self._settings, sequence[known]
        sampled = negatives.sample(chosen.n_negatives).to(target.device)
        if chosen.loss == SAMPLED_SOFTMAX:
            expected = negatives.log_expected(chosen.n_negatives).to(target.device)
            return sampled_softmax_loss(shoppers, network.asked, network.bias, target, sampled, expected)
        own = (shoppers * network.asked[target]).sum(dim=1) + network.bias[target]
        others = shoppers @ network.asked[sampled].T + network.bias[sampled]
        # What a shopper took up is not a negative of theirs, whichever act is asked for.
        has = ((sequence[:, :, None] == sampled) & known[..., None]).any(dim=1)
        others = others.masked_fill(has[known.nonzero()[:, 0]], -torch.inf)
        return bpr_loss(own, others) if chosen.loss == BPR else binary_loss(own, others)

    def _validate(self, network: Factors, items: Items, validation: Validation | None) -> float | None:
        if validation is None or not len(validation):
            return None
        self._take(network, items)
        return ndcg_of(self, validation)

    def _take(self, network: Factors, items: Items) -> None:
        self._learned = {name: tensor.cpu().numpy().copy() for name, tensor in network.state_dict().items()}
        self._fitted_on = items
        self.with_items(items)

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """Products of a shopper's vector and each item's, and the item's bias."""
        taken, asked, bias = self._now["taken"], self._now["asked"], self._now["bias"]
        acts = distinct_acts(shoppers, self._settings.length, len(bias)) + liked_items(shoppers, self._items)
        n_known = np.maximum(np.asarray(acts.sum(axis=1)).reshape(-1, 1), 1.0)
        own = (acts @ taken) / n_known**self._settings.spread
        wanted = slice(None) if items is None else items
        scores: Scores = (own @ asked[wanted].T + bias[wanted]).astype(np.float32)
        return scores

    def with_items(self, items: Items) -> None:
        """Of a new item nothing is known: its factors are 0, its bias the median one."""
        rows = aligned_rows(self._fitted_on, items)
        middle = float(np.median(self._learned["bias"]))
        self._now = {
            name: moved(values, rows, middle if name == "bias" else 0.0) for name, values in self._learned.items()
        }
        self._items = items

    def tensors(self) -> Tensors:
        """Both vectors and the bias of each item."""
        return self._learned

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Take the factors."""
        n, width = len(items), self._settings.width
        for name, shape in {"taken": (n, width), "asked": (n, width), "bias": (n,)}.items():
            if name not in tensors or tensors[name].shape != shape:
                raise ModelError(f"{name} is not that of {n} items and {self._settings}: train factorisation again")
        self._learned = {name: np.array(tensors[name], dtype=np.float32) for name in ("taken", "asked", "bias")}
        self._fitted_on = items
        self.with_items(items)


def _windows(acts: Integers, length: int) -> list[Integers]:
    """A shopper's acts in runs of `length`, the newest first.

    >>> [part.tolist() for part in _windows(np.arange(5), 2)]
    [[3, 4], [1, 2], [0]]
    """
    return [acts[max(0, end - length) : end] for end in range(len(acts), 0, -length)]
