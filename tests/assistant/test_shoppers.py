"""What the demo shop knows of its shoppers: in step with what they do, across conversations, until it is erased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import ShoppingAssistant
from assistant.dialogue import advance
from assistant.finding import N_CANDIDATES
from assistant.shown_lists import FORGOTTEN, shown_lists_table
from assistant.types import Reply, Session
from ranking.profile import build_profile
from ranking.types import Preference, ShopperProfile
from retrieval.errors import CatalogError
from retrieval.types import Query

N_SHOPPERS = iter(range(10_000))


@pytest.fixture
def shopper() -> str:
    """Somebody whom the shop has never seen."""
    return f"customer-{next(N_SHOPPERS)}"


def keys(shop: ShoppingAssistant, session: Session) -> list[str]:
    return [item.key for item in shop.profile(session)]


def test_an_event_counts_at_the_same_shoppers_next_turn(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.respond("show me kettles", demo.new_session(shopper_id=shopper)).session
    assert session.profile.history == ()
    demo.record("purchase", "kettles-03", shopper)
    demo.record("view", "teas-02", shopper)
    session = demo.respond("show more", session).session
    assert [(act.product_id, act.weight) for act in session.profile.history] == [("kettles-03", 4.0), ("teas-02", 1.0)]
    assert session.profile.recent == session.profile.history
    assert session.profile.price_level is not None
    demo.record("refund", "kettles-03", shopper)
    again = demo.respond("show me teas", demo.load_session(session.id) or session).session
    assert [act.product_id for act in again.profile.history] == ["teas-02"]
    assert set(again.profile.product_weights) == {"teas-02"}


def test_an_event_changes_what_is_ranked_next(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.new_session(shopper_id=shopper)
    before = demo.respond("show me teas", session)
    for _ in range(3):
        demo.record("not_interested", before.products[0].ranked.product.id, shopper)
    later = demo.respond("show me teas", before.session)
    first = before.products[0].ranked.product.id
    assert later.products[0].ranked.product.id != first
    assert demo.respond("show me teas", demo.new_session()).products[0].ranked.product.id == first


def test_taken_in_step_by_step_it_is_the_profile_of_a_new_conversation(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.new_session(shopper_id=shopper)
    now = datetime.now(UTC)
    acts = [
        ("view", "teas-01", 9),
        ("add_to_cart", "teas-01", 7),
        ("purchase", "kettles-01", 5),
        ("dislike", "teas-03", 1),
    ]
    for type_, product_id, hours in acts:
        demo.record(type_, product_id, shopper, time=now - timedelta(hours=hours))
        session = demo.shoppers.caught_up(session, demo.digest.price_positions)
    fresh = demo.new_session(shopper_id=shopper)
    assert session.profile.history == fresh.profile.history
    assert dict(session.profile.product_weights) == pytest.approx(dict(fresh.profile.product_weights), rel=1e-4)
    assert session.profile.price_level == pytest.approx(fresh.profile.price_level)
    assert session.events_seen == fresh.events_seen > 0
    events = demo.shop.event_log.events(demo.pseudonym(shopper))
    expected = build_profile(events, demo.shop.catalog.get_many({e.product_id for e in events}), datetime.now(UTC))
    assert fresh.profile.history == expected.history


def test_a_late_event_is_taken_in_too(demo: ShoppingAssistant, shopper: str) -> None:
    demo.record("view", "teas-01", shopper)
    session = demo.respond("show me teas", demo.new_session(shopper_id=shopper)).session
    demo.record("purchase", "kettles-01", shopper, time=datetime.now(UTC) - timedelta(days=30))
    caught_up = demo.shoppers.caught_up(session)
    assert [act.product_id for act in caught_up.profile.history] == ["kettles-01", "teas-01"]


def test_what_a_known_shopper_said_survives_the_conversation(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.respond("I love wool, I usually wear size 42", demo.new_session(shopper_id=shopper)).session
    demo.respond("我不喜欢皮革", session)
    other = demo.new_session("zh", shopper_id=shopper)
    shown = demo.profile(other)
    assert [item.text for item in shown] == ["喜欢羊毛", "尺码42", "不喜欢皮革"]
    assert shown[2].origin == "你说过：“我不喜欢皮革”"
    assert [item.text for item in demo.profile(replace(other, language="en"))][:2] == ["likes wool", "size 42"]
    assert demo.profile(demo.new_session()) == ()


def test_what_a_guest_said_ends_with_the_conversation(demo: ShoppingAssistant) -> None:
    session = demo.respond("I love wool", demo.new_session()).session
    loaded = demo.load_session(session.id)
    assert loaded is not None
    assert keys(demo, loaded) == ["material=wool"]
    assert demo.shop.preferences.load(session.shopper_id) == ()


def test_what_was_said_is_acknowledged_in_one_line(demo: ShoppingAssistant) -> None:
    english = demo.ask("I love wool and I don't like black")
    assert english.products == ()
    assert "likes wool, dislikes black" in english.text
    chinese = demo.ask("我喜欢羊毛,我平时花300块左右")
    assert "喜欢羊毛，平时花US$41.67左右" in chinese.text
    assert all("\n" not in reply.text for reply in (english, chinese))


def test_one_thing_is_forgotten_and_one_set_by_hand(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.respond("I love wool and red", demo.new_session(shopper_id=shopper)).session
    session = demo.forget_preference(session, "material=wool")
    session = demo.set_preference(session, "material", "linen", -0.5)
    assert keys(demo, demo.new_session(shopper_id=shopper)) == ["color=red", "material=linen"]
    loaded = demo.load_session(session.id)
    assert loaded is not None
    assert [item.key for item in loaded.profile.stated] == ["color=red", "material=linen"]
    with pytest.raises(CatalogError, match="nothing is known under 'material=wool'"):
        demo.forget_preference(session, "material=wool")


def test_two_conversations_of_one_shopper_do_not_undo_each_other(demo: ShoppingAssistant, shopper: str) -> None:
    first, second = demo.new_session(shopper_id=shopper), demo.new_session(shopper_id=shopper)
    demo.respond("I love wool", first)
    demo.respond("I love linen", second)
    assert keys(demo, demo.new_session(shopper_id=shopper)) == ["material=wool", "material=linen"]


def test_an_interest_that_is_forgotten_stays_away_until_there_is_new_reason(
    demo: ShoppingAssistant, shopper: str
) -> None:
    demo.record("purchase", "kettles-03", shopper)
    demo.record("view", "teas-02", shopper)
    session = demo.new_session(shopper_id=shopper)
    assert "interest:category=kettles" in keys(demo, session)
    session = demo.forget_preference(session, "interest:category=kettles")
    for now in (session, demo.new_session(shopper_id=shopper)):
        assert "interest:category=kettles" not in keys(demo, now)
        assert "interest:category=teas" in keys(demo, now)
        assert set(now.profile.product_weights) == {"teas-02"}
    demo.record("view", "kettles-01", shopper)
    assert "interest:category=kettles" in keys(demo, session)


def outline(reply: Reply) -> list[tuple[str, float]]:
    return [(item.ranked.product.id, item.ranked.score) for item in reply.products]


SPENDING = [
    ("I normally spend about 50 dollars", "show me jackets", 5000, "Within the $50 you usually spend"),
    ("我一般花三百块左右", "给我看看水壶", 4167, "没超过你平时花的US$41.67"),
]


@pytest.mark.parametrize(("said", "wish", "budget", "reason"), SPENDING)
def test_what_a_shopper_usually_spends_changes_the_next_order_and_is_said(
    demo: ShoppingAssistant, said: str, wish: str, budget: int, reason: str
) -> None:
    before = demo.ask(wish)
    after = demo.respond(wish, demo.ask(said).session)
    assert [id_ for id_, _ in outline(after)] != [id_ for id_, _ in outline(before)]
    for item in after.products:
        over = max(0, item.ranked.variant.price_minor - budget) / budget
        assert item.ranked.contributions["price_fit"] == pytest.approx(-3.0 * 0.25 * min(over, 1), abs=1e-4)
        told = [stated.text for stated in item.reasons if stated.source == f"profile:{said}"]
        assert told == ([] if over else [reason])
    assert any(item.ranked.contributions["price_fit"] < 0 for item in after.products)
    assert reason.lower() in after.text.lower()


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("I normally spend about 50 dollars", "a jacket for my mother"),
        ("I normally spend about 50 dollars", "jackets under 100 dollars"),
        ("我一般花三百块左右", "给我妈妈买的水壶"),
        ("我一般花三百块左右", "五百块左右的水壶"),
    ],
)
def test_a_usual_budget_counts_neither_for_a_gift_nor_beside_an_amount(
    demo: ShoppingAssistant, said: str, wish: str
) -> None:
    after = demo.respond(wish, demo.ask(said).session)
    assert outline(after) == outline(demo.ask(wish))
    assert not any(reason.source == f"profile:{said}" for item in after.products for reason in item.reasons)


def test_a_gift_pollutes_neither_this_conversation_nor_later_ones(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.respond("I love wool", demo.new_session(shopper_id=shopper)).session
    gift = demo.respond("给我妈妈买的茶", session).session
    demo.record("purchase", "teas-02", shopper)
    gift = demo.respond("还有吗", gift).session
    assert gift.recipient == "妈妈"
    assert (gift.profile.history, dict(gift.profile.product_weights)) == ((), {})
    assert [act.product_id for act in gift.recipient_profile.history] == ["teas-02"]
    fresh = demo.new_session(shopper_id=shopper)
    assert (fresh.profile.history, [item.key for item in fresh.profile.stated]) == ((), ["material=wool"])
    assert len(demo.shop.event_log.events(demo.pseudonym(shopper))) == 1
    own = demo.respond("show me kettles", gift).session
    demo.record("view", "kettles-01", shopper)
    assert [act.product_id for act in demo.new_session(shopper_id=shopper).profile.history] == ["kettles-01"]
    assert own.recipient is None


def test_an_export_holds_all_and_erasing_leaves_nothing(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.respond("I love wool", demo.new_session(shopper_id=shopper)).session
    reply = demo.respond("show me jackets", session)
    demo.record("purchase", "kettles-03", shopper)
    exported = demo.export_profile(reply.session)
    assert exported["known"][0]["key"] == "material=wool"
    assert [item["source"] for item in exported["preferences"]] == ["I love wool"]
    assert [item["product_id"] for item in exported["events"]] == ["kettles-03"]
    assert [item["shopper_text"] for item in exported["conversations"]] == ["I love wool", "show me jackets"]
    n_others = demo.shop.event_log.count() - 1
    assert demo.erase(shopper) == {"events": 1, "sessions": 1, "preferences": 1, "shown_lists": 1}
    assert demo.erase(shopper) == {"events": 0, "sessions": 0, "preferences": 0, "shown_lists": 0}
    assert demo.shop.event_log.count() == n_others
    assert demo.load_session(session.id) is None
    assert demo.profile(demo.new_session(shopper_id=shopper)) == ()
    with demo.shop.engine.connect() as connection:
        row = connection.execute(shown_lists_table.select().where(shown_lists_table.c.id == reply.list_id)).one()
    assert (row.shopper_id, row.session_id, row.request) == (FORGOTTEN, FORGOTTEN, {})


def test_the_switch_is_remembered_and_off_nothing_is_said_of_the_shopper(demo: ShoppingAssistant, shopper: str) -> None:
    session = demo.respond("I love wool", demo.new_session(shopper_id=shopper)).session
    session = demo.personalise(session, on=False)
    assert not demo.new_session(shopper_id=shopper).personalised
    reply = demo.respond("show me jackets", session)
    assert not any(reason.source.startswith("profile:") for item in reply.products for reason in item.reasons)
    assert "Personalisation is off" in demo.respond("I love tea", reply.session).text
    assert keys(demo, demo.new_session(shopper_id=shopper)) == ["material=wool"]
    assert demo.new_session(shopper_id=demo.personalise(session, on=True).shopper_id).personalised


def test_a_shop_may_begin_without_personalisation(own_demo: Path) -> None:
    settings_file = own_demo / "shop.toml"
    settings_file.write_text(settings_file.read_text("utf-8") + "\n[profile]\npersonalised = false\n", "utf-8")
    with ShoppingAssistant.open(own_demo) as shop:
        session = shop.new_session()
        assert not session.personalised
        assert shop.personalise(session, on=True).personalised


stated = st.lists(
    st.builds(
        Preference,
        st.sampled_from(["material", "color", "brand", "category"]),
        st.sampled_from(["wool", "black", "halvorn", "jackets"]),
        st.sampled_from([-1.0, 1.0]),
        st.just("said so"),
    ),
    max_size=3,
).map(tuple)
weights = st.dictionaries(st.sampled_from([f"jackets-0{n}" for n in range(1, 10)]), st.floats(-9, 9), max_size=4)


@given(weights=weights, level=st.none() | st.floats(0, 1), said=stated)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_without_personalisation_opposite_profiles_see_the_same(
    demo: ShoppingAssistant, weights: dict[str, float], level: float | None, said: tuple[Preference, ...]
) -> None:
    orders = []
    query, found = demo.find("show me jackets", N_CANDIDATES)
    opposite = tuple(replace(item, weight=-item.weight) for item in said)
    for sign, preferences in ((1, said), (-1, opposite)):
        profile = ShopperProfile({id_: sign * weight for id_, weight in weights.items()}, level, preferences)
        session = replace(Session("s", "guest-x"), profile=profile, personalised=False)
        step = advance(session, demo.parser.parse("show me jackets", session), demo.facts)
        assert step.profile is not None
        ranked = demo.ranker.rank(step.query or Query(""), found, step.profile, k=20)
        orders.append([(item.product.id, item.score) for item in ranked])
    assert orders[0] == orders[1]
    assert query == step.query


def test_what_was_said_is_put_right_by_hand(demo: ShoppingAssistant) -> None:
    session = demo.ask("I love wool, I wear size 42 and I usually spend 80 dollars").session
    session = demo.edit_preference(session, "material=wool")
    session = demo.edit_preference(session, "size=42", " 43 ")
    session = demo.edit_preference(session, "budget=8000", "79.50")
    assert {item.key: (item.weight, item.source) for item in session.profile.stated} == {
        "material=wool": (-1.0, ""),
        "size=43": (1.0, ""),
        "budget=7950": (1.0, ""),
    }
    assert demo.load_session(session.id) == session


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("material=wool", "linen", "cannot be changed so"),
        ("size=42", None, "cannot be changed so"),
        ("color=red", None, "cannot be changed so"),
        ("size=42", "", "a size has 1 to 20 characters"),
        ("size=42", "x" * 21, "a size has 1 to 20 characters"),
        ("budget=8000", "much", "a budget is an amount"),
        ("budget=8000", "nan", "a budget is an amount"),
        ("budget=8000", "1e99", "a budget is an amount"),
        ("budget=8000", "-5", "a budget is an amount"),
    ],
)
def test_what_cannot_be_put_right_so_stays_as_it_is(
    demo: ShoppingAssistant, key: str, value: str | None, said: str
) -> None:
    session = demo.ask("I love wool, I wear size 42 and I usually spend 80 dollars").session
    with pytest.raises(CatalogError, match=said):
        demo.edit_preference(session, key, value)
    assert demo.load_session(session.id) == session
