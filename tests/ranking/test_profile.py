from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.events import act_key, microseconds
from ranking.profile import (
    EVENT_WEIGHTS,
    HALF_LIFE_DAYS,
    MAX_ACTS,
    aged,
    build_profile,
    in_force,
    interests,
    price_positions_by_id,
    settled,
    weight_of,
    with_event,
    with_feedback,
    with_stated,
    without_stated,
)
from ranking.types import EVENT_TYPES, Act, Event, Preference, ShopperProfile
from retrieval.types import Product, Variant

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def ago(days, product_id, type_, shopper_id="s"):
    return Event(shopper_id, product_id, type_, NOW - timedelta(days=days))


def test_every_event_type_has_a_weight_and_turning_down_is_negative():
    assert set(EVENT_WEIGHTS) == set(EVENT_TYPES)
    assert [name for name, weight in EVENT_WEIGHTS.items() if weight < 0] == ["dislike", "not_interested"]
    assert EVENT_WEIGHTS["click"] == EVENT_WEIGHTS["view"]
    assert EVENT_WEIGHTS["impression"] == 0


@pytest.mark.parametrize(("stars", "weight"), [(5, 3.0), (4, 3.0), (3.9, 0.0), (2.1, 0.0), (2, -3.0), (0, -3.0)])
def test_a_rating_weighs_by_its_number(stars, weight, make_product):
    event = Event("s", "a", "rating", NOW, rating=stars)
    assert weight_of(event) == weight
    profile = build_profile([event], {"a": make_product("a")}, NOW)
    assert profile.product_weights == ({"a": weight} if weight else {})


def test_a_refund_undoes_a_purchase_whenever_each_was(make_product):
    products = {id_: make_product(id_) for id_ in "abc"}
    events = [
        ago(50, "a", "view"), ago(40, "a", "purchase"), ago(1, "a", "refund"),
        ago(30, "b", "purchase"), ago(20, "b", "purchase"), ago(10, "b", "refund"),
        ago(3, "c", "refund"), ago(2, "c", "purchase"),
    ]  # fmt: skip
    profile = build_profile(events, products, NOW, half_life_days=10)
    assert profile.product_weights == pytest.approx({"a": 0.5**5, "b": 4 * 0.5**3, "c": 4 * 0.5**0.2})


def test_a_refund_after_now_undoes_nothing(make_product):
    events = [ago(10, "a", "purchase"), ago(-1, "a", "refund")]
    assert build_profile(events, {"a": make_product("a")}, NOW, half_life_days=10).product_weights == {"a": 2.0}


def test_what_was_taken_out_of_the_cart_is_not_wanted(make_product):
    events = [ago(3, "a", "add_to_cart"), ago(2, "a", "remove_from_cart"), ago(1, "b", "not_interested")]
    products = {id_: make_product(id_) for id_ in "ab"}
    assert build_profile(events, products, NOW, half_life_days=1).product_weights == {"b": -1.5}


def test_one_shoppers_refund_leaves_anothers_purchase():
    events = [ago(3, "a", "purchase", "ann"), ago(2, "a", "refund", "bob")]
    assert settled(events) == events


def test_weights_halve_every_half_life_and_add_up(make_product):
    products = {id_: make_product(id_) for id_ in "abc"}
    events = [ago(0, "a", "view"), ago(10, "a", "purchase"), ago(20, "b", "favorite"), ago(10, "c", "dislike")]
    profile = build_profile(events, products, NOW, half_life_days=10)
    assert profile.product_weights == pytest.approx({"a": 1 + 4 / 2, "b": 3 / 4, "c": -3 / 2})
    assert profile.stated == ()


def test_events_after_now_impressions_and_products_that_left_the_catalog_do_not_count(make_product):
    events = [ago(-1, "a", "purchase"), ago(1, "a", "impression"), ago(1, "gone", "purchase")]
    assert build_profile(events, {"a": make_product("a")}, NOW).is_empty


def test_the_price_level_is_where_in_their_category_the_products_lie(make_product):
    products = {
        "cheap": make_product("cheap", 0, category="teas"),
        "dear": make_product("dear", 9999, category="teas"),
        "middle": make_product("middle", 99, category="teas"),
        "only": make_product("only", 5000, category="tents"),
    }
    assert price_positions_by_id(products.values()) == pytest.approx({"cheap": 0, "dear": 1, "middle": 0.5})
    profile = build_profile(
        [ago(0, "dear", "view"), ago(0, "middle", "view"), ago(0, "only", "purchase")], products, NOW
    )
    assert profile.price_level == pytest.approx(0.75)
    assert build_profile([ago(0, "only", "purchase")], products, NOW).price_level is None


def test_feedback_moves_the_weight_and_is_stated_with_its_source(make_product):
    start = ShopperProfile({"a": 1.0})
    liked = with_feedback(start, make_product("a"), True, "the first one is lovely")
    assert liked.product_weights == {"a": 4.0}
    assert liked.stated == (Preference("product", "a", 1.0, "the first one is lovely"),)
    turned = with_feedback(liked, make_product("a"), False, "不喜欢")
    assert turned.product_weights == {"a": 1.0}
    assert turned.stated == (Preference("product", "a", -1.0, "不喜欢"),)
    assert start == ShopperProfile({"a": 1.0})


def test_a_newer_statement_takes_the_place_of_an_older_one_on_the_same_value():
    profile = with_stated(ShopperProfile(), Preference("color", "red", 1.0, "red"))
    profile = with_stated(profile, Preference("color", "blue", 0.5, "or blue"))
    profile = with_stated(profile, Preference("color", "red", -1.0, "no red"))
    assert [(item.value, item.weight) for item in profile.stated] == [("blue", 0.5), ("red", -1.0)]


@pytest.mark.parametrize("weight", [1.5, -1.01, float("nan")])
def test_a_weight_outside_its_range_is_refused(weight):
    with pytest.raises(ValueError, match=r"in \[-1, 1\]"):
        with_stated(ShopperProfile(), Preference("color", "red", weight, "red"))


@given(st.lists(st.tuples(st.sampled_from(EVENT_TYPES), st.integers(-5, 400), st.sampled_from("abc")), max_size=20))
def test_the_order_of_events_does_not_matter(acts):
    events = [Event("s", product_id, type_, NOW - timedelta(days=days)) for type_, days, product_id in acts]
    products = {id_: _product(id_) for id_ in "abc"}
    there, back = build_profile(events, products, NOW), build_profile(events[::-1], products, NOW)
    assert there.product_weights == pytest.approx(back.product_weights)


def _product(id_):
    from retrieval.types import Product, Variant

    return Product(id_, id_, "USD", (Variant(id_, 100),))


def test_the_history_keeps_what_was_done_in_its_order(make_product):
    events = [ago(1, "b", "purchase"), ago(3, "a", "view"), ago(2, "a", "impression"), ago(0.5, "c", "dislike")]
    history = build_profile(events, {id_: make_product(id_) for id_ in "abc"}, NOW).history
    assert [(act.product_id, act.weight, act.time) for act in history] == [
        ("a", 1.0, NOW - timedelta(days=3)),
        ("b", 4.0, NOW - timedelta(days=1)),
        ("c", -3.0, NOW - timedelta(days=0.5)),
    ]
    assert history[0].event_id == act_key("s", "a", "view", microseconds(NOW - timedelta(days=3)))


def test_the_history_holds_no_act_that_was_taken_back_and_only_the_newest(make_product):
    products = {id_: make_product(id_) for id_ in "ab"}
    back = build_profile([ago(2, "a", "purchase"), ago(1, "a", "refund"), ago(3, "a", "view")], products, NOW)
    assert [act.type for act in back.history] == ["view"]
    many = [ago(day, "a" if day % 2 else "b", "view") for day in range(MAX_ACTS + 50)]
    kept = build_profile(many, products, NOW).history
    assert [act.time for act in kept] == [NOW - timedelta(days=day) for day in reversed(range(MAX_ACTS))]


ACTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(EVENT_TYPES), st.integers(0, 10_000)),
    max_size=25,
    unique_by=lambda act: act[2],
)


@given(ACTS)
def test_event_by_event_the_profile_is_the_one_built_from_all(acts):
    products = {id_: make(id_) for id_ in "abc"}
    positions = {"a": 0.1, "b": 0.9}
    events = sorted(
        (Event("s", id_, type_, NOW - timedelta(hours=hours)) for id_, type_, hours in acts), key=lambda e: e.time
    )
    whole = build_profile(events, products, NOW, positions=positions)
    step = ShopperProfile()
    for event in events:
        step = with_event(step, event, event.time, positions=positions)
    step = aged(step, NOW)
    assert step.history == whole.history
    assert dict(step.product_weights) == pytest.approx(dict(whole.product_weights), abs=1e-9)
    assert step.price_level == pytest.approx(whole.price_level, abs=1e-6)


def make(id_):
    return Product(id_, id_, "USD", (Variant(f"{id_}-1", 100),))


def test_a_late_event_takes_its_place(make_product):
    profile = build_profile([ago(1, "a", "view")], {"a": make_product("a")}, NOW)
    profile = with_event(profile, ago(5, "b", "purchase"), NOW)
    assert [act.product_id for act in profile.history] == ["b", "a"]
    assert profile.product_weights["b"] == pytest.approx(4 * 0.5 ** (5 / HALF_LIFE_DAYS))


def test_an_event_changes_nothing_of_the_profile_it_is_given():
    before = ShopperProfile({"a": 1.0}, history=(Act("a", 1.0, NOW, "view"),), as_of=NOW)
    with_event(before, ago(0, "a", "purchase"), NOW)
    assert before == ShopperProfile({"a": 1.0}, history=(Act("a", 1.0, NOW, "view"),), as_of=NOW)


def test_what_was_done_in_this_conversation_is_recent():
    acts = tuple(Act(id_, 1.0, NOW - timedelta(days=days), "view") for id_, days in (("a", 2), ("b", 0)))
    assert ShopperProfile(history=acts).recent == ()
    assert ShopperProfile(history=acts, session_start=NOW - timedelta(days=1)).recent == acts[1:]


@given(
    weight=st.floats(-1, 1, allow_subnormal=False).filter(lambda weight: abs(weight) > 1e-9),
    confidence=st.floats(0.01, 1),
    days=st.integers(-5, 5) | st.none(),
)
def test_confidence_scales_and_the_expired_do_not_count(weight, confidence, days):
    expires = None if days is None else NOW + timedelta(days=days)
    item = Preference("color", "red", weight, "said so", confidence, expires)
    counted = in_force(ShopperProfile(stated=(item,)), NOW).stated
    if days is not None and days <= 0:
        assert counted == ()
    else:
        assert [(left.weight, left.confidence) for left in counted] == [(weight * confidence, 1.0)]
        assert in_force(ShopperProfile(stated=counted), NOW).stated == counted


def test_there_is_one_usual_budget_and_it_can_be_read():
    profile = with_stated(ShopperProfile(), Preference("budget", "5000", 1.0, "about 50"))
    profile = with_stated(profile, Preference("budget", "8000", 1.0, "about 80"))
    assert [item.value for item in profile.stated] == ["8000"]
    assert profile.budget_minor == 8000
    assert without_stated(profile, "budget=8000").budget_minor is None


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_that_cannot_be_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence is in"):
        with_stated(ShopperProfile(), Preference("color", "red", 1.0, "red", confidence))


def test_interests_are_the_kinds_that_behaviour_speaks_for():
    products = {
        "t1": replace(make("t1"), category="teas", brand="Oolmar"),
        "t2": replace(make("t2"), category="teas"),
        "k": replace(make("k"), category="kettles"),
    }
    events = [ago(2, "t1", "purchase"), ago(1, "t2", "view"), ago(1, "k", "dislike")]
    profile = build_profile(events, products, NOW)
    first, second = interests(profile, products, NOW)
    assert (first.attribute, first.value, first.weight, first.inferred) == ("category", "teas", 1.0, True)
    assert first.source.split() == [act.event_id for act in profile.history if act.product_id != "k"]
    assert first.confidence == pytest.approx(2 / 3)
    assert (second.attribute, second.value) == ("brand", "oolmar")
    assert second.weight == pytest.approx(4 * 0.5 ** (2 / 60) / (4 * 0.5 ** (2 / 60) + 0.5 ** (1 / 60)))
    assert interests(profile, products, NOW + timedelta(days=2000)) == ()
