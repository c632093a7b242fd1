"""Numbers that a later message, or the same one, changes."""

import pytest

from benchmarks.parsing import Bench, Case, demo_products


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(demo_products())


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (("sandals under 50 bucks", "bit dear. make it 35"), {"price_max_minor": 3500, "size": ()}),
        (("running shoes 38, under 90", "make it 39"), {"price_max_minor": 9000, "size": ("39",)}),
        (("12 steel water bottles", "please make that 15"), {"quantity": 15}),
        (("三个保温杯", "改成五个吧"), {"quantity": 5}),
        (("双肩包，三百块以内", "再加五十"), {"price_max_minor": 35000}),
        (("tents under 200", "lower it by 50"), {"price_max_minor": 15000}),
        (("frying pan, up to 2 l? no wait, 3 l",), {"size": ("3 l",)}),
        (("sofa, 600 to 900 dollars", "scratch the upper limit"), {"price_min_minor": 60000, "price_max_minor": None}),
    ],
)
def test_what_is_changed(bench: Bench, turns: tuple[str, ...], said: dict[str, object]) -> None:
    filters = bench.run(Case("case", turns, {})).filters
    held = {name: filters.include.get("size", ()) if name == "size" else getattr(filters, name) for name in said}
    assert held == said


def test_a_pronoun_is_the_child_named_before(bench: Bench) -> None:
    for message in ("my daughter's rucksack burst, a new one for her", "女儿上四年级，给她换个书包"):
        assert bench.run(Case("case", (message,), {})).filters.include["audience"] == ("kids",)
    both = bench.run(Case("case", ("hiking boots for my husband",), {})).filters
    assert both.include["audience"] == ("men",)
