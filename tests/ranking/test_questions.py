"""What a question is worth: figures worked out by hand, and what must hold of any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranking.questions import expected_gain, shares


def gain_of(chances, answers, has_answer, n_shown):
    """Of one question, its answers as a list of masks."""
    leaves = np.array(answers, dtype=np.bool_).reshape(1, len(answers), len(chances))
    (gain,) = expected_gain(chances, leaves, np.array([has_answer]), n_shown)
    return gain


odds = arrays(np.float64, st.integers(1, 12), elements=st.integers(0, 10_000).map(lambda hundredths: hundredths / 100))


@given(odds)
def test_shares_are_chances_in_the_order_of_the_odds(given_odds):
    chances = shares(given_odds)
    assert chances.sum() == pytest.approx(1.0)
    assert (chances >= 0).all()
    if given_odds.sum() > 0:
        assert np.array_equal(np.argsort(chances, kind="stable"), np.argsort(given_odds, kind="stable"))


def test_the_gain_is_what_the_answer_shows_less_what_another_list_would():
    # Ten alike, two shown. Three answers of two, three and three of the other eight: the next list has 2 + 2 + 2 of
    # them instead of 2.
    chances = np.full(10, 0.1)
    answers = [np.isin(np.arange(10), rows) for rows in ([2, 3], [4, 5, 6], [7, 8, 9])]
    assert gain_of(chances, answers, 1.0, 2) == pytest.approx(0.4)
    assert gain_of(chances, answers, 0.5, 2) == pytest.approx(0.2)


def test_who_could_name_either_answer_is_found_by_either():
    chances = np.full(4, 0.25)
    both = [np.array([False, True, True, False]), np.array([False, True, False, True])]
    # The second is first under both answers; each of the others is second under its own.
    assert gain_of(chances, both, 1.0, 1) == pytest.approx(0.25 - 0.25)


@st.composite
def questions(draw):
    chances = shares(np.sort(draw(odds))[::-1])
    masks = st.lists(arrays(np.bool_, len(chances)), max_size=4)
    return chances, draw(masks), draw(st.floats(0.0, 1.0)), draw(st.integers(1, 6))


@given(questions())
def test_the_gain_is_a_difference_of_chances_and_grows_with_who_has_an_answer(question):
    chances, answers, has_answer, n_shown = question
    gain = gain_of(chances, answers, has_answer, n_shown)
    assert -1.0 <= gain <= 1.0
    assert abs(gain) <= abs(gain_of(chances, answers, 1.0, n_shown)) + 1e-12
    assert gain_of(chances, answers[::-1], has_answer, n_shown) == pytest.approx(gain)


@given(questions())
def test_there_is_nothing_to_gain_where_the_next_list_shows_the_rest(question):
    chances, answers, has_answer, _ = question
    assert gain_of(chances, answers, has_answer, len(chances)) == 0.0
    assert gain_of(chances, answers, has_answer, -(-len(chances) // 2)) <= 1e-12


@given(st.lists(questions(), min_size=2, max_size=2))
def test_questions_are_weighed_together_as_each_alone(pair):
    (chances, first, p_first, n_shown), (_, second, p_second, _) = pair
    second = [np.resize(mask, len(chances)) for mask in second]
    leaves = np.zeros((2, 4, len(chances)), dtype=np.bool_)
    for row, answers in enumerate((first, second)):
        leaves[row, : len(answers)] = np.array(answers).reshape(len(answers), len(chances))
    together = expected_gain(chances, leaves, np.array([p_first, p_second]), n_shown)
    alone = [gain_of(chances, first, p_first, n_shown), gain_of(chances, second, p_second, n_shown)]
    assert together == pytest.approx(alone)
