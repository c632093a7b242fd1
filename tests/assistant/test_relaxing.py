"""How the steps to something that fits are said, word for word."""

import pytest
from writing_examples import a_step, the_evidence

from assistant.writing.plain import turn_of
from assistant.writing.relaxing import messages, steps
from retrieval.relaxation import Change, Relaxation


def relaxed(change, n=1, price=38900, language="en"):
    """What a step is said as, and what a quick reply asks for."""
    step = a_step(language=language)
    turn = turn_of(step, (), the_evidence(step, relaxations=(Relaxation((change,), n, price),)))
    return steps(turn), list(messages(turn))


def sized(value):
    return Change("value", 0.7, "size", value)


@pytest.mark.parametrize(
    ("value", "language", "said", "asked"),
    [
        ("2 seats", "en", "one with 2 seats (at $389.00)", "With 2 seats"),
        ("3 persons", "en", "one for 3 persons (at $389.00)", "For 3 persons"),
        ("13.3 inch", "en", "one in 13.3 inch (at $389.00)", "In 13.3 inch"),
        ("1.5 l", "en", "one in 1.5 l (at $389.00)", "In 1.5 l"),
        ("42", "en", "one in size 42 (at $389.00)", "In size 42"),
        ("xl", "en", "one in size XL (at $389.00)", "In size XL"),
        ("2 seats", "zh", "换成2座有一款（US$389.00）", "2座的"),
        ("3 persons", "zh", "换成3人有一款（US$389.00）", "3人的"),
        ("13.3 inch", "zh", "换成13.3英寸有一款（US$389.00）", "13.3英寸的"),
        ("1.5 l", "zh", "换成1.5升有一款（US$389.00）", "1.5升的"),
        ("42", "zh", "换成42码有一款（US$389.00）", "42码"),
    ],
)
def test_a_measure_is_no_size_that_something_is_in(value, language, said, asked):
    assert relaxed(sized(value), language=language) == (said, [asked])


UNDER = Change("under", 0.3, "price", high_minor=39000)
ABOVE = Change("above", 0.3, "price", low_minor=38000)
AROUND = Change("range", 0.3, "price", low_minor=30000, high_minor=40000)


@pytest.mark.parametrize(
    ("change", "n", "price", "english", "chinese"),
    [
        (UNDER, 1, 38900, "one if you go up to $389.00", "加到US$389.00有一款"),
        (ABOVE, 1, 38900, "one for less, at $389.00", "降到US$389.00有一款"),
        (AROUND, 1, 38900, "one if you go up to $389.00", "加到US$389.00有一款"),
        (AROUND, 1, 30500, "one for less, at $305.00", "降到US$305.00有一款"),
        (UNDER, 3, 38900, "3 under $390 (from $389.00)", "US$390以内有3款（US$389.00起）"),
        (ABOVE, 3, 38900, "3 from $380 up (from $389.00)", "US$380以上有3款（US$389.00起）"),
    ],
)
def test_a_price_step_says_which_way_it_goes(change, n, price, english, chinese):
    assert relaxed(change, n, price)[0] == english
    assert relaxed(change, n, price, "zh")[0] == chinese
