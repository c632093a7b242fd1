"""How words and meaning become one relevance, by figures that can be reckoned by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import N_PLACES, Fusion, Said, fuse
from retrieval.query_terms import QueryTerms


def scores(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def relevance(lexical: np.ndarray, asked: QueryTerms, fusion: Fusion, accessories: list[bool] | None = None) -> list:
    flags = np.array(accessories or [False] * len(lexical))
    fused = fuse(np.zeros(len(lexical), np.float32), lexical, Said.of(lexical, asked), flags, fusion)
    return fused.tolist()


def test_words_that_even_the_best_product_lacks_weigh_less() -> None:
    by_score = Fusion(dense_weight=0.5, coverage_power=2.0, place_share=0.0)
    assert relevance(scores(4, 2, 0), QueryTerms(full_score=8.0), by_score) == [0.125, 0.0625, 0.0]
    assert relevance(scores(4, 2, 0), QueryTerms(full_score=4.0), by_score) == [0.5, 0.25, 0.0]
    assert relevance(scores(0, 0, 0), QueryTerms(), by_score) == [0.0, 0.0, 0.0]


def test_equally_good_ones_share_their_last_place() -> None:
    by_place = Fusion(dense_weight=0.5, coverage_power=0.0, place_share=1.0)
    found = relevance(scores(3, 9, 3, 0), QueryTerms(full_score=9.0), by_place)
    assert found == pytest.approx([0.5 * 61 / 63, 0.5, 0.5 * 61 / 63, 0.0])


def test_what_comes_after_the_places_shares_the_last_one() -> None:
    by_place = Fusion(dense_weight=0.5, coverage_power=0.0, place_share=1.0)
    lexical = np.arange(N_PLACES + 10, 0, -1, dtype=np.float32)
    found = relevance(lexical, QueryTerms(full_score=float(lexical[0])), by_place)
    assert found[0] == 0.5
    assert found[N_PLACES - 1 :] == pytest.approx([0.5 * 61 / (60 + N_PLACES)] * 11)


@pytest.mark.parametrize(
    ("asked", "lost"),
    [
        (QueryTerms(head_share=0.5, full_score=2.0), 0.1),
        (QueryTerms(head_share=1.0, full_score=2.0), 0.0),
        (QueryTerms(head_share=0.5, full_score=2.0, asks_accessory=True), 0.0),
    ],
)
def test_what_is_made_for_another_thing_stands_back_where_words_say_little(asked: QueryTerms, lost: float) -> None:
    found = relevance(scores(2, 2), asked, Fusion(0.5, 1.0, 0.0, accessory_penalty=0.2), [True, False])
    assert found == pytest.approx([0.5 - lost, 0.5])


@given(
    st.lists(st.tuples(st.floats(-1, 1, width=32), st.floats(0, 30, width=32), st.booleans()), min_size=1, max_size=30)
)
def test_relevance_is_between_0_and_1_and_more_words_never_harm(rows: list[tuple[float, float, bool]]) -> None:
    similarity, lexical, flags = (np.array(column) for column in zip(*rows, strict=True))
    similarity, lexical = similarity.astype(np.float32), lexical.astype(np.float32)
    fused = fuse(similarity, lexical, Said.of(lexical, QueryTerms(head_share=0.4, full_score=20.0)), flags)
    assert fused.min() >= 0
    assert fused.max() <= 1 + 1e-6
    for i in range(len(rows)):
        no_worse = (similarity >= similarity[i]) & (lexical >= lexical[i]) & (flags <= flags[i])
        assert (fused[no_worse] >= fused[i] - 1e-6).all()
