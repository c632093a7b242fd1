"""Size charts as merchants write them, and the general ones against the formulas that they come from."""

import doctest
import importlib
import json
import pkgutil
from decimal import Decimal
from pathlib import Path

import pytest

import assistant.sizing
from assistant.sizing.charts import CHARTS_FILE, default_charts, load_size_charts, parse_charts
from retrieval.demo import DEMO_FOLDER, SIZE_CHARTS_FILE
from retrieval.errors import ConfigError

JACKETS = """
[[chart]]
name = { en = "Halvorn jackets", zh = "Halvorn夹克尺码表" }
categories = ["jackets"]
brand = "Halvorn"
length = "in"
weight = "lb"
sizes = [
    { size = "m", height = [65, 69], weight = [130, 150] },
    { size = "l", height = [69, 73], weight = [150, 175], also = { EU = "52" } },
]
"""


@pytest.mark.parametrize("name", [info.name for info in pkgutil.walk_packages(assistant.sizing.__path__)])
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"assistant.sizing.{name}")).failed == 0


def test_a_chart_in_inches_and_pounds_is_read_in_centimetres_and_kilograms() -> None:
    (chart,) = parse_charts(JACKETS, "size_charts.toml")
    assert (chart.brand, chart.audience, chart.kinds) == ("halvorn", None, ("height", "weight"))
    assert chart.rows[0].fits["height"] == (Decimal("165.10"), Decimal("175.26"))
    assert chart.rows[0].fits["weight"][0] == Decimal("58.96700810")
    assert chart.rows[1].names == ("l", "eu 52")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[chart]]", "[[chart", "not valid TOML.*line 2"),
        ("[[chart]]", "[[charts]]", r"\[\[chart\]\] tables and nothing else"),
        ('brand = "Halvorn"', "brand = 3", "line 5, chart 1: brand must be a text"),
        ('brand = "Halvorn"', 'audience = "dogs"', "line 5, chart 1: audience must be one of women, men, unisex, kids"),
        ('brand = "Halvorn"', 'maker = "Halvorn"', "line 5, chart 1: unknown field 'maker'; known are"),
        ('["jackets"]', "[]", "line 4, chart 1: categories must be a list"),
        ('length = "in"', 'length = "yd"', "line 6, chart 1: length must be one of cm, mm, in"),
        ("[65, 69]", "[69, 65]", "line 9, chart 1, size 'm': height must rise, between 45 and 240 cm"),
        ("[65, 69]", "[65]", "line 9, chart 1, size 'm': height must be two numbers"),
        ("[65, 69]", "[nan, 69]", "line 9, chart 1, size 'm': height must rise"),
        ("[65, 69]", "[true, 69]", "line 9, chart 1, size 'm': height must be two numbers"),
        ("height = [65, 69]", "girth = [65, 69]", "line 9, chart 1, size 'm': unknown field 'girth'"),
        ("[69, 73]", "[68, 73]", "line 10, chart 1, size 'l': height overlaps with size 'm'"),
        ('size = "l", height = [69, 73], ', 'size = "l", ', "line 10, chart 1, size 'l': all sizes .* same measures"),
        ('{ EU = "52" }', "{ EU = 52 }", "line 10, chart 1, size 'l': also must be sizes by system"),
        ('size = "l"', 'size = "M"', "line 8, chart 1: a size stands there twice"),
        ('name = { en = "Halvorn jackets", zh = "Halvorn夹克尺码表" }', "name = {}", "line 3, chart 1: name must be"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in JACKETS
    (tmp_path / CHARTS_FILE).write_text(JACKETS.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError, match=message):
        load_size_charts(tmp_path)


def test_the_chart_of_the_brand_goes_before_the_general_one(tmp_path: Path) -> None:
    (tmp_path / CHARTS_FILE).write_text(JACKETS, "utf-8")
    charts = load_size_charts(tmp_path)
    names = [
        chart.name["en"] if (chart := charts.for_product(*asked)) else None
        for asked in (
            ("jackets", "apparel", "Halvorn", "men"),
            ("jackets", "apparel", "Odrelle", "men"),
            ("夹克", "服饰", None, None),
            ("Women's Shoes", None, None, "women"),
            ("hiking boots", "shoes", None, None),
            ("shoe racks", "home", None, None),
            ("kettles", "kitchen", None, None),
            (None, None, None, None),
        )
    ]
    assert names == [
        "Halvorn jackets",
        "general chart for men's tops",
        "general chart for unisex tops",
        "general chart for women's shoes",
        "general shoe chart",
        None,
        None,
        None,
    ]


def test_a_shop_without_charts_has_the_general_ones(tmp_path: Path) -> None:
    assert load_size_charts(tmp_path) == default_charts()


def test_the_general_shoe_charts_follow_the_formulas() -> None:
    """EU: Paris points; UK: barleycorns; US: the UK's and one (men) or two (women); CN: millimetres of the foot."""
    for chart in default_charts().charts:
        for row in chart.rows if "foot" in chart.kinds else ():
            size = int(row.size)
            last_mm = size * 20 / 3
            low, high = (float(bound) * 10 for bound in row.fits["foot"])
            assert low == pytest.approx(last_mm - 21, abs=0.5)
            assert high == pytest.approx(last_mm + 20 / 3 - 21, abs=0.5)
            assert abs(int(row.also["CN"]) - (last_mm - 20)) <= 2.5
            if "UK" in row.also:
                uk = float(row.also["UK"])
                assert abs(uk - (3 * last_mm / 25.4 - 25)) <= 0.25
                assert float(row.also["US"]) - uk == (2 if chart.audience == "women" else 1)


def test_the_demo_shops_charts_and_the_general_ones_agree() -> None:
    demo = json.loads((DEMO_FOLDER / SIZE_CHARTS_FILE).read_text("utf-8"))
    shoes = default_charts().for_product("shoes", None, None, None)
    assert shoes is not None
    general = {row.size: row.fits["foot"] for row in shoes.rows}
    for row in demo["shoes"]:
        stated = [Decimal(bound) / 10 for bound in row["foot_length_mm"]]
        assert all(abs(a - b) <= Decimal("0.1") for a, b in zip(stated, general[row["size"]], strict=True))
    for audience, rows in demo["apparel"].items():
        chart = default_charts().for_product("jackets", "apparel", None, audience)
        assert chart is not None
        for stated, row in zip(rows, chart.rows, strict=True):
            assert row.size == stated["size"]
            for kind in ("height", "weight", "chest", "waist"):
                unit = "kg" if kind == "weight" else "cm"
                assert row.fits[kind] == tuple(map(Decimal, stated[f"{kind}_{unit}"]))
