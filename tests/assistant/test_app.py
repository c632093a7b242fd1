"""The path of one message on the demo shop: real embedder, Chroma, SQL, matcher and writer."""

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant import ShoppingAssistant
from assistant.app import N_SHOWN
from assistant.dialogue import advance
from assistant.finding import N_CANDIDATES
from assistant.types import Finished, ProductsFound, TextDelta
from ranking.profile import build_profile
from retrieval.demo.drawings.shapes import COLORS
from retrieval.filters import passing_variant
from retrieval.types import Filters

ENGLISH = "waterproof hiking boots under 120 dollars, not brown"
CHINESE = "三百块以内的跑步鞋,不要黑色"
NOT_BROWN = "waterproof hiking boots, not brown, any price"
NOT_BLACK = "waterproof hiking boots, not black, any price"
NOT_BROWN_ZH = "防水登山靴,不要棕色,价格不限"


def test_a_message_through_every_stage(demo: ShoppingAssistant) -> None:
    session = demo.new_session()
    parsed = demo.parser.parse(ENGLISH, session)
    assert (parsed.intent, parsed.language, parsed.sentiment) == ("search", "en", "neutral")
    assert parsed.filters == Filters(
        category="hiking boots",
        price_max_minor=12000,
        currency="USD",
        include={"feature": ("waterproof",)},
        exclude={"color": ("brown",)},
    )

    step = advance(session, parsed, demo.facts)
    assert step.action == "recommend"
    assert step.query is not None
    assert step.query.filters == parsed.filters
    assert "boots" in (step.query.semantic_text or step.query.text)

    retrieved = demo.search.retrieve(step.query, N_CANDIDATES)
    assert [candidate.product.id for candidate in retrieved.candidates] == ["hiking-boots-01", "hiking-boots-05"]
    assert retrieved.n_matched == 2
    candidate = retrieved.candidates[0]
    assert candidate.variant.price_minor == 9900
    assert candidate.relevance == pytest.approx(1.0)
    assert 0.3 < candidate.similarity < 1.0
    assert candidate.lexical_score > 0

    ranked = demo.ranker.rank(step.query, retrieved, session.profile, N_SHOWN)[0]
    assert ranked.product.id == "hiking-boots-01"
    assert ranked.score == pytest.approx(sum(ranked.contributions.values()))
    assert ranked.contributions["relevance"] > 0
    assert ranked.contributions["profile_match"] == 0
    assert ranked.matched["feature"] == ("waterproof",)

    events = list(demo.stream(ENGLISH, session))
    assert isinstance(events[0], ProductsFound)
    assert all(isinstance(event, TextDelta) for event in events[1:-1])
    last = events[-1]
    assert isinstance(last, Finished)
    reply = last.reply
    assert reply.text == "".join(event.text for event in events[1:-1] if isinstance(event, TextDelta))
    assert "Tarnock Fellside Waterproof Hiking Boots in Grey" in reply.text
    assert "$99.00" in reply.text
    assert "{" not in reply.text
    assert [item.ranked.product.id for item in reply.products] == ["hiking-boots-01", "hiking-boots-05"]
    assert reply.session.turn == 1
    assert [item.product_id for item in reply.session.shown] == ["hiking-boots-01", "hiking-boots-05"]
    assert reply.list_id is not None
    assert set(reply.timings_ms) == {"understand", "find", "order", "ask", "write"}


def test_a_chinese_budget_is_converted_and_said(demo: ShoppingAssistant) -> None:
    reply = demo.ask(CHINESE)
    assert reply.language == "zh"
    filters = reply.session.filters
    assert (filters.category, filters.price_max_minor, filters.currency) == ("running shoes", 30000, "CNY")
    assert filters.exclude == {"color": ("black",)}
    found = {item.ranked.product.id: item.ranked for item in reply.products}
    assert set(found) == {"running-shoes-01", "running-shoes-05", "running-shoes-08"}
    assert all("black" not in item.variant.attributes["color"] for item in found.values())
    shown = found["running-shoes-01"]
    assert shown.variant.price_minor == 3900
    assert "US$39.00" in reply.text
    assert "300" in reply.text
    assert "Zuvelo" in reply.text


def test_two_interleaved_sessions_never_meet(demo: ShoppingAssistant) -> None:
    boots = demo.ask("waterproof hiking boots")
    kettle = demo.ask("电热水壶")
    boots = demo.respond("under 120 dollars", boots.session)
    kettle = demo.respond("不要白色", kettle.session)
    boots = demo.respond("not brown", boots.session)
    assert boots.session.filters.category == "hiking boots"
    assert boots.session.filters.exclude == {"color": ("brown",)}
    assert boots.session.filters.price_max_minor == 12000
    assert kettle.session.filters.category == "kettles"
    assert kettle.session.filters.exclude == {"color": ("white",)}
    assert kettle.session.filters.price_max_minor is None
    assert (boots.session.turn, kettle.session.turn) == (3, 2)
    assert (boots.language, kettle.language) == ("en", "zh")
    assert boots.session.id != kettle.session.id
    assert {message.text for message in boots.session.messages} & {
        message.text for message in kettle.session.messages
    } == set()


def test_a_turn_survives_a_restart(own_demo: Path) -> None:
    with ShoppingAssistant.open(own_demo) as first:
        before = first.ask(ENGLISH).session
    with ShoppingAssistant.open(own_demo) as second:
        after = second.load_session(before.id)
        assert after == before
        assert after is not None
        reply = second.respond("show more", after)
    assert reply.session.turn == 2
    assert reply.session.filters == before.filters
    assert reply.products == ()


def test_a_removed_constraint_is_gone_and_the_list_is_new(demo: ShoppingAssistant) -> None:
    reply = demo.ask(ENGLISH)
    reply = demo.remove_constraint(reply.session, "price")
    assert reply.session.filters.price_max_minor is None
    assert {item.ranked.product.id for item in reply.products} == {
        f"hiking-boots-{number}" for number in ("01", "02", "03", "06", "09")
    }
    assert reply.n_matched == 6
    assert reply.session.turn == 2


def test_every_shown_list_is_logged_with_what_made_it(demo: ShoppingAssistant) -> None:
    reply = demo.ask("headphones")
    with demo.shop.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "select l.model_versions, p.product_id, p.position, p.score, p.contributions from shown_products p "
            "join shown_lists l on l.id = p.list_id where l.id = ? order by p.position",
            (reply.list_id,),
        ).fetchall()
    assert [(row[1], row[2]) for row in rows] == [
        (item.ranked.product.id, place) for place, item in enumerate(reply.products)
    ]
    assert [row[3] for row in rows] == pytest.approx([item.ranked.score for item in reply.products])
    assert json.loads(rows[0][4]) == pytest.approx(dict(reply.products[0].ranked.contributions))
    assert json.loads(rows[0][0]) == demo.model_versions()


def test_a_known_shopper_starts_with_a_profile(demo: ShoppingAssistant) -> None:
    shopper_id = demo.shop.event_log.events(limit=1)[0].shopper_id
    known, unknown = demo.new_session(shopper_id=shopper_id), demo.new_session()
    events = demo.shop.event_log.events(shopper_id)
    whole = {product.id: product for product in demo.shop.catalog.products()}
    expected = build_profile(events, whole, datetime.now(UTC))
    assert known.profile.price_level == pytest.approx(expected.price_level, abs=1e-6)
    assert dict(known.profile.product_weights) == pytest.approx(dict(expected.product_weights), rel=1e-6)
    assert unknown.profile.is_empty
    reply = demo.respond("shirts", known)
    for name in ("profile_match", "brand_fit"):
        assert any(item.ranked.contributions[name] != 0 for item in reply.products), name


def test_what_json_promises(demo: ShoppingAssistant) -> None:
    plain = json.loads(json.dumps(demo.ask(ENGLISH).to_dict()))
    assert plain["filters"] == {
        "category": "hiking boots",
        "price_max": 120,
        "currency": "USD",
        "include": {"feature": ["waterproof"]},
        "exclude": {"color": ["brown"]},
    }
    product = plain["products"][0]
    assert (product["price_minor"], product["list_price_minor"], product["currency"]) == (9900, 15000, "USD")
    assert product["in_stock"] is True
    assert product["attributes"]["color"] == ["grey"]
    assert product["image"] == "pictures/hiking-boots-01.svg"
    assert product["score"] == pytest.approx(sum(product["contributions"].values()), abs=1e-3)
    assert 0 < product["p_purchase"] < product["p_click"] < 1
    assert 2 <= len(product["reasons"]) <= 3
    assert all(reason["text"] and reason["source"] for reason in product["reasons"])


def test_what_was_shown_is_logged_even_if_the_shopper_leaves_before_the_text(demo: ShoppingAssistant) -> None:
    def n_lists() -> int:
        with demo.shop.engine.connect() as connection:
            return int(connection.exec_driver_sql("select count(*) from shown_lists").scalar_one())

    before = n_lists()
    events = demo.stream("headphones", demo.new_session())
    assert isinstance(next(events), ProductsFound)
    events.close()
    assert n_lists() == before + 1
    nothing = demo.ask("purple hiking boots under 3 dollars")
    assert nothing.products == ()
    assert nothing.list_id is not None
    assert n_lists() == before + 2


def test_a_session_is_stored_by_its_first_turn_and_can_be_forgotten(demo: ShoppingAssistant) -> None:
    session = demo.new_session()
    assert demo.load_session(session.id) is None
    reply = demo.respond("kettles", session)
    assert demo.load_session(session.id) == reply.session
    demo.delete_session(session.id)
    assert demo.load_session(session.id) is None


def test_cheaper_stays_until_a_price_is_named_or_its_chip_removed(demo: ShoppingAssistant) -> None:
    first = demo.ask("shoes")
    prices = sorted(item.ranked.variant.price_minor for item in first.products)
    bound = prices[len(prices) // 2] - 1
    cheaper = demo.respond("anything cheaper?", first.session)
    assert cheaper.session.cheaper_than_minor == bound
    assert cheaper.products
    refined = demo.respond("not black", cheaper.session)
    for reply in (cheaper, refined):
        assert all(item.ranked.variant.price_minor <= bound for item in reply.products)
    assert [c.key for c in demo.constraints(refined.session)] == ["category", "not:color", "cheaper"]
    freed = demo.remove_constraint(refined.session, "cheaper")
    assert max(item.ranked.variant.price_minor for item in freed.products) > bound
    named = demo.respond("under 200 dollars", refined.session)
    assert named.session.cheaper_than_minor is None
    assert demo.respond("tents", refined.session).session.cheaper_than_minor is None


def test_undo_goes_back_more_than_one_step(demo: ShoppingAssistant) -> None:
    reply = demo.ask("hiking boots")
    for message in ("waterproof", "under 120 dollars", "not brown"):
        reply = demo.respond(message, reply.session)
    for expected in ({"price_max": 120}, {}, None):
        reply = demo.respond("undo", reply.session)
        plain = reply.to_dict()["filters"]
        assert "exclude" not in plain
        assert plain.get("price_max") == (expected or {}).get("price_max")
    assert reply.session.filters.include == {}


def test_a_cheap_wish_puts_the_cheap_one_first_in_both_languages(demo: ShoppingAssistant) -> None:
    for message in ("cheap headphones", "便宜点的耳机"):
        shown = [item.ranked for item in demo.ask(message).products]
        assert {item.product.id for item in shown[:2]} == {"headphones-01", "headphones-05"}
    assert demo.ask("headphones").session.filters.price_max_minor is None


def test_a_further_list_never_claims_the_cheapest(demo: ShoppingAssistant) -> None:
    reply = demo.ask("the cheapest waterproof thing")
    more = demo.respond("show more", reply.session)
    assert more.products
    assert "cheapest" not in more.text.lower()


def test_pictures_stay_inside_the_shop(demo: ShoppingAssistant) -> None:
    boot = demo.product("hiking-boots-01")
    assert boot is not None
    path = demo.image_path(boot)
    assert path is not None
    assert path.read_text("utf-8").startswith("<svg")
    assert demo.image_path(replace(boot, image="../shop.toml")) is None
    assert demo.image_path(replace(boot, image="pictures/../../shop.db")) is None
    assert demo.image_path(replace(boot, image="https://example.com/a.png")) is None
    assert demo.image_path(replace(boot, image="pictures/\0.svg")) is None


def test_a_variants_picture_is_its_own_and_stays_inside_the_shop(demo: ShoppingAssistant) -> None:
    boot = demo.product("hiking-boots-02")
    assert boot is not None
    black, brown = boot.variant("hiking-boots-02-black-42"), boot.variant("hiking-boots-02-brown-42")
    assert black is not None
    paths = [demo.image_path(boot, variant) for variant in (black, brown, None)]
    names = ["hiking-boots-02-black.svg", "hiking-boots-02-brown.svg", "hiking-boots-02.svg"]
    assert [path and path.name for path in paths] == names
    assert len(list(demo.shop.paths.pictures.iterdir())) == 618
    assert demo.image_path(boot, replace(black, image=None)) == paths[2]
    for image in ("../shop.toml", "pictures/../../shop.db", "https://example.com/a.png", "pictures/none.svg"):
        assert demo.image_path(boot, replace(black, image=image)) is None


@pytest.mark.parametrize(("wish", "chosen"), [(NOT_BROWN, "black"), (NOT_BLACK, "brown"), (NOT_BROWN_ZH, "black")])
def test_card_picture_and_json_are_of_the_variant_that_was_chosen(
    demo: ShoppingAssistant, wish: str, chosen: str
) -> None:
    reply = demo.ask(wish)
    (shown,) = (item.ranked for item in reply.products if item.ranked.product.id == "hiking-boots-02")
    assert shown.variant.attributes["color"] == (chosen,)
    path = demo.image_path(shown.product, shown.variant)
    assert path is not None
    assert COLORS[chosen] in path.read_text("utf-8")
    (plain,) = (item for item in reply.to_dict()["products"] if item["id"] == "hiking-boots-02")
    assert plain["image"] == f"pictures/hiking-boots-02-{chosen}.svg"
    assert plain["variant_id"] == shown.variant.id
    last = reply.session.messages[-1]
    assert last.product_ids == tuple(item.ranked.product.id for item in reply.products)
    assert last.variant_ids == tuple(item.ranked.variant.id for item in reply.products)


@pytest.mark.slow
def test_the_served_list_never_breaks_a_condition(demo: ShoppingAssistant) -> None:
    rng = random.Random(7)
    vocabulary = demo.parser.vocabulary
    for _ in range(60):
        category = rng.choice(sorted(vocabulary.categories))
        color = rng.choice(sorted(vocabulary.attributes["color"]))
        price = rng.randrange(10, 400)
        reply = demo.ask(f"{category} under {price} dollars, not {color}")
        for item in reply.products:
            product, variant = item.ranked.product, item.ranked.variant
            assert product.category == category
            assert variant.price_minor <= price * 100
            assert variant.in_stock
            assert passing_variant(product, reply.session.filters) == variant


def test_starting_over_clears_the_wish_and_asks_anew(demo: ShoppingAssistant) -> None:
    for message, restart, asks in (
        ("waterproof hiking boots", "start over", "looking for|look for"),
        ("防水登山靴", "重新开始", "想找点什么|想看看什么"),
    ):
        reply = demo.respond(restart, demo.ask(message).session)
        assert reply.session.filters.is_empty
        assert (reply.session.wish, reply.products) == ("", ())
        assert re.search(asks, reply.text)


def test_the_whole_shop_is_no_answer_to_a_brand_it_lacks(demo: ShoppingAssistant) -> None:
    for message in ("garmin", "索尼"):
        reply = demo.ask(message)
        assert reply.products == ()
        assert not re.search(r"\d", reply.text)


def test_starters_are_answered(demo: ShoppingAssistant) -> None:
    for language in ("en", "zh"):
        starters = demo.starters(language)
        assert len(starters) == 4
        for starter in starters:
            reply = demo.ask(starter)
            assert (reply.language, reply.parsed.intent) == (language, "search")
            assert reply.products


def test_facets_are_those_of_the_conditions_in_force(demo: ShoppingAssistant) -> None:
    for message in ("waterproof hiking boots under $200", "200美元以下的防水登山靴"):
        reply = demo.ask(message)
        facets = demo.facets(reply.session)
        assert facets.n_products == reply.n_matched > 0
        everything = demo.facets(demo.new_session())
        assert facets.n_products in [one.n_products for one in facets.categories]
        assert everything.n_products > facets.n_products
