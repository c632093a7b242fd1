from dataclasses import replace

import pytest
from understanding import after, bench, facts, new_session, say

from assistant.dialogue import Constraint, advance, constraints, remove_constraint, without_constraint
from assistant.types import ShownProduct
from retrieval.types import Filters

SHOWN = ("hiking-boots-01", "hiking-boots-02")
WISH = "waterproof hiking boots under 120 dollars, not brown"


def price_of(product_id: str) -> int:
    return next(product.price_minor for product in bench().products if product.id == product_id)


def test_the_first_wish_becomes_a_query() -> None:
    step = say(WISH)
    assert step.action == "recommend"
    assert step.query is not None
    assert step.query.text == "waterproof hiking boots"
    assert (
        step.query.filters
        == step.session.filters
        == Filters(
            category="hiking boots",
            price_max_minor=12000,
            currency="USD",
            include={"feature": ("waterproof",)},
            exclude={"color": ("brown",)},
        )
    )


def test_a_budget_in_another_currency_is_converted_with_a_note_and_kept_as_said() -> None:
    step = say("三百块以内的跑步鞋")
    assert (step.query.filters.price_max_minor, step.query.filters.currency) == (4167, "USD")
    assert (step.session.filters.price_max_minor, step.session.filters.currency) == (30000, "CNY")
    assert step.notes == (("converted", {"from": "¥300.00", "to": "US$41.67", "as_of": ""}),)


def test_without_a_rate_it_asks_and_keeps_the_wish() -> None:
    step = say("跑步鞋,三百块以内", rates={})
    assert (step.action, step.query) == ("ask_rate", None)
    assert step.notes == (("missing_rate", {"from": "CNY", "to": "USD"}),)
    assert after(step.session, "under 50 dollars", rates={}).query.filters.price_max_minor == 5000


def test_around_is_a_window_of_a_fifth() -> None:
    filters = say("perfume around 50").session.filters
    assert (filters.price_min_minor, filters.price_max_minor, filters.around_minor) == (4000, 6000, 5000)


def test_show_more_leaves_out_everything_shown() -> None:
    step = say(WISH, "show more", shown=SHOWN)
    assert step.query.exclude_ids == frozenset(SHOWN)
    assert step.query.text == "waterproof hiking boots"


def test_cheaper_than_a_product_sets_the_price_below_it() -> None:
    step = say("hiking boots", "something cheaper than the second", shown=SHOWN)
    assert step.query.filters.price_max_minor == price_of(SHOWN[1]) - 1
    assert step.session.filters.price_max_minor == price_of(SHOWN[1]) - 1
    assert step.query.exclude_ids == frozenset(SHOWN[1:])
    assert step.session.focus_id == SHOWN[1]


def test_cheaper_alone_asks_below_what_was_shown_and_states_no_budget() -> None:
    step = say("hiking boots", "anything cheaper?", shown=SHOWN)
    assert step.query.filters.price_max_minor < max(price_of(product_id) for product_id in SHOWN)
    assert step.session.filters.price_max_minor is None


def test_similar_searches_with_the_products_own_words() -> None:
    step = say("hiking boots", "more like the first one", shown=SHOWN)
    title = next(product.title for product in bench().products if product.id == SHOWN[0])
    assert (step.query.text, step.query.filters.category) == (title, "hiking boots")
    assert SHOWN[0] in step.query.exclude_ids


def test_a_reference_to_nothing_says_so() -> None:
    assert say("hiking boots", "more like the third one", shown=SHOWN).action == "nothing_to_refer_to"
    assert say("is the second one waterproof?").action == "nothing_to_refer_to"


def test_a_question_sets_the_focus_and_it_follows() -> None:
    step = say("hiking boots", "is the second one waterproof?", shown=SHOWN)
    assert (step.action, step.product_ids, step.session.focus_id) == ("ask_product", SHOWN[1:], SHOWN[1])
    assert after(step.session, "and how heavy is it?").product_ids == SHOWN[1:]


def test_compare_takes_the_products_named_or_those_shown() -> None:
    assert say("hiking boots", "compare the second and the first", shown=SHOWN).product_ids == SHOWN[::-1]
    assert say("hiking boots", "which one is better?", shown=SHOWN).product_ids == SHOWN


@pytest.mark.parametrize(("message", "weight"), [("I love the first one", 1.0), ("第一个太丑了,不喜欢", -1.0)])
def test_feedback_goes_to_the_profile_and_not_to_the_wish(message: str, weight: float) -> None:
    before = say("hiking boots", shown=SHOWN).session
    step = after(before, message)
    assert (step.action, step.product_ids) == ("feedback", SHOWN[:1])
    assert [preference.weight for preference in step.session.profile.stated] == [weight]
    assert step.session.filters == before.filters


def test_undo_goes_back_one_step() -> None:
    first = say(WISH)
    step = after(first.session, "make it red", "undo that")
    assert step.session.filters == first.session.filters
    assert step.query.text == first.query.text


def test_undo_with_nothing_to_undo_changes_nothing() -> None:
    assert say("undo").session.filters == Filters()


def test_a_replaced_value_leaves_the_words_too() -> None:
    step = say("a red dress", "make it blue")
    assert step.session.filters.include == {"color": ("blue",)}
    assert step.query.text == "dress blue"


def test_a_new_category_keeps_nothing_but_what_is_said() -> None:
    step = say(WISH, "I need a tent")
    assert step.session.filters == Filters(category="tents")
    assert step.query.text == "tent"


def test_an_unisex_product_meets_a_wish_for_women_in_the_query_only() -> None:
    step = say("running shoes for my wife")
    assert step.session.filters.include == {"audience": ("women",)}
    assert step.query.filters.include == {"audience": ("women", "unisex")}


def test_what_the_catalog_states_nowhere_is_noted() -> None:
    plain = replace(facts(), lookup=bench().facts.lookup)
    step = advance(new_session(), replace(say("a mug").parsed, unknown_wishes=("engraved",)), plain)
    assert step.notes == (("unstated", {"wish": "engraved"}),)


def test_advance_changes_neither_turn_nor_messages() -> None:
    session = replace(new_session(), turn=3, shown=(ShownProduct("hiking-boots-01", 3, 1),))
    step = advance(session, say(WISH).parsed, facts())
    assert (step.session.turn, step.session.messages, step.session.shown) == (3, (), session.shown)


def test_constraints_are_named_in_both_languages() -> None:
    assert constraints(say(WISH).session) == [
        Constraint("category", "hiking boots", "hiking boots", "登山靴"),
        Constraint("feature", "waterproof", "waterproof", "防水"),
        Constraint("not:color", "brown", "not brown", "不要棕色"),
        Constraint("price", None, "up to $120.00", "US$120.00以内"),
    ]


@pytest.mark.parametrize("which", range(4))
def test_each_constraint_can_be_removed_by_its_own_key(which: int) -> None:
    session = say(WISH).session
    listed = constraints(session)
    left = constraints(remove_constraint(session, listed[which].key, listed[which].value))
    assert left == [constraint for i, constraint in enumerate(listed) if i != which]


def test_a_removed_constraint_is_searched_without_and_can_be_undone() -> None:
    session = say(WISH).session
    step = without_constraint(session, "feature", "waterproof", facts())
    assert (step.action, step.parsed.move, step.query.text) == ("recommend", "remove", "hiking boots")
    assert step.query.filters.include == {}
    assert after(step.session, "undo").session.filters == session.filters
