"""What is found by looking at few rows is what looking at all of them finds."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fusion import ALL_FUSED, N_PLACES, Said, foremost, fuse
from retrieval.lately import N_KEPT, Lately
from retrieval.packed import PackedDigests, PackedTexts, Places
from retrieval.quantized import HalfMatrix, QuantizedMatrix
from retrieval.query_terms import QueryTerms
from retrieval.selection import first_of, greatest, reached_by

N = ALL_FUSED + 5_000
SEEDS = st.integers(0, 2**32 - 1)


def scores_of(seed: int, share: float, levels: int) -> np.ndarray:
    """`(N,)` in [0, 1]: a share of the rows has a score, of so many different ones."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(1, levels + 1, N).astype(np.float32) / levels
    scores[rng.random(N) >= share] = 0.0
    return scores


@settings(max_examples=80, deadline=None)
@given(
    seed=SEEDS,
    share=st.sampled_from([0.0, 0.001, 0.1, 0.9]),
    levels=st.sampled_from([2, 50, 10**6]),
    kept=st.sampled_from([0.01, 0.5, 1.0]),
    asked=st.builds(
        QueryTerms,
        head_share=st.sampled_from([0.0, 0.5, 1.0]),
        asks_accessory=st.booleans(),
        full_score=st.sampled_from([0.5, 1.5, 4.0]),
    ),
    k=st.sampled_from([1, 7, 200, 3_000, N]),
)
def test_the_foremost_are_those_of_fusing_all(
    seed: int, share: float, levels: int, kept: float, asked: QueryTerms, k: int
) -> None:
    rng = np.random.default_rng(seed)
    similarity = rng.normal(0.2, 0.2, N).astype(np.float32)
    lexical, accessories, passing = scores_of(seed, share, levels), rng.random(N) < 0.3, rng.random(N) < kept
    rows = np.flatnonzero(passing)
    said = Said.of(lexical[rows], asked)
    relevance = fuse(similarity[rows], lexical[rows], said, accessories[rows])
    expected = first_of([-relevance, rows], k)
    masked = np.where(passing, similarity, np.float32(-np.inf))
    at, found = foremost(masked, lexical * passing, said, lambda at: accessories[at], k)
    best = first_of([-found, at], k)
    assert at[best].tolist() == rows[expected].tolist()
    assert found[best].tolist() == relevance[expected].tolist()
    if k <= 200 and kept == 1.0 and levels > 2:
        assert len(at) < ALL_FUSED


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, share=st.sampled_from([0.001, 0.1, 0.9]), levels=st.sampled_from([2, 50, 10**6]))
def test_what_words_say_of_a_row_does_not_depend_on_the_rows_beside_it(seed: int, share: float, levels: int) -> None:
    lexical = scores_of(seed, share, levels)
    said = Said.of(lexical, QueryTerms(full_score=0.8))
    assert said.best.tolist() == np.sort(lexical[lexical > 0])[::-1][: len(said.best)].tolist()
    assert len(said.best) == min(N_PLACES, np.count_nonzero(lexical))
    rows = np.random.default_rng(seed).permutation(N)[:777]
    assert said.scaled(lexical)[rows].tolist() == said.scaled(lexical[rows]).tolist()
    places = np.searchsorted(-said.best, -lexical, side="right").clip(1)
    plain = 0.75 * lexical / said.best[0] + 0.25 * np.where(lexical > 0, 61 / (60 + places), 0.0)
    assert said.scaled(lexical) == pytest.approx(plain, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, n=st.sampled_from([1, 63, 64, 5_000, 20_000]), levels=st.sampled_from([1, 3, 10**6]), data=st.data())
def test_the_greatest_are_those_of_a_full_sort(seed: int, n: int, levels: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, n))
    scores = np.random.default_rng(seed).integers(0, levels, n).astype(np.float32)
    least = np.sort(scores)[-k]
    assert reached_by(scores, k) <= least
    found = greatest(scores, k)
    assert len(np.unique(found)) == k
    assert np.sort(scores[found]).tolist() == np.sort(scores)[-k:].tolist()


def test_few_more_are_looked_at_than_are_asked_for() -> None:
    scores = np.random.default_rng(5).random(1_000_000, dtype=np.float32)
    for k in (10, 200, 2_000):
        n = int((scores >= reached_by(scores, k)).sum())
        assert k <= n <= 2 * k + 4_000


@given(texts=st.lists(st.text(st.characters(exclude_categories=())), unique=True, max_size=30), other=st.text())
def test_packed_texts_are_a_list_and_their_places_a_dictionary(texts: list[str], other: str) -> None:
    packed = PackedTexts(texts)
    places, expected = Places(packed), {text: place for place, text in enumerate(texts)}
    assert list(packed) == texts == packed[:]
    assert packed[::3] == texts[::3]
    assert [packed[place - len(texts)] for place in range(len(texts))] == texts
    assert [places[text] for text in texts] == list(range(len(texts)))
    assert places.get(other) == expected.get(other)
    assert places.of([*texts, other]).tolist() == [*range(len(texts)), expected.get(other, -1)]
    assert (other in places) == (other in expected)
    with pytest.raises(IndexError, match=f"no place {len(texts)} of"):
        packed[len(texts)]


def test_an_unknown_text_has_no_place() -> None:
    with pytest.raises(KeyError, match="sofa"):
        Places(PackedTexts(["lamp"]))["sofa"]


def test_of_equal_texts_the_last_counts() -> None:
    assert Places(PackedTexts(["a", "b", "a"]))["a"] == 2


@given(digests=st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), max_size=20))
def test_packed_digests_are_a_list(digests: list[str]) -> None:
    packed = PackedDigests(digests)
    assert (list(packed), len(packed), packed[1:]) == (digests, len(digests), digests[1:])


@pytest.mark.parametrize("digest", ["ab", "x" * 64, "ab" * 33, ""])
def test_what_is_no_digest_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match=r"digest|hexadecimal"):
        PackedDigests(["ab" * 32, digest])


@pytest.mark.parametrize("n", [0, 1, 70_000])
def test_a_matrix_in_halves_is_the_vectors_but_for_rounding(n: int) -> None:
    vectors = np.random.default_rng(n).standard_normal((n, 24)).astype(np.float32)
    held = HalfMatrix.of(vectors)
    assert held.shape == (n, 24)
    assert (held[:] == vectors.astype(np.float16).astype(np.float32)).all()
    assert held[:].dtype == np.float32
    rows = np.arange(n)[::-7]
    assert (held[rows] == held[:][rows]).all()
    if n:
        assert (held[n - 1] == held[:][n - 1]).all()
        assert (HalfMatrix.of(held[:]).halves == held.halves).all()
        changed = held.without(np.array([0]))
        assert not changed[0].any()
        assert held[0].any()


def test_rows_are_compared_alike_in_blocks_of_any_size() -> None:
    vectors = np.random.default_rng(3).standard_normal((200_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    quantized = QuantizedMatrix.of(vectors)
    found = quantized.similarities(vectors[11])
    parts = [
        QuantizedMatrix(quantized.codes[part], quantized.scales[part]).similarities(vectors[11])
        for part in np.array_split(np.arange(200_000), 7)
    ]
    assert found.tolist() == np.concatenate(parts).tolist()
    rows = np.arange(200_000)[::-3]
    assert quantized.similarities(vectors[11], rows).tolist() == found[rows].tolist()


def test_only_the_last_results_are_kept() -> None:
    lately, n_made = Lately[int](), 0

    def make() -> int:
        nonlocal n_made
        n_made += 1
        return n_made

    assert [lately.get(key, make) for key in ("a", "b", "a", "c", "a", "b")] == [1, 2, 1, 3, 1, 4]
    assert N_KEPT == 2


def test_results_are_kept_for_many_threads() -> None:
    lately, found = Lately[int](), []
    threads = [
        threading.Thread(target=lambda n=n: found.append((n, lately.get(n % 3, lambda n=n: n % 3)))) for n in range(60)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(value == n % 3 for n, value in found)
    assert len(found) == 60
