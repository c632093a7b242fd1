import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.calibration import (
    IDENTITY,
    Calibration,
    Platt,
    expected_calibration_error,
    fit_calibration,
    fit_if_worth_it,
    fit_platt,
    normalised_entropy,
)
from ranking.matcher import TwoTowerMatcher
from ranking.ranker import Ranker
from ranking.types import ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Query


def drawn(slope, intercept, n=40_000, seed=0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(3.0, 2.0, n)
    return logits, rng.random(n) < 1 / (1 + np.exp(-(slope * logits + intercept)))


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.4, -3.0), (2.5, -12.0)])
def test_the_numbers_that_labels_were_drawn_with_are_found(slope, intercept):
    logits, happened = drawn(slope, intercept)
    fit = fit_platt(logits, happened)
    assert fit.slope == pytest.approx(slope, rel=0.06)
    assert fit(logits).mean() == pytest.approx(happened.mean(), abs=1e-4)
    later, then = drawn(slope, intercept, seed=1)
    assert expected_calibration_error(fit(later), then) < 0.01
    # The logit itself as a probability would be far off.
    if (slope, intercept) != (1.0, 0.0):
        assert expected_calibration_error(Platt(1.0, 0.0)(later), then) > 0.1


def test_click_and_purchase_are_told_apart_by_the_gain():
    logits = np.repeat([-1.0, 0.0, 1.0, 2.0], 250)
    gains = np.tile([0.0, 1.0, 1.0, 3.0], 250)
    calibration = fit_calibration(logits, gains)
    assert calibration.click is not None
    assert calibration.purchase is not None
    assert calibration.click(logits).mean() == pytest.approx(0.75, abs=0.002)
    assert calibration.purchase(logits).mean() == pytest.approx(0.25, abs=0.002)
    assert fit_calibration(logits, np.minimum(gains, 1)).purchase is None
    assert fit_calibration(logits, np.ones_like(gains)) == Calibration()


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), min_size=2, max_size=40))
def test_any_fit_is_finite_and_never_falls_with_the_logit(pairs):
    logits = np.array([pair[0] for pair in pairs])
    happened = np.array([pair[1] for pair in pairs])
    fit = fit_platt(logits, happened)
    assert fit.slope >= 0
    chances = fit(np.sort(logits))
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (np.diff(chances) >= 0).all()


def test_the_error_by_hand():
    chances = np.array([0.05, 0.08, 0.55, 0.52, 1.0])
    happened = np.array([False, True, True, False, True])
    # Bins: two at 0 to .1 (mean .065, share .5), two at .5 to .6 (mean .535, share .5), one at .9 to 1 (both 1).
    assert expected_calibration_error(chances, happened) == pytest.approx((2 * 0.435 + 2 * 0.035 + 0) / 5)


def test_the_entropy_by_hand():
    happened = np.array([True, False, False, False])
    base = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert normalised_entropy(np.full(4, 0.25), happened) == pytest.approx(1.0)
    better = -(np.log(0.7) + 3 * np.log(0.9)) / 4
    assert normalised_entropy(np.array([0.7, 0.1, 0.1, 0.1]), happened) == pytest.approx(better / base)


def test_a_model_carries_its_numbers_and_the_ranker_tells_probabilities(toy_source, make_tensors):
    calibration = Calibration(Platt(0.5, -1.0), Platt(0.25, -4.0))
    tensors = make_tensors(24, 3, seed=1)
    matcher = TwoTowerMatcher(tensors | calibration.tensors(), "calibrated")
    assert matcher.calibration == calibration
    found = toy_source.retrieve(Query("red kettles"))
    ranked = Ranker(matcher, toy_source.vectors).rank(Query("red kettles"), found, ShopperProfile(), k=36)
    for item in ranked:
        assert item.p_click == pytest.approx(1 / (1 + np.exp(1 - 0.5 * item.score)))
        assert item.p_purchase == pytest.approx(1 / (1 + np.exp(4 - 0.25 * item.score)))
    assert [item.p_click for item in ranked] == sorted((item.p_click for item in ranked), reverse=True)
    # A shop that shows new things first does not make anybody want them more.
    moved = Ranker(matcher, toy_source.vectors, weights={"relevance": 0.0, "quality": 9.0})
    assert {
        item.product.id: item.p_click for item in moved.rank(Query("red kettles"), found, ShopperProfile(), 36)
    } == {item.product.id: item.p_click for item in ranked}
    plain = Ranker(TwoTowerMatcher(tensors, "not calibrated"), toy_source.vectors)
    assert {item.p_click for item in plain.rank(Query("red kettles"), found, ShopperProfile())} == {None}


@pytest.mark.parametrize("numbers", [[-1.0, 0.0], [1.0], [1.0, 2.0, 3.0]])
def test_numbers_that_could_turn_an_order_round_are_refused(make_tensors, numbers):
    tensors = make_tensors(8, 3) | {"click_calibration": np.array(numbers, dtype=np.float32)}
    with pytest.raises(ModelError, match="click_calibration is not a slope"):
        TwoTowerMatcher(tensors, "bad")


def test_probabilities_that_are_too_sure_are_mended():
    logits, happened = drawn(1.0, 0.0)
    fit = fit_if_worth_it(3.0 * logits + 1.0, happened)
    assert fit.slope == pytest.approx(1 / 3, abs=0.02)
    assert fit.intercept == pytest.approx(-1 / 3, abs=0.05)


def test_honest_probabilities_are_left_alone():
    rng = np.random.default_rng(11)
    for _ in range(20):
        chances = rng.random(1_000)
        assert fit_if_worth_it(np.log(chances / (1 - chances)), rng.random(1_000) < chances) == IDENTITY


@pytest.mark.parametrize("always", [True, False])
def test_nothing_is_mended_where_all_went_one_way(always):
    assert fit_if_worth_it(np.array([-1.0, 0.0, 2.0]), np.full(3, always)) == IDENTITY
