import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import Qrel, ScoredDoc, nDCG

from ranking.evaluation import (
    UNREACHABLE,
    held_out_by_time,
    hits,
    leave_one_out,
    masked_scores,
    ndcg,
    ndcg_of,
    ranks_in,
    ranks_of,
    some_of,
    top_k,
)
from ranking.interactions import Histories, from_sequences
from ranking.metrics import compared, gini
from ranking.models.protocol import Validation


class Fixed:
    """Scores that are told beforehand, a row per shopper, whoever asks first gets the first."""

    def __init__(self, scores):
        self._scores, self._n_given = np.array(scores, dtype=np.float32), 0

    def score(self, shoppers, items=None):
        first, self._n_given = self._n_given, self._n_given + len(shoppers)
        return self._scores[first : self._n_given]


def asked(histories, targets, repeats=False):
    own = tuple(np.array(rows, dtype=np.int64) for rows in histories)
    zeros = tuple(np.zeros(len(rows), dtype=np.float32) for rows in own)
    return Validation(Histories(own, zeros, zeros), np.array(targets), repeats)


def test_ties_count_as_their_average_rank():
    scores = np.array([[3, 2, 2, 2, 1], [1, 1, 1, 1, 1], [0, 5, 1, 2, 3]], dtype=np.float32)
    ranks = ranks_in(scores, np.array([2, 0, 1]), np.ones(3, dtype=np.bool_))
    assert ranks.tolist() == [3.0, 3.0, 1.0]


def test_what_a_shopper_has_is_not_ranked_unless_things_are_bought_again():
    scores = [[9.0, 5.0, 4.0, 3.0]]
    assert ranks_of(Fixed(scores), asked([[0, 1]], [3])).tolist() == [2.0]
    assert ranks_of(Fixed(scores), asked([[0, 1]], [3], repeats=True)).tolist() == [4.0]
    assert ranks_of(Fixed(scores), asked([[0, 1]], [1])).tolist() == [UNREACHABLE]
    assert ranks_of(Fixed(scores), asked([[0, 1]], [1], repeats=True)).tolist() == [2.0]


def test_an_item_that_cannot_be_reached_counts_as_not_found():
    ranks = np.array([UNREACHABLE, 1.0])
    assert ndcg(ranks).tolist() == [0.0, 1.0]
    assert hits(ranks).tolist() == [0.0, 1.0]
    assert ndcg_of(Fixed([[1.0, 2.0]] * 2), asked([[0], [0]], [0, 1])) == 0.5


def test_masking_leaves_the_matchers_own_scores_as_they_are():
    matcher = Fixed([[1.0, 2.0, 3.0]])
    scores, can_be = masked_scores(matcher, asked([[2]], [1]))
    assert scores.tolist() == [[1.0, 2.0, -np.inf]]
    assert can_be.tolist() == [True]
    assert matcher._scores.tolist() == [[1.0, 2.0, 3.0]]


def test_shoppers_are_ranked_the_same_in_one_slice_and_in_several():
    rng = np.random.default_rng(0)
    scores = rng.random((1100, 7))
    told = asked([[int(row % 7)] for row in range(1100)], (np.arange(1100) + 1) % 7)
    together = ranks_of(Fixed(scores), told)
    for place in (0, 511, 512, 1099):
        alone = ranks_of(Fixed(scores[place : place + 1]), some_of(told, np.array([place])))
        assert alone[0] == together[place]


def test_the_last_act_is_the_test_and_the_last_but_one_the_validation():
    data = from_sequences({"ann": ["a", "b", "c", "d"], "bo": ["b", "a"], "cy": ["d", "c", "a"]})
    split = leave_one_out(data)
    ids = data.items.ids
    assert [ids[row] for row in split.validation.target] == ["c", "c"]
    assert [ids[row] for row in split.test.target] == ["d", "a"]
    assert [[ids[row] for row in own] for own in split.validation.histories.items] == [["a", "b"], ["d"]]
    assert [[ids[row] for row in own] for own in split.test.histories.items] == [["a", "b", "c"], ["d", "c"]]
    assert [[ids[row] for row in split.train.sequence(shopper)] for shopper in range(3)] == [
        ["a", "b"],
        ["b", "a"],
        ["d"],
    ]
    assert split.test.histories.ages_days[0].tolist() == [2.0, 1.0, 0.0]


def test_two_moments_cut_the_acts_of_all_shoppers():
    # Days of the acts: ann 0 to 3, bo 0 and 1, cy 0.
    data = from_sequences({"ann": ["a", "b", "c", "d"], "bo": ["b", "a"], "cy": ["d"]})
    ids, day = data.items.ids, 86_400.0
    split = held_out_by_time(data, 1 * day, 3 * day, until=4 * day)
    assert [[ids[row] for row in split.train.sequence(shopper)] for shopper in range(3)] == [["a"], ["b"], ["d"]]
    assert [ids[row] for row in split.validation.target] == ["c", "a"]
    assert [[ids[row] for row in own] for own in split.validation.histories.items] == [["a", "b"], ["b"]]
    assert [ids[row] for row in split.test.target] == ["d"]
    assert [[ids[row] for row in own] for own in split.test.histories.items] == [["a", "b", "c"]]
    early = held_out_by_time(data, -1.0, 0.0, until=0.5)
    assert [len(own) for own in early.test.histories.items] == [0, 0, 0]
    assert [ids[row] for row in early.test.target] == ["a", "b", "d"]
    assert len(early.validation) == 0


def test_gini_of_known_shares():
    assert gini(np.array([3.0, 3.0, 3.0])) == pytest.approx(0.0)
    assert gini(np.array([0.0, 0.0, 0.0, 5.0])) == pytest.approx(0.75)
    assert gini(np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.25)
    assert gini(np.zeros(3)) == 0.0


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30), st.integers(1, 9))
def test_gini_is_between_0_and_1_and_knows_no_unit(exposure, factor):
    values = np.array(exposure, dtype=np.float64)
    assert -1e-9 <= gini(values) < 1.0
    assert gini(values * factor) == pytest.approx(gini(values))


def test_the_best_columns_come_first_and_equal_ones_in_their_order():
    scores = np.array([[1.0, 3.0, 3.0, 2.0]], dtype=np.float32)
    assert top_k(scores, 3).tolist() == [[1, 2, 3]]
    assert top_k(scores, 9).tolist() == [[1, 2, 3, 0]]


def test_the_interval_of_a_difference_lies_around_it():
    ours, theirs = np.full(50, 0.5), np.tile([0.3, 0.5], 25)
    found = compared("theirs", ours, theirs)
    assert found.difference == pytest.approx(0.1)
    assert 0.0 < found.low < 0.1 < found.high < 0.2
    assert found.is_better


@given(st.integers(0, 10_000), st.integers(12, 40), st.integers(1, 20))
def test_ndcg_and_recall_are_those_of_a_well_kept_library(seed, n_items, k):
    rng = np.random.default_rng(seed)
    scores = np.argsort(rng.random((6, n_items)), axis=1).astype(np.float32)
    target = rng.integers(0, n_items, 6)
    ranks = ranks_in(scores, target, np.ones(6, dtype=np.bool_))
    run = [ScoredDoc(f"s{row}", f"p{item}", float(scores[row, item])) for row in range(6) for item in range(n_items)]
    relevant = [Qrel(f"s{row}", f"p{item}", 1) for row, item in enumerate(target)]
    measured = {
        (str(found.measure), found.query_id): found.value
        for found in ir_measures.iter_calc([nDCG @ k, ir_measures.R @ k], relevant, run)
    }
    for row in range(6):
        assert ndcg(ranks, k)[row] == pytest.approx(measured[f"nDCG@{k}", f"s{row}"])
        assert hits(ranks, k)[row] == measured[f"R@{k}", f"s{row}"]
