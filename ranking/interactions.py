"""Who took up what, in which order: what a matcher is trained and measured on.

In: sequences of item ids, or events. Out: `Interactions` over numbered items, and the statistics that a data scientist
wants to see first. Knows no model, no file format and no database.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranking.profile import decayed_weights, weight_of
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Matrix

Integers = NDArray[np.int64]
Floats = NDArray[np.float32]

SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True)
class Items:
    """The items that can be recommended; a row each.

    `vectors` is ``(I, d)`` float32, the embeddings of their texts with unit rows (zeros: no text), or None. `tags`
    holds what can be said of them: (attribute, value) -> the rows that have it, ascending. `titles` may be empty.
    """

    ids: tuple[str, ...]
    vectors: Matrix | None = field(default=None, repr=False)
    tags: Mapping[tuple[str, str], Integers] = field(default_factory=dict, repr=False)
    titles: tuple[str, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def has_text(self) -> bool:
        """Whether any item has a vector."""
        return self.vectors is not None and bool(np.any(self.vectors))

    def rows(self) -> dict[str, int]:
        """Item id -> row."""
        return {item_id: row for row, item_id in enumerate(self.ids)}


@dataclass(frozen=True)
class Interactions:
    """What S shoppers took up, each one's acts oldest first, all in one array.

    Shopper s took up ``item[starts[s] : starts[s + 1]]`` (rows of `items`) at `time` (seconds from any moment; where
    only the order is known, one day apart) with `weight` (> 0, how much the act speaks for the item; 1 = a view).
    """

    items: Items
    shoppers: tuple[str, ...]
    starts: Integers
    item: Integers
    time: NDArray[np.float64]
    weight: Floats

    def __len__(self) -> int:
        return len(self.shoppers)

    def sequence(self, shopper: int) -> Integers:
        """The rows that one shopper took up, oldest first."""
        return self.item[self.starts[shopper] : self.starts[shopper + 1]]

    def counts(self) -> Integers:
        """``(I,)``: how many acts each item has."""
        return np.bincount(self.item, minlength=len(self.items)).astype(np.int64)

    def shopper_rows(self) -> Integers:
        """``(n,)``: whose act each is."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def keep(self, mask: NDArray[np.bool_]) -> "Interactions":
        """Only the acts where `mask` is true; shoppers stay, also those who have none left."""
        kept = np.bincount(self.shopper_rows()[mask], minlength=len(self))
        starts = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        return replace(self, starts=starts, item=self.item[mask], time=self.time[mask], weight=self.weight[mask])

    def statistics(self) -> dict[str, Any]:
        """What to look at before training: sizes, density, lengths, and how concentrated the acts are."""
        lengths, counts = np.diff(self.starts), self.counts()
        active, taken = lengths[lengths > 0], counts[counts > 0]
        top = np.sort(counts)[::-1][: max(1, len(counts) // 100)]
        return {
            "shoppers": len(active),
            "items": len(taken),
            "items_never_taken_up": int(len(counts) - len(taken)),
            "interactions": len(self.item),
            "density": round(len(self.item) / max(1, len(active) * len(taken)), 6),
            "median_per_shopper": float(np.median(active)) if len(active) else 0.0,
            "longest": int(lengths.max(initial=0)),
            "median_per_item": float(np.median(taken)) if len(taken) else 0.0,
            "share_of_the_top_percent": round(float(top.sum() / max(1, counts.sum())), 4),
            "items_with_text": int(0 if self.items.vectors is None else np.any(self.items.vectors != 0, axis=1).sum()),
        }


def from_sequences(sequences: Mapping[str, Sequence[str]], items: Items | None = None) -> Interactions:
    """Interactions from shopper id -> item ids, oldest first; acts are one day apart.

    Args:
        sequences: what each shopper took up.
        items: the items, where more is known of them than their ids; ids that it lacks are added behind.

    Raises:
        ModelError: there is nobody, or fewer than two items, or all acts are on one.

    >>> from_sequences({"ann": ["b", "a"], "bo": ["a"]}).item.tolist()
    [1, 0, 0]
    """
    known = items or Items(())
    have = set(known.ids)
    new = sorted({item for sequence in sequences.values() for item in sequence} - have)
    items = _with_new(known, new)
    row = items.rows()
    flat = np.array([row[item] for sequence in sequences.values() for item in sequence], dtype=np.int64)
    lengths = [len(sequence) for sequence in sequences.values()]
    time = np.concatenate([np.arange(n, dtype=np.float64) for n in lengths]) if lengths else np.zeros(0)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    made = Interactions(
        items, tuple(sequences), starts, flat, time * SECONDS_A_DAY, np.ones(len(flat), dtype=np.float32)
    )
    check(made)
    return made


def _with_new(items: Items, new: Sequence[str]) -> Items:
    if not new:
        return items
    vectors = items.vectors
    if vectors is not None:
        vectors = np.concatenate([vectors, np.zeros((len(new), vectors.shape[1]), dtype=np.float32)])
    titles = (*items.titles, *new) if items.titles else ()
    return Items((*items.ids, *new), vectors, items.tags, titles)


def from_events(events: Iterable[Event], items: Items, cuts: Sequence[datetime] = ()) -> Interactions:
    """Interactions from a log: what speaks for a product, one act per shopper, product and session; the rest is left
    out. A session that reaches over one of the `cuts` is several, so that no act tells of what came after.

    So are acts for somebody else, as in the shopper's own profile. They don't count for that person either: "a friend"
    of today and of last year may be two, and a sequence that mixes them teaches what nobody likes.

    Raises:
        ModelError: nothing in the log speaks for any of the items, or for one alone.
    """
    row = items.rows()
    grouped: dict[tuple[str, str, str, int], list[Event]] = {}
    for event in events:
        if event.product_id in row and event.recipient is None:
            visit = event.session_id or event.time.date().isoformat()
            part = bisect_right(cuts, event.time)
            grouped.setdefault((event.shopper_id, event.product_id, visit, part), []).append(event)
    acts: dict[str, list[tuple[float, int, float]]] = {}
    for (shopper, product, *_), own in grouped.items():
        last = max(event.time for event in own)
        if decayed_weights(own, last).get(product, 0.0) > 0:
            strongest = max(weight_of(event) for event in own)
            first = min(event.time for event in own)
            acts.setdefault(shopper, []).append((first.timestamp(), row[product], strongest))
    shoppers = sorted(acts)
    flat = [act for shopper in shoppers for act in sorted(acts[shopper])]
    lengths = [len(acts[shopper]) for shopper in shoppers]
    made = Interactions(
        items,
        tuple(shoppers),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.array([act[1] for act in flat], dtype=np.int64),
        np.array([act[0] for act in flat], dtype=np.float64),
        np.array([act[2] for act in flat], dtype=np.float32),
    )
    check(made)
    return made


def check(data: Interactions) -> None:
    """Refuse what no order can be learned from, and say what is missing.

    Raises:
        ModelError: no shopper, one shopper, no act, or all acts on one item; or a weight or time is not a number.
    """
    if not len(data.item):
        raise ModelError("there is nothing to learn from: no act in the data speaks for any item of the catalog")
    bad = np.flatnonzero(~np.isfinite(data.time) | ~np.isfinite(data.weight))
    if len(bad):
        shopper = data.shoppers[int(np.searchsorted(data.starts, bad[0], side="right")) - 1]
        raise ModelError(f"an act of shopper {shopper!r} has a time or weight that is not a number: correct or drop it")
    if len(data.items) < 2 or len(np.unique(data.item)) < 2:
        raise ModelError(
            f"all {len(data.item)} acts are on one item ({data.items.ids[int(data.item[0])]!r}), so there is no order "
            "to learn: check that the item ids are those of the catalog"
        )
    n_active = int((np.diff(data.starts) > 0).sum())
    if n_active < 2:
        raise ModelError("all acts are of one shopper: a matcher learns from what several have in common")


@dataclass(frozen=True)
class Histories:
    """What B shoppers are known for when they are to be served: their acts, oldest first, and what they said.

    `items[b]` are rows of the items, `ages_days[b]` how long before the newest act each act was, `weights[b]` what it
    weighs.
    `stated[b]` is what they said they like or dislike; empty as a whole: nobody said anything.
    """

    items: tuple[Integers, ...]
    ages_days: tuple[Floats, ...]
    weights: tuple[Floats, ...]
    stated: tuple[tuple["Stated", ...], ...] = ()

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Stated:
    """One stated preference: `tag` is (attribute, value), `weight` in [-1, 1], negative = dislikes it."""

    tag: tuple[str, str]
    weight: float


def histories(data: Interactions, shoppers: Integers, until: Integers | None = None) -> Histories:
    """The histories of some shoppers as they are after their first `until` acts (None: all of them)."""
    items, ages, weights = [], [], []
    for place, shopper in enumerate(shoppers.tolist()):
        first, last = int(data.starts[shopper]), int(data.starts[shopper + 1])
        if until is not None:
            last = min(last, first + int(until[place]))
        times = data.time[first:last]
        items.append(data.item[first:last])
        ages.append(((times[-1] - times) / SECONDS_A_DAY if len(times) else times).astype(np.float32))
        weights.append(data.weight[first:last])
    return Histories(tuple(items), tuple(ages), tuple(weights), tuple(() for _ in items))
