"""A BERT that reads a product's text together with the texts of what the shopper took up, and scores the pair.

In: items with titles and text vectors, and `Interactions`. Out: scores. A first stage (likeness of texts, and
popularity) orders all items; the best `n_rescored` that the shopper does not have yet are ordered anew by the BERT,
all others keep the first stage's order below. It is the default embedder's BERT: its lower layers are frozen and read
each text once; only the upper `n_layers`, a vector per place and a linear score are trained. Liked tags that the
shopper stated are read as further texts. Dislikes do not go in: the head of `ranking.matcher` takes them.

Source: scoring a pair of texts: Nogueira and Cho 2019, Passage re-ranking with BERT; see `cross_network` for the
layers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ranking.evaluation import ndcg_of, sample_of, top_k
from ranking.interactions import Histories, Integers, Interactions, Items, Stated, check, histories
from ranking.models.aligned import aligned_rows, moved
from ranking.models.batches import identity_of, in_random_order
from ranking.models.content import ContentMatcher
from ranking.models.cross_network import LowerLayers, UpperLayers, open_layers, stacked
from ranking.models.loop import Curve, Loop, device_of
from ranking.models.losses import binary_loss
from ranking.models.newest import strongest_likes
from ranking.models.protocol import Scores, Tensors, Validation, Watch
from retrieval.errors import ModelError
from retrieval.model_folder import default_folder

SOFTMAX, BCE = LOSSES = ("softmax", "bce")
MAX_SAID = 2
"""So many stated likes are read, the strongest ones."""

PAIRS_AT_ONCE = 256
POPULARITY_GRID = (0.0, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0)
MAX_DEVIATIONS = 2.0

FIRST_COUNTS, BERT_DIGEST, NETWORK = "first/counts", "bert_sha256", "network/"


@dataclass(frozen=True, slots=True)
class CrossScorerSettings:
    """`n_layers` upper layers read `n_acts` texts of the shopper's with each candidate, `n_tokens` of each text.

    `length`, `decay`, `popularity` are the first stage's; `tuned`: choose the latter two by validation. `n_examples`:
    acts per epoch; `n_validated`: so many shoppers tell after each epoch whether it was any good.
    """

    n_layers: int = 1
    n_acts: int = 3
    n_tokens: int = 24
    n_rescored: int = 20
    n_negatives: int = 7
    loss: str = SOFTMAX
    length: int = 20
    decay: float = 0.7
    popularity: float = 0.1
    tuned: bool = True
    stated_share: float = 0.2
    n_examples: int = 1000
    n_validated: int = 200
    batch_size: int = 16
    rate: float = 1e-4
    weight_decay: float = 0.01
    n_epochs: int = 4
    patience: int = 2


class CrossScorer:
    """The cross-scorer; see the module's docstring."""

    name: ClassVar[str] = "cross-scorer"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `CrossScorerSettings`.

        Raises:
            ModelError: the loss is not one of those there are.
        """
        self._settings = CrossScorerSettings(**settings)
        if self._settings.loss not in LOSSES:
            raise ModelError(f"there is no loss {self._settings.loss!r}: it is one of {', '.join(LOSSES)}")
        self._first = self._first_stage()
        self._network: UpperLayers | None = None
        self._lower: LowerLayers | None = None
        self._fitted_on, self._items = Items(()), Items(())
        self._shares: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self.curve: Curve | None = None

    @property
    def settings(self) -> CrossScorerSettings:
        """How it is, or was, fitted: `decay` and `popularity` as chosen."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Fine-tune the upper layers; the epoch with the best validation NDCG@10 is kept, and none where none helps."""
        check(train)
        torch.manual_seed(watch.seed)
        self._open(train.items, device_of(watch.device))
        self._first.fit(train, validation, watch)
        self.with_items(train.items)
        asked = None if validation is None or not len(validation) else validation
        if asked and self._settings.tuned:
            self._settings = self._best_popularity(sample_of(asked, 2000, watch.seed))
        network, chosen = self._ready()[0], self._settings
        identity = identity_of(chosen, watch.seed, train) + str(train.items.titles)
        loop = Loop(network, chosen, watch, self.name, identity, 20)
        few = sample_of(asked, chosen.n_validated, watch.seed) if asked else None
        self.curve = loop.run(
            partial(self._batches, train, watch.seed), lambda: None if few is None else ndcg_of(self, few)
        )
        network.cpu()

    def _open(self, items: Items, device: torch.device) -> None:
        chosen = self._settings
        lower, upper, dimension = open_layers(default_folder(), chosen.n_layers, chosen.n_tokens)
        self._network = UpperLayers(upper, dimension, chosen.n_acts + MAX_SAID).to(device).eval()
        self._lower, self._fitted_on = lower, items

    def _first_stage(self) -> ContentMatcher:
        chosen = self._settings
        return ContentMatcher(length=chosen.length, decay=chosen.decay, tuned=chosen.tuned)

    def _best_popularity(self, asked: Validation) -> CrossScorerSettings:
        start, found = replace(self._settings, decay=self._first.settings.decay), []
        for popularity in dict.fromkeys((start.popularity, *POPULARITY_GRID)):
            self._settings = replace(start, popularity=popularity)
            found.append((ndcg_of(_FirstStage(self._first_scores), asked), -popularity))
        return replace(start, popularity=-max(found)[1])

    def _first_scores(self, shoppers: Histories) -> Scores:
        scores: Scores = self._first.score(shoppers) + np.float32(self._settings.popularity) * self._shares
        return scores

    def _batches(self, train: Interactions, seed: int, epoch: int) -> Iterator[Callable[[], Tensor]]:
        lesson = _Lesson(train, self._settings)
        shoppers = np.random.default_rng((seed, epoch, 1)).permutation(np.flatnonzero(np.diff(train.starts) >= 2))
        some = shoppers[: self._settings.n_examples]
        for rows, rng in in_random_order(some, self._settings.batch_size, seed, epoch):
            told, target = lesson.examples(rows, rng)
            first = self._first_scores(told)
            yield partial(self._loss, told, lesson.candidates(first, rows, target, rng), first)

    def _loss(self, told: Histories, candidates: Integers, first: Scores) -> Tensor:
        """`candidates` is ``(B, 1 + n_negatives)``: first what was taken up, then what was not."""
        pool = _unseen_best(first, told, self._settings.n_rescored)
        n_rows, n_each = candidates.shape
        deviations = _deviations(np.take_along_axis(first, candidates, axis=1), np.take_along_axis(first, pool, axis=1))
        rows = np.repeat(np.arange(n_rows), n_each)
        logits = self._logits(told, rows, candidates.ravel(), deviations.ravel()).view(n_rows, n_each)
        if self._settings.loss == BCE:
            return binary_loss(logits[:, 0], logits[:, 1:])
        return torch.nn.functional.cross_entropy(logits, logits.new_zeros(n_rows, dtype=torch.int64))

    def _logits(self, told: Histories, rows: Integers, candidates: Integers, first: NDArray[np.float32]) -> Tensor:
        """``(n,)`` logits of the pairs (shopper ``rows[i]``, item ``candidates[i]``)."""
        network, lower = self._ready()
        device = network.places.device
        shoppers, place = np.unique(rows, return_inverse=True)
        known = [self._known(told, row) for row in shoppers.tolist()]
        lower.read([text for own in known for text in own.values()])
        joined, joined_seen = stacked(
            [network.told(dict(zip(own, lower.read(list(own.values())), strict=True))) for own in known]
        )
        tokens, seen = (
            part.to(device) for part in stacked(lower.read([self._items.titles[row] for row in candidates.tolist()]))
        )
        where = torch.from_numpy(place).to(device)
        logits: Tensor = network(tokens, seen, joined[where], joined_seen[where], torch.from_numpy(first).to(device))
        return logits

    def _known(self, told: Histories, row: int) -> dict[int, str]:
        """Place -> text of what is known of a shopper: the newest acts, the newest first, then stated likes."""
        newest = told.items[row][-self._settings.n_acts :][::-1].tolist()
        known = {place: self._items.titles[item] for place, item in enumerate(newest)}
        stated = told.stated[row] if told.stated else ()
        likes = strongest_likes(stated, MAX_SAID)
        known.update({self._settings.n_acts + place: ": ".join(said.tag) for place, said in enumerate(likes)})
        return known

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """The first stage's scores; those of the best n are lifted above all others, in the BERT's order.

        What the shopper has already and the first stage ranks among the best stays above them.
        """
        self._ready()
        scores = self._first_scores(shoppers)
        known = np.array([bool(self._known(shoppers, row)) for row in range(len(shoppers))], dtype=np.bool_)
        if known.any():
            best = _unseen_best(scores, shoppers, self._settings.n_rescored)[known]
            self._lift(scores, shoppers, np.flatnonzero(known), best)
        return scores if items is None else scores[:, items]

    def _lift(self, scores: Scores, shoppers: Histories, rows: Integers, best: Integers) -> None:
        first = np.take_along_axis(scores[rows], best, axis=1)
        whose, which, deviations = np.repeat(rows, best.shape[1]), best.ravel(), _deviations(first, first).ravel()
        slices = [slice(start, start + PAIRS_AT_ONCE) for start in range(0, best.size, PAIRS_AT_ONCE)]
        with torch.inference_mode():
            parts = [
                self._logits(shoppers, whose[some], which[some], deviations[some]).float().cpu().numpy()
                for some in slices
            ]
        logits = np.concatenate(parts).reshape(best.shape)
        lowest = logits.min(axis=1, keepdims=True)
        for row, columns, lifted, least in zip(rows, best, logits - lowest, first.min(axis=1), strict=True):
            above = np.setdiff1d(np.flatnonzero(scores[row] >= least), columns)
            own = above[np.isin(above, shoppers.items[row])]
            scores[row, own] += np.float32(lifted.max() + 2.0)
            scores[row, columns] = np.float32(least) + 1.0 + lifted

    def with_items(self, items: Items) -> None:
        """A new item is scored like any other, by its text.

        Raises:
            ModelError: the items have no titles, or no vectors.
        """
        if len(items.titles) != len(items) or not any(items.titles):
            raise ModelError(
                "the cross-scorer reads titles, and the items have none: give them, or choose a model that reads acts "
                "alone, for example cooccurrence"
            )
        self._first.with_items(items)
        counts = np.log1p(moved(np.asarray(self._first.tensors()["counts"]), aligned_rows(self._fitted_on, items)))
        self._shares = (counts / max(1.0, float(counts.max(initial=0.0)))).astype(np.float32)
        self._items = items

    def tensors(self) -> Tensors:
        """What was trained, the counts, and which BERT the frozen half is of."""
        network, _ = self._ready()
        digest = np.frombuffer(bytes.fromhex(default_folder().weights_sha256), dtype=np.uint8)
        trained = {f"{NETWORK}{name}": tensor.cpu().numpy() for name, tensor in network.state_dict().items()}
        return {**trained, FIRST_COUNTS: self._first.tensors()["counts"], BERT_DIGEST: digest}

    def restore(self, tensors: Tensors, items: Items) -> None:
        """The frozen half from the default embedder's folder, the rest from the tensors."""
        try:
            digest = np.asarray(tensors[BERT_DIGEST]).tobytes().hex()
            counts = tensors[FIRST_COUNTS]
        except KeyError as error:
            raise ModelError(f"the tensors of the cross-scorer lack {error}: train it again") from error
        if digest != default_folder().weights_sha256:
            raise ModelError("the cross-scorer was trained on another BERT than the default embedder's: train it again")
        self._open(items, torch.device("cpu"))
        state = {
            name.removeprefix(NETWORK): torch.from_numpy(np.array(value))
            for name, value in tensors.items()
            if name.startswith(NETWORK)
        }
        try:
            self._ready()[0].load_state_dict(state)
        except RuntimeError as error:
            raise ModelError(f"the tensors are not those of {self._settings}: train it again ({error})") from error
        self._first.restore({"counts": counts}, items)
        self.with_items(items)

    def _ready(self) -> tuple[UpperLayers, LowerLayers]:
        if self._network is None or self._lower is None:
            raise ModelError("the cross-scorer has not been fitted: run `shopping-assistant train`")
        return self._network, self._lower


@dataclass(frozen=True, slots=True)
class _FirstStage:
    scores: Callable[[Histories], Scores]

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        return self.scores(shoppers)


class _Lesson:
    """An act of each shopper, what was known before it, and what the first stage would have offered instead."""

    def __init__(self, data: Interactions, settings: CrossScorerSettings) -> None:
        self._data, self._settings = data, settings
        self._tags: list[list[tuple[str, str]]] = [[] for _ in data.items.ids]
        for tag, rows in data.items.tags.items():
            for row in rows.tolist():
                self._tags[row].append(tag)

    def examples(self, shoppers: Integers, rng: np.random.Generator) -> tuple[Histories, Integers]:
        """The histories before an act of each, now and then with a tag of it that they say they like; and the acts."""
        lengths = np.diff(self._data.starts)[shoppers]
        until = rng.integers(1, lengths)
        target = self._data.item[self._data.starts[shoppers] + until]
        stated = tuple(self._said(item, rng) for item in target.tolist())
        return replace(histories(self._data, shoppers, until), stated=stated), target

    def _said(self, item: int, rng: np.random.Generator) -> tuple[Stated, ...]:
        tags = self._tags[item]
        if not tags or rng.random() >= self._settings.stated_share:
            return ()
        return (Stated(tags[int(rng.integers(len(tags)))], 1.0),)

    def candidates(self, first: Scores, shoppers: Integers, target: Integers, rng: np.random.Generator) -> Integers:
        """``(B, 1 + n_negatives)``: the target, then others of the first stage's best that they never took up."""
        masked = first.copy()
        for row, shopper in enumerate(shoppers.tolist()):
            masked[row, self._data.sequence(shopper)] = -np.inf
        found = []
        for row, pool in enumerate(top_k(masked, 2 * self._settings.n_rescored)):
            fresh = pool[masked[row, pool] > -np.inf]
            # Who took up everything is asked to tell the target from the rest of it.
            rest = fresh if len(fresh) else np.setdiff1d(np.arange(first.shape[1]), target[row])
            others = rng.choice(rest, self._settings.n_negatives, replace=len(rest) < self._settings.n_negatives)
            found.append(np.concatenate([target[row : row + 1], others]))
        return np.stack(found)


def _unseen_best(first: Scores, told: Histories, n: int) -> Integers:
    masked = first.copy()
    for row, own in enumerate(told.items):
        masked[row, own] = -np.inf
    return top_k(masked, n)


def _deviations(values: Scores, pool: Scores) -> Scores:
    """Values in standard deviations from the mean of the pool, row by row, within `MAX_DEVIATIONS`.

    >>> _deviations(np.array([[3.0]], dtype=np.float32), np.array([[1.0, 3.0]], dtype=np.float32)).tolist()
    [[1.0]]
    """
    spread = np.maximum(pool.std(axis=1, keepdims=True), np.float32(1e-6))
    found: Scores = ((values - pool.mean(axis=1, keepdims=True)) / spread).clip(-MAX_DEVIATIONS, MAX_DEVIATIONS)
    return found
