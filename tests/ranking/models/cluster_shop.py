"""A made-up shop whose shoppers have one taste each: four kinds of things, with texts and tags that say so.

Small enough that every matcher is fitted in seconds, and so plain that one which reads acts or texts has to find it.
"""

import numpy as np

from ranking.interactions import Interactions, Items, Stated, from_sequences, histories
from ranking.models.protocol import Validation

N_SHOPPERS, N_ITEMS, DIMENSION = 200, 60, 16
TASTE = 0.9
"""So large a share of a shopper's acts are on things of their kind."""

WORDS = {
    "camping": ("tent", "sleeping bag", "camping stove", "hiking lantern", "trekking pole"),
    "kitchen": ("frying pan", "bread knife", "mixing bowl", "coffee grinder", "cake tin"),
    "office": ("desk lamp", "stapler", "notebook", "office chair", "ballpoint pen"),
    "garden": ("watering can", "rose seeds", "lawn rake", "flower pot", "garden hose"),
}
KINDS = tuple(WORDS)
COLORS = ("red", "green", "blue")


def kind_of(row: int) -> int:
    return row % len(KINDS)


def make_items(n: int = N_ITEMS, seed: int = 0) -> Items:
    """Item `row` is of kind ``row % 4``; its vector lies near that kind's, its title names a thing of that kind."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((len(KINDS), DIMENSION))
    kinds = np.arange(n) % len(KINDS)
    vectors = centres[kinds] + 0.5 * rng.standard_normal((n, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    colors = rng.integers(0, len(COLORS), n)
    titles = tuple(
        f"{COLORS[colors[row]]} {WORDS[KINDS[kind]][row // len(KINDS) % 5]} {row}" for row, kind in enumerate(kinds)
    )
    tags = {("kind", name): np.flatnonzero(kinds == place) for place, name in enumerate(KINDS)}
    tags |= {("color", name): np.flatnonzero(colors == place) for place, name in enumerate(COLORS)}
    return Items(tuple(f"p{row:03d}" for row in range(n)), vectors.astype(np.float32), tags, titles)


def make_data(items: Items | None = None, n_shoppers: int = N_SHOPPERS, seed: int = 1) -> Interactions:
    """Each shopper takes up 6 to 12 distinct things, most of them of their own kind."""
    rng = np.random.default_rng(seed)
    items = items or make_items()
    kinds = np.arange(len(items)) % len(KINDS)
    sequences = {}
    for shopper in range(n_shoppers):
        chance = np.where(kinds == shopper % len(KINDS), TASTE, (1 - TASTE) / 3) / (len(items) / len(KINDS))
        own = rng.choice(len(items), int(rng.integers(6, 13)), replace=False, p=chance / chance.sum())
        sequences[f"s{shopper:03d}"] = [items.ids[row] for row in own.tolist()]
    return from_sequences(sequences, items)


def kind_tag(kind: int) -> tuple[Stated, ...]:
    return (Stated(("kind", KINDS[kind]), 1.0),)


def of_kind(data: Interactions, kind: int, n: int = 12) -> Validation:
    """Histories of the first shoppers of a kind, and their last act."""
    shoppers = np.arange(kind, len(data), len(KINDS))[:n]
    lengths = np.diff(data.starts)[shoppers]
    return Validation(histories(data, shoppers, lengths - 1), data.item[data.starts[shoppers + 1] - 1])


def with_new_ones(items: Items) -> Items:
    """One more item of each kind, in that order, named and described like those there are."""
    n = len(items)
    centres = np.random.default_rng(99).standard_normal((len(KINDS), DIMENSION)).astype(np.float32)
    new = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    assert items.vectors is not None
    tags = {
        tag: np.append(rows, n + KINDS.index(tag[1])) if tag[0] == "kind" else rows for tag, rows in items.tags.items()
    }
    return Items(
        (*items.ids, *(f"new-{kind}" for kind in KINDS)),
        np.concatenate([items.vectors, new]),
        tags,
        (*items.titles, *(f"white {WORDS[kind][0]} and {WORDS[kind][1]}" for kind in KINDS)),
    )
