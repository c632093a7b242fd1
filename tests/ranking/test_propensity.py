from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import torch

from ranking.network import listwise_loss
from ranking.propensity import MIN_EXAMINATION, Examination, estimate_examination, examination_curve
from ranking.simulator import LIST_LENGTH, POSITION_DECAY, simulate
from ranking.types import Event

TRUE = np.arange(1, LIST_LENGTH + 1) ** -POSITION_DECAY
TOLERANCE = 0.06
"""Sessions of 20,000 acts: sampling error is about .01 to .02, and the simulator's rule that every session views
something adds views at the top, which flattens nothing but lowers the rest of the curve by up to .03."""


@pytest.fixture(scope="module")
def simulation(toy_source):
    return simulate(toy_source.products, seed=1, n_shoppers=500, n_events=20_000, impressions=True)


def test_the_simulators_curve_is_found(simulation):
    found = estimate_examination(simulation.events)
    assert found is not None
    assert len(found.curve) == LIST_LENGTH
    assert np.abs(np.array(found.curve) - TRUE).max() < TOLERANCE
    # What stands first is also what fits best: counting views by position would not do.
    views = np.bincount([event.position for event in simulation.events if event.type == "view"])
    assert np.abs(views / views[0] - TRUE).max() > 2 * TOLERANCE


def test_the_order_of_the_events_and_positions_on_the_acts_do_not_matter(simulation):
    found = estimate_examination(simulation.events)
    bare = [event if event.type == "impression" else replace(event, position=None) for event in simulation.events]
    assert estimate_examination(bare[::-1]) == found


def test_impressions_leave_the_acts_as_they_are(simulation, toy_source):
    acts = simulate(toy_source.products, seed=1, n_shoppers=500, n_events=20_000).events
    assert tuple(event for event in simulation.events if event.type != "impression") == acts
    assert estimate_examination(acts) is None
    shown = {
        (event.session_id, event.product_id): event.position
        for event in simulation.events
        if event.type == "impression"
    }
    assert all(shown[event.session_id, event.product_id] == event.position for event in acts)


def lists(n, place_of, takes):
    """n lists of the query "tea", an hour apart; `place_of(n)` is product "a"'s position, `takes(n)` what is viewed."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(n):
        one = {"shopper_id": "s", "time": start + timedelta(hours=number), "session_id": str(number), "query": "tea"}
        order = ["a", "b"] if place_of(number) == 0 else ["b", "a"]
        for position, id_ in enumerate(order):
            yield Event(product_id=id_, type="impression", position=position, **one)
        for id_ in takes(number):
            yield Event(product_id=id_, type="view", **one)


def test_a_product_that_never_moves_tells_nothing():
    assert estimate_examination(lists(400, lambda n: 0, lambda n: ["a", "b"])) is None
    assert estimate_examination([]) is None


def test_a_pair_that_moves_by_hand():
    # "a" is viewed each time it stands first and every other time it stands second; "b" likewise.
    def takes(number):
        first, second = ("a", "b") if number % 2 == 0 else ("b", "a")
        return [first, second] if number % 4 < 2 else [first]

    found = estimate_examination(lists(800, lambda n: n % 2, takes))
    assert found == Examination((1.0, pytest.approx(0.5)), 1200)


def test_few_acts_are_no_curve():
    assert estimate_examination(lists(30, lambda n: n % 2, lambda n: ["a", "b"])) is None


def test_products_of_different_worth_do_not_bend_the_curve():
    curve = np.array([1.0, 0.6, 0.3])
    rng = np.random.default_rng(0)
    levels = rng.random(300)
    # What is wanted most stands first most often.
    chances = np.exp(levels[:, None] * np.array([3, 1, -3]))
    chances /= chances.sum(axis=1, keepdims=True)
    shown = rng.multinomial(200, chances).astype(np.float64)
    taken = shown * curve * levels[:, None]
    assert examination_curve(shown, taken) == pytest.approx(curve, abs=1e-5)
    assert taken.sum(axis=0) / taken.sum(axis=0)[0] != pytest.approx(curve, abs=0.05)


def test_weights_are_clipped():
    assert Examination((1.0, 1e-6), 9).weight(1) == 1 / MIN_EXAMINATION


def test_a_weight_moves_the_loss_towards_what_few_looked_at():
    scores = torch.tensor([[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]])
    gains = torch.tensor([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])
    each = -torch.log_softmax(scores, dim=1)
    plain = (each[0, 0] / 3 + each[0, 2] * 2 / 3 + each[1, 1]) / 2
    assert float(listwise_loss(scores, gains, torch.ones(2, 3))) == pytest.approx(float(plain))
    # The gain of 2 stood where a quarter looks: it stands for 8, beside the 1.
    weights = torch.tensor([[1.0, 1.0, 4.0], [1.0, 2.0, 1.0]])
    moved = (each[0, 0] / 9 + each[0, 2] * 8 / 9 + each[1, 1]) / 2
    assert float(listwise_loss(scores, gains, weights)) == pytest.approx(float(moved))
