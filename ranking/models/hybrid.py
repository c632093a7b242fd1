"""The default: a mixture of what several matchers say, with weights that were chosen on validation.

In: `Interactions`. Out: the logarithm of the probability that an item comes next. Each part's scores become shares
of the items: a network's by the softmax, counts by their sum. The mixture adds the shares up, so an
item may be good for one reason alone. Counts say nothing of an item that nobody has taken up yet, and a network little:
there it borrows the shares of the known items whose texts are nearest.

Source: linear opinion pool: Stone 1961, The opinion pool; weighted hybrids: Burke 2002, Hybrid recommender systems,
section 3.1; borrowing from neighbours by content: Gantner et al. 2010, Learning attribute-to-feature mappings for
cold-start recommendations.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ranking.evaluation import ndcg, sample_of, slices, top_k
from ranking.interactions import Histories, Integers, Interactions, Items
from ranking.models.aligned import aligned_rows, taken_up
from ranking.models.neighbours import nearest
from ranking.models.protocol import GoesOn, Matcher, Progress, Scores, Tensors, Validation, Watch
from ranking.models.registry import make
from retrieval.errors import ModelError

PARTS = ("sequence", "transitions", "cooccurrence", "content", "popularity")
SOFTMAX_TEMPERATURE: Mapping[str, float] = {"sequence": 1.0, "content": 0.05}
"""Of the parts whose scores are not counts."""

SETTINGS = "settings"
"""Under which name the tensors of a part hold how it was tuned."""

KNOW_TEXTS_ALONE = ("content",)
"""The parts to which no item is new."""

HEAR_WHAT_IS_SAID = ("sequence", "content")
LEAST_HEARD = 0.2
"""What a part that hears what is said weighs at least, beside the other one, for those who did nothing yet."""

MAX_TUNED_ON = 20_000
N_KEPT = 100
"""The weights are chosen by the order among the best so many items of each part."""

LENT = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0)
"""What `borrowed` is chosen among; more than twice a mean costs known items much, however few are new."""

GRID = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)
SMALLEST = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class HybridSettings:
    """`parts`: names of matchers, comma-separated. The weights are chosen on validation; without one these are used.

    `borrowed`: how many times the mean of its neighbours' shares a new item gets; 0: nothing. A mean is below the best
    of what it is a mean of, so at 1 a new item is hardly ever among the first; more than 1 gives it places that known
    ones lose. On validation it is chosen as high as it may be while they lose no more than `cost_of_new` of their
    NDCG@10.
    `trunk` to `patience` are the network's.
    """

    parts: str = "sequence,transitions,cooccurrence,content,popularity"
    sequence_weight: float = 1.0
    transitions_weight: float = 2.0
    cooccurrence_weight: float = 0.3
    content_weight: float = 0.1
    popularity_weight: float = 0.03
    borrowed: float = 1.5
    cost_of_new: float = 0.15
    tuned: bool = True
    trunk: str = "attention"
    width: int = 64
    dropout: float = 0.4
    n_epochs: int = 100
    patience: int = 6


class HybridMatcher:
    """Several matchers in one; see the module's docstring."""

    name: ClassVar[str] = "hybrid"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `HybridSettings`.

        Raises:
            ModelError: a part is none of `PARTS`.
        """
        self._settings = HybridSettings(**settings)
        unknown = [part for part in self._names() if part not in PARTS]
        if unknown or not self._names():
            raise ModelError(f"a hybrid has no part {','.join(unknown)!r}: its parts are {', '.join(PARTS)}")
        self._parts: dict[str, Matcher] = {}
        self._items = self._fitted_on = Items(())
        self._was_known: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self._borrowing: sparse.csc_array | None = None
        self._start: Matcher | None = None

    @property
    def settings(self) -> HybridSettings:
        """How it was fitted: the weights as chosen."""
        return self._settings

    @property
    def parts(self) -> Mapping[str, Matcher]:
        """The matchers in it, fitted."""
        return self._parts

    def _names(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self._settings.parts.split(",") if name.strip())

    def _make(self, name: str) -> Matcher:
        chosen = self._settings
        if name != "sequence":
            return make(name)
        shared = ("trunk", "width", "dropout", "n_epochs", "patience")
        return make(name, {key: getattr(chosen, key) for key in shared})

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Fit each part, then choose the weights by the order of the validation items."""
        has_text = train.items.has_text
        names = [name for name in self._names() if name != "content" or has_text]
        self._parts = {name: self._make(name) for name in names}
        network = self._parts.get("sequence")
        if self._start is not None and isinstance(network, GoesOn):
            network.start_from(self._start)
        for name in sorted(names, key=lambda name: name == "sequence"):
            self._parts[name].fit(train, validation, watch)
        self._fitted_on, self._was_known = train.items, taken_up(train)
        self._see(train.items)
        if self._settings.tuned and validation is not None and len(validation):
            self._choose_weights(validation, watch)

    def start_from(self, former: Matcher) -> None:
        """Let the network in the next `fit` go on from that of a fitted hybrid."""
        self._start = former.parts.get("sequence") if isinstance(former, HybridMatcher) else None

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """The logarithm of the mixture's share; with what new items are lent, the shares add up to more than 1."""
        mixture = np.zeros((len(shoppers), len(self._items)), dtype=np.float32)
        lending = np.zeros_like(mixture)
        for name, column in self._weights(shoppers).items():
            if column.any():
                shares = column * _as_shares(self._parts[name].score(shoppers), SOFTMAX_TEMPERATURE.get(name))
                mixture += shares
                if name not in KNOW_TEXTS_ALONE:
                    lending += shares
        wanted = mixture if items is None else mixture[:, items]
        lent = self._lent(lending, items)
        if lent is not None:
            wanted = wanted + np.float32(self._settings.borrowed) * lent
        logs: Scores = np.log(np.maximum(wanted, SMALLEST))
        return logs

    def _weights(self, shoppers: Histories) -> dict[str, NDArray[np.float32]]:
        """Each part's weight for each shopper, ``(B, 1)``; they add up to 1.

        Whoever only said what they like is left to the parts that hear it: counts know acts alone.
        """
        chosen = {name: self._weight(name) for name in self._parts}
        hearing = {name: max(chosen[name], LEAST_HEARD) for name in HEAR_WHAT_IS_SAID if name in chosen}
        if not any(chosen.values()):
            raise ModelError("the hybrid has not been fitted, or all its weights are 0")
        only_said = np.array([bool(hearing) and self._only_said(shoppers, row) for row in range(len(shoppers))])
        table = {
            name: np.where(
                only_said, hearing.get(name, 0.0) / (sum(hearing.values()) or 1.0), weight / sum(chosen.values())
            )
            for name, weight in chosen.items()
        }
        return {name: column[:, None].astype(np.float32) for name, column in table.items()}

    def _only_said(self, shoppers: Histories, row: int) -> bool:
        said = shoppers.stated[row] if shoppers.stated else ()
        return not len(shoppers.items[row]) and any(one.weight > 0 and one.tag in self._items.tags for one in said)

    def _weight(self, name: str) -> float:
        return float(getattr(self._settings, f"{name}_weight"))

    def with_items(self, items: Items) -> None:
        """Each part is given the catalog, and new items their neighbours in it."""
        self._see(items)
        for part in self._parts.values():
            part.with_items(items)

    def _see(self, items: Items) -> None:
        rows = aligned_rows(self._fitted_on, items)
        self._items = items
        self._borrowing = _borrowing(items, np.where(rows >= 0, self._was_known[rows], False))

    def tensors(self) -> Tensors:
        """Those of the parts, each under its name, with the settings that it chose, as JSON in bytes."""
        found: dict[str, Any] = {"known": self._was_known.astype(np.uint8)}
        for name, part in self._parts.items():
            found[f"{name}/{SETTINGS}"] = np.frombuffer(json.dumps(asdict(part.settings)).encode(), dtype=np.uint8)
            found.update({f"{name}/{key}": value for key, value in part.tensors().items()})
        return found

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Each part takes its own."""
        known = tensors.get("known")
        if known is None or len(known) != len(items):
            raise ModelError(f"these are not the tensors of {len(items)} items: train the hybrid again")
        self._fitted_on, self._was_known = items, np.asarray(known).astype(np.bool_)
        self._see(items)
        for name in self._names():
            own = {key.split("/", 1)[1]: value for key, value in tensors.items() if key.startswith(f"{name}/")}
            if SETTINGS in own:
                self._parts[name] = make(name, json.loads(np.asarray(own.pop(SETTINGS)).tobytes()))
                self._parts[name].restore(own, items)

    def _choose_weights(self, validation: Validation, watch: Watch) -> None:
        """One weight at a time, three times over, by NDCG@10. What brings nothing gets 0."""
        contests = [self._contest(some) for some in slices(sample_of(validation, MAX_TUNED_ON, watch.seed))]
        best = {name: self._weight(name) for name in self._parts}
        best_ndcg = _ndcg(contests, best)
        for turn in range(1, 4):
            for name in best:
                for value in GRID:
                    tried = {**best, name: value}
                    if not any(tried.values()):
                        continue
                    found = _ndcg(contests, tried)
                    if found > best_ndcg:
                        best, best_ndcg = tried, found
            watch.on_progress(Progress("weights", turn, 3, None, best_ndcg))
        total = sum(best.values())
        chosen: dict[str, Any] = {f"{name}_weight": round(value / total, 4) for name, value in best.items()}
        if self._borrowing is not None and self._settings.borrowed:
            chosen["borrowed"] = _affordable(contests, best, self._settings.cost_of_new * best_ndcg)
        self._settings = replace(self._settings, **chosen)

    def _contest(self, asked: Validation) -> "_Contest":
        """The target of each shopper, and the best of each part beside it."""
        tables = {
            name: _as_shares(part.score(asked.histories), SOFTMAX_TEMPERATURE.get(name))
            for name, part in self._parts.items()
        }
        lent = {name: self._lent(table) for name, table in tables.items() if name not in KNOW_TEXTS_ALONE}
        may = np.ones(next(iter(tables.values())).shape, dtype=np.bool_)
        if not asked.repeats:
            for row, own in enumerate(asked.histories.items):
                may[row, own] = False
        rivals = [*tables.values(), *(table for table in lent.values() if table is not None)]
        best = [top_k(np.where(may, table, np.float32(-1.0)), N_KEPT) for table in rivals]
        columns = np.concatenate([asked.target[:, None], *best], axis=1)
        takes_part = np.take_along_axis(may, columns, axis=1) & _is_first(columns)
        return _Contest(
            {name: np.take_along_axis(table, columns, 1) for name, table in tables.items()},
            {name: np.take_along_axis(table, columns, 1) for name, table in lent.items() if table is not None},
            takes_part,
        )

    def _lent(self, shares: Scores, items: Integers | None = None) -> Scores | None:
        """What new items, of those that are wanted, are lent of the shares of those who know acts; None: nothing."""
        if self._borrowing is None or not self._settings.borrowed:
            return None
        lent: Scores = shares @ (self._borrowing if items is None else self._borrowing[:, items])
        return lent


@dataclass(frozen=True)
class _Contest:
    """The parts' shares for each shopper's target (the first column) and its rivals, ``(B, C)`` each, and what they
    lend to new items among these."""

    shares: Mapping[str, Scores]
    lent: Mapping[str, Scores]
    takes_part: NDArray[np.bool_]


def _affordable(contests: list[_Contest], weights: Mapping[str, float], cost: float) -> float:
    """How much new items can be lent so that validation loses no more than `cost` of its NDCG@10."""
    least = _ndcg(contests, weights) - cost
    affordable = [value for value in LENT if _ndcg(contests, weights, value) >= least]
    return max(affordable, default=LENT[0])


def _ndcg(contests: list[_Contest], weights: Mapping[str, float], borrowed: float = 0.0) -> float:
    found = []
    for contest in contests:
        total = np.zeros(contest.takes_part.shape, dtype=np.float32)
        for name, table in contest.shares.items():
            if weights[name]:
                lent = contest.lent.get(name) if borrowed else None
                total += np.float32(weights[name]) * (table if lent is None else table + np.float32(borrowed) * lent)
        total[~contest.takes_part] = -1.0
        own = total[:, :1]
        ranks = 1.0 + (total[:, 1:] > own).sum(axis=1) + (total[:, 1:] == own).sum(axis=1) / 2
        found.append(ndcg(np.where(contest.takes_part[:, 0], ranks, np.inf)))
    return float(np.concatenate(found).mean())


def _as_shares(scores: Scores, temperature: float | None) -> Scores:
    """Scores that add up to 1 in each row: by the softmax, or (None) counts by their sum.

    >>> _as_shares(np.array([[1.0, 3.0]], dtype=np.float32), None).tolist()
    [[0.25, 0.75]]
    >>> _as_shares(np.zeros((1, 4), dtype=np.float32), 0.05).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    if temperature is None:
        shares: Scores = scores / np.maximum(scores.sum(axis=1, keepdims=True), SMALLEST)
        return shares
    raised: Scores = scores - scores.max(axis=1, keepdims=True)
    raised *= np.float32(1.0 / temperature)
    np.exp(raised, out=raised)
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def _is_first(columns: Integers) -> NDArray[np.bool_]:
    """Whether no earlier column of the row holds the same item."""
    order = np.argsort(columns, axis=1, kind="stable")
    ordered = np.take_along_axis(columns, order, axis=1)
    fresh = np.ones(columns.shape, dtype=np.bool_)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    out = np.empty_like(fresh)
    np.put_along_axis(out, order, fresh, axis=1)
    return out


def _borrowing(items: Items, is_known: NDArray[np.bool_]) -> "sparse.csc_array | None":
    """``(I, I)``: for each new item (column) how much it borrows of known ones (rows).

    None where there is no new item, or no text.
    """
    if items.vectors is None:
        return None
    has_text = np.any(items.vectors != 0, axis=1)
    new, known = np.flatnonzero(~is_known & has_text), np.flatnonzero(is_known & has_text)
    if not len(new) or not len(known):
        return None
    rows, weights = nearest(items.vectors[new], items.vectors[known])
    where = (known[rows].ravel(), np.repeat(new, rows.shape[1]))
    # By columns, since a ranker asks for a few of them.
    return sparse.csc_array((weights.ravel(), where), shape=(len(items), len(items)), dtype=np.float32)
