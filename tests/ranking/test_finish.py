"""The last step of an order: exact small lists, and what holds for any."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_shop import a_candidate, a_product

from ranking.finish import LEAST_SPREAD, UNEXPLAINED, Finish, diversified, finish
from ranking.matcher import RelevanceMatcher
from ranking.ranker import Ranker
from ranking.types import ShopperProfile
from retrieval.types import Filters, Query, Retrieved, Variant

QUERY = Query("mug")
EMPTY = ShopperProfile()
PLAIN = Finish(0.0, collapse=False)


def candidate(id_, relevance, title=None, embedding=(1.0, 0.0), brand="Acme", **fields):
    product = a_product(id_, brand=brand, category="goods", attributes={"color": ("any",)}, **fields)
    return a_candidate(replace(product, title=title or f"Thing {id_}"), relevance, embedding)


def ranked(candidates, how, k=99, query=QUERY, seen=()):
    vectors = {c.product.id: c.embedding for c in candidates}
    width = len(candidates[0].embedding) if candidates else 2
    ranker = Ranker(
        RelevanceMatcher(), lambda ids: np.stack([vectors.get(i, np.zeros(width, np.float32)) for i in ids]), how=how
    )
    return ranker.rank(query, Retrieved(tuple(candidates), len(candidates)), EMPTY, k, seen)


def ids(items):
    return [item.product.id for item in items]


MUGS = [
    candidate("red", 0.9, "Mug, red"),
    candidate("blue", 0.8, "Mug, blue"),
    candidate("bowl", 0.7, "Bowl"),
    candidate("green", 0.6, "Mug, green"),
    candidate("pan", 0.5, "Pan"),
]


def test_the_best_stands_for_all_that_is_the_same():
    first = ranked(MUGS, Finish(), k=3)
    assert ids(first) == ["red", "bowl", "pan"]
    assert [item.alternatives for item in first] == [("blue", "green"), (), ()]
    assert [item.contributions for item in first] == [{"relevance": item.score} for item in first]


def test_where_nothing_else_is_left_the_others_fill_the_list_and_the_ledger_says_what_it_cost():
    items = ranked(MUGS, Finish(), k=4)
    assert ids(items) == ["red", "bowl", "pan", "blue"]
    assert items[0].alternatives == ("green",)
    assert items[3].score == pytest.approx(0.5)
    assert items[3].contributions == pytest.approx({"relevance": 0.8, "diversity": -0.3})
    assert ids(ranked(MUGS, Finish())) == ["red", "bowl", "pan", "blue", "green"]
    assert ranked(MUGS, Finish())[0].alternatives == ()


def test_switched_off_everything_stands_where_its_score_puts_it():
    items = ranked(MUGS, PLAIN)
    assert ids(items) == ["red", "blue", "bowl", "green", "pan"]
    assert {item.alternatives for item in items} == {()}


def test_what_was_seen_before_comes_last_whoever_stood_for_it():
    seen = [MUGS[0].product]
    assert ids(ranked(MUGS[1:], Finish(), seen=seen)) == ["bowl", "pan", "blue", "green"]
    only_mugs = [MUGS[1], MUGS[3]]
    items = ranked(only_mugs, Finish(), seen=seen)
    assert (ids(items), [item.alternatives for item in items]) == (["blue", "green"], [(), ()])
    assert [item.score for item in items] == pytest.approx([0.8, 0.6])


def test_diversity_by_hand():
    """Twins at the scores 2.0 and 1.5, another thing at 1.0: spread .408; the second twin keeps 1 - .95² of itself."""
    twins = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    scores = np.array([2.0, 1.5, 1.0])
    chosen, moves = diversified(twins, scores, 3, 1.0)
    assert chosen == [0, 2, 1]
    assert moves == pytest.approx([0.0, 0.0, np.std(scores) * np.log(1 - 0.95**2)])
    chosen, moves = diversified(twins, scores, 3, 0.2)
    assert chosen == [0, 1, 2]
    assert moves == pytest.approx([0.0, 0.2 * np.std(scores) * np.log(1 - 0.95**2), 0.0])
    assert diversified(twins, scores, 2, 0.0) == ([0, 1], [0.0, 0.0])
    assert diversified(twins, scores, 0, 1.0) == ([], [])


def test_diversity_finds_the_determinant():
    """What it takes off in all is the logarithm of the determinant of the chosen ones' similarities."""
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(30, 8)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    scores = np.sort(rng.normal(size=30))[::-1]
    chosen, moves = diversified(embeddings, scores, 7, 0.5)
    similar = (1 - UNEXPLAINED) * embeddings[chosen] @ embeddings[chosen].T
    np.fill_diagonal(similar, 1.0)
    assert sum(moves) == pytest.approx(0.5 * np.std(scores) * np.linalg.slogdet(similar)[1], rel=1e-4)


def test_among_equal_scores_diversity_decides():
    items = [candidate("a", 0.5), candidate("b", 0.5), candidate("c", 0.5, embedding=(0.0, 1.0))]
    assert ids(ranked(items, Finish(0.0))) == ["a", "b", "c"]
    after = ranked(items, Finish(0.5))
    assert ids(after) == ["a", "c", "b"]
    assert after[2].contributions["diversity"] == pytest.approx(0.5 * LEAST_SPREAD * np.log(1 - 0.95**2))


@pytest.mark.parametrize("knob", [-0.1, 1.1, float("nan")])
def test_a_knob_that_is_none_is_refused(knob):
    with pytest.raises(ValueError, match="diversity is a number from 0 to 1"):
        Finish(knob)


TITLES = ("Mug", "Mug, red", "Mug 3-pack", "Bowl", "Bowl 2 m", "Pan", "Kettle 1500", "Kettle 1700")
LISTS = st.lists(
    st.tuples(
        st.sampled_from(TITLES),
        st.sampled_from(("Acme", "Borea", None)),
        st.floats(0, 1, width=32),
        st.tuples(*[st.floats(-1, 1, width=32)] * 3),
    ),
    max_size=25,
)


def candidates_of(drawn):
    return [
        candidate(f"p{row:02}", relevance, title, embedding, brand)
        for row, (title, brand, relevance, embedding) in enumerate(drawn)
    ]


@given(LISTS, st.floats(0, 1), st.booleans(), st.integers(0, 30))
def test_a_finished_list_is_a_list_whose_ledger_adds_up(drawn, diversity, collapse, k):
    candidates = candidates_of(drawn)
    how = Finish(diversity, collapse)
    items = ranked(candidates, how, k)
    assert len(items) == min(k, len(candidates))
    assert len(set(ids(items))) == len(items)
    assert set(ids(items)) <= {item.product.id for item in candidates}
    scores = [item.score for item in items]
    assert all(above >= below - 1e-9 for above, below in itertools.pairwise(scores))
    plain = {item.product.id: item for item in ranked(candidates, PLAIN)}
    for item in items:
        assert item.score == pytest.approx(sum(item.contributions.values()), abs=1e-9)
        assert item.contributions.get("diversity", 0.0) <= 0.0
        assert item.contributions["relevance"] == plain[item.product.id].score
        assert not set(item.alternatives) & set(ids(items))
    assert ids(ranked(candidates, how, k=99))[: len(items)] == ids(items)


@given(LISTS)
def test_at_knob_0_without_doubles_it_is_the_order_of_scores(drawn):
    candidates = [replace(c, product=replace(c.product, brand=c.product.id)) for c in candidates_of(drawn)]
    assert ranked(candidates, Finish(0.0)) == ranked(candidates, PLAIN)
    before = sorted(candidates, key=lambda c: (-c.relevance, c.product.id))
    assert ids(ranked(candidates, Finish(0.0))) == [c.product.id for c in before]


@given(LISTS, st.floats(0, 1), st.integers(1, 6))
def test_asking_for_more_shows_everything_once(drawn, diversity, k):
    left = candidates_of(drawn)
    shown = []
    while left:
        items = ranked(left, Finish(diversity), k, seen=[item.product for item in shown])
        shown += items
        left = [c for c in left if c.product.id not in set(ids(items))]
    assert sorted(ids(shown)) == sorted(c.product.id for c in candidates_of(drawn))


@given(LISTS, st.floats(0, 1), st.integers(0, 30), st.sampled_from(("price_asc", "newest")))
def test_a_wanted_sort_is_left_alone(drawn, diversity, k, sort):
    candidates = candidates_of(drawn)[::-1]
    items = ranked(candidates, Finish(diversity), k, Query("mug", Filters(sort=sort)))
    assert ids(items) == [c.product.id for c in candidates][:k]
    assert all(set(item.contributions) == {"relevance"} for item in items)


@given(LISTS, st.floats(0, 1))
def test_each_product_keeps_the_variant_that_meets_the_filters(drawn, diversity):
    candidates = [replace(c, variant=Variant(f"{c.product.id}-wished", 5)) for c in candidates_of(drawn)]
    for item in ranked(candidates, Finish(diversity)):
        assert item.variant.id == f"{item.product.id}-wished"


def overlaps(titles):
    """The Jaccard overlap of the words of every two titles: the plain way to find what is the same."""
    sets = [set(title.split()) for title in titles]
    return [len(one & other) / len(one | other) for one, other in itertools.combinations(sets, 2)]


def test_a_list_of_two_hundred_is_finished_sooner_than_its_titles_are_compared_pair_by_pair():
    """The quickest of many runs of each, taking turns: what else the machine does is not ours."""
    rng = np.random.default_rng(0)
    words = "usb cable adapter dock hub mouse keyboard toner notebook sleeve black blue 2 m 10-pack".split()
    candidates = []
    for row in range(200):
        title = " ".join(rng.choice(words, 9)) + f" {rng.integers(9)}"
        candidates.append(candidate(f"{row:03}", 0.0, title, rng.normal(size=384), brand=f"brand {row % 5}"))
    titles = [item.product.title for item in candidates]
    scores = rng.normal(size=200)
    took, compared = [], []
    for _ in range(40):
        started = time.perf_counter()
        finish(QUERY, candidates, scores, 5, Finish(0.2))
        took.append(time.perf_counter() - started)
        started = time.perf_counter()
        overlaps(titles)
        compared.append(time.perf_counter() - started)
    assert min(took) < min(compared)
