import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from toy_shop import encode
from toy_taste import CoOccurrence

from ranking.examples import GAINS, build_examples, build_listings, searches_of
from ranking.features import SCALARS, describe, personalise
from ranking.matcher import META_FILE, MODEL_CARD_FILE, WEIGHTS_FILE, TwoTowerMatcher, load_matcher
from ranking.network import FULL, Batch, FitSettings, restored, score
from ranking.network import START as COEFFICIENTS
from ranking.profile import build_profile
from ranking.propensity import Examination
from ranking.simulator import simulate
from ranking.training import split_searches, train
from ranking.types import Event, ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Query

START = datetime(2026, 1, 1, tzinfo=UTC)
QUICK = FitSettings(rank=4, n_epochs=3)


@pytest.fixture(scope="module")
def simulation(toy_source):
    return simulate(toy_source.products, seed=4, n_shoppers=100, n_events=4000)


@pytest.fixture(scope="module")
def tastes(simulation):
    return CoOccurrence(simulation.events[:2000])


def run(events, source, out_dir, **changes):
    options = {"vectors": source.vectors, "embedder_name": "words", "settings": QUICK, **changes}
    return train(events, source.products, source, "f" * 64, out_dir, **options)


@pytest.fixture(scope="module")
def examples(simulation, toy_source, tastes):
    searches = searches_of(simulation.events)
    texts = sorted({search.query for search in searches})
    ids = [product.id for product in toy_source.products]
    listings = build_listings(texts, ids, toy_source, toy_source.vectors, 20, Query, lambda done, total: None)
    by_id = {product.id: product for product in toy_source.products}
    curve = Examination(tuple(1 / (place + 1) for place in range(5)), 0)
    return build_examples(
        simulation.events, searches, listings, by_id, examination=curve, taste_for=lambda search: tastes
    )


def test_searches_gather_a_sessions_acts_with_their_strongest_gain():
    def act(minute, product_id, type_, **fields):
        return Event("s", product_id, type_, START + timedelta(minutes=minute), **fields)

    one = {"session_id": "1", "query": "tea"}
    events = [
        act(9, "a", "purchase", **one), act(1, "a", "view", **one), act(2, "b", "view", **one),
        act(3, "c", "view", session_id="1"), act(4, "d", "impression", **one),
        act(5, "e", "view", session_id="2", query="tea"),
    ]  # fmt: skip
    first, second = searches_of(events)
    assert first.gains == {"a": GAINS["purchase"], "b": GAINS["view"]}
    assert (first.start, first.end) == (START + timedelta(minutes=1), START + timedelta(minutes=9))
    assert second.gains == {"e": 1}


def test_clicks_and_good_ratings_count_and_what_was_turned_down_does_not():
    def act(minute, product_id, type_, **fields):
        return Event("s", product_id, type_, START + timedelta(minutes=minute), "1", "tea", **fields)

    events = [
        act(1, "a", "click"), act(2, "b", "view"), act(3, "b", "not_interested"), act(4, "c", "rating", rating=4),
        act(5, "d", "rating", rating=1), act(6, "e", "purchase"), act(9, "e", "refund"), act(7, "e", "view"),
        act(8, "f", "purchase"),
    ]  # fmt: skip
    (search,) = searches_of(events)
    assert search.gains == {"a": 1, "c": 2, "e": 1, "f": 3}
    assert searches_of([act(1, "a", "view"), act(2, "a", "dislike")]) == []


def test_a_refund_in_a_later_part_is_not_known_to_an_earlier_one(toy_source):
    def visit(day, *acts):
        at = START + timedelta(days=day)
        return [
            Event(f"s{day}", product_id, type_, at + timedelta(minutes=n), f"v{day}", "tea")
            for n, (product_id, type_) in enumerate(acts)
        ]

    events = [event for day in range(60) for event in visit(day, ("a", "view"), ("b", "purchase"))]
    events += [
        Event("s1", "b", "refund", START + timedelta(days=2)), Event("s2", "b", "refund", START + timedelta(days=58)),
    ]  # fmt: skip
    parts = split_searches(events)
    gains = {search.shopper_id: search.gains for search in parts["train"]}
    assert gains["s1"] == {"a": 1}
    assert gains["s2"] == gains["s3"] == {"a": 1, "b": 3}
    ends = {part: max(search.end for search in found) for part, found in parts.items()}
    assert ends["train"] < min(search.start for search in parts["validation"])
    assert ends["validation"] < min(search.start for search in parts["test"])
    # The refunds move the cuts into the visits of two days, which are left out.
    assert [len(found) for found in parts.values()] == [48, 5, 5]


def test_a_profile_holds_only_what_was_done_before_the_search(examples, simulation, toy_source):
    by_id = {product.id: product for product in toy_source.products}
    for row in range(0, len(examples), 97):
        search = examples.searches[row]
        own = [event for event in simulation.events if event.shopper_id == search.shopper_id]
        earlier = [event for event in own if event.time < search.start]
        expected = build_profile(earlier, by_id, search.start)
        products, weights = examples.history[row]
        found = dict(zip((examples.listings.ids[place] for place in products), weights.tolist(), strict=True))
        assert found == pytest.approx(dict(expected.product_weights), rel=1e-5)
        level = None if np.isnan(examples.levels[row]) else examples.levels[row]
        assert level == (expected.price_level if expected.price_level is None else pytest.approx(expected.price_level))


def test_a_first_search_has_no_profile(examples):
    first = {}
    for row, search in enumerate(examples.searches):
        first.setdefault(search.shopper_id, row)
    assert all(len(examples.history[row][0]) == 0 for row in list(first.values())[:10] if row < 5)


def test_training_and_serving_compute_the_same_scores(examples, toy_source, simulation, make_tensors, tastes):
    tensors = make_tensors(24, 4, seed=2)
    rows = np.arange(0, len(examples), 211)
    torch_scores = score(restored(tensors), examples, rows, FULL)
    by_id = {product.id: product for product in toy_source.products}
    matcher = TwoTowerMatcher(tensors, "served")
    for place, row in enumerate(rows):
        search = examples.searches[row]
        own = [e for e in simulation.events if e.shopper_id == search.shopper_id and e.time < search.start]
        profile = build_profile(own, by_id, search.start)
        found = toy_source.retrieve(Query(search.query), 20)
        candidates = sorted(found.candidates, key=lambda candidate: candidate.product.id)
        listing = describe(Query(search.query), candidates, encode(search.query.split()))
        features = personalise(
            listing, [c.product for c in candidates], profile, toy_source.vectors, taste=tastes,
            brands=lambda ids: [by_id[id_].brand for id_ in ids],
        )  # fmt: skip
        served = sum(matcher.contributions(features).values())
        assert torch_scores[place] == pytest.approx(served, abs=1e-4)


def test_stated_likes_are_taken_from_earlier_acts(examples):
    known = [row for row in range(len(examples)) if len(examples.history[row][0])]
    assert all((examples.stated_like[row] <= 3).all() for row in known)
    assert np.mean([examples.stated_like[row].any() for row in known]) > 0.9
    unknown = [row for row in range(len(examples)) if not len(examples.history[row][0])]
    assert not examples.stated_like[unknown].any()


def test_an_empty_mode_hides_the_profile(examples):
    rows = np.arange(len(examples))[-50:]
    batch = Batch(examples, rows, np.full(50, 1))
    assert not batch.history.any()
    for name in ("taste", "level_fit", "brand_fit", "stated_like", "stated_dislike", "novelty"):
        assert not batch.scalars[:, :, SCALARS.index(name)].any()
    whole = Batch(examples, rows, np.full(50, FULL))
    assert whole.history.any()
    for name in ("taste", "level_fit", "brand_fit", "novelty"):
        assert whole.scalars[:, :, SCALARS.index(name)].any()


def test_no_log_holds_a_usual_budget(examples):
    assert (
        not Batch(examples, np.arange(len(examples)), np.full(len(examples), FULL))
        .scalars[:, :, SCALARS.index("budget_fit")]
        .any()
    )


def test_an_act_counts_for_those_who_did_not_look_that_far(examples):
    counts = examples.gains > 0
    found = 0
    for row, search in enumerate(examples.searches):
        ids = [examples.listings.ids[place] for place in examples.listings.candidates[examples.query[row]]]
        for place in np.flatnonzero(counts[row]):
            # The curve of the fixture: 1, 1/2, 1/3, 1/4, 1/5 and so on like the last one.
            expected = min(search.positions[ids[place]] + 1, 5)
            assert examples.weights[row, place] == pytest.approx(expected)
            found += expected > 1
    assert found > 100
    assert (examples.weights[~counts] == 1).all()


def test_a_model_of_tastes_is_asked_with_what_came_before_the_search(simulation, toy_source, tmp_path):
    asked = []

    class Curious:
        version = "curious"

        def __init__(self, search, value=0.0):
            self.search, self.value = search, value

        def score(self, profile, product_ids, embeddings):
            asked.append((self.search, profile))
            return np.arange(len(product_ids), dtype=np.float32) + self.value

    result = run(simulation.events, toy_source, tmp_path, taste_for=Curious)
    assert asked
    by_id = {product.id: product for product in toy_source.products}
    for search, profile in asked[::97]:
        own = [e for e in simulation.events if e.shopper_id == search.shopper_id and e.time < search.start]
        expected = build_profile(own, by_id, search.start).history
        # Acts of the same second may stand in either order.
        assert set(profile.history) == set(expected)
        assert [act.time for act in profile.history] == [act.time for act in expected]
    assert "taste" in result.meta["coefficients"]
    with pytest.raises(ModelError, match="no finite score: train it again"):
        run(simulation.events, toy_source, tmp_path, taste_for=lambda search: Curious(search, np.nan))


def ndcg_of(result):
    return next(row.metrics["ndcg@5"] for row in result.rows if row.system == "two-tower")


def test_a_useful_model_of_tastes_is_listened_to_and_without_one_its_coefficient_stays(
    simulation, toy_source, tmp_path
):
    class Oracle:
        version = "oracle"

        def __init__(self, search):
            self.who = simulation.tastes.shoppers[search.shopper_id]

        def score(self, profile, product_ids, embeddings):
            return simulation.tastes.preferences[self.who, [simulation.tastes.products[id_] for id_ in product_ids]]

    long = FitSettings(n_epochs=20, patience=10)
    with_taste = run(simulation.events, toy_source, tmp_path / "1", taste_for=Oracle, settings=long)
    without = run(simulation.events, toy_source, tmp_path / "2", settings=long)
    assert with_taste.meta["coefficients"]["taste"] > 1.2 * COEFFICIENTS["taste"]
    assert without.meta["coefficients"]["taste"] == pytest.approx(COEFFICIENTS["taste"], abs=1e-3)
    assert without.meta["coefficients"]["size_fit"] == pytest.approx(COEFFICIENTS["size_fit"], abs=1e-3)
    ndcg = [
        next(row.metrics["ndcg@5"] for row in result.rows if row.system == "two-tower")
        for result in (without, with_taste)
    ]
    assert ndcg[1] > ndcg[0]


def test_what_is_held_stays(simulation, toy_source, tmp_path):
    result = run(simulation.events, toy_source, tmp_path, settings=FitSettings(rank=4, n_epochs=3, held=("relevance",)))
    assert result.meta["coefficients"]["relevance"] == pytest.approx(COEFFICIENTS["relevance"], abs=1e-3)
    assert "Not learned but set" in (tmp_path / MODEL_CARD_FILE).read_text()
    free = run(simulation.events, toy_source, tmp_path)
    assert free.meta["coefficients"]["relevance"] != pytest.approx(COEFFICIENTS["relevance"], abs=1e-3)


def test_probabilities_and_the_curve_are_fitted_and_reported(toy_source, tmp_path):
    simulation = simulate(toy_source.products, seed=4, n_shoppers=200, n_events=8000, impressions=True)
    result = run(simulation.events, toy_source, tmp_path)
    for name in ("click", "purchase"):
        found = result.meta["calibration"][name]
        assert found["ece"] < 0.05
        assert found["ne"] < 1
        assert found["mean"] == pytest.approx(found["share"], abs=0.03)
    curve = result.meta["examination"]["curve"]
    assert curve[0] == 1
    assert np.abs(np.array(curve) - np.arange(1, len(curve) + 1) ** -0.5).max() < 0.15
    matcher = load_matcher(tmp_path, "f" * 64, 24)
    assert matcher.calibration.click is not None
    card = (tmp_path / MODEL_CARD_FILE).read_text()
    assert f"click: expected calibration error {result.meta['calibration']['click']['ece']:.4f}" in card
    assert "Chance to look at each position" in card


def test_a_log_without_impressions_says_so(simulation, toy_source, tmp_path):
    result = run(simulation.events, toy_source, tmp_path)
    assert result.meta["examination"] is None
    assert "no impressions" in (tmp_path / MODEL_CARD_FILE).read_text()


def test_what_is_written_is_read_and_says_what_made_it(simulation, toy_source, tmp_path):
    stages = []
    result = run(
        simulation.events, toy_source, tmp_path / "model", seed=3, catalog_version="c1", created_by="a test",
        utility=simulation.tastes.utility, on_progress=lambda *stage: stages.append(stage),
    )  # fmt: skip
    matcher = load_matcher(tmp_path / "model", "f" * 64, 24)
    assert matcher.version == result.model_version
    meta = json.loads((tmp_path / "model" / META_FILE).read_text())
    assert (meta["seed"], meta["catalog_version"], meta["created_by"], meta["dimension"]) == (3, "c1", "a test", 24)
    assert meta["embedder"] == {"name": "words", "fingerprint": "f" * 64}
    systems = [row.system for row in result.rows]
    assert systems == [
        "random", "popularity", "relevance", "two-tower, empty profile", "two-tower, stated likes only", "two-tower",
        "oracle",
    ]  # fmt: skip
    assert all(0 < value <= 1 for row in result.rows for value in row.metrics.values())
    assert [comparison.baseline for comparison in result.comparisons] == ["popularity", "relevance"]
    assert all(row.low <= row.difference <= row.high for row in result.comparisons)
    assert {stage for stage, _, _ in stages} == {"retrieve", "train"}
    card = (tmp_path / "model" / MODEL_CARD_FILE).read_text()
    assert matcher.version in card
    assert "| relevance |" in card
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == sorted(
        [META_FILE, WEIGHTS_FILE, MODEL_CARD_FILE]
    )


def test_training_is_deterministic(simulation, toy_source, tmp_path):
    first = run(simulation.events, toy_source, tmp_path / "1", seed=5)
    again = run(simulation.events[::-1], toy_source, tmp_path / "2", seed=5)
    other = run(simulation.events, toy_source, tmp_path / "3", seed=6)
    assert (tmp_path / "1" / WEIGHTS_FILE).read_bytes() == (tmp_path / "2" / WEIGHTS_FILE).read_bytes()
    assert first.meta == again.meta
    assert first.model_version != other.model_version


def test_events_that_nothing_can_be_learned_from_are_refused(simulation, toy_source, tmp_path):
    with pytest.raises(ModelError, match="no events"):
        run([], toy_source, tmp_path)
    with pytest.raises(ModelError, match="1 product"):
        train(
            simulation.events,
            toy_source.products[:1],
            toy_source,
            "f",
            tmp_path,
            vectors=toy_source.vectors,
            embedder_name="w",
        )
    one = simulation.events[0].product_id
    with pytest.raises(ModelError, match="fewer than two products"):
        run([event for event in simulation.events if event.product_id == one], toy_source, tmp_path)
    with pytest.raises(ModelError, match="at least 30 are needed"):
        run([replace(event, query=None) for event in simulation.events], toy_source, tmp_path)
    with pytest.raises(ModelError, match="longer time"):
        run([replace(event, time=START) for event in simulation.events], toy_source, tmp_path)


def test_events_without_a_negative_are_refused(toy_source, tmp_path):
    ids = [product.id for product in toy_source.products]
    everything = [
        Event(f"s{number}", id_, "view", START + timedelta(days=number), f"v{number}", "red tea")
        for number in range(40) for id_ in ids
    ]  # fmt: skip
    with pytest.raises(ModelError, match="no order to learn"):
        run(everything, toy_source, tmp_path)


def test_a_model_can_be_trained_by_a_shop_whose_shoppers_came_once(toy_source, tmp_path):
    ids = [product.id for product in toy_source.products]
    events = [
        Event(f"s{number}", ids[number % 7], "view", START + timedelta(days=number), f"v{number}", "red kettles")
        for number in range(60)
    ]
    result = run(events, toy_source, tmp_path)
    assert result.n_searches["test"] == 6
    assert ShopperProfile().is_empty


@pytest.mark.slow
def test_a_trained_model_beats_popularity_and_relevance_on_later_searches(toy_source, tmp_path):
    simulation = simulate(toy_source.products, seed=7, n_shoppers=500, n_events=20_000)
    result = run(simulation.events, toy_source, tmp_path, settings=None, utility=simulation.tastes.utility)
    ndcg = {row.system: row.metrics["ndcg@5"] for row in result.rows}
    assert all(comparison.is_better for comparison in result.comparisons)
    assert ndcg["two-tower"] > ndcg["two-tower, empty profile"] > ndcg["random"]
    assert ndcg["oracle"] > ndcg["two-tower"]
