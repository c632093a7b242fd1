"""A fitted matcher as the ranker asks it, and matchers on a shop's own log."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ranking.interactions import Items, from_sequences
from ranking.models.cooccurrence import CooccurrenceMatcher
from ranking.models.protocol import Watch
from ranking.models.saving import META_FILE, TENSORS_FILE, save_matcher
from ranking.models.serving import ServedMatcher
from ranking.shop_matchers import Moments, first_acts, shop_log
from ranking.types import Act, Event, ShopperProfile
from retrieval.errors import ModelError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TEA, POT, TENT, BAG = "tea", "pot", "tent", "bag"
VECTORS = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
ITEMS = Items((BAG, POT, TEA, TENT), VECTORS)
SEQUENCES = {"a": [TEA, POT], "b": [TEA, POT], "c": [TENT, BAG], "d": [TENT, BAG]}


@pytest.fixture
def fitted():
    matcher = CooccurrenceMatcher()
    matcher.fit(from_sequences(SEQUENCES, ITEMS), None, Watch())
    return matcher


def profile(*ids):
    acts = tuple(Act(id_, 1.0, NOW + timedelta(days=day)) for day, id_ in enumerate(ids))
    return ShopperProfile(dict.fromkeys(ids, 1.0), history=acts)


def test_what_goes_with_the_history_comes_first(fitted):
    served = ServedMatcher(fitted, ITEMS, "v")
    pot, bag = served.score(profile(TEA), (POT, BAG), VECTORS[[1, 0]])
    assert pot == pytest.approx(2 / (np.sqrt(2) + 1) ** 2)
    assert bag == pytest.approx(0, abs=1e-6)


def test_a_product_that_came_later_is_scored_by_those_it_reads_like(fitted):
    served = ServedMatcher(fitted, ITEMS, "v")
    like_tea, like_tents = served.score(profile(TEA), ("new-1", "new-2"), np.array([[1, 0], [0, 1]], dtype=np.float32))
    assert like_tea > like_tents


def test_saved_and_served_by_another_catalog(fitted, tmp_path):
    save_matcher(tmp_path, fitted, ITEMS, {"embedder": {"fingerprint": "e"}})
    now = Items(("another", TEA, POT), VECTORS[[0, 2, 1]])
    served = ServedMatcher.load(tmp_path, now, "e")
    assert served.score(profile(TEA), (POT,), VECTORS[[1]])[0] == pytest.approx(2 / (np.sqrt(2) + 1) ** 2)
    assert served.version.startswith("cooccurrence-")


def test_another_embedder_and_damage_are_refused(fitted, tmp_path):
    save_matcher(tmp_path, fitted, ITEMS, {"embedder": {"fingerprint": "e"}})
    with pytest.raises(ModelError, match="another embedder"):
        ServedMatcher.load(tmp_path, ITEMS, "f")
    (tmp_path / TENSORS_FILE).write_bytes(b"x")
    with pytest.raises(ModelError, match=f"is not the file that {META_FILE} describes"):
        ServedMatcher.load(tmp_path, ITEMS, "e")


def test_only_the_first_act_on_an_item_counts():
    data = first_acts(from_sequences({"a": [TEA, POT, TEA], "b": [POT]}))
    assert data.sequence(0).tolist() == [1, 0]


def test_too_few_shoppers_to_measure_by():
    events = [
        Event(shopper, product, "view", NOW + timedelta(hours=hour), session_id=f"{shopper}{hour}")
        for shopper in ("a", "b")
        for hour, product in enumerate((TEA, POT, BAG, TENT) if shopper == "a" else (POT, TEA, BAG, TENT))
    ]
    with pytest.raises(ModelError, match="only 2 shoppers took up something new in the validation part of the log"):
        shop_log(events, ITEMS, Moments(NOW + timedelta(hours=1), NOW + timedelta(hours=2)))
