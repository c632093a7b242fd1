"""A network that reads a shopper's acts in their order, and says what comes next.

In: `Interactions`. Out: scores. An item is the unit vector of its learned embedding plus a projection of its text's
embedding; now and then the former is left out in training, so that an item nobody has met is scored by its text. What
the shopper said they like stands before the acts, as tokens: each the mean of the items that have it. Dislikes do not
go in: what a network makes of them need not be monotone; the head of `ranking.matcher` takes them.

The trunk is self-attention that looks back (each place predicts the next act, so one pass trains them all) or a BiLSTM
(which sees its whole input, so each pass trains on one cut of each sequence).

Source: self-attention: Kang and McAuley 2018, Self-attentive sequential recommendation; unit vectors with a
temperature: Yi et al. 2019, Sampling-bias-corrected neural modeling, section 3; full softmax instead of sampled
negatives: Klenitskiy and Vasilev 2023, Turning dross into gold loss.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ranking.evaluation import ndcg_of
from ranking.interactions import Histories, Integers, Interactions, Items, Stated, check
from ranking.models.aligned import aligned_rows, compact, only, taken_up
from ranking.models.batches import Negatives, identity_of, padded
from ranking.models.loop import Curve, Loop, device_of
from ranking.models.losses import binary_loss, bpr_loss, sampled_softmax_loss, softmax_loss
from ranking.models.newest import strongest_likes, tags_by_item
from ranking.models.protocol import Matcher, Scores, Tensors, Validation, Watch
from ranking.models.trunks import ATTENTION, BILSTM, Attention, BiLstm
from retrieval.errors import ModelError

LOSSES = ("auto", "softmax", "sampled_softmax", "bpr", "bce")

MAX_FULL_SOFTMAX = 30_000
"""Up to so many items "auto" compares with all of them, above with a sample."""

SHOPPERS_AT_ONCE = 512
N_STATED = 3
KNOWN = "known"


@dataclass(frozen=True, slots=True)
class SequenceSettings:
    """`width` of an item's vector; `temperature` divides the cosines; `length` is how many acts are looked back at;
    `batch_acts`: a step is made of about so many acts."""

    trunk: str = ATTENTION
    width: int = 64
    n_layers: int = 2
    n_heads: int = 2
    dropout: float = 0.4
    id_dropout: float = 0.1
    stated_share: float = 0.2
    temperature: float = 0.07
    length: int = 50
    loss: str = "auto"
    n_negatives: int = 2048
    batch_acts: int = 1500
    rate: float = 2e-3
    weight_decay: float = 0.0
    n_epochs: int = 60
    patience: int = 5


class SequenceNetwork(nn.Module):
    """Items as unit vectors, and a trunk that turns a sequence of them into one."""

    def __init__(self, settings: SequenceSettings, n_items: int, texts: Tensor | None) -> None:
        """`texts` is ``(n_items, t)``, zeros where there is none; None where no item has one."""
        super().__init__()
        self.settings, width = settings, settings.width
        self.ids = nn.Embedding(n_items, width)
        nn.init.normal_(self.ids.weight, std=0.02)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.begin = nn.Parameter(torch.randn(width) / width**0.5)
        self.liked = nn.Parameter(torch.zeros(width))
        self.text = nn.Linear(texts.shape[1], width, bias=False) if texts is not None else None
        if self.text is not None:
            nn.init.normal_(self.text.weight, std=0.02)
        self.texts = texts
        make = BiLstm if settings.trunk == BILSTM else Attention
        length = settings.length + 1 + N_STATED
        self.trunk = make(width, settings.n_layers, settings.n_heads, length, settings.dropout)

    def items(self, drop_ids: float = 0.0) -> Tensor:
        """``(I, width)`` unit rows; in training `drop_ids` of the learned embeddings are left out."""
        whole = self.ids.weight
        if self.text is not None and self.texts is not None:
            told = self.text(self.texts)
            if drop_ids:
                has_text = self.texts.abs().sum(dim=1, keepdim=True) > 0
                dropped = (torch.rand(len(whole), 1, device=whole.device) < drop_ids) & has_text
                whole = whole.masked_fill(dropped, 0.0)
            whole = whole + told
        return functional.normalize(whole, dim=1, eps=1e-6)

    def states(self, items: Tensor, sequence: Tensor, lengths: Tensor, stated: Tensor, n_stated: Tensor) -> Tensor:
        """What the trunk makes of each place: ``(B, L + 1 + N_STATED, width)`` unit rows, divided by the temperature.

        `sequence` is ``(B, L)`` rows, padded behind; `stated` ``(B, N_STATED, width)`` means of liked items.
        """
        scale = self.settings.width**0.5
        acts = functional.embedding(sequence, items) * scale
        said = (stated * scale + self.liked) * (torch.arange(N_STATED, device=items.device) < n_stated[:, None])[
            ..., None
        ]
        begin = (self.begin * scale).expand(len(sequence), 1, -1)
        whole = torch.cat([said, begin, acts], dim=1)
        known = torch.arange(whole.shape[1], device=items.device)
        seen = (known >= N_STATED) | (known[None, :] < n_stated[:, None])
        out = self.trunk(whole, lengths + 1 + N_STATED, seen)
        return functional.normalize(out, dim=2, eps=1e-6) / self.settings.temperature


@dataclass(frozen=True)
class _Batch:
    """B sequences as tensors; `sequence` ``(B, L)`` is padded behind with 0, `target` with -1."""

    sequence: Tensor
    lengths: Tensor
    target: Tensor
    liked: list[tuple[Integers, ...]]


class SequenceMatcher:
    """The sequence model; see the module's docstring."""

    name: ClassVar[str] = "sequence"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `SequenceSettings`.

        Raises:
            ModelError: trunk or loss is not one of those there are.
        """
        self._settings = SequenceSettings(**settings)
        if self._settings.trunk not in (ATTENTION, BILSTM):
            raise ModelError(f"there is no trunk {self._settings.trunk!r}: it is {ATTENTION} or {BILSTM}")
        if self._settings.loss not in LOSSES:
            raise ModelError(f"there is no loss {self._settings.loss!r}: it is one of {', '.join(LOSSES)}")
        self._network: SequenceNetwork | None = None
        self._items = self._fitted_on = Items(())
        self._known: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self._rows: Integers = np.zeros(0, dtype=np.int64)
        self._unit: Tensor | None = None
        self._start: SequenceMatcher | None = None
        self.curve: Curve | None = None

    @property
    def settings(self) -> SequenceSettings:
        """How it is fitted."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Train the network; the epoch with the best validation NDCG@10 is kept."""
        check(train)
        chosen, device = self._settings, device_of(watch.device)
        torch.manual_seed(watch.seed)
        self._known, known = taken_up(train), compact(train)
        texts = torch.from_numpy(known.items.vectors).to(device) if known.items.vectors is not None else None
        self._network = SequenceNetwork(chosen, len(known.items), texts).to(device)
        if self._start is not None:
            _warm(self._network, known.items, self._start)
        self._fitted_on = known.items
        self.with_items(train.items)
        loop = Loop(self._network, chosen, watch, self.name, identity_of(chosen, watch.seed, train))
        feeder = _Feeder(known, chosen, watch.seed)
        self.curve = loop.run(partial(self._batches, feeder), partial(self._validate, validation))
        self._forget_cache()

    def start_from(self, former: Matcher) -> None:
        """Let the next `fit` go on from a fitted matcher instead of chance: its trunk, and its vectors of shared items.

        One of another form (width, trunk, texts) is left aside.
        """
        self._start = former if isinstance(former, SequenceMatcher) else None

    def _batches(self, feeder: "_Feeder", epoch: int) -> Iterator[Callable[[], Tensor]]:
        for batch in feeder.epoch(epoch):
            yield partial(self._loss, feeder, batch)

    def _loss(self, feeder: "_Feeder", batch: _Batch) -> Tensor:
        network, chosen = self._fitted(), self._settings
        items = network.items(chosen.id_dropout)
        device = items.device
        stated, n_stated = _means(items, batch.liked)
        states = network.states(items, batch.sequence.to(device), batch.lengths.to(device), stated, n_stated)
        target = batch.target.to(device)
        states = states[:, N_STATED:] if network.trunk.is_causal else _last(states, batch.lengths.to(device))
        known = target >= 0
        return self._compare(feeder, states[known], items, target[known])

    def _compare(self, feeder: "_Feeder", shoppers: Tensor, items: Tensor, target: Tensor) -> Tensor:
        network, chosen = self._fitted(), self._settings
        kind = chosen.loss
        if kind == "auto":
            kind = "softmax" if len(items) <= MAX_FULL_SOFTMAX else "sampled_softmax"
        if kind == "softmax":
            return softmax_loss(shoppers, items, network.bias, target)
        sampled = feeder.negatives.sample(chosen.n_negatives).to(items.device)
        if kind == "sampled_softmax":
            expected = feeder.negatives.log_expected(chosen.n_negatives).to(items.device)
            return sampled_softmax_loss(shoppers, items, network.bias, target, sampled, expected)
        own = (shoppers * items[target]).sum(dim=1) + network.bias[target]
        others = shoppers @ items[sampled].T + network.bias[sampled]
        return bpr_loss(own, others) if kind == "bpr" else binary_loss(own, others)

    def _validate(self, validation: Validation | None) -> float | None:
        self._forget_cache()
        return None if validation is None else ndcg_of(self, validation)

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """The logits of what comes next."""
        network = self._fitted()
        unit, bias = self._table()
        device = unit.device
        parts = []
        with torch.inference_mode():
            wanted = slice(None) if items is None else torch.from_numpy(items).to(device)
            for first in range(0, len(shoppers), SHOPPERS_AT_ONCE):
                some = range(first, min(first + SHOPPERS_AT_ONCE, len(shoppers)))
                sequence, lengths = padded([shoppers.items[place] for place in some], self._settings.length)
                liked = [_liked(shoppers.stated[place], self._items) if shoppers.stated else () for place in some]
                stated, n_stated = _means(unit, liked)
                states = network.states(unit, sequence.to(device), lengths.to(device), stated, n_stated)
                last = _last(states, lengths.to(device))[:, 0]
                parts.append((last @ unit[wanted].T + bias[wanted]).float().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, len(unit)), dtype=np.float32)

    def with_items(self, items: Items) -> None:
        """New items are scored by their texts alone, and as popular as the median item."""
        self._fitted()
        self._rows = aligned_rows(self._fitted_on, items)
        self._items = items
        self._forget_cache()

    def tensors(self) -> Tensors:
        """The network's parameters, and which of the items it was trained on."""
        network = {name: tensor.cpu().numpy() for name, tensor in self._fitted().state_dict().items()}
        return {**network, KNOWN: self._known.astype(np.uint8)}

    def restore(self, tensors: Tensors, items: Items) -> None:
        """A network with these parameters, on the CPU."""
        given = dict(tensors)
        try:
            self._known = np.asarray(given.pop(KNOWN)).astype(np.bool_)
            if len(self._known) != len(items):
                raise ModelError(
                    f"the sequence model is of {len(self._known)} items, the catalog given of {len(items)}: train again"
                )
            self._fitted_on = only(items, self._known)
            texts = torch.from_numpy(self._fitted_on.vectors) if self._fitted_on.vectors is not None else None
            network = SequenceNetwork(self._settings, len(self._fitted_on), texts)
            network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in given.items()})
        except (RuntimeError, KeyError, IndexError) as error:
            raise ModelError(f"the tensors are not those of {self._settings}: train it again ({error})") from error
        self._network = network.eval()
        self.with_items(items)

    def _fitted(self) -> SequenceNetwork:
        if self._network is None:
            raise ModelError("the sequence model has not been fitted")
        return self._network

    def _forget_cache(self) -> None:
        self._unit = None

    def _table(self) -> tuple[Tensor, Tensor]:
        """Unit rows and biases of the items that are scored now."""
        network = self._fitted()
        if self._unit is None:
            with torch.inference_mode():
                self._unit, self._bias = self._grown(network)
        return self._unit, self._bias

    def _grown(self, network: SequenceNetwork) -> tuple[Tensor, Tensor]:
        device = network.bias.device
        rows = torch.from_numpy(self._rows).to(device)
        is_new, old = rows < 0, rows.clamp(min=0)
        whole = network.ids.weight[old].masked_fill(is_new[:, None], 0.0)
        if network.text is not None and self._items.vectors is not None:
            whole = whole + network.text(torch.from_numpy(self._items.vectors).to(device))
        bias = torch.where(is_new, network.bias.median(), network.bias[old])
        return functional.normalize(whole, dim=1, eps=1e-6), bias


def _warm(network: SequenceNetwork, items: Items, former: SequenceMatcher) -> None:
    """Take over the parameters of a former network where they have the same form; vectors and biases by item id."""
    old = dict(former.tensors())
    rows = aligned_rows(former._fitted_on, items)
    kept = np.flatnonzero(rows >= 0)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            value = torch.from_numpy(np.array(old[name])) if name in old else None
            if value is None or value.shape[1:] != parameter.shape[1:]:
                continue
            if name in ("ids.weight", "bias"):
                parameter[torch.from_numpy(kept)] = value[torch.from_numpy(rows[kept])].to(parameter.device)
            elif value.shape == parameter.shape:
                parameter.copy_(value)


class _Feeder:
    """Makes the batches of each epoch, and samples negatives."""

    def __init__(self, data: Interactions, settings: SequenceSettings, seed: int) -> None:
        self._data, self._settings, self._seed = data, settings, seed
        # With a first token even a single act is something to predict.
        self._shoppers = np.flatnonzero(np.diff(data.starts) >= 1)
        self.negatives = Negatives(data.counts())
        self._tags = tags_by_item(data.items) if data.items.tags else []

    def epoch(self, number: int) -> Iterator[_Batch]:
        """Every act is a target once, in an order of this epoch's own."""
        rng = np.random.default_rng((self._seed, number))
        stretches = [part for shopper in self._shoppers.tolist() for part in self._stretches(shopper, rng)]
        batch: list[Integers] = []
        n_acts = 0
        for place in rng.permutation(len(stretches)).tolist():
            batch.append(stretches[place])
            n_acts += len(stretches[place])
            if n_acts >= self._settings.batch_acts:
                yield self._batch(batch, rng)
                batch, n_acts = [], 0
        if batch:
            yield self._batch(batch, rng)

    def _stretches(self, shopper: int, rng: np.random.Generator) -> list[Integers]:
        """A shopper's acts, those of a long history in stretches that are cut elsewhere in each epoch."""
        own, size = self._data.sequence(shopper), self._settings.length + 1
        if len(own) <= size:
            return [own]
        begin = int(rng.integers(1, size + 1))
        cuts = [0, *range(begin, len(own), size), len(own)]
        return [own[first:last] for first, last in pairwise(cuts)]

    def _batch(self, stretches: list[Integers], rng: np.random.Generator) -> _Batch:
        causal = self._settings.trunk == ATTENTION
        sequences, targets = [], []
        for own in stretches:
            if causal:
                sequences.append(own[:-1])
                targets.append(own)
            else:
                cut = int(rng.integers(0, len(own)))
                sequences.append(own[:cut])
                targets.append(own[cut : cut + 1])
        sequence, lengths = padded(sequences, self._settings.length)
        width = sequence.shape[1] + 1 if causal else 1
        target = np.full((len(stretches), width), -1, dtype=np.int64)
        for place, own in enumerate(targets):
            target[place, : len(own)] = own
        liked = [self._stated(own, rng) for own in targets]
        return _Batch(sequence, lengths, torch.from_numpy(target), liked)

    def _stated(self, own: Integers, rng: np.random.Generator) -> tuple[Integers, ...]:
        """Now and then, what the shopper might have said: tags of things that they are about to take up."""
        if not self._tags or rng.random() >= self._settings.stated_share:
            return ()
        found: dict[int, Integers] = {}
        for item in rng.choice(own, min(len(own), N_STATED), replace=False).tolist():
            if self._tags[item]:
                rows = self._tags[item][int(rng.integers(len(self._tags[item])))]
                found[id(rows)] = rows
        return tuple(found.values())


def _liked(stated: tuple[Stated, ...], items: Items) -> tuple[Integers, ...]:
    heard = [said for said in stated if said.tag in items.tags]
    return tuple(items.tags[said.tag] for said in strongest_likes(heard, N_STATED))


def _means(items: Tensor, liked: list[tuple[Integers, ...]]) -> tuple[Tensor, Tensor]:
    """The unit mean of the items of each tag, ``(B, N_STATED, width)``, and how many tags each shopper stated."""
    out = items.new_zeros((len(liked), N_STATED, items.shape[1]))
    distinct = {id(rows): rows for own in liked for rows in own}
    mean = {
        key: functional.normalize(items[torch.from_numpy(rows).to(items.device)].mean(dim=0), dim=0)
        for key, rows in distinct.items()
    }
    places = [(place, column, id(rows)) for place, own in enumerate(liked) for column, rows in enumerate(own)]
    if places:
        index = (torch.tensor([p for p, _, _ in places]), torch.tensor([c for _, c, _ in places]))
        out = out.index_put(
            tuple(part.to(items.device) for part in index), torch.stack([mean[key] for _, _, key in places])
        )
    return out, torch.tensor([len(own) for own in liked], device=items.device)


def _last(states: Tensor, lengths: Tensor) -> Tensor:
    """``(B, 1, width)``: the state after each shopper's last act (after the first token where there is none)."""
    return states[torch.arange(len(states), device=states.device), lengths + N_STATED][:, None]
