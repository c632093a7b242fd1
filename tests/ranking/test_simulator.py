from collections import Counter, defaultdict
from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from ranking.simulator import LIST_LENGTH, MATCH_WEIGHT, PRICE_WEIGHT, RATING_WEIGHT, simulate
from ranking.wishes import Wish, match_matrix, product_words, query_text, wish_pool
from retrieval.errors import ModelError
from retrieval.text import has_cjk
from retrieval.types import Product, Variant


@pytest.fixture(scope="module")
def simulation(toy_source):
    return simulate(toy_source.products, seed=1, n_shoppers=200, n_events=6000)


def test_there_are_exactly_as_many_events_as_asked_for_and_every_shopper_has_some(simulation):
    assert len(simulation.events) == 6000
    assert {event.shopper_id for event in simulation.events} == set(simulation.tastes.shoppers)
    assert len(simulate(list(_two()), seed=3, n_shoppers=5, n_events=7).events) == 7


def test_the_same_seed_gives_the_same_events_whatever_the_order_of_the_products(simulation, toy_source):
    again = simulate(toy_source.products[::-1], seed=1, n_shoppers=200, n_events=6000)
    assert again.events == simulation.events
    other = simulate(toy_source.products, seed=2, n_shoppers=200, n_events=6000)
    assert other.events != simulation.events


def test_events_are_ordered_in_time_within_2026_and_carry_query_session_and_position(simulation):
    times = [event.time for event in simulation.events]
    assert times == sorted(times)
    assert (times[0].year, times[-1].year) == (2026, 2026)
    assert times[-1].month - times[0].month >= 8
    assert all(event.time.tzinfo is not None for event in simulation.events)
    assert all(event.query and event.session_id for event in simulation.events)
    assert {event.position for event in simulation.events} <= set(range(LIST_LENGTH))
    assert {event.type for event in simulation.events} == {"view", "add_to_cart", "favorite", "purchase"}


def test_nothing_is_bought_before_it_is_in_the_cart_nor_put_there_unseen(simulation):
    seen = defaultdict(set)
    for event in simulation.events:
        acts = seen[event.session_id, event.product_id]
        if event.type != "view":
            assert "view" in acts
        if event.type == "purchase":
            assert "add_to_cart" in acts
        acts.add(event.type)


def test_a_session_is_one_query_of_one_shopper(simulation):
    sessions = defaultdict(set)
    for event in simulation.events:
        sessions[event.session_id].add((event.shopper_id, event.query))
    assert all(len(kinds) == 1 for kinds in sessions.values())


def test_about_two_in_five_search_in_chinese_and_each_shopper_keeps_to_one_language(simulation):
    # Brands alone read the same in both languages, so only whole shoppers can be told apart.
    chinese = {event.shopper_id for event in simulation.events if has_cjk(event.query)}
    assert 0.3 < len(chinese) / 200 < 0.6
    queries = defaultdict(set)
    for event in simulation.events:
        if event.shopper_id in chinese:
            queries[event.shopper_id].add(event.query)
    brands = {"acme", "borea", "corvo"}
    assert all(has_cjk(text) or set(text.split()) <= brands for texts in queries.values() for text in texts)


def test_the_oracle_is_the_stated_utility(simulation, toy_source):
    tastes = simulation.tastes
    shopper, query = simulation.events[0].shopper_id, simulation.events[0].query
    row = tastes.shoppers[shopper]
    product = toy_source.products[0]  # acme, red, kettles, the cheapest; 3 stars, no reviews
    theta = dict(zip(tastes.terms, tastes.theta[row], strict=True))
    taste = theta["brand", "acme"] + theta["color", "red"] + theta["category", "kettles"]
    expected = MATCH_WEIGHT * tastes.matches[query][tastes.products[product.id]] + taste
    expected += RATING_WEIGHT * 0.0 - PRICE_WEIGHT * tastes.price_levels[row]
    assert tastes.utility(shopper, query, [product.id])[0] == pytest.approx(expected, abs=1e-5)


def test_what_is_taken_up_is_what_is_wanted_and_higher_positions_are_seen_more(simulation):
    utility = simulation.tastes.utility
    everything = list(simulation.tastes.products)
    percentiles = defaultdict(list)
    for event in simulation.events[:2000]:
        scores = utility(event.shopper_id, event.query, everything)
        own = scores[simulation.tastes.products[event.product_id]]
        percentiles[event.type].append(float((scores <= own).mean()))
    assert np.mean(percentiles["view"]) > 0.8
    assert np.mean(percentiles["purchase"]) > np.mean(percentiles["view"])
    positions = Counter(event.position for event in simulation.events if event.type == "view")
    assert positions[0] > positions[1] > positions[3] > positions[8]


def test_a_price_in_minor_units_moves_who_buys(toy_source):
    cheap, dear = _two()
    tastes = simulate([cheap, dear], seed=5, n_shoppers=400, n_events=4000).tastes
    prefers_dear = tastes.preferences[:, tastes.products["dear"]] > tastes.preferences[:, tastes.products["cheap"]]
    assert tastes.price_levels[prefers_dear].mean() > tastes.price_levels[~prefers_dear].mean() + 0.1


def _two():
    for id_, price in (("cheap", 100), ("dear", 9000)):
        yield Product(
            id_, id_, "USD", (Variant(id_, price),), category="teas", attributes={"feature": ("organic", "vegan")}
        )


def test_wishes_are_met_by_products_and_worded_in_both_languages(toy_source):
    pool = wish_pool(toy_source.products, seed=0, limit=50)
    assert len(pool) == len(set(pool)) == 50
    assert (match_matrix(pool, toy_source.products).max(axis=1) == 1.0).all()
    words = product_words(toy_source.products)
    wish = Wish(("category", "kettles"), (("brand", "acme"), ("color", "red")))
    assert query_text(wish, "en", words) == "acme red kettles"
    assert query_text(wish, "zh", words).startswith("acme 红")


def test_how_well_a_product_meets_a_wish(toy_source):
    kettle = toy_source.products[0]
    twin = replace(kettle, id="pan", category="cookware")
    wish = Wish(("category", "kettles"), (("color", "red"), ("brand", "borea")))
    [row] = match_matrix([wish], [kettle, twin, toy_source.products[1]])
    assert row == pytest.approx([0.6 + 0.4 * 0.5, 0.6 * 0.3 + 0.4 * 0.5, 0.4 * 0.5])


def test_without_products_there_is_nothing_to_simulate(toy_source):
    with pytest.raises(ModelError, match="at least one product"):
        simulate([])
    with pytest.raises(ModelError, match="states a category"):
        simulate([Product("a", "a", "USD", (Variant("a", 1),))])


@pytest.mark.slow
def test_the_full_size_takes_less_than_20_seconds(toy_source):
    began = process_time()
    assert len(simulate(toy_source.products).events) == 60_000
    assert process_time() - began < 20
