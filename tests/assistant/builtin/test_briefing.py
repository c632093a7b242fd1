"""What the built-in model is told of a turn: moves and names, and the facts behind them."""

from dataclasses import replace

import pytest
from writing_examples import CLOUD, RIDGE, TRAIL, WISH, a_step, recommended, the_evidence

from assistant.service.types import Handoff, Service
from assistant.types import Objection, Option, Question
from assistant.writing.briefing import briefed
from assistant.writing.plain import turn_of
from ranking.types import Preference, ShopperProfile
from retrieval.relaxation import Change, Relaxation
from retrieval.types import Filters, Variant

ALL = (TRAIL, RIDGE, CLOUD)


def told(step, *products, **evidence):
    return briefed(turn_of(step, recommended(step, *products), the_evidence(step, **evidence)))


def test_a_search_is_told_by_names_and_its_facts_are_the_catalogs():
    brief, facts = told(a_step(), *ALL)
    assert (brief.language, brief.move, brief.length, brief.tone) == ("en", "search_all", "full", "calm")
    assert brief.shared == ("wish", "n_matched")
    assert brief.products == (
        ("title", "price", "list_price", "discount", "rating", "n_reviews", "stock", "quote"),
        ("title", "price", "more", "under", "budget"),
        ("title", "price", "less", "stock"),
    )
    assert facts.values == {
        "wish": "waterproof hiking boots under $120, none listed as brown",
        "n_matched": "3",
        "p1.title": "Fellside Trail Boot",
        "p1.price": "$99.00",
        "p1.stock": "only 4 left",
        "p1.list_price": "$150.00",
        "p1.discount": "34%",
        "p1.rating": "4.5 out of 5",
        "p1.n_reviews": "476",
        "p1.quote": "“Truly waterproof, even in deep streams!”",
        "p2.title": "Highmoor Leather Boot",
        "p2.price": "$115.00",
        "p2.under": "$5",
        "p2.budget": "$120",
        "p2.more": "$16",
        "p3.title": "Cloud Walker",
        "p3.price": "$80.50",
        "p3.stock": "out of stock",
        "p3.less": "$18.50",
    }


def test_the_same_in_chinese():
    brief, facts = told(a_step(language="zh", text="防水登山靴"), TRAIL, RIDGE)
    assert brief.language == "zh"
    assert facts.values["p1.title"] == "山侧登山靴"
    assert facts.values["p1.stock"] == "仅剩4件"
    assert facts.values["p1.quote"] == "“下雨天走石阶很稳,鞋面防水。”"
    assert facts.values["p2.more"] == "US$16"


def test_no_word_of_a_shopper_or_a_product_is_in_a_brief():
    marked = replace(TRAIL, title="XYZZY boot", brand="XYZZY", description="XYZZY")
    step = a_step(text="XYZZY boots", wish="XYZZY")
    brief, facts = told(step, marked, RIDGE)
    assert "XYZZY" in str(facts.values)
    assert "XYZZY" not in brief.text()


@pytest.mark.parametrize(
    ("changes", "n_matched", "move"),
    [
        ({}, 12, "search_many"),
        ({}, 2, "search_all"),
        ({"intent": "refine"}, 12, "refine"),
        ({"move": "more"}, 12, "more"),
        ({"move": "cheaper"}, 12, "cheaper"),
        ({"move": "similar"}, 12, "similar"),
        ({"move": "undo"}, 12, "undo"),
        ({"action": "bundle", "intent": "bundle"}, 12, "bundle"),
        ({"filters": Filters(), "wish": "gift for a runner"}, 12, "search_free"),
    ],
)
def test_moves(changes, n_matched, move):
    brief, _ = told(a_step(**changes), TRAIL, RIDGE, n_matched=n_matched)
    assert brief.move == move
    assert brief.shared == {"search_free": ("wish",)}.get(
        move, ("wish", "n_matched") if "search" in move or move == "refine" else ()
    )
    assert brief.length == ("short" if move in ("more", "cheaper", "similar", "undo") else "full")


def test_one_match_and_an_objection():
    assert told(a_step(), TRAIL, n_matched=1)[0].move == "search_one"
    step = a_step()
    step = replace(step, parsed=replace(step.parsed, objection=Objection("price", -1)))
    assert told(step, TRAIL, RIDGE)[0].move == "objection"


def test_the_first_of_a_sorted_list_is_said_to_be_it():
    step = a_step(filters=replace(WISH, sort="price_asc"))
    brief, facts = told(step, TRAIL, RIDGE)
    assert "top" in brief.products[0]
    assert facts.values["p1.top"] == "the cheapest of them"
    assert "top" not in told(replace(step, parsed=replace(step.parsed, move="more")), TRAIL, RIDGE)[0].products[0]


@pytest.mark.parametrize(
    ("price", "told_as"),
    [(9900, {}), (10800, {}), (10900, {"more": "$10"}), (8900, {"less": "$10"}), (19800, {"more": "$99"}), (20000, {})],
)
def test_a_price_is_set_apart_only_where_it_is_worth_a_word(price, told_as):
    other = replace(RIDGE, variants=(Variant("v", price),), attributes={})
    _, facts = told(a_step(filters=Filters(category="hiking boots")), TRAIL, other, n_matched=9)
    assert {name: facts.values[f"p2.{name}"] for name in ("less", "more") if f"p2.{name}" in facts.values} == told_as


def test_prices_of_different_kinds_of_things_are_not_compared():
    sock = replace(RIDGE, category="socks", variants=(Variant("v", 11900),))
    assert "more" not in told(a_step(), TRAIL, sock)[0].products[1]


def test_a_difference_is_told_only_of_what_both_state():
    filters = Filters(category="hiking boots")
    other = replace(RIDGE, variants=(Variant("v", 9900),))
    _, facts = told(a_step(filters=filters), TRAIL, other, n_matched=9)
    assert facts.values["p2.differs"] == "made of leather"
    shades = tuple(Variant(color, 9900, attributes={"color": (color,)}) for color in ("black", "red"))
    _, facts = told(a_step(filters=filters), TRAIL, replace(other, variants=shades), n_matched=9)
    assert facts.values["p2.differs"] == "in black"
    silent = replace(TRAIL, attributes={"feature": ("waterproof",)})
    plain = replace(other, attributes={"color": ("black",)})
    assert "p2.differs" not in told(a_step(filters=filters), silent, plain, n_matched=9)[1].values


def test_what_the_shopper_likes_and_dislikes_is_told_as_such():
    profile = ShopperProfile(
        stated=(Preference("material", "leather", 1.0, "I like leather"), Preference("color", "grey", -1.0, "no grey"))
    )
    step = a_step(filters=Filters(category="hiking boots"), profile=profile)
    _, facts = told(step, RIDGE, TRAIL, n_matched=9)
    assert facts.values["p1.liked"] == "made of leather"


def test_nothing_found_tells_the_steps_to_something():
    step = a_step()
    steps = (Relaxation((Change("drop", 1.0, "feature", "waterproof"),), 3, 5000),)
    brief, facts = told(step, n_matched=0, relaxations=steps)
    assert (brief.move, brief.shared) == ("nothing", ("wish", "steps"))
    assert facts.values["steps"] == "3 if waterproof isn't a must (from $50.00)"
    assert told(replace(step, parsed=replace(step.parsed, move="more")), n_matched=0)[0].move == "no_more"


def test_a_question_and_an_offer_end_the_reply():
    question = Question("color", (Option("In grey", "grey", 3), Option("In black", "black", 12)), 0.2, "Whatever")
    brief, facts = told(a_step(), TRAIL, RIDGE, question=question)
    assert brief.shared == ("wish", "n_matched", "question")
    assert "grey (3) or black (12)" in facts.values["question"]
    step = a_step(sentiment="negative")
    brief, facts = told(step, TRAIL, RIDGE, service=Service(handoff=Handoff("offered")))
    assert (brief.shared[-1], brief.tone) == ("offer", "sorry")
    assert "person" in facts.values["offer"]


def test_a_comparison_tells_the_table_and_what_speaks_for_each():
    step = a_step("compare", text="compare them", intent="compare", product_ids=("b1", "b2"))
    brief, facts = told(step)
    assert (brief.move, brief.shared, brief.products) == ("compare", ("table",), (("title", "top"), ("title", "top")))
    assert facts.values["p1.top"] == "the cheaper of the two"
    assert facts.values["p2.top"] == "the better rated of the two"
    assert facts.values["table"].startswith("| | 1. Fellside Trail Boot | 2. Highmoor Leather Boot |\n")


@pytest.mark.parametrize(
    ("sentiment", "product_ids", "expected"),
    [
        ("positive", ("b1",), ("liked", (("title",),))),
        ("negative", ("b1",), ("disliked", (("title",),))),
        ("negative", (), ("missed", ())),
    ],
)
def test_feedback(sentiment, product_ids, expected):
    brief, _ = told(a_step("feedback", sentiment=sentiment, intent="feedback", product_ids=product_ids))
    assert (brief.move, brief.products) == expected


@pytest.mark.parametrize(
    ("text", "move"),
    [("hello", "hello"), ("thanks a lot", "thanks"), ("bye", "bye"), ("who are you", "who"), ("hm", "listening")],
)
def test_smalltalk(text, move):
    brief, facts = told(a_step("smalltalk", text=text, intent="smalltalk"))
    assert brief.move == move
    assert facts.values == ({"shop": "Lantern Lane"} if move == "who" else {})


@pytest.mark.parametrize("action", ["faq", "order", "handoff", "ask_product", "noted", "size_advice", "ask_rate"])
def test_what_is_quoted_or_counted_is_left_to_the_plain_writer(action):
    assert told(a_step(action, product_ids=("b1",))) is None


def test_what_is_not_sold_here_and_long_lists_are_left_to_the_plain_writer():
    assert told(a_step(), TRAIL, absent=True, unseen=("unicorn",)) is None
    assert told(a_step(), *(ALL * 3)) is None
    assert told(a_step(move="why_not"), TRAIL) is None
