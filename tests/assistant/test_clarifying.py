"""The clarifying question: each answer does what it says, and nothing is asked that is known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.clarifying import MAX_PASSED
from assistant.session_json import session_from_json, session_to_json
from assistant.types import Asking

WIDE = ["shoes", "clothes for women", "a gift for my dad", "kitchenware under $80", "something waterproof",
        "gift ideas", "我想买双鞋", "给老婆的礼物", "厨房用品，80美元以内", "防水的东西", "衣服，不要黑色"]  # fmt: skip
INDIFFERENT = {"en": ["It doesn't matter", "whatever", "no preference", "I don't mind", "any is fine", "up to you"],
               "zh": ["都可以", "随便", "无所谓", "没什么要求", "你看着办吧", "没有"]}  # fmt: skip


@pytest.mark.parametrize("wish", WIDE)
def test_every_answer_leaves_what_it_says_and_names_it(demo, wish):
    reply = demo.ask(wish)
    question = reply.question
    assert question is not None
    assert 2 <= len(question.options) <= 3
    assert reply.quick_replies[: len(question.options)] == tuple(option.text for option in question.options)
    assert reply.quick_replies[len(question.options)] == question.indifferent
    for option in question.options:
        assert f"({option.n_products})" in reply.text or f"（{option.n_products}款）" in reply.text
        after = demo.respond(option.text, reply.session)
        assert after.parsed.intent == "refine"
        assert (after.n_matched, after.language) == (option.n_products, reply.language)
        assert 0 < after.n_matched < reply.n_matched
        assert after.session.asking.n_passed == 0


@pytest.mark.parametrize("wish", ["shoes, not brown", "鞋，不要棕色"])
def test_indifference_changes_no_condition_and_goes_on_to_what_was_not_shown(demo, wish):
    first = demo.ask(wish)
    assert first.question is not None
    for said in (*INDIFFERENT[first.language], first.question.indifferent):
        after = demo.respond(said, first.session)
        assert after.parsed.indifferent, said
        assert after.session.filters == first.session.filters
        assert after.products
        assert not {item.ranked.product.id for item in after.products} & set(first.session.last_shown())
        assert after.question is None or after.question.about != first.question.about


def test_the_same_words_without_a_question_are_no_answer(demo):
    assert not demo.ask("whatever").parsed.indifferent
    assert not demo.respond("black, whatever the size", demo.ask("shoes").session).parsed.indifferent


def test_what_the_shopper_takes_first_is_what_an_answer_has_not_shown_yet(demo):
    first = demo.ask("shoes")
    option = max(first.question.options, key=lambda option: option.n_products)
    after = demo.respond(option.text, first.session)
    seen = [item.ranked.product.id in first.session.last_shown() for item in after.products]
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("earlier", "wish", "about"),
    [
        ("I wear size 42", "shoes", "size"),
        ("", "shoes in size 42", "size"),
        ("", "shoes for men", "audience"),
        ("", "red clothes", "color"),
        ("", "clothes, any color is fine", "color"),
        ("", "衣服，颜色都可以", "color"),
        ("I love blue", "clothes", "color"),
        ("", "clothes under $100", "price"),
        ("", "cheap clothes", "price"),
        ("I usually spend about 50 dollars", "clothes", "price"),
    ],
)
def test_nothing_is_asked_that_is_known(demo, earlier, wish, about):
    session = demo.new_session()
    if earlier:
        session = demo.respond(earlier, session).session
    reply = demo.respond(wish, session)
    asked = []
    while reply.question is not None:
        asked.append(reply.question.about)
        reply = demo.respond(reply.question.indifferent, reply.session)
    assert about not in asked
    assert len(asked) == len(set(asked))


def test_a_disliked_value_is_not_offered(demo):
    session = demo.respond("I hate running shoes", demo.new_session()).session
    question = demo.respond("shoes", session).question
    disliked = {(item.attribute, item.value) for item in session.profile.stated if item.weight < 0}
    assert question is None or not disliked & {(question.about, option.value) for option in question.options}


@pytest.mark.parametrize("wish", ["running shoes for kids", "cheapest shoes", "is the first one waterproof?", "thanks"])
def test_there_is_no_question_where_all_is_shown_sorted_or_nothing_is_sought(demo, wish):
    assert demo.ask(wish).question is None


def test_who_passes_two_questions_over_is_asked_no_more(demo):
    reply, n_asked = demo.ask("a gift for women"), 0
    for _ in range(5):
        n_asked += reply.question is not None
        reply = demo.respond("show more", reply.session)
    assert n_asked == MAX_PASSED
    assert demo.respond("start over, something waterproof", reply.session).question is not None


def test_without_questions_everything_else_stays(demo):
    reply = demo.ask("shoes")
    demo.asks = False
    try:
        plain = demo.ask("shoes")
    finally:
        demo.asks = True
    assert plain.question is None
    assert [item.ranked.product.id for item in plain.products] == [item.ranked.product.id for item in reply.products]


def test_what_was_asked_survives_a_restart(demo):
    reply = demo.ask("shoes")
    assert reply.session.asking == Asking(reply.question.about, (reply.question.about,))
    assert session_from_json(session_to_json(reply.session)) == reply.session


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.sampled_from(["option", "indifferent", "show more", "not black", "in blue", "under $90"]), max_size=4)
)
def test_no_question_comes_twice_and_no_answer_breaks_the_wish(demo, moves):
    reply, asked = demo.ask("a gift for women, not red"), []
    for move in moves:
        question = reply.question
        if question is not None:
            asked.append(question.about)
        said = move
        if move in ("option", "indifferent"):
            if question is None:
                continue
            said = question.options[0].text if move == "option" else question.indifferent
        before, reply = reply, demo.respond(said, reply.session)
        assert reply.session.filters.exclude["color"][0] == "red"
        assert reply.session.filters.include["audience"] == before.session.filters.include["audience"]
    assert len(asked) == len(set(asked))
