"""What every registered matcher must do, ours and any that joins by an entry point."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from cluster_shop import KINDS, kind_tag, make_data, make_items, of_kind, with_new_ones

from ranking.evaluation import leave_one_out, ndcg_of
from ranking.interactions import Histories, Interactions, Items
from ranking.models import registry
from ranking.models.aligned import only
from ranking.models.protocol import GoesOn, Matcher, Progress, Validation, Watch
from ranking.models.saving import load_matcher, save_matcher
from retrieval.errors import ModelError

NAMES = registry.names()
IMPERSONAL = {"random", "popularity"}
READ_TEXTS = {"content", "two-tower", "sequence", "cross-scorer", "hybrid"}
LISTEN = {"content", "factorisation", "als", "two-tower", "sequence", "cross-scorer", "hybrid"}
SMALL = {
    "sequence": {"batch_acts": 100},
    "cross-scorer": {
        "n_examples": 96, "n_epochs": 1, "n_validated": 24, "n_rescored": 8, "n_acts": 2, "n_tokens": 10,
        "n_negatives": 3,
    },
}  # fmt: skip
"""Settings with which a matcher is fitted in seconds; the others are with their defaults."""

DATA = make_data()
SPLIT = leave_one_out(DATA)
TEST = Validation(
    Histories(
        SPLIT.test.histories.items[:40],
        SPLIT.test.histories.ages_days[:40],
        SPLIT.test.histories.weights[:40],
        ((),) * 40,
    ),
    SPLIT.test.target[:40],
)
NOBODY = Histories((np.zeros(0, np.int64),), (np.zeros(0, np.float32),), (np.zeros(0, np.float32),), ((),))

every = pytest.mark.parametrize("name", NAMES)


def freshly_fitted(name: str, seed: int = 3) -> Matcher:
    matcher = registry.make(name, SMALL.get(name))
    matcher.fit(SPLIT.train, SPLIT.validation, Watch(seed=seed, device="cpu"))
    return matcher


@cache
def fitted(name: str) -> Matcher:
    """Not to be given other items: tests share it."""
    return freshly_fitted(name)


@pytest.fixture
def reloaded(tmp_path) -> Callable[[str, Items], Matcher]:
    def load(name: str, items: Items) -> Matcher:
        save_matcher(tmp_path / name, fitted(name), SPLIT.train.items, {})
        return load_matcher(tmp_path / name, items)

    return load


def moved(told: Histories, rows: np.ndarray) -> Histories:
    """The same histories over other items: `rows` says where each item is now, -1 = gone."""
    kept = [rows[own] >= 0 for own in told.items]
    return Histories(
        tuple(rows[own][keep] for own, keep in zip(told.items, kept, strict=True)),
        tuple(ages[keep] for ages, keep in zip(told.ages_days, kept, strict=True)),
        tuple(weights[keep] for weights, keep in zip(told.weights, kept, strict=True)),
        told.stated,
    )


@every
def test_there_is_a_finite_score_for_every_shopper_and_item(name):
    scores = fitted(name).score(TEST.histories)
    assert (scores.shape, scores.dtype) == ((40, len(DATA.items)), np.float32)
    assert np.isfinite(scores).all()


@every
def test_nobody_known_gets_scores_too_and_nobody_at_all_gets_none(name):
    scores = fitted(name).score(NOBODY)
    assert (scores.shape, scores.dtype) == ((1, len(DATA.items)), np.float32)
    assert np.isfinite(scores).all()
    assert fitted(name).score(Histories((), (), (), ())).shape == (0, len(DATA.items))


@every
def test_histories_without_anything_stated_may_leave_it_out(name):
    whole, without = fitted(name).score(TEST.histories), fitted(name).score(replace(TEST.histories, stated=()))
    np.testing.assert_array_equal(whole, without)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in IMPERSONAL])
def test_what_shoppers_take_up_next_is_ranked_far_better_than_by_chance(name):
    assert ndcg_of(fitted(name), TEST) > 2.5 * ndcg_of(fitted("random"), TEST)


@pytest.mark.parametrize("name", [name for name in NAMES if name in LISTEN])
def test_who_only_said_what_they_like_gets_things_that_have_it_first(name):
    rows = np.arange(len(DATA.items))
    for kind in range(len(KINDS)):
        scores = fitted(name).score(replace(NOBODY, stated=(kind_tag(kind),)))[0]
        assert scores[rows % len(KINDS) == kind].mean() > scores[rows % len(KINDS) != kind].mean()


@every
def test_the_same_seed_gives_the_same_scores(name):
    np.testing.assert_array_equal(freshly_fitted(name).score(TEST.histories), fitted(name).score(TEST.histories))


@every
def test_a_saved_one_scores_as_before(name, reloaded):
    again = reloaded(name, SPLIT.train.items)
    assert again.settings == fitted(name).settings
    np.testing.assert_allclose(again.score(TEST.histories), fitted(name).score(TEST.histories), rtol=1e-5, atol=1e-6)


@every
def test_some_items_score_as_among_all(name):
    rows = np.array([7, 0, 33])
    some, whole = fitted(name).score(TEST.histories, rows), fitted(name).score(TEST.histories)
    np.testing.assert_allclose(some, whole[:, rows], rtol=1e-5, atol=1e-6)


@every
def test_new_items_get_finite_scores_and_the_old_catalog_can_come_back(name, reloaded):
    items = SPLIT.train.items
    matcher = reloaded(name, items)
    before = np.array(matcher.score(TEST.histories))
    matcher.with_items(with_new_ones(items))
    grown = matcher.score(TEST.histories)
    assert grown.shape == (40, len(items) + len(KINDS))
    assert np.isfinite(grown).all()
    matcher.with_items(items)
    np.testing.assert_allclose(matcher.score(TEST.histories), before, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in NAMES if name in READ_TEXTS])
def test_a_new_item_of_the_shoppers_kind_is_above_new_ones_of_other_kinds(name, reloaded):
    items = SPLIT.train.items
    matcher = reloaded(name, with_new_ones(items))
    for kind in range(len(KINDS)):
        scores = matcher.score(of_kind(DATA, kind).histories)[:, len(items) :]
        others = np.delete(scores, kind, axis=1)
        assert (scores[:, [kind]] > others).mean() > 0.8


@every
def test_items_that_are_gone_are_not_scored(name, reloaded):
    items = SPLIT.train.items
    kept = np.arange(0, len(items), 2)
    place = np.full(len(items), -1)
    place[kept] = np.arange(len(kept))
    tags = {tag: place[rows[rows % 2 == 0]] for tag, rows in items.tags.items()}
    fewer = Items(
        tuple(items.ids[row] for row in kept), items.vectors[kept], tags, tuple(items.titles[row] for row in kept)
    )
    scores = reloaded(name, fewer).score(moved(TEST.histories, place))
    assert scores.shape == (40, len(kept))
    assert np.isfinite(scores).all()


@every
def test_items_that_were_gone_for_a_while_are_known_again(name, reloaded):
    items = SPLIT.train.items
    matcher = reloaded(name, items)
    before = matcher.score(TEST.histories)
    matcher.with_items(only(items, np.arange(len(items)) % 3 != 0))
    matcher.with_items(items)
    assert np.array_equal(matcher.score(TEST.histories), before)
    assert matcher.tensors().keys() == fitted(name).tensors().keys()
    assert all(np.array_equal(value, fitted(name).tensors()[key]) for key, value in matcher.tensors().items())


@pytest.mark.parametrize("name", ["sequence", "hybrid"])
def test_a_training_that_goes_on_begins_where_the_former_one_ended(name):
    seen: list[Progress] = []
    matcher = registry.make(name, {**SMALL.get(name, {}), "n_epochs": 1})
    assert isinstance(matcher, GoesOn)
    matcher.start_from(fitted(name))
    matcher.fit(SPLIT.train, SPLIT.validation, Watch(seed=4, device="cpu", on_progress=seen.append))
    anew: list[Progress] = []
    registry.make(name, {**SMALL.get(name, {}), "n_epochs": 1}).fit(
        SPLIT.train, SPLIT.validation, Watch(seed=4, device="cpu", on_progress=anew.append)
    )
    (went_on,), (began,) = ([line.loss for line in told if line.stage == "sequence"] for told in (seen, anew))
    assert went_on < began


@pytest.mark.parametrize("name", [name for name in NAMES if name != "random"])
def test_an_item_keeps_its_score_wherever_it_stands_in_the_catalog(name, reloaded):
    items = SPLIT.train.items
    order = np.random.default_rng(5).permutation(len(items))
    place = np.argsort(order)
    tags = {tag: np.sort(place[rows]) for tag, rows in items.tags.items()}
    shuffled = Items(
        tuple(items.ids[row] for row in order), items.vectors[order], tags, tuple(items.titles[row] for row in order)
    )
    scores = reloaded(name, shuffled).score(moved(TEST.histories, place))
    expected = fitted(name).score(TEST.histories)
    np.testing.assert_allclose(scores[:, place], expected, rtol=1e-3, atol=1e-4)


def _nothing() -> Interactions:
    return DATA.keep(np.zeros(len(DATA.item), dtype=np.bool_))


def _one_shopper() -> Interactions:
    return DATA.keep(DATA.shopper_rows() == 4)


def _one_product() -> Interactions:
    return DATA.keep(DATA.item == 4)


def _no_number() -> Interactions:
    weight = DATA.weight.copy()
    weight[11] = np.nan
    return replace(DATA, weight=weight)


@every
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_nothing, "no act in the data"),
        (_one_shopper, "one shopper"),
        (_one_product, "check that the item ids"),
        (_no_number, "correct or drop it"),
    ],
)
def test_data_that_nothing_can_be_learned_from_is_refused_and_says_why(name, make, told):
    with pytest.raises(ModelError, match=told):
        registry.make(name, SMALL.get(name)).fit(make(), None, Watch(device="cpu"))


@pytest.mark.parametrize("name", ["content", "cross-scorer"])
def test_who_compares_texts_says_so_where_there_are_none(name):
    bare = replace(DATA, items=replace(DATA.items, vectors=None))
    with pytest.raises(ModelError, match="no item has a text"):
        registry.make(name).fit(bare, None, Watch(device="cpu"))


def test_who_reads_titles_says_so_where_there_are_none():
    bare = replace(DATA, items=replace(DATA.items, titles=()))
    with pytest.raises(ModelError, match="reads titles"):
        registry.make("cross-scorer").fit(bare, None, Watch(device="cpu"))


@every
def test_without_validation_it_is_fitted_all_the_same(name):
    short = {"n_epochs": 1} if hasattr(registry.make(name).settings, "n_epochs") else {}
    matcher = registry.make(name, {**SMALL.get(name, {}), **short})
    seen: list[Progress] = []
    matcher.fit(SPLIT.train, None, Watch(device="cpu", on_progress=seen.append))
    assert np.isfinite(matcher.score(TEST.histories)).all()
    assert all(line.ndcg is None for line in seen)


@every
def test_a_setting_that_there_is_not_is_refused_with_those_that_there_are(name):
    with pytest.raises(ModelError, match=f"{name} cannot be set so") as refused:
        registry.make(name, {"no_such_setting": 1})
    made = registry.make(name).settings
    assert all(setting in str(refused.value) for setting in made.__dataclass_fields__)


@every
def test_the_tensors_of_another_catalog_are_refused(name):
    with pytest.raises(ModelError, match="train"):
        registry.make(name, SMALL.get(name)).restore(fitted(name).tensors(), make_items(10))
