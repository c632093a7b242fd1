"""What buyers say of candidates: praise never harms, complaints never help; without reviews all ranks as before."""

import doctest
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_shop import DIMENSION, towers

from ranking import buyers as module
from ranking.buyers import NOBODY, BuyersSay
from ranking.features import SCALARS
from ranking.matcher import HEAD, META_FILE, OF_REVIEWS, SHIPPED, TwoTowerMatcher, coefficients, load_matcher
from ranking.ranker import Ranker
from ranking.types import ShopperProfile
from retrieval.opinions.aspects import Aspect
from retrieval.opinions.store import AspectCount
from retrieval.opinions.wishes import wished
from retrieval.types import Filters, Query

COMFORT, NOISE = Aspect("comfort"), Aspect("noise")
IDS = ("a", "b", "c", "d")
COUNTS = st.dictionaries(
    st.sampled_from(IDS),
    st.lists(st.tuples(st.sampled_from((COMFORT, NOISE)), st.integers(0, 9), st.integers(0, 9)), max_size=2),
)
QUERY = Query("quiet and comfortable")
MATCHER = TwoTowerMatcher(towers(DIMENSION, 3, 3), "random")


def said(counts) -> dict[str, tuple[AspectCount, ...]]:
    return {id_: tuple(AspectCount(*count) for count in own) for id_, own in counts.items()}


def lead(buyers: BuyersSay, id_: str) -> np.ndarray:
    """How far one product is before each other one, in both columns."""
    columns = np.stack([buyers.opinions(IDS), buyers.aspect_fit(IDS, QUERY)])
    return columns[:, [IDS.index(id_)]] - columns


def test_the_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0


@given(COUNTS, st.sampled_from(IDS), st.booleans())
def test_praise_never_harms_and_a_complaint_never_helps(counts, id_: str, praises: bool) -> None:
    before = said(counts)
    more = AspectCount(COMFORT, int(praises), int(not praises))
    own = {count.aspect: count for count in before.get(id_, ())}
    now = own.get(COMFORT, AspectCount(COMFORT, 0, 0))
    own[COMFORT] = replace(
        now, n_praise=now.n_praise + more.n_praise, n_complaints=now.n_complaints + more.n_complaints
    )
    before[id_] = tuple({count.aspect: count for count in before.get(id_, ())}.values())
    gained = lead(BuyersSay({**before, id_: tuple(own.values())}), id_) - lead(BuyersSay(before), id_)
    assert (gained >= -1e-6).all() if praises else (gained <= 1e-6).all()


@given(COUNTS)
def test_both_columns_are_bounded_and_0_where_nothing_was_said(counts) -> None:
    buyers = BuyersSay(said(counts))
    assert (np.abs(buyers.opinions(IDS)) < 1).all()
    assert (np.abs(buyers.aspect_fit(IDS, QUERY)) <= 2 * 2).all()
    assert buyers.opinions(["unknown"]).tolist() == buyers.aspect_fit(["unknown"], QUERY).tolist() == [0.0]


def test_what_is_not_wished_does_not_count_towards_the_fit() -> None:
    buyers = BuyersSay({"a": (AspectCount(COMFORT, 5, 0),)})
    assert buyers.aspect_fit(["a"], Query("boots")).tolist() == [0.0]
    assert buyers.aspect_fit(["a"], Query("舒适的靴子"))[0] > 0.5
    assert [count.aspect for count in buyers.praised("a", QUERY)] == [COMFORT]
    assert buyers.praised("a", Query("boots")) == ()


def test_values_among_the_conditions_are_wished_too() -> None:
    query = Query("jacket", Filters(include={"feature": ("waterproof",), "color": ("red",)}))
    assert set(wished(query)) == {Aspect("weatherproof"), Aspect("waterproof", "feature")}


@pytest.mark.parametrize(
    ("words", "aspects"),
    [
        ("a quiet kettle", ["noise"]),
        ("phone with a long battery life and a good camera", ["battery", "camera"]),
        ("camera with a battery and a screen", []),
        ("安静的电水壶", ["noise"]),
        ("续航好、拍照好的手机", ["battery", "camera"]),
        ("手机电池", []),
        ("durable luggage that is easy to clean", ["durability", "cleaning"]),
        ("耐用好打理的行李箱", ["durability", "cleaning"]),
    ],
)
def test_a_wish_asks_for_what_its_words_say(words: str, aspects: list[str]) -> None:
    assert [aspect.name for aspect in wished(Query(words))] == aspects


def test_a_shop_without_reviews_ranks_exactly_as_before(toy_source) -> None:
    query = Query("red kettles")
    found = toy_source.retrieve(query, 36)
    plain = Ranker(MATCHER, toy_source.vectors).rank(query, found, ShopperProfile(), k=36)
    ours = Ranker(MATCHER, toy_source.vectors, buyers=lambda: NOBODY).rank(query, found, ShopperProfile(), k=36)
    assert [(item.product.id, item.score) for item in plain] == [(item.product.id, item.score) for item in ours]
    assert all(item.contributions[name] == 0.0 for item in ours for name in OF_REVIEWS)


@settings(deadline=None)
@given(st.integers(0, 35), st.integers(1, 9))
def test_praise_of_what_is_wished_lifts_by_a_line_of_the_ledger(toy_source, row: int, n: int) -> None:
    query = Query("comfortable red kettles")
    found = toy_source.retrieve(query, 36)
    id_ = sorted(candidate.product.id for candidate in found.candidates)[row % len(found.candidates)]

    def place(buyers: BuyersSay) -> tuple[int, dict[str, float]]:
        ranked = Ranker(MATCHER, toy_source.vectors, buyers=lambda: buyers).rank(query, found, ShopperProfile(), k=36)
        at = next(at for at, item in enumerate(ranked) if item.product.id == id_)
        return at, dict(ranked[at].contributions)

    praised, lines = place(BuyersSay({id_: (AspectCount(COMFORT, n, 0),)}))
    blamed, against = place(BuyersSay({id_: (AspectCount(COMFORT, 0, n),)}))
    assert praised <= place(NOBODY)[0] <= blamed
    assert lines["aspect_fit"] > 0 > against["aspect_fit"]


def test_a_model_from_before_reads_reviews_by_the_set_coefficients() -> None:
    meta = json.loads((SHIPPED / META_FILE).read_text("utf-8"))
    head = load_matcher(None, meta["embedder"]["fingerprint"], meta["dimension"]).tensors["head"]
    assert head.shape == (len(HEAD),)
    assert {name: coefficients(head)[name] for name in OF_REVIEWS} == pytest.approx(OF_REVIEWS, abs=1e-4)
    assert SCALARS[-len(OF_REVIEWS) :] == tuple(OF_REVIEWS)
