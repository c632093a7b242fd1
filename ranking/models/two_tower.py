"""Two towers: a network that turns what is known of a shopper into a vector, and another that turns an item into one.

In: `Interactions`. Out: scores, the cosines of the two over a temperature. An item is the unit vector of its learned
embedding plus a projection of its text's embedding; now and then the former is left out in training, so that an item
nobody has met is scored by its text. A shopper is what a small network makes of the decayed mean of their newest acts
and of the mean of the items that have what they said they like. Since the towers meet in one product, the items can
be kept in an index. Dislikes do not go in: the head of `ranking.matcher` takes them.

Source: Yi et al. 2019, Sampling-bias-corrected neural modeling for large corpus item recommendations (unit vectors,
logQ correction of in-batch negatives); in-batch and sampled negatives together: Yang et al. 2020, Mixed negative
sampling for learning two-tower neural networks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ranking.evaluation import ndcg_of
from ranking.interactions import Histories, Integers, Interactions, Items, check
from ranking.models.aligned import aligned_rows
from ranking.models.batches import Negatives, identity_of, in_random_order, padded
from ranking.models.loop import Curve, Loop, device_of
from ranking.models.losses import sampled_softmax_loss
from ranking.models.newest import liked_items, newest_acts, tags_by_item
from ranking.models.protocol import Scores, Tensors, Validation, Watch
from retrieval.errors import ModelError

WARM_UP_STEPS = 20
MAX_SAID = 3
"""In training a shopper states no more likes than that."""


@dataclass(frozen=True, slots=True)
class TwoTowerSettings:
    """`length`: so many of the newest acts are looked at; `decay`: what share of the next each older one
    counts, to start with, for it is learned; `temperature` divides the cosines.

    `stated_share`: so often a shopper in training states what they like of the things that they take up.
    `n_in_batch`, `n_sampled`: the negatives that are other shoppers' acts, and those that are drawn from all items.
    """

    width: int = 64
    hidden: int = 128
    dropout: float = 0.2
    id_dropout: float = 0.1
    stated_share: float = 0.2
    length: int = 50
    decay: float = 0.8
    temperature: float = 0.07
    n_in_batch: int = 256
    n_sampled: int = 1024
    batch_size: int = 128
    rate: float = 2e-3
    weight_decay: float = 0.01
    n_epochs: int = 40
    patience: int = 4


class Towers(nn.Module):
    """Both networks."""

    def __init__(self, settings: TwoTowerSettings, n_items: int, n_text: int) -> None:
        """`n_text` is the dimension of the texts' embeddings, 0 where there are none."""
        super().__init__()
        width = settings.width
        self.ids = nn.Embedding(n_items, width)
        nn.init.normal_(self.ids.weight, std=0.02)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.begin = nn.Parameter(torch.randn(width) / width**0.5)
        self.text = nn.Linear(n_text, width, bias=False) if n_text else None
        self.mix = nn.Sequential(
            nn.Linear(2 * width, settings.hidden),
            nn.GELU(),
            nn.Dropout(settings.dropout),
            nn.Linear(settings.hidden, width),
        )
        self.temperature = settings.temperature
        self.decay_logit = nn.Parameter(torch.tensor(settings.decay).logit())

    @property
    def decay(self) -> Tensor:
        """How much each older act counts of the next, in (0, 1)."""
        return self.decay_logit.sigmoid()

    def items(self, learned: Tensor, texts: Tensor | None, drop_ids: float = 0.0) -> Tensor:
        """``(n, width)`` unit rows from learned embeddings ``(n, width)`` and texts' ``(n, t)`` (zeros: no text)."""
        if self.text is not None and texts is not None:
            if drop_ids:
                has_text = texts.abs().sum(dim=1, keepdim=True) > 0
                dropped = (torch.rand(len(learned), 1, device=learned.device) < drop_ids) & has_text
                learned = learned.masked_fill(dropped, 0.0)
            learned = learned + self.text(texts)
        return functional.normalize(learned, dim=1, eps=1e-6)

    def shoppers(self, acts: Tensor, liked: Tensor) -> Tensor:
        """``(n, width)`` unit rows over the temperature, from means of items, zeros where nothing is known."""
        known = acts + liked
        nothing = known.abs().sum(dim=-1, keepdim=True) == 0
        whole = known + torch.where(nothing, self.begin, 0.0) + self.mix(torch.cat([acts, liked], dim=-1))
        return functional.normalize(whole, dim=-1, eps=1e-6) / self.temperature


class TwoTowerMatcher:
    """Two towers; see the module's docstring."""

    name: ClassVar[str] = "two-tower"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `TwoTowerSettings`."""
        self._settings = TwoTowerSettings(**settings)
        self._network: Towers | None = None
        self._fitted_on, self._items = Items(()), Items(())
        self._table: NDArray[np.float32] = np.zeros((0, self._settings.width), dtype=np.float32)
        self._bias: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self.curve: Curve | None = None

    @property
    def settings(self) -> TwoTowerSettings:
        """How it is fitted."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Train both towers; the epoch with the best validation NDCG@10 is kept."""
        check(train)
        chosen, device = self._settings, device_of(watch.device)
        torch.manual_seed(watch.seed)
        network = Towers(chosen, len(train.items), _n_text(train.items)).to(device)
        self._network, self._fitted_on = network, train.items
        identity = identity_of(chosen, watch.seed, train)
        loop = Loop(network, chosen, watch, self.name, identity, WARM_UP_STEPS)
        lesson = _Lesson(network, chosen, train, watch.seed)
        self.curve = loop.run(lesson.batches, partial(self._validate, validation))
        network.cpu()
        self.with_items(train.items)

    def _validate(self, validation: Validation | None) -> float | None:
        if validation is None or not len(validation):
            return None
        self.with_items(self._fitted_on)
        return ndcg_of(self, validation)

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """Cosines over the temperature, and each item's bias."""
        network = self._fitted()
        decay = float(network.decay.detach())
        acts = newest_acts(shoppers, self._settings.length, decay, len(self._table)) @ self._table
        liked = liked_items(shoppers, self._items)
        weights = np.asarray(liked.sum(axis=1)).reshape(-1, 1)
        said = (liked @ self._table) / np.maximum(weights, 1e-6)
        device = network.bias.device
        with torch.inference_mode():
            told = network.shoppers(torch.from_numpy(acts).to(device), torch.from_numpy(said).to(device)).cpu().numpy()
        wanted = slice(None) if items is None else items
        scores: Scores = (told @ self._table[wanted].T + self._bias[wanted]).astype(np.float32)
        return scores

    def with_items(self, items: Items) -> None:
        """A new item is scored by its text, and as popular as the median item."""
        network, device = self._fitted(), self._fitted().bias.device
        rows = torch.from_numpy(aligned_rows(self._fitted_on, items)).to(device)
        texts = _texts(network, items, device)
        with torch.inference_mode():
            is_new = rows < 0
            learned = network.ids.weight[rows.clamp(min=0)].masked_fill(is_new[:, None], 0.0)
            bias = torch.where(is_new, network.bias.median(), network.bias[rows.clamp(min=0)])
            self._table, self._bias = network.items(learned, texts).cpu().numpy(), bias.cpu().numpy()
        self._items = items

    def tensors(self) -> Tensors:
        """The parameters of both towers."""
        return {name: tensor.cpu().numpy() for name, tensor in self._fitted().state_dict().items()}

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Towers with these parameters, on the CPU."""
        n_text = tensors["text.weight"].shape[1] if "text.weight" in tensors else 0
        network = Towers(self._settings, len(items), n_text)
        try:
            network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in tensors.items()})
        except RuntimeError as error:
            raise ModelError(
                f"the tensors are not those of {self._settings}: train two-tower again ({error})"
            ) from error
        self._network, self._fitted_on = network.eval(), items
        self.with_items(items)

    def _fitted(self) -> Towers:
        if self._network is None:
            raise ModelError("the two-tower model has not been fitted: run `shopping-assistant train`")
        return self._network


def _n_text(items: Items) -> int:
    return 0 if items.vectors is None else items.vectors.shape[1]


def _texts(network: Towers, items: Items, device: torch.device) -> Tensor | None:
    """The items' texts as the network wants them.

    Raises:
        ModelError: they are of another dimension than in training, or there are none.
    """
    wanted = 0 if network.text is None else network.text.in_features
    if wanted and _n_text(items) != wanted:
        raise ModelError(
            f"the two-tower model reads texts of {wanted} dimensions, those given have {_n_text(items)}: give "
            "the items vectors of the embedder that it was trained with, or train it again"
        )
    return torch.from_numpy(items.vectors).to(device) if wanted and items.vectors is not None else None


class _Lesson:
    """Each act of a shopper is asked for, given those before it."""

    def __init__(self, network: Towers, settings: TwoTowerSettings, data: Interactions, seed: int) -> None:
        self._network, self._settings, self._data, self._seed = network, settings, data, seed
        self._device = network.bias.device
        self._texts = _texts(network, data.items, self._device)
        self._negatives = Negatives(data.counts())
        self._expected = self._negatives.log_expected(settings.n_sampled, settings.n_in_batch).to(self._device)
        self._tags = tags_by_item(data.items)

    def batches(self, epoch: int) -> Iterator[Callable[[], Tensor]]:
        """Every shopper once."""
        shoppers = np.flatnonzero(np.diff(self._data.starts) >= 1)
        for rows, rng in in_random_order(shoppers, self._settings.batch_size, self._seed, epoch):
            acts = [self._data.sequence(shopper)[-self._settings.length :] for shopper in rows.tolist()]
            yield partial(self._loss, acts, [self._said(own, rng) for own in acts])

    def _said(self, own: Integers, rng: np.random.Generator) -> list[Integers]:
        """What the shopper might have said: tags of things that they take up, as the rows that have them."""
        if rng.random() >= self._settings.stated_share:
            return []
        asked = [self._tags[row] for row in rng.choice(own, min(len(own), MAX_SAID), replace=False).tolist()]
        return [tags[int(rng.integers(len(tags)))] for tags in asked if tags]

    def _loss(self, acts: list[Integers], said: list[list[Integers]]) -> Tensor:
        network, chosen = self._network, self._settings
        sequence, lengths = (part.to(self._device) for part in padded(acts, chosen.length))
        items = network.items(network.ids.weight, self._texts, chosen.id_dropout)
        n = sequence.shape[1]
        before = _weights_before(n, network.decay) @ functional.embedding(sequence, items)
        liked = _means(items, said)[:, None].expand(-1, n, -1)
        known = torch.arange(n, device=self._device) < lengths[:, None]
        target = sequence[known]
        in_batch = target[torch.randint(len(target), (chosen.n_in_batch,), device=self._device)]
        compared = torch.cat([in_batch, self._negatives.sample(chosen.n_sampled).to(self._device)])
        shoppers = network.shoppers(before[known], liked[known])
        return sampled_softmax_loss(shoppers, items, network.bias, target, compared, self._expected)


def _weights_before(length: int, decay: Tensor) -> Tensor:
    """``(length, length)``: how much each act counts in the mean of those before a place; the first has none.

    >>> _weights_before(3, torch.tensor(0.5)).round(decimals=3).tolist()
    [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.3330000042915344, 0.6669999957084656, 0.0]]
    """
    place = torch.arange(length, device=decay.device)
    weights = decay.pow((place[:, None] - 1 - place).clamp(min=0)).tril(-1)
    return weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)


def _means(items: Tensor, said: list[list[Integers]]) -> Tensor:
    """``(B, width)``: the mean over what each said of the mean item that has it; zeros where nothing was said."""
    flat = [rows for own in said for rows in own]
    n_rows = [sum(len(rows) for rows in own) for own in said]
    if not flat:
        return items.new_zeros((len(said), items.shape[1]))
    shares = [np.full(len(rows), 1.0 / (len(rows) * len(own)), dtype=np.float32) for own in said for rows in own]
    starts = torch.from_numpy(np.concatenate([[0], np.cumsum(n_rows)[:-1]]).astype(np.int64)).to(items.device)
    where = torch.from_numpy(np.concatenate(flat)).to(items.device)
    weights = torch.from_numpy(np.concatenate(shares)).to(items.device)
    return functional.embedding_bag(where, items, starts, mode="sum", per_sample_weights=weights)
