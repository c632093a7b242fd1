"""What was taken up together, and what was taken up next: two matchers by counting.

In: `Interactions`. Out: scores from the shopper's newest acts. Knows no network, and nothing of an item that nobody
took up.

`cooccurrence` is the baseline: two items are alike by how many shoppers took up both. `transitions` counts in the order
of time: what came soon after weighs most, what came before less, and a popular item is not punished as much as a
popular neighbour. Its five constants are chosen on the validation items, so that they suit the shop.

Source: cosine with shrinkage and a decay over the newest acts: Sarwar et al. 2001, Item-based collaborative filtering;
order of time in neighbourhoods: Garg et al. 2019, Sequence and time aware neighborhood for session-based
recommendations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ranking.evaluation import ndcg, sample_of
from ranking.interactions import Histories, Integers, Interactions, Items, check
from ranking.models.aligned import aligned_rows, moved
from ranking.models.newest import newest_acts
from ranking.models.protocol import Progress, Scores, Tensors, Validation, Watch
from retrieval.errors import ModelError

TIE = 1e-9
"""So much of an item's count is added to its score: where nothing else speaks, the more popular goes first."""

MAX_TUNED_ON = 6_000
"""Constants are chosen on no more than so many shoppers."""


@dataclass(frozen=True, slots=True)
class CooccurrenceSettings:
    """`length`: so many of the newest acts are looked at; `decay`: each older one counts that share of the next."""

    length: int = 10
    decay: float = 0.8


@dataclass(frozen=True, slots=True)
class TransitionsSettings:
    """The constants of `transitions`.

    `window`: pairs further apart are not counted; `gap`: each step further apart counts that share; `back`: what came
    before counts that share of what came after; `source_norm`, `target_norm`: the powers of how often an item was taken
    up that its neighbours' counts, and its own, are divided by; `tuned`: choose all but window and length on
    validation.
    """

    length: int = 10
    decay: float = 0.8
    window: int = 12
    gap: float = 0.8
    back: float = 0.5
    source_norm: float = 0.5
    target_norm: float = 0.3
    tuned: bool = True


GRID = {
    "decay": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "gap": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "back": (0.0, 0.25, 0.5, 0.75, 1.0),
    "source_norm": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "target_norm": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
}
"""What each constant is chosen among, one at a time, twice over."""


class _Neighbours:
    """Scores by a sparse table of which item speaks for which."""

    def __init__(self) -> None:
        self._fitted_on = Items(())
        self._fitted = self._table = sparse.csr_array((0, 0), dtype=np.float32)
        self._fitted_counts: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._counts = self._fitted_counts

    def _fit(self, items: Items, table: "sparse.csr_array", counts: NDArray[np.float32]) -> None:
        self._fitted_on, self._fitted, self._fitted_counts = items, table, counts
        self._table, self._counts = table, counts

    def _score(self, shoppers: Histories, length: int, decay: float, items: Integers | None) -> Scores:
        acts = newest_acts(shoppers, length, decay, self._table.shape[0])
        # Picking columns of a sparse table costs more than the whole row.
        scores: Scores = (acts @ self._table).toarray() + np.float32(TIE) * self._counts
        return scores if items is None else scores[:, items]

    def with_items(self, items: Items) -> None:
        """A new item has no neighbours: it scores 0."""
        rows = aligned_rows(self._fitted_on, items)
        place = np.full(len(self._fitted_on), -1, dtype=np.int64)
        place[rows[rows >= 0]] = np.flatnonzero(rows >= 0)
        pairs = self._fitted.tocoo()
        kept = (place[pairs.row] >= 0) & (place[pairs.col] >= 0)
        where = (place[pairs.row[kept]], place[pairs.col[kept]])
        self._table = sparse.csr_array((pairs.data[kept], where), shape=(len(items), len(items)))
        self._counts = moved(self._fitted_counts, rows)

    def tensors(self) -> Tensors:
        """The table in compressed rows, and the counts."""
        return {
            "data": self._fitted.data.astype(np.float32),
            "indices": self._fitted.indices.astype(np.int32),
            "indptr": self._fitted.indptr.astype(np.int64),
            "counts": self._fitted_counts,
        }

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Take table and counts."""
        n = len(items)
        if "indptr" not in tensors or tensors["indptr"].shape != (n + 1,):
            raise ModelError(f"the table is not of the {n} items given: train the matcher again")
        table = sparse.csr_array((tensors["data"], tensors["indices"], tensors["indptr"]), shape=(n, n))
        self._fit(items, table, np.asarray(tensors["counts"], dtype=np.float32))


class CooccurrenceMatcher(_Neighbours):
    """Taken up by the same shoppers; see the module's docstring."""

    name: ClassVar[str] = "cooccurrence"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `CooccurrenceSettings`."""
        super().__init__()
        self._settings = CooccurrenceSettings(**settings)

    @property
    def settings(self) -> CooccurrenceSettings:
        """How it is fitted."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Count who took up both."""
        check(train)
        n = len(train.items)
        taken = sparse.csr_array(
            (np.ones(len(train.item), dtype=np.float32), (train.shopper_rows(), train.item)), shape=(len(train), n)
        )
        taken.sum_duplicates()
        taken.data[:] = 1.0
        counts = np.asarray(taken.sum(axis=0)).ravel()
        both = (taken.T @ taken).tocsr()
        both.setdiag(0)
        both.eliminate_zeros()
        shrunk = 1.0 / (np.sqrt(counts) + 1.0)
        self._fit(train.items, _scaled(both, shrunk, shrunk), counts.astype(np.float32))

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """The likeness to the newest acts, the newer the more."""
        return self._score(shoppers, self._settings.length, self._settings.decay, items)


class TransitionsMatcher(_Neighbours):
    """Taken up soon after one another; see the module's docstring."""

    name: ClassVar[str] = "transitions"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `TransitionsSettings`."""
        super().__init__()
        self._settings = TransitionsSettings(**settings)

    @property
    def settings(self) -> TransitionsSettings:
        """How it is, or was, fitted: the constants as chosen."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Count pairs, and choose the constants where there is a validation."""
        check(train)
        pairs, counts = _pairs(train, self._settings.window), train.counts().astype(np.float32)
        if self._settings.tuned and validation is not None and len(validation):
            self._settings = _tuned(self._settings, pairs, counts, validation, watch)
        self._fit(train.items, _transitions(pairs, counts, self._settings), counts)

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """How strongly the newest acts lead to each item."""
        return self._score(shoppers, self._settings.length, self._settings.decay, items)


Pairs = Sequence["sparse.csr_array"]
"""Per distance in steps, from 1: how often the column's item came so far behind the row's."""


def _pairs(data: Interactions, window: int) -> Pairs:
    n, whose = len(data.items), data.shopper_rows()
    found = []
    for distance in range(1, window + 1):
        same = whose[:-distance] == whose[distance:] if distance < len(whose) else np.zeros(0, dtype=np.bool_)
        first, second = data.item[:-distance][same], data.item[distance:][same]
        apart = first != second
        ones = np.ones(int(apart.sum()), dtype=np.float32)
        found.append(sparse.csr_array((ones, (first[apart], second[apart])), shape=(n, n)))
    return found


def _transitions(pairs: Pairs, counts: NDArray[np.float32], chosen: TransitionsSettings) -> "sparse.csr_array":
    after = pairs[0] * 1.0
    for distance, table in enumerate(pairs[1:], start=1):
        after = after + chosen.gap**distance * table
    both = (after + chosen.back * after.T).tocsr()
    both.eliminate_zeros()
    return _scaled(both, 1.0 / (counts**chosen.source_norm + 1.0), 1.0 / (counts**chosen.target_norm + 1.0))


def _scaled(table: Any, rows: NDArray[Any], columns: NDArray[Any]) -> "sparse.csr_array":
    scaled = sparse.csr_array(sparse.diags_array(rows) @ table @ sparse.diags_array(columns))
    return scaled.astype(np.float32)


def _tuned(
    start: TransitionsSettings, pairs: Pairs, counts: NDArray[np.float32], validation: Validation, watch: Watch
) -> TransitionsSettings:
    """One constant at a time, twice over; the start is kept where nothing is better."""
    asked = sample_of(validation, MAX_TUNED_ON, watch.seed)
    best, best_ndcg = start, _sparse_ndcg(start, pairs, counts, asked)
    tried = {best}
    steps = [(name, value) for _ in range(2) for name, values in GRID.items() for value in values]
    for step, (name, value) in enumerate(steps, start=1):
        changed: dict[str, Any] = {name: value}
        candidate = replace(best, **changed)
        if candidate not in tried:
            tried.add(candidate)
            found = _sparse_ndcg(candidate, pairs, counts, asked)
            if found > best_ndcg:
                best, best_ndcg = candidate, found
        if step % 10 == 0 or step == len(steps):
            watch.on_progress(Progress("transitions", step, len(steps), None, best_ndcg))
    return best


def _sparse_ndcg(chosen: TransitionsSettings, pairs: Pairs, counts: NDArray[np.float32], asked: Validation) -> float:
    """NDCG@10 where an item that nothing leads to counts as not found; what a shopper has is left out."""
    table = _transitions(pairs, counts, chosen)
    scores = (newest_acts(asked.histories, chosen.length, chosen.decay, table.shape[0]) @ table).tocsr()
    own = scores[np.arange(len(asked)), asked.target]
    own = np.asarray(own.toarray() if sparse.issparse(own) else own).ravel()
    row = np.repeat(np.arange(len(asked)), np.diff(scores.indptr))
    above, level = scores.data > own[row], scores.data == own[row]
    if not asked.repeats:
        seen = _seen(asked.histories, scores.shape)
        fresh = ~np.isin(row * scores.shape[1] + scores.indices, seen, assume_unique=False)
        above, level = above & fresh, level & fresh
    n_above = np.bincount(row, above, len(asked))
    n_level = np.bincount(row, level, len(asked))
    ranks = np.where((own > 0) & (n_level > 0), n_above + (n_level + 1) / 2, np.inf)
    return float(ndcg(ranks).mean())


def _seen(told: Histories, shape: tuple[int, int]) -> Integers:
    rows = np.repeat(np.arange(len(told)), [len(own) for own in told.items])
    return np.unique(rows * shape[1] + np.concatenate(told.items)).astype(np.int64)
