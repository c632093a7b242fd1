"""The click model: its draws against exact answers, and whether it learns what was put in."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from ranking.clicks.interactions import Interactions
from ranking.clicks.model import ClickModel, Draw, FitSettings, Unseen, fit
from ranking.clicks.presence import presence_of
from ranking.clicks.sampling import Effects, Rows, Vectors, latent_scores, wishart
from ranking.clicks.visits import Visits
from retrieval.errors import ModelError

SHORT = FitSettings(n_sweeps=60, n_warm=20, n_draws=20, rank=3, presence_rank=4)


def world(n_rows: int, seed: int, n_shoppers: int = 120, n_products: int = 60):
    """Interactions whose true probabilities are known: tastes of two dimensions, and offsets."""
    rng = np.random.default_rng(seed)
    shopper, product = rng.integers(0, n_shoppers, n_rows), rng.integers(0, n_products, n_rows)
    ours, theirs = rng.normal(size=(n_shoppers, 2)), rng.normal(size=(n_products, 2))
    score = 0.8 * rng.normal(size=n_products)[product] + np.sum(ours[shopper] * theirs[product], axis=1) - 0.3
    ids = [tuple(f"{letter}{i}" for i in range(n)) for letter, n in (("s", n_shoppers), ("p", n_products))]
    return Interactions(*ids, shopper, product, rng.random(n_rows) < ndtr(score)), ndtr(score), theirs


def auc(scores, clicked):
    """The share of pairs in the right order, by comparing all of them."""
    return float((scores[clicked][:, None] > scores[~clicked][None, :]).mean())


def test_latent_scores_are_cut_to_their_side_and_have_the_right_mean():
    rng = np.random.default_rng(0)
    sign = np.repeat([1.0, -1.0], 100_000)
    drawn = latent_scores(rng, np.full(200_000, 0.5), sign)
    assert ((drawn > 0) == (sign > 0)).all()
    density = np.exp(-0.125) / np.sqrt(2 * np.pi)
    assert drawn[sign > 0].mean() == pytest.approx(0.5 + density / ndtr(0.5), abs=0.01)
    assert drawn[sign < 0].mean() == pytest.approx(0.5 - density / ndtr(-0.5), abs=0.01)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=20), st.integers(0, 4))
def test_sums_by_thing_are_those_of_a_loop(pairs, first):
    things, others = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    rng = np.random.default_rng(0)
    table, weights = rng.normal(size=(3, 2)), rng.normal(size=len(pairs))
    rows = Rows.of(things, others, 5, 3)
    by_loop = np.zeros((5, 2))
    for thing, other, weight in zip(things, others, weights, strict=True):
        by_loop[thing] += weight * table[other]
    assert np.allclose(rows.sums(weights, table, first, 5), by_loop[first:])
    counted = rows.sums(None, np.ones((3, 1)), 0, 5).ravel()
    assert counted.tolist() == np.bincount(things, minlength=5).tolist()


def test_vectors_are_drawn_around_the_ridge_solution():
    rng = np.random.default_rng(1)
    others, target = rng.normal(size=(40, 3)), rng.normal(size=40)
    rows = Rows.of(np.zeros(40, dtype=np.int64), np.arange(40), 2, 40)
    facing = np.hstack([others[:, :2], np.ones((40, 1))])
    exact = np.linalg.solve(facing.T @ facing + 5.0 * np.eye(3), facing.T @ target)
    drawn = []
    for seed in range(3_000):
        vectors = Vectors(rows, np.zeros((2, 0)), 3, np.random.default_rng(seed))
        vectors._draw_values(np.random.default_rng(seed), others, target)
        drawn.append(vectors.values[0])
        assert vectors.values[1].tolist() == [0.0, 0.0, 0.0]  # never observed: its mean
    assert np.allclose(np.mean(drawn, axis=0), exact, atol=0.015)
    assert np.allclose(np.cov(np.array(drawn).T), np.linalg.inv(facing.T @ facing + 5.0 * np.eye(3)), atol=0.01)


def test_effects_are_shrunk_means():
    values = []
    for seed in range(3_000):
        effects = Effects(np.array([0, 0, 1]), 2)
        effects.draw(np.random.default_rng(seed), np.array([11.0, 11.0, -21.0]))
        values.append(effects.values)
    assert np.mean(values, axis=0) == pytest.approx([22 / 22, -21 / 21], abs=0.02)


def test_wishart_has_its_mean():
    rng = np.random.default_rng(2)
    scale = np.array([[2.0, 0.5], [0.5, 1.0]])
    mean = np.mean([wishart(rng, scale, 10) for _ in range(4_000)], axis=0)
    assert np.allclose(mean, 10 * scale, rtol=0.05)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300)), min_size=1, max_size=30), st.integers(0, 40))
def test_visits_are_runs_without_a_longer_gap(rows, gap_s):
    shopper, second = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    visits = Visits.of(shopper, second, gap_s)
    found = visits.find(shopper, second)
    assert found.min() == 0
    assert found.max() == visits.n - 1
    for i in range(len(rows)):
        for j in range(len(rows)):
            times = np.sort(second[shopper == shopper[i]])
            between = times[(times >= min(second[i], second[j])) & (times <= max(second[i], second[j]))]
            together = shopper[i] == shopper[j] and bool((np.diff(between) <= gap_s).all())
            assert (found[i] == found[j]) == together


def test_a_time_far_from_all_others_has_no_visit():
    visits = Visits.of(np.array([0, 1]), np.array([0, 1_000]), 60)
    asked = visits.find(np.array([0, 0, 0, 1, 1, 2]), np.array([-60, -61, 10**12, 1_060, -(10**12), 0]))
    assert asked.tolist() == [0, -1, -1, 1, -1, -1]


def test_presence_tells_two_camps_apart_without_any_label():
    shopper = np.repeat(np.arange(20), 5)
    product = np.concatenate([np.arange(5) + 5 * (s % 2) for s in range(20)])
    shoppers, products = presence_of(shopper, product, 20, 11, rank=2, seed=0)
    assert (shoppers.shape, products.shape) == ((20, 3), (11, 3))
    assert np.allclose(shoppers[::2], shoppers[0], atol=1e-6)
    assert not np.allclose(shoppers[0], shoppers[1], atol=0.1)
    assert shoppers[:, 2].tolist() == [np.log1p(5)] * 20
    assert np.allclose(products[10], products[:10].mean(axis=0))  # never met: nothing is known of it


def test_presence_of_the_smallest_table():
    shoppers, products = presence_of(np.array([0, 1]), np.array([0, 1]), 2, 2, rank=20, seed=0)
    assert (shoppers.shape, products.shape) == ((2, 2), (2, 2))


def test_a_probability_by_hand():
    draw = Draw(
        0.1, np.array([[2.0, 0.3], [0.0, 0.0]], np.float32), np.array([[0.5, -0.2]], np.float32),
        np.diag([3.0, 1.0]), np.eye(2), (np.array([0.4], np.float32),), (0.25,),
    )  # fmt: skip
    visits = Visits.of(np.array([0]), np.array([100]), 60)
    unseen = Unseen(np.array([False, True]), np.array([False]))
    model = ClickModel((draw,), (visits,), unseen)
    chance = model.probability(np.array([0, 0, 1]), np.array([0, 0, 0]), np.array([100, 500, 100]))
    met = 0.1 + 0.3 - 0.2 + 2.0 * 0.5
    cold_spread = 1.0 + 0.25 + 3.0 * 0.5**2 + 1.0
    expected = [ndtr(met + 0.4), ndtr(met / np.sqrt(1.25)), ndtr((0.1 - 0.2) / np.sqrt(cold_spread))]
    assert np.allclose(chance, expected, atol=1e-6)
    assert model.probability(np.array([0]), np.array([0])) == pytest.approx(expected[1:2], abs=1e-6)


def test_it_learns_tastes_that_offsets_cannot_hold():
    rows, truth, _ = world(12_000, seed=3)
    train, test = rows.rows(np.arange(10_000)), rows.rows(np.arange(10_000, 12_000))
    chance = fit(train, settings=SHORT).probability(test.shopper, test.product)
    counts = np.bincount(train.product, minlength=60)
    shares = np.bincount(train.product, train.clicked, minlength=60) / counts
    best = auc(truth[10_000:], test.clicked)
    assert auc(shares[test.product], test.clicked) < best - 0.1
    assert auc(chance, test.clicked) > best - 0.03
    assert np.abs(chance - truth[10_000:]).mean() < 0.1
    assert abs(chance.mean() - test.clicked.mean()) < 0.02


def test_traits_tell_of_products_never_seen():
    rows, truth, theirs = world(12_000, seed=4)
    hidden = rows.product < 15
    train, cold = rows.rows(np.flatnonzero(~hidden)), np.flatnonzero(hidden)
    blind = fit(train, settings=SHORT).probability(rows.shopper[cold], rows.product[cold])
    told = fit(train, product_traits=theirs, settings=SHORT).probability(rows.shopper[cold], rows.product[cold])
    assert auc(told, rows.clicked[cold]) > auc(blind, rows.clicked[cold]) + 0.1
    assert np.corrcoef(told, truth[cold])[0, 1] > 0.6


def test_newcomers_are_told_apart_by_what_all_like():
    rows, truth, _ = world(12_000, seed=4)
    is_new = rows.shopper >= 80
    train, new = rows.rows(np.flatnonzero(~is_new)), np.flatnonzero(is_new)
    chance = fit(train, settings=SHORT).probability(rows.shopper[new], rows.product[new])
    shares = np.bincount(train.product, train.clicked, minlength=60) / np.bincount(train.product, minlength=60)
    assert auc(chance, rows.clicked[new]) > auc(shares[rows.product[new]], rows.clicked[new]) - 0.01
    assert abs(chance.mean() - truth[new].mean()) < 0.05


def test_a_mood_lasts_as_long_as_a_visit():
    rng = np.random.default_rng(5)
    rows = world(12_000, seed=5)[0]
    hour = rng.integers(0, 10, 12_000)
    mood = np.where(rng.random((120, 10)) < 0.5, -1.5, 1.5)[rows.shopper, hour]
    clicked = rng.random(12_000) < ndtr(mood)
    timed = replace(rows, clicked=clicked, second=hour * 86_400 + rng.integers(0, 600, 12_000))
    train, test = timed.rows(np.arange(10_000)), timed.rows(np.arange(10_000, 12_000))
    model = fit(train, settings=SHORT)
    assert test.second is not None
    assert auc(model.probability(test.shopper, test.product, test.second), test.clicked) > 0.9
    assert auc(model.probability(test.shopper, test.product), test.clicked) < 0.65


def test_the_seed_decides_everything():
    rows = world(2_000, seed=6)[0]
    few = FitSettings(n_sweeps=6, n_warm=2, n_draws=3, rank=2, presence_rank=3)
    one, same, other = (
        fit(rows, settings=few, seed=seed).probability(rows.shopper, rows.product) for seed in (0, 0, 1)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_probabilities_do_not_depend_on_what_else_is_asked():
    rows = world(2_000, seed=7)[0]
    model = fit(rows, settings=FitSettings(n_sweeps=6, n_warm=2, n_draws=3))
    together = model.probability(rows.shopper, rows.product)
    assert np.allclose(model.probability(rows.shopper[5:6], rows.product[5:6]), together[5:6])


def test_progress_is_told_and_draws_are_kept():
    told = []
    rows = world(500, seed=8)[0]
    model = fit(rows, settings=FitSettings(n_sweeps=10, n_warm=4, n_draws=3), on_sweep=lambda *step: told.append(step))
    assert told == [(sweep, 10) for sweep in range(1, 11)]
    assert len(model.draws) == 3


def test_nothing_to_learn_is_told():
    rows = world(100, seed=9)[0]
    with pytest.raises(ModelError, match="every row is a click"):
        fit(replace(rows, clicked=np.ones(100, dtype=np.bool_)))
