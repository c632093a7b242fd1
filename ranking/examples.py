"""From a log of events to what a matcher is trained and measured on.

In: events, the catalog's products, a source of candidates. Out: `Examples`, one per search whose result list is known
to hold both something that the shopper took up and something they did not. Knows no weights and no torch.

A search's profile is made from the shopper's acts before its first event, its candidates are what retrieval finds for
its words, and a candidate's gain is the strongest act on it within the search. How much that counts depends on where in
the list it stood, where the log tells (`ranking.propensity`).

What was done for somebody else is no part of a shopper's profile. The search for it is learned from all the same, with
an empty profile: what its words led to holds for anybody, and of the person it was for nothing is known for certain.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ranking.buyers import NOBODY, BuyersSay
from ranking.features import Listing, Vectors, describe, dislike_similarity
from ranking.matcher import OF_REVIEWS
from ranking.personal import Taste, asked_taste, brand_fit, brand_worth
from ranking.profile import decayed_weights, history_of, price_level, price_positions_by_id, settled, weight_of
from ranking.propensity import Examination
from ranking.splitting import visit_of
from ranking.types import Event, ShopperProfile
from retrieval.errors import ModelError
from retrieval.lexicon import load_lexicon
from retrieval.text import has_cjk
from retrieval.types import Candidate, Matrix, Product, Query, Retrieved

GAINS: Mapping[str, int] = {
    "click": 1, "view": 1, "add_to_cart": 2, "favorite": 2, "like": 2, "rating": 2, "purchase": 3,
}  # fmt: skip
"""How much an act is worth as a label; the strongest one counts. Of ratings only the good ones are worth anything."""

TURNED_DOWN = ("dislike", "not_interested")
"""After one of these within a search, nothing else that was done with the product there is worth anything."""

STATED = ("brand", "color", "material", "audience", "feature")
N_STATED = 3
SHARED = ("relevance", "budget_fit", "audience_fit", "quality", "popularity", "novelty", "stock", *OF_REVIEWS)
"""The features that do not depend on the shopper; of novelty, what the date says."""
MAX_HISTORY = 300
"""A profile looks back at no more than so many events."""

TasteFor = Callable[["Search"], Taste | None]
"""The model of tastes to ask about a search. It must not have been fitted on the acts of that search, or the head
learns from it how well it remembers them."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


def translated(text: str) -> Query:
    """A query text as retrieval is asked it: what is Chinese in it also in the lexicon's English, for the embedder."""
    return Query(text, semantic_text=load_lexicon().translate(text) if has_cjk(text) else None)


class CandidateSource(Protocol):
    """Anything that finds candidates, such as `retrieval.Retriever`."""

    def retrieve(self, query: Query, k: int = 200) -> Retrieved:
        """The best k candidates for a query."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one shopper: from `start` to `end`, with the gain of each product that they took up.

    `positions` holds where in the list each of those stood, from 0, where the log says so. `recipient` is whom it was
    for; None = the shopper.
    """

    shopper_id: str
    query: str
    start: datetime
    end: datetime
    gains: Mapping[str, int]
    positions: Mapping[str, int] = field(default_factory=dict)
    recipient: str | None = None


@dataclass(frozen=True)
class Listings:
    """The candidates of each distinct query, in order of product id; padded with product 0 where `known` is false.

    `products` is ``(P, d)`` and `queries` ``(Q, d)``; all others are ``(Q, C)``, `shared`
    ``(Q, C, len(SHARED))`` with the columns `SHARED`.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    products: Matrix
    queries: Matrix
    candidates: Integers
    known: NDArray[np.bool_]
    shared: Floats
    price_positions: Floats


@dataclass(frozen=True)
class Examples:
    """S searches, oldest first, on the listings of their queries.

    `query` and `shopper` are ``(S,)`` rows; `gains` and all columns below it ``(S, C)``; `levels` ``(S,)`` with NaN for
    unknown. `history[s]` holds the products' rows and their weights. `weights` is how much each gain counts, one over
    the chance that its position was looked at. `stated_like` is what the features would be if the shopper had stated,
    in the chat, what the earlier acts speak for most: logs hold no stated preferences to learn from. `seen` is 1 for
    what the shopper had dealt with before.
    """

    listings: Listings
    searches: tuple[Search, ...]
    query: Integers
    shopper: Integers
    history: tuple[tuple[Integers, Floats], ...]
    levels: Floats
    gains: Floats
    weights: Floats
    taste: Floats
    brand_fit: Floats
    seen: Floats
    stated_like: Floats
    stated_dislike: Floats

    def __len__(self) -> int:
        return len(self.searches)


def searches_of(events: Iterable[Event]) -> list[Search]:
    """The searches that led to an act, oldest first. Events without a query are no searches; what was given back by the
    last of `events` counts as not taken up. The same words for the shopper and for somebody else are two searches.
    """
    groups: dict[tuple[str, str, str, str | None], list[Event]] = defaultdict(list)
    for event in settled(events):
        if event.query and (_gain(event) or event.type in TURNED_DOWN):
            shopper_id, visit = visit_of(event)
            groups[shopper_id, visit, event.query, event.recipient].append(event)
    searches = [_search(shopper_id, query, for_, group) for (shopper_id, _, query, for_), group in groups.items()]
    found = [search for search in searches if search.gains]
    return sorted(found, key=lambda search: (search.start, search.shopper_id, search.query))


def _gain(event: Event) -> int:
    if event.type == "rating" and weight_of(event) <= 0:
        return 0
    return GAINS.get(event.type, 0)


def _search(shopper_id: str, query: str, recipient: str | None, events: Sequence[Event]) -> Search:
    gains: dict[str, int] = {}
    positions: dict[str, int] = {}
    for event in events:
        gains[event.product_id] = max(gains.get(event.product_id, 0), _gain(event))
        if event.position is not None:
            positions.setdefault(event.product_id, event.position)
    for event in events:
        if event.type in TURNED_DOWN:
            gains.pop(event.product_id, None)
    times = [event.time for event in events]
    places = {product_id: positions[product_id] for product_id in gains if product_id in positions}
    return Search(shopper_id, query, min(times), max(times), gains, places, recipient)


def build_listings(
    texts: Sequence[str],
    history_ids: Iterable[str],
    source: CandidateSource,
    vectors: Vectors,
    k: int,
    query_of: Callable[[str], Query],
    on_query: Callable[[int, int], None],
    buyers: BuyersSay = NOBODY,
) -> Listings:
    """Retrieve once for each distinct query text.

    Raises:
        ModelError: no query finds anything.
    """
    found: list[tuple[str, list[Candidate], Listing]] = []
    for done, text in enumerate(texts):
        query = query_of(text)
        retrieved = source.retrieve(query, k)
        if retrieved.candidates:
            candidates = sorted(retrieved.candidates, key=lambda candidate: candidate.product.id)
            found.append((text, candidates, describe(query, candidates, retrieved.query_vector, buyers)))
        on_query(done + 1, len(texts))
    if not found:
        raise ModelError("retrieval finds nothing for any query of the events: are they events of this catalog?")
    return _pack(found, set(history_ids), vectors)


def _pack(
    found: Sequence[tuple[str, Sequence[Candidate], Listing]], history_ids: set[str], vectors: Vectors
) -> Listings:
    ids = sorted({candidate.product.id for _, row, _ in found for candidate in row} | history_ids)
    place = {product_id: row for row, product_id in enumerate(ids)}
    width = max(len(row) for _, row, _ in found)
    columns = np.zeros((len(found), width), dtype=np.int64)
    known = np.zeros((len(found), width), dtype=np.bool_)
    shared = np.zeros((len(found), width, len(SHARED)), dtype=np.float32)
    positions = np.zeros((len(found), width), dtype=np.float32)
    for row, (_, candidates, listing) in enumerate(found):
        n = len(candidates)
        columns[row, :n] = [place[candidate.product.id] for candidate in candidates]
        known[row, :n] = True
        shared[row, :n] = np.stack([getattr(listing, name) for name in SHARED], axis=1)
        positions[row, :n] = listing.price_position
    queries = np.stack([listing.query for _, _, listing in found])
    return Listings(
        tuple(ids), tuple(text for text, _, _ in found), vectors(ids), queries, columns, known, shared, positions
    )


def build_examples(
    events: Sequence[Event],
    searches: Sequence[Search],
    listings: Listings,
    products: Mapping[str, Product],
    *,
    examination: Examination | None = None,
    taste_for: TasteFor | None = None,
) -> Examples:
    """The examples of those searches that have a positive and a negative among their candidates.

    Args:
        events: the whole log.
        searches: those of the log to learn from or to measure on.
        listings: of the searches' queries.
        products: id -> product, the catalog.
        examination: how likely each position is looked at; None counts all acts alike.
        taste_for: which model of tastes to ask about which search; None: there is none.

    Raises:
        ModelError: there is no such search.
    """
    row_of = {text: row for row, text in enumerate(listings.texts)}
    gains_of = {id(search): _gains(search, row_of, listings) for search in searches}
    kept = [search for search in searches if gains_of[id(search)] is not None]
    if not kept:
        raise ModelError(
            "no search of these events has both a product that was taken up and one that was not among its candidates, "
            "so there is no order to learn: import events that carry the query and are on products of this catalog"
        )
    query = np.array([row_of[search.query] for search in kept], dtype=np.int64)
    profiles = _Profiles(events, listings, products, taste_for)
    made = [profiles.at(search, int(row)) for search, row in zip(kept, query, strict=True)]
    shoppers = {shopper_id: row for row, shopper_id in enumerate(dict.fromkeys(search.shopper_id for search in kept))}
    return Examples(
        listings=listings,
        searches=tuple(kept),
        query=query,
        shopper=np.array([shoppers[search.shopper_id] for search in kept], dtype=np.int64),
        history=tuple(profile.history for profile in made),
        levels=np.array([np.nan if profile.level is None else profile.level for profile in made], dtype=np.float32),
        gains=np.stack([gains for search in kept if (gains := gains_of[id(search)]) is not None]),
        weights=np.stack([_weights(s, listings, row, examination) for s, row in zip(kept, query, strict=True)]),
        **{name: np.stack([profile.columns[name] for profile in made]) for name in PERSONAL},
    )


def taste_columns(
    examples: Examples, rows: Integers, events: Sequence[Event], products: Mapping[str, Product], taste: Taste
) -> Floats:
    """``(len(rows), C)``: what another model of tastes says of the candidates of some examples."""
    profiles = _Profiles(events, examples.listings, products, lambda search: taste)
    made = [profiles.at(examples.searches[row], int(examples.query[row])).columns["taste"] for row in rows.tolist()]
    return np.stack(made)


def _gains(search: Search, row_of: Mapping[str, int], listings: Listings) -> Floats | None:
    row = row_of.get(search.query)
    if row is None:
        return None
    own = [search.gains.get(listings.ids[column], 0) for column in listings.candidates[row]]
    gains = np.array(own, dtype=np.float32)
    gains[~listings.known[row]] = 0.0
    n_positive = np.count_nonzero(gains)
    return gains if 0 < n_positive < listings.known[row].sum() else None


def _weights(search: Search, listings: Listings, row: int, examination: Examination | None) -> Floats:
    weights = np.ones(listings.candidates.shape[1], dtype=np.float32)
    if examination is not None and search.positions:
        for place, column in enumerate(listings.candidates[row].tolist()):
            weights[place] = examination.weight(search.positions.get(listings.ids[column]))
    return weights


PERSONAL = ("taste", "brand_fit", "seen", "stated_like", "stated_dislike")
"""The columns of `Examples` that a profile makes."""


@dataclass(frozen=True, slots=True)
class _Profile:
    history: tuple[Integers, Floats]
    level: float | None
    columns: Mapping[str, Floats]


class _Profiles:
    """The profile of any shopper at any moment, as `ranking.profile.build_profile` would make it."""

    def __init__(
        self,
        events: Sequence[Event],
        listings: Listings,
        products: Mapping[str, Product],
        taste_for: TasteFor | None,
    ) -> None:
        self._listings = listings
        self._taste_for = taste_for
        self._events: dict[str, list[Event]] = defaultdict(list)
        for event in sorted(events, key=lambda event: event.time):
            # Lists that were only shown say nothing, and would push what was done out of what a profile looks back at.
            # Acts for somebody else tell nothing of the shopper.
            if event.product_id in products and event.type != "impression" and event.recipient is None:
                self._events[event.shopper_id].append(event)
        self._times = {shopper_id: [event.time for event in own] for shopper_id, own in self._events.items()}
        self._positions = price_positions_by_id(products.values())
        embedded = np.any(listings.products != 0, axis=1)
        self._rows = {product_id: row for row, product_id in enumerate(listings.ids) if embedded[row]}
        self._brands = {product.id: (product.brand or "").lower() for product in products.values()}
        self._terms = {
            product.id: [(attribute, value) for attribute in STATED for value in product.values(attribute)]
            for product in products.values()
        }
        self._holders: dict[tuple[str, str], set[int]] = defaultdict(set)
        for product_id, terms in self._terms.items():
            for term in terms:
                self._holders[term].add(self._rows.get(product_id, -1))

    def at(self, search: Search, query_row: int) -> _Profile:
        own = self._events.get(search.shopper_id, []) if search.recipient is None else []
        # Only acts strictly before the search: its own are what is to be predicted.
        n_before = bisect_left(self._times.get(search.shopper_id, []), search.start) if own else 0
        earlier = own[max(0, n_before - MAX_HISTORY) : n_before]
        weights = decayed_weights(earlier, search.start)
        liked = {self._rows[id_]: weight for id_, weight in weights.items() if weight > 0 and id_ in self._rows}
        disliked = {self._rows[id_]: -weight for id_, weight in weights.items() if weight < 0 and id_ in self._rows}
        candidates = self._listings.candidates[query_row]
        known = self._listings.known[query_row]
        ids = [self._listings.ids[column] for column in candidates[known]]
        columns = {
            "taste": self._taste(search, earlier, weights, candidates[known]),
            "brand_fit": brand_fit([self._brands.get(id_) for id_ in ids], self._brand_worth(weights)),
            "seen": np.array([id_ in weights for id_ in ids], dtype=np.float32),
            "stated_like": self._stated_like(weights, candidates[known]),
            "stated_dislike": self._dislike(disliked, candidates[known]),
        }
        padded = {name: np.zeros(len(candidates), dtype=np.float32) for name in columns}
        for name, column in columns.items():
            padded[name][known] = column
        return _Profile(
            (np.array(list(liked), dtype=np.int64), np.array(list(liked.values()), dtype=np.float32)),
            price_level(weights, self._positions),
            padded,
        )

    def _taste(
        self, search: Search, earlier: Sequence[Event], weights: Mapping[str, float], candidates: Integers
    ) -> Floats:
        """As the ranker asks when it serves."""
        taste = self._taste_for(search) if self._taste_for and weights else None
        if taste is None:
            return np.zeros(len(candidates), dtype=np.float32)
        profile = ShopperProfile(weights, history=history_of(settled(earlier)))
        ids = [self._listings.ids[column] for column in candidates]
        refused = {product_id for product_id, weight in weights.items() if weight < 0}
        return asked_taste(taste, profile, ids, self._listings.products[candidates], refused)

    def _brand_worth(self, weights: Mapping[str, float]) -> dict[str, float]:
        return brand_worth(weights, lambda ids: [self._brands.get(id_) for id_ in ids])

    def _stated_like(self, weights: Mapping[str, float], candidates: Integers) -> Floats:
        """How many of the values that the acts speak for most, against how common they are, each candidate has."""
        lift: dict[tuple[str, str], float] = defaultdict(float)
        for product_id, weight in weights.items():
            for term in self._terms[product_id]:
                lift[term] += weight / len(self._holders[term]) ** 0.5
        top = sorted(lift, key=lambda term: (-lift[term], term))[:N_STATED]
        column = np.zeros(len(candidates), dtype=np.float32)
        for term in top:
            if lift[term] > 0:
                holders = self._holders[term]
                column += np.fromiter((row in holders for row in candidates.tolist()), np.float32, len(candidates))
        return column

    def _dislike(self, disliked: Mapping[int, float], candidates: Integers) -> Floats:
        vectors = self._listings.products
        weights = np.array(list(disliked.values()), dtype=np.float32)
        return dislike_similarity(vectors[candidates], vectors[list(disliked)], weights)
