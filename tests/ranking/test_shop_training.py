"""One training of a shop, on a made-up log: what is learned, what is compared, what is written down and what serves."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from ranking.interactions import SECONDS_A_DAY, from_events
from ranking.matcher import (
    META_FILE,
    MODEL_CARD_FILE,
    TASTE_FOLDER,
    RelevanceMatcher,
    load_matcher,
)
from ranking.material import moments_since, prepare
from ranking.measuring import SERVING
from ranking.models.items import items_of
from ranking.models.protocol import Watch
from ranking.models.registry import OURS
from ranking.models.saving import save_matcher
from ranking.models.serving import ServedMatcher
from ranking.profile import build_profile
from ranking.ranker import Ranker
from ranking.shop_evaluation import evaluate_shop
from ranking.shop_matchers import fit_matcher, fold_of, tastes_of_others
from ranking.shop_training import Request, Surroundings, Told, train_shop
from ranking.simulator import simulate
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Query

FINGERPRINT = "f" * 64
QUICK = Request(model="transitions", compare=("content",), minutes=1.0)


@pytest.fixture(scope="module")
def simulation(toy_source):
    return simulate(toy_source.products, seed=4, n_shoppers=150, n_events=5000)


@pytest.fixture(scope="module")
def material(simulation, toy_source):
    return prepare(simulation.events, toy_source.products, toy_source.vectors)


@pytest.fixture(scope="module")
def around(simulation, toy_source):
    return Surroundings(
        toy_source, toy_source.vectors, "words", FINGERPRINT, "catalog", simulation.tastes.utility, "test"
    )


@pytest.fixture(scope="module")
def by_relevance(toy_source):
    return Ranker(RelevanceMatcher(), toy_source.vectors)


def ranker_of(folder, material, toy_source):
    items = items_of(material.products, toy_source.vectors)
    taste = ServedMatcher.load(folder / TASTE_FOLDER, items, FINGERPRINT)
    return Ranker(load_matcher(folder, FINGERPRINT, 24), toy_source.vectors, taste=taste)


@pytest.fixture(scope="module")
def trained(material, around, by_relevance, tmp_path_factory):
    return train_shop(material, QUICK, around, by_relevance, tmp_path_factory.mktemp("model") / "matcher.training")


def test_the_log_is_cut_at_the_same_moments_for_acts_and_searches(material):
    moments, log = material.moments, material.log
    assert log.parts.train.time.max() < moments.validation.timestamp() <= moments.test.timestamp()
    shares = [
        np.mean([event.time < moment for event in material.events]) for moment in (moments.validation, moments.test)
    ]
    assert shares == pytest.approx([0.8, 0.9], abs=0.02)
    for asked, last in ((log.parts.validation, moments.test), (log.parts.test, None)):
        assert len(asked) > 20
        assert (
            last is None
            or max(max(own, default=0) for own in asked.histories.ages_days) * SECONDS_A_DAY
            < (last - material.events[0].time).total_seconds()
        )


def test_statistics_come_before_training(material, simulation):
    told = material.statistics()
    assert (told["events"], told["products"], told["shoppers"]) == (5000, 36, 150)
    assert told["searches"] == material.n_searches > 500
    assert f"view {sum(event.type == 'view' for event in simulation.events):,}" in told["of_which"]


def test_the_table_holds_the_baselines_what_was_asked_for_and_the_trained_one_last(trained):
    assert [row.model for row in trained.table] == ["random", "popularity", "cooccurrence", "content", "transitions"]
    assert [gain.baseline for gain in trained.gains] == ["random", "popularity", "cooccurrence", "content"]
    assert [one.baseline for one in trained.judged] == ["popularity", "relevance"]
    assert trained.taste.test.metrics["ndcg@10"] > trained.table[0].metrics["ndcg@10"]


def test_what_is_written_down_serves_as_it_was_measured(trained, material, toy_source):
    ranker = ranker_of(trained.directory, material, toy_source)
    assert ranker.model_version.startswith("two-tower-")
    assert "+transitions-" in ranker.model_version
    card = (trained.directory / MODEL_CARD_FILE).read_text("utf-8")
    assert "`transitions`, fitted on what" in card
    assert ranker.matcher.meta["taste"]["fitted_until"] == material.moments.validation.isoformat()
    again = evaluate_shop(material, replace(QUICK, compare=()), Surroundings(
        toy_source, toy_source.vectors, "words", FINGERPRINT), ranker)  # fmt: skip
    assert again.table[-1].model == SERVING
    assert again.table[-1].metrics == pytest.approx(dict(trained.taste.test.metrics))
    ours = {row.system: row.metrics for row in again.rows}
    theirs = {row.system: row.metrics for row in trained.head.rows}
    assert ours["two-tower"] == pytest.approx(theirs["two-tower"], abs=1e-6)


def test_a_second_training_on_the_same_log_is_no_better_and_says_so(trained, material, around, toy_source, tmp_path):
    serving = ranker_of(trained.directory, material, toy_source)
    told = []
    again = train_shop(
        material, QUICK, around, serving, tmp_path / "m", Told(on_fit=lambda what, progress: told.append(what))
    )
    against = {one.baseline: one for one in again.judged}
    assert against[SERVING].difference == pytest.approx(0.0, abs=1e-6)
    assert not again.is_better
    assert SERVING in [row.model for row in again.table]
    assert {"transitions", "transitions without fold 0", "transitions without fold 1"} <= set(told)


def test_a_log_without_queries_teaches_taste_and_keeps_the_head(trained, material, around, toy_source, tmp_path):
    bare = [replace(event, query=None, position=None) for event in material.events]
    found = prepare(bare, material.products, toy_source.vectors)
    assert found.n_searches == 0
    assert "carry the query" in found.lacks[0]
    serving = ranker_of(trained.directory, material, toy_source)
    result = train_shop(found, QUICK, around, serving, tmp_path / "m")
    assert result.head is None
    assert [one.baseline for one in result.judged] == ["random", "popularity", SERVING]
    kept = load_matcher(tmp_path / "m", FINGERPRINT, 24)
    assert all(np.array_equal(kept.tensors[name], serving.matcher.tensors[name]) for name in kept.tensors)
    assert ranker_of(tmp_path / "m", material, toy_source).taste.version.startswith("transitions-")


def test_without_queries_and_a_head_it_says_what_is_missing(material, around, by_relevance, toy_source, tmp_path):
    bare = [replace(event, query=None, position=None) for event in material.events]
    with pytest.raises(ModelError, match="import events that carry the query"):
        train_shop(prepare(bare, material.products, toy_source.vectors), QUICK, around, by_relevance, tmp_path / "m")


def test_few_returning_shoppers_teach_the_head_alone(material, around, by_relevance, toy_source, tmp_path):
    once = [replace(event, shopper_id=f"guest {event.session_id}") for event in material.events][:900]
    few = [event for event in once if event.type == "view"][::3]
    found = prepare(few, material.products, toy_source.vectors)
    assert found.log is None or len(found.log.parts.test) >= 20
    result = train_shop(found, QUICK, replace(around, utility=None), by_relevance, tmp_path / "m")
    assert result.head is not None
    assert (tmp_path / "m" / META_FILE).is_file()


def test_the_model_that_the_head_learns_from_does_not_know_the_shopper(material):
    tastes = tastes_of_others("popularity", {}, material.log, [QUICK.watch("a", 1.0, lambda *_: None)] * 2)
    train = material.log.parts.train
    for shopper in train.shoppers[:20]:
        others = np.isin(train.shopper_rows(), [
            row for row, name in enumerate(train.shoppers) if fold_of(name) != fold_of(shopper)])  # fmt: skip
        expected = np.bincount(train.item[others], minlength=len(train.items))
        scores = tastes(shopper).matcher.score(material.log.parts.test.histories)[0]
        assert np.array_equal(np.argsort(-scores, kind="stable"), np.argsort(-expected, kind="stable"))


def test_a_gain_over_a_few_shoppers_is_no_evidence(trained):
    sure = tuple(replace(one, low=0.1, high=0.2) for one in trained.judged)
    assert replace(trained, judged=sure).is_better
    assert not replace(trained, judged=sure, n_judges=19).is_better
    assert not replace(trained, judged=(*sure, replace(sure[0], low=-0.1))).is_better
    assert not replace(trained, judged=()).is_better


def test_a_few_new_searches_do_not_leave_a_long_log_unlearned(material, toy_source):
    events = sorted(material.events, key=lambda event: event.time)
    bare = [replace(event, query=None, position=None) for event in events[:-250]]
    found = prepare([*bare, *events[-250:]], material.products, toy_source.vectors)
    assert found.log is not None
    assert found.n_searches > 0
    assert np.mean([event.time < found.moments.test for event in events]) == pytest.approx(0.9, abs=0.02)


def test_no_act_tells_of_what_came_after_a_cut(material):
    at = [material.events[0].time + timedelta(days=day) for day in range(4)]
    first, second = material.items.ids[:2]
    one = [Event("s", first, "view", at[0], session_id="long"), Event("s", second, "view", at[1], session_id="long"),
           Event("s", first, "purchase", at[3], session_id="long")]  # fmt: skip
    both = [*one, Event("t", first, "view", at[0])]
    whole, cut = from_events(both, material.items), from_events(both, material.items, (at[2],))
    assert (whole.weight.tolist(), cut.weight.tolist()) == ([4.0, 1.0, 1.0], [1.0, 1.0, 4.0, 1.0])


def test_any_part_of_a_log_can_be_measured_on(trained, material, simulation, around, toy_source):
    since = material.events[0].time + timedelta(days=150)
    moments = moments_since(simulation.events, since, since + timedelta(days=60))
    found = prepare(simulation.events, material.products, toy_source.vectors, moments)
    serving = ranker_of(trained.directory, material, toy_source)
    told = evaluate_shop(found, Request(), around, serving)
    assert [row.model for row in told.table] == ["random", "popularity", "cooccurrence", SERVING]
    assert "has learned from acts up to" in told.notes[0]
    last = prepare(simulation.events, material.products, toy_source.vectors, leave_one_out=True)
    assert len(last.log.parts.test) > len(found.log.parts.test)
    with pytest.raises(ModelError, match="name a time within the log"):
        moments_since(simulation.events, material.events[0].time)


def test_a_model_that_cannot_be_fitted_is_left_out_and_it_says_why(material, around, by_relevance, tmp_path):
    bare = replace(material, log=replace(material.log, parts=replace(
        material.log.parts, train=replace(material.log.parts.train, items=replace(
            material.log.parts.train.items, vectors=None)))))  # fmt: skip
    result = train_shop(replace(bare, n_searches=0), QUICK, around, Ranker(
        load_matcher(None, around_fingerprint(), 384), around.vectors), tmp_path / "m")  # fmt: skip
    assert "content" not in [row.model for row in result.table]
    assert "content: no item has a text" in result.left_out[0]


def around_fingerprint():
    from retrieval.model_folder import default_folder

    return default_folder().fingerprint


def test_the_same_log_makes_the_same_model(material, around, by_relevance, tmp_path):
    results = [train_shop(material, QUICK, around, by_relevance, tmp_path / name) for name in ("a", "b")]
    for one, other in pairwise(results):
        assert one.head.model_version == other.head.model_version
        assert one.taste.test.metrics == other.taste.test.metrics


SMALL = {
    **{name: {"n_epochs": 1} for name in ("factorisation", "two-tower", "sequence", "hybrid")},
    "cross-scorer": {
        "n_examples": 96, "n_epochs": 1, "n_validated": 24, "n_rescored": 8, "n_acts": 2, "n_tokens": 10,
        "n_negatives": 3,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_model_is_fitted_on_a_shops_log_and_serves(name, material, make_matcher, toy_source, tmp_path):
    fitted = fit_matcher(name, SMALL.get(name, {}), material.log, Watch(minutes=0.5, device="cpu"))
    assert 0.0 <= fitted.test.metrics["ndcg@10"] <= 1.0
    save_matcher(tmp_path, fitted.matcher, material.items, {"embedder": {"fingerprint": FINGERPRINT}})
    served = ServedMatcher.load(tmp_path, items_of(material.products, toy_source.vectors), FINGERPRINT)
    own = [event for event in material.events if event.shopper_id == material.log.data.shoppers[0]]
    by_id = {product.id: product for product in material.products}
    profile = build_profile(own, by_id, own[-1].time)
    ids = sorted(by_id)[:12]
    before = ServedMatcher(fitted.matcher, material.items, "as fitted")
    scores = served.score(profile, ids, toy_source.vectors(ids))
    assert scores == pytest.approx(before.score(profile, ids, toy_source.vectors(ids)), rel=1e-4, abs=1e-4)
    ranker = Ranker(make_matcher(), toy_source.vectors, taste=served)
    query = Query("acme red kettles")
    ranked = ranker.rank(query, toy_source.retrieve(query, 20), profile, 5)
    assert len(ranked) == 5
    assert name == "random" or any(item.contributions["taste"] for item in ranked)
