"""What was done for somebody else, from the real log to what is trained on: it is nobody's taste, but a search."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from toy_shop import WordSource, toy_products

from ranking.events import EventStore
from ranking.examples import Examples, build_examples, build_listings, searches_of
from ranking.interactions import Items, from_events
from ranking.profile import build_profile
from ranking.types import Event
from retrieval.database import metadata, open_engine
from retrieval.errors import ModelError
from retrieval.types import Query

START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = WordSource(toy_products())
BY_ID = {product.id: product for product in SOURCE.products}
TENT, TEA, POT = "tents-01", "teas-02", "kettles-00"


def act(shopper: str, day: int, product_id: str, query: str, type_: str = "purchase") -> Event:
    return Event(shopper, product_id, type_, START + timedelta(days=day), session_id=f"day {day}", query=query)


OWN = [
    act("ann", 1, TEA, "teas"),
    act("ann", 3, TEA, "teas", "view"),
    act("ann", 5, POT, "red kettles"),
    act("bob", 2, POT, "kettles"),
]
GIFTS = [act("ann", 2, TENT, "blue tents"), act("ann", 4, "tents-04", "tents", "favorite")]


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    """A log in which two of Ann's acts were for her son."""
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    store = EventStore(engine)
    store.add([*OWN, *GIFTS])
    places = [place for gift in GIFTS if (place := store.place(gift)) is not None]
    store.was_for(places, "son")
    return store


def examples_of(events: list[Event]) -> Examples:
    searches = searches_of(events)
    texts = sorted({search.query for search in searches})
    listings = build_listings(texts, BY_ID, SOURCE, SOURCE.vectors, 36, Query, lambda done, total: None)
    return build_examples(events, searches, listings, BY_ID)


def test_the_log_tells_whom_each_act_was_for(store: EventStore) -> None:
    assert [(event.product_id, event.recipient) for event in store.events("ann")] == [
        (TEA, None), (TENT, "son"), (TEA, None), ("tents-04", "son"), (POT, None)
    ]  # fmt: skip
    assert [item.recipient for item in store.since("ann")] == [None, "son", None, "son", None]
    assert store.frame()["recipient"].fillna("").tolist() == ["", "", "son", "", "son", ""]


def test_a_gift_is_no_interaction_of_the_shopper_nor_of_anybody(store: EventStore) -> None:
    data = from_events(store.events(), Items(tuple(BY_ID)))
    taken = {name: [data.items.ids[row] for row in data.sequence(place)] for place, name in enumerate(data.shoppers)}
    assert taken == {"ann": [TEA, TEA, POT], "bob": [POT]}


def test_a_log_of_gifts_alone_has_no_tastes_to_learn(store: EventStore) -> None:
    gifts = [event for event in store.events() if event.recipient]
    with pytest.raises(ModelError, match="no act in the data speaks for any item"):
        from_events(gifts, Items(tuple(BY_ID)))


def test_the_search_for_a_gift_is_learned_from_with_an_empty_profile(store: EventStore) -> None:
    examples = examples_of(store.events())
    known = [
        (search.shopper_id, search.query, search.recipient, [examples.listings.ids[row] for row in history[0]])
        for search, history in zip(examples.searches, examples.history, strict=True)
    ]
    # At Ann's own later searches her tea is known, and never the tents.
    assert known == [
        ("ann", "teas", None, []),
        ("ann", "blue tents", "son", []),
        ("bob", "kettles", None, []),
        ("ann", "teas", None, [TEA]),
        ("ann", "tents", "son", []),
        ("ann", "red kettles", None, [TEA]),
    ]
    gift = next(row for row, search in enumerate(examples.searches) if search.query == "blue tents")
    column = [examples.listings.ids[row] for row in examples.listings.candidates[examples.query[gift]]].index(TENT)
    assert examples.gains[gift].nonzero()[0].tolist() == [column]
    for name in ("taste", "brand_fit", "seen", "stated_like", "stated_dislike"):
        assert not getattr(examples, name)[gift].any()
    assert np.isnan(examples.levels[gift])


def test_the_same_words_for_oneself_and_for_another_are_two_searches(store: EventStore) -> None:
    both = [act("eve", 1, TEA, "teas"), act("eve", 1, "teas-05", "teas")]
    store.add(both)
    place = store.place(both[1])
    assert place is not None
    store.was_for([place], "mother")
    searches = [search for search in searches_of(store.events()) if search.shopper_id == "eve"]
    assert {(search.recipient, *search.gains) for search in searches} == {(None, TEA), ("mother", "teas-05")}


def test_a_profile_made_of_all_events_is_the_shoppers_own(store: EventStore) -> None:
    profile = build_profile(store.events("ann"), BY_ID, START + timedelta(days=6))
    assert [act.product_id for act in profile.history] == [TEA, TEA, POT]
    assert set(profile.product_weights) == {TEA, POT}
