"""What is one thing and what is two; the shopper's own words decide where it could be either."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.sameness import Sameness, Thing, stripped, title_of
from retrieval.types import Filters, Product, Query, Variant

ANY = Query("something")


def thing(title, embedding=(1.0, 0.0), brand="Acme", category="goods", **fields):
    variant = Variant(title, 100)
    fields.setdefault("attributes", {"color": ("any",)})
    product = Product(title, title, "USD", (variant,), brand=brand, category=category, **fields)
    return Thing(product, variant, np.array(embedding, dtype=np.float32))


def are_same(one, other, query=ANY):
    return Sameness(query).firsts([one, other]) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mug", "Mug"),
        ("Acme Mug", "mug."),
        ("Patch cable 2 m yellow", "Patch cable 0.5m, Dark Blue"),
        ("USB cable (6-ft.)", "USB cable (10-ft.)"),
        ("AA battery 10-pack", "AA battery 20-pack"),
        ("AA battery 10-pack", "AA battery"),
        ("AA battery, pack of 4", "AA battery, pack of 12"),
        ("Toner 1 pc(s)", "Toner 2 pc(s)"),
        ("Coffee beans 250 g", "Coffee beans 1 kg"),
        ("T-shirt, S", "T-shirt, XXL"),
        ("T-shirt size M", "T-shirt large"),
        ("T-shirt (M)", "T-shirt (L)"),
        ("T-shirt - M, red", "T-shirt - L, blue"),
        ("Boots EU 42", "Boots EU 45"),
        ("黑色羽绒服 大号", "红色羽绒服 均码"),
        ("纯棉袜子5双装", "纯棉袜子十双装"),
        ("龙井茶250克", "龙井茶500克"),
        ("Optical mouse pads", "Optical mouse pad"),
        ("Colour printer A4", "Color printer A4"),
    ],
)
def test_one_thing_in_several_colors_sizes_packs_and_spellings(one, other):
    assert are_same(thing(one), thing(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fan FAN-0044L", "Fan FAN-0074L"),
        ("Lens 300mm f/2.8L", "Lens 300mm f/4L"),
        ("Lens 300mm f/4L", "Lens 400mm f/4L"),
        ("Phone 4G", "Phone 5G"),
        ("Router 802.11g", "Router 802.11n"),
        ("Notebook 15.6 inch", "Notebook 17 inch"),
        ("Memory 8 GB", "Memory 16 GB"),
        ("Headset WH-1000XM4", "Headset WH-1000XM5"),
        ("HDMI to VGA", "VGA to HDMI"),
        ("Switch, managed", "Switch, unmanaged"),
        ("Running shoes men", "Running shoes women"),
        ("Keyboard qwerty", "Keyboard qwertz"),
        ("红茶", "绿茶"),
        ("Indoor camera", "Outdoor camera"),
        ("Type S", "Type C"),
        ("Car model S", "Car model M"),
    ],
)
def test_two_things_whose_names_are_close(one, other):
    assert not are_same(thing(one), thing(other))


def test_another_maker_or_another_category_is_another_thing():
    assert not are_same(thing("Mug"), thing("Mug", brand="Borea"))
    assert not are_same(thing("Mug"), thing("Mug", brand=None))
    assert not are_same(thing("Mug"), thing("Mug", category="toys"))
    assert are_same(thing("Mug", brand=None), thing("Mug", brand=None))


def test_another_spelling_needs_an_embedding_beside_it():
    assert not are_same(thing("Mouse pads"), thing("Mouse pad", embedding=(0.0, 1.0)))
    assert are_same(thing("Mouse pad"), thing("Mouse pad", embedding=(0.0, 1.0)))


def test_a_color_word_is_a_name_where_no_color_is_stated():
    assert not are_same(thing("Red wine", attributes={}), thing("White wine", attributes={}))
    assert are_same(thing("Red mug"), thing("White mug"))


@pytest.mark.parametrize(
    ("query", "one", "other"),
    [
        (Query("yellow patch cable"), "Patch cable blue", "Patch cable yellow"),
        (
            Query("patch cable", Filters(include={"color": ("blue", "yellow")})),
            "Patch cable blue",
            "Patch cable yellow",
        ),
        (Query("patch cable", Filters(exclude={"color": ("black",)})), "Patch cable blue", "Patch cable yellow"),
        (Query("patch cable 2 m"), "Patch cable 2 m", "Patch cable 5 m"),
        (Query("t-shirt size m"), "T-shirt, M", "T-shirt, XL"),
        (Query("shirt", Filters(include={"size": ("m",)})), "T-shirt, M", "T-shirt, XL"),
        (Query("battery pack of 4"), "Battery, pack of 4", "Battery, pack of 12"),
        (Query("黑色羽绒服"), "黑色羽绒服", "红色羽绒服"),
        (Query("5双装袜子"), "袜子5双装", "袜子10双装"),
        (Query("龙井茶 500克"), "龙井茶250克", "龙井茶500克"),
    ],
)
def test_what_the_wish_names_keeps_things_apart(query, one, other):
    assert are_same(thing(one), thing(other))
    assert not are_same(thing(one), thing(other), query)


def test_a_word_of_the_wish_that_only_one_of_them_says_keeps_them_apart():
    english, german = (thing("Keyboard", description=text) for text in ("USB, English keys", "USB, German keys"))
    assert are_same(english, german, Query("usb keyboard"))
    assert not are_same(english, german, Query("keyboard with german keys"))
    leather, cloth = (thing("沙发", description=text) for text in ("真皮面料", "布艺面料"))
    assert are_same(leather, cloth, Query("沙发"))
    assert not are_same(leather, cloth, Query("真皮沙发"))


def test_a_wished_value_that_only_one_of_them_states_keeps_them_apart():
    red, blue = (thing("Mug", attributes={"material": (value,)}) for value in ("steel", "glass"))
    assert are_same(red, blue)
    assert not are_same(red, blue, Query("", Filters(include={"material": ("steel", "glass")})))


def test_the_first_stands_for_all_and_others_are_compared_with_it_alone():
    things = [thing("Mug"), thing("Cup"), thing("Mug, red"), thing("Cup 3-pack"), thing("Bowl"), thing("Mug, blue")]
    assert Sameness(ANY).firsts(things) == [0, 1, 0, 1, 4, 0]
    assert Sameness(ANY).firsts([]) == []


def test_a_title_of_nothing_but_a_variant_is_kept():
    assert title_of("Red", "", frozenset(), True) == ("red",)
    assert title_of("Acme", "Acme", frozenset(), True) == ("acme",)
    assert title_of("...", "", frozenset(), True) == ()


def test_which_kinds_of_variant_a_text_names():
    assert stripped("a dark blue shirt in size 42, 3-pack") == (("a", "shirt", "in"), {"color", "size", "pack"})
    assert stripped("dark blue shirt", frozenset({"color"})) == (("dark", "blue", "shirt"), set())


@given(
    st.lists(
        st.tuples(st.sampled_from(["Mug", "Mug, red", "Cup", "Cup 3-pack", "Bowl", "Plates"]), st.sampled_from("AB")),
        max_size=12,
    ),
    st.integers(0, 6),
)
def test_what_is_the_same_as_the_first_few_is_told_without_the_rest(named, n_needed):
    things = [thing(title, brand=brand) for title, brand in named]
    whole, part = Sameness(ANY).firsts(things), Sameness(ANY).firsts(things, n_needed)
    heads = [row for row, first in enumerate(whole) if first == row][:n_needed]
    assert [row for row, first in enumerate(part) if first == row][: len(heads)] == heads
    for head in heads:
        assert [row for row, first in enumerate(part) if first == head] == [
            row for row, first in enumerate(whole) if first == head
        ]
