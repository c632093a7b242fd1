import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.rendering import MAX_SENTENCE, Facts, Renderer, render

FACTS = Facts(
    {
        "p1.title": "Trail Boot 3.0",
        "p1.price": "$99.00",
        "p1.quote": "“Dry. All day.”",
        "p2.title": "山侧登山靴",
        "p2.price": "US$120.00",
        "n_matched": "12",
    }
)


def text_of(*pieces, facts=FACTS, **options):
    return "".join(Renderer(facts, **options).stream(pieces))


def test_facts_are_filled_in():
    assert text_of("Take {p1.title} at {p1.price}. There are {n_matched}!") == (
        "Take Trail Boot 3.0 at $99.00. There are 12!"
    )


def test_chinese_sentences_end_at_full_stops_without_a_space():
    told = "先看{p2.title}，{p2.price}。它只要三百块。还可以看看{p1.title}！"
    assert text_of(told) == "先看山侧登山靴，US$120.00。还可以看看Trail Boot 3.0！"


def test_a_sentence_comes_as_soon_as_it_is_complete():
    pieces = iter(["Take {p1.ti", "tle}. And", " then"])
    stream = render(pieces, FACTS)
    assert next(stream) == "Take Trail Boot 3.0."
    assert list(pieces) == [" then"]


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("It has {p1.colour}.", "unknown fact p1.colour"),
        ("See {p9.title}.", "unknown fact p9.title"),
        ("Half {p1.title is open.", "broken placeholder"),
        ("A brace } alone.", "broken placeholder"),
        ("Double {{p1.title}} braces.", "broken placeholder"),
        ("Format {p1.title!r} tricks.", "broken placeholder"),
        ("Index {p1.title.__class__} tricks.", "broken placeholder"),
        ("Go to www.example.org now.", "link"),
        ("It is **very** good.", "markup"),
        ("<b>Good</b>.", "markup"),
        ("It is ${p1.price}.", "amount"),
        ("Only $5.", "amount"),
    ],
)
def test_a_sentence_that_may_not_be_shown_is_dropped_whole_and_reported(sentence, why):
    renderer = Renderer(FACTS)
    shown = "".join(renderer.stream([f"First {{p1.title}}. {sentence} Last."]))
    assert shown == "First Trail Boot 3.0. Last."
    assert [(dropped.sentence, dropped.why) for dropped in renderer.dropped] == [(sentence, why)]


def test_a_value_is_never_read_again():
    facts = Facts({"p1.title": "The {p1.price} <b>$5</b> mug. Yes", "p1.price": "$9.00"})
    assert text_of("Look at {p1.title}.", facts=facts) == "Look at The {p1.price} <b>$5</b> mug. Yes."


def test_lines_stay_lines_when_one_between_them_is_dropped():
    assert text_of("Two:\n- {p1.title}\n- only $5\n- {p2.title}") == "Two:\n- Trail Boot 3.0\n- 山侧登山靴"


def test_an_abbreviation_ends_no_sentence():
    assert text_of("For hills, e.g. on wet grass, take {p1.title}.").startswith("For hills, e.g. on wet grass, take")


def test_an_empty_result_is_reported():
    renderer = Renderer(FACTS)
    assert list(renderer.stream(["It costs 40 dollars. ", "It is https://x.y"])) == []
    assert renderer.n_kept == 0
    assert len(renderer.dropped) == 2


def test_used_facts_are_those_of_shown_sentences_only():
    renderer = Renderer(FACTS)
    list(renderer.stream(["{p1.title} is fine. {p2.title} is $5."]))
    assert renderer.used == {"p1.title"}


def test_only_grounded_drops_what_proves_nothing():
    assert text_of("Yes, it does. The shop says {p1.quote}.", only_grounded=True) == "The shop says “Dry. All day.”."


def test_an_endless_sentence_is_dropped_and_an_endless_reply_ends():
    assert text_of("a" * (MAX_SENTENCE + 1) + ". Fine.") == "Fine."

    def endless():
        while True:
            yield "On and on it goes. "

    assert len("".join(render(endless(), FACTS))) < 2_100


def test_a_claimed_property_must_be_stated_of_every_product_in_its_sentence():
    facts = Facts(
        {"p1.title": "A", "p2.title": "B"},
        claims={"p1": frozenset({("feature", "waterproof")}), "p2": frozenset()},
        find_claims=lambda text: frozenset({("feature", "waterproof")} if "waterproof" in text else ()),
    )
    told = "{p1.title} is waterproof. {p2.title} is waterproof. Both are waterproof. {p1.title} beats {p2.title}."
    assert text_of(told, facts=facts) == "A is waterproof. A beats B."


FRAGMENTS = [
    "{p1.title}", "{p1.price}", "{p2.title}", "{p9.x}", "{", "}", "{p1.", " ", "\n", ". ", "。", "! ", "？", "”", "$5",
    "5", "about ", "好", "很便宜", "e.g. ", "…", "http://a.b", "\u200b", "three hundred ", "dollars", "三百块",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25), st.data())
def test_how_the_text_is_cut_never_changes_the_result(fragments, data):
    text = "".join(fragments)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, cut = Renderer(FACTS), Renderer(FACTS)
    assert "".join(whole.stream([text])) == "".join(cut.stream(pieces)) == text_of(*text)
    assert whole.dropped == cut.dropped
    assert whole.used == cut.used


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25))
def test_no_brace_of_the_writer_ever_gets_through(fragments):
    assert not set(text_of("".join(fragments))) & set("{}")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}p1.title $5元三块%好a \n"))
def test_no_amount_gets_through_any_text(text):
    facts = Facts({"p1.title": "T"})
    assert not set(text_of(text, facts=facts)) & set("{}$%元")


@pytest.mark.parametrize(
    ("sentence", "is_true"),
    [
        ("For {p2.less} less there's {p2.title}.", True),
        ("If you don't mind spending {p2.less} more, have a look at {p2.title}.", False),
        ("For {p2.more} more there's {p2.title}.", True),
        ("You'd save {p2.more} with {p2.title}.", False),
        ("想省{p2.less}的话，可以看看{p2.title}。", True),
        ("不介意多花{p2.less}的话，可以看看{p2.title}。", False),
        ("{p2.title}比第一款贵{p2.more}。", True),
        ("{p2.title}比第一款便宜{p2.more}。", False),
    ],
)
def test_what_costs_less_is_never_said_to_cost_more(sentence, is_true):
    facts = Facts(
        {"p2.title": "X", "p2.less": "$5", "p2.more": "$7"}, "zh" if "款" in sentence or "可" in sentence else "en"
    )
    assert bool("".join(render([sentence], facts))) == is_true
