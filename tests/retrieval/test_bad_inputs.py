"""Bad cells of a hostile feed, each imported beside one good row: the report is exact, the good row is there."""

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from bad_feeds import attempt, bad, lines

from retrieval.feed.formats import ready_mapping
from retrieval.feed.mapping import parse_mapping

NO_NUMBER = "is not a number such as 1299, 1299.00 or 1,299.00"
NO_COUNT = "is not a whole number up to 1000000000"
NO_PRICE = "must lie between 0 and 10000000000.00"
NO_TEXT = "input should be a valid string, unable to parse raw data as a unicode string"
UNSEEN = "holds control characters, which an id must not"
OUTSIDE = "looks like a path out of a folder, which an id must not"
NO_LINK = "is neither an http(s) address nor a path"
NO_LIST = "is not a list of objects"
DIGITS = "has 5,000 characters, more than the 100 of any number"
DETAILS = parse_mapping(
    'currency = "USD"\nprice_unit = "major"\nmissing_columns = "ignore"\n'
    '[fields]\nid = "id"\ntitle = "title"\nprice = "price"\n[details]\ncolumns = ["*"]'
)
GROUPED = parse_mapping(
    'currency = "USD"\nprice_unit = "major"\nmissing_columns = "ignore"\n'
    '[fields]\nid = "id"\ntitle = "title"\nprice = "price"\n[variants]\ngroup = "parent"\n[details]\ncolumns = ["*"]'
)


def longest(n: int) -> str:
    return f"string should have at most {n} characters"


BAD_CELLS: list[tuple[dict[str, Any], str, str]] = [
    ({"price": "Infinity"}, "price", NO_NUMBER),
    ({"price": "19,99"}, "price", NO_NUMBER),
    ({"price": "1.299"}, "price", "has 3 decimals, but USD has 2 decimals"),
    ({"price": "1.299,00"}, "price", NO_NUMBER),
    ({"price": "1_299"}, "price", NO_NUMBER),
    ({"price": "1e3"}, "price", NO_NUMBER),
    ({"price": "1299 F"}, "price", "says 'F', which is not how an amount in USD is written"),
    ({"price": -5}, "price", NO_PRICE),
    ({"price": "-5.00"}, "price", NO_PRICE),
    ({"price": 0}, "price", "a price of 0 would give it away; leave the row out or state the price"),
    ({"price": True}, "price", NO_NUMBER),
    ({"price": [5]}, "price", NO_NUMBER),
    ({"price": {"amount": 5}}, "price", NO_NUMBER),
    ({"price": ""}, "price", "is missing"),
    ({"price": "9" * 5_000}, "price", DIGITS),
    ({"price": "1" + "a" * 4_998 + "1"}, "price", DIGITS),
    ({"price": "9" * 99}, "price", NO_PRICE),
    ({"price": "5 EUR"}, "price", "says 'EUR', which is not how an amount in USD is written"),
    ({"price": "10-20"}, "price", NO_NUMBER),
    ({"sale_price": 7}, "sale_price", "is above the ordinary price of 500 minor units"),
    ({"sale_price": "a bargain"}, "sale_price", NO_NUMBER),
    ({"currency": "EUR"}, "currency", "the mapping says USD; import one currency only"),
    ({"currency": "gold"}, "currency", "the mapping says USD; import one currency only"),
    ({"rating": 7}, "rating", "input should be less than or equal to 5"),
    ({"rating": -1}, "rating", "input should be greater than or equal to 0"),
    ({"rating": "five stars"}, "rating", NO_NUMBER),
    ({"n_reviews": -1}, "n_reviews", "input should be greater than or equal to 0"),
    ({"n_reviews": 1.5}, "n_reviews", NO_COUNT),
    ({"n_reviews": "9" * 5_000}, "n_reviews", DIGITS),
    ({"stock": "many"}, "stock", NO_NUMBER),
    ({"stock": 10**10}, "stock", NO_COUNT),
    ({"date_added": "2026-02-30"}, "date_added", "is not a date such as 2026-11-21"),
    ({"date_added": 20260230}, "date_added", "is not a date such as 2026-11-21"),
    ({"url": "javascript:alert(1)"}, "url", NO_LINK),
    ({"url": " JaVa\tScript:alert(1)"}, "url", NO_LINK),
    ({"url": "\x01javascript:alert(1)"}, "url", NO_LINK),
    ({"image": "data:text/html,<script>x</script>"}, "image", NO_LINK),
    ({"image": "file:///etc/passwd"}, "image", NO_LINK),
    ({"url": "http://[::1"}, "url", "invalid IPv6 URL"),
    ({"url": "https://shop.example/" + "a" * 2_000}, "url", longest(2_000)),
    ({"id": "../../etc/passwd"}, "id", OUTSIDE),
    ({"id": "..\\boot.ini"}, "id", OUTSIDE),
    ({"id": "a\x00b"}, "id", UNSEEN),
    ({"id": "a\nb"}, "id", UNSEEN),
    ({"id": "a\rb"}, "id", UNSEEN),
    ({"id": "a\u2028b"}, "id", UNSEEN),
    ({"id": "a\u202eb"}, "id", UNSEEN),
    ({"id": "\ufeffgood"}, "id", UNSEEN),
    ({"id": "go\u200bod"}, "id", UNSEEN),
    ({"id": "a" * 201}, "id", longest(200)),
    ({"id": "\ud800"}, "id", NO_TEXT),
    ({"id": True}, "id", "is not text"),
    ({"id": ["bad"]}, "id", "is not text"),
    ({"id": " "}, "id", "is missing"),
    ({"id": None}, "id", "is missing"),
    ({"title": "a" * 1_001}, "title", longest(1_000)),
    ({"title": "\ud800"}, "title", NO_TEXT),
    ({"title": "<b>\udfff</b>"}, "title", NO_TEXT),
    ({"title": "<script>alert(1)</script>"}, "title", "string should have at least 1 character"),
    ({"title": {"en": "Lamp"}}, "title", "is not text"),
    ({"description": "a" * 20_001}, "description", longest(20_000)),
    ({"description": "<p>a</p>" * 20_000}, "description", longest(20_000)),
    ({"brand": "a" * 201}, "brand", longest(200)),
    ({"color": [f"shade {n}" for n in range(101)]}, "attributes", "color: more than 100 values"),
    ({"color": "a" * 201}, "attributes.color.0", longest(200)),
    ({"color": "\ud800"}, "attributes.color.0", NO_TEXT),
    (
        {"variants": "[{"},
        "variants",
        "is not JSON: Expecting property name enclosed in double quotes: line 1 column 3 (char 2)",
    ),
    ({"variants": '{"id": "a"}'}, "variants", NO_LIST),
    ({"variants": ["a"]}, "variants", NO_LIST),
    ({"variants": 5}, "variants", NO_LIST),
    ({"variants": [{"size": "M"}]}, "variants.0.id", "is missing"),
    ({"variants": [{"id": "a"}, {"id": "a"}]}, "variants.1.id", "repeats the id of another variant"),
    ({"variants": [{"id": "a", "price": "?"}]}, "variants.0.price", NO_NUMBER),
    ({"variants": [{"id": "../a"}]}, "variants.0.id", OUTSIDE),
    (
        {"variants": [{"id": "a", "sale_price": 6}]},
        "variants.0.sale_price",
        "is above the ordinary price of 500 minor units",
    ),
    (
        {"variants": [{"id": str(n)} for n in range(1_001)]},
        "variants",
        "tuple should have at most 1000 items after validation, not 1001",
    ),
    (
        {"variants": '[{"id": "a", "size": ' + "[" * 700 + "]" * 700 + "}]"},
        "variants",
        "is nested deeper than 64 levels",
    ),
    ({"reviews": '[{"text": ' + "[" * 100_000 + "}]"}, "reviews", "is nested deeper than 64 levels"),
    ({"reviews": "good"}, "reviews", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
]


@pytest.mark.parametrize(("cells", "field", "reason"), BAD_CELLS)
def test_a_bad_cell_costs_its_row(tmp_path: Path, cells: dict[str, Any], field: str, reason: str) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(**cells))})
    assert outcome.faults == [("feed.jsonl", 2, field, reason)]
    assert (outcome.ids, outcome.n_rows, outcome.n_rejected) == (["good"], 2, 1)


NOT_JSON = "is not JSON: "
BAD_LINES: list[tuple[str, str, str]] = [
    ('{"id": "bad", "title": "Bad lamp", "price": NaN}', "price", "is missing"),
    ('{"id": "bad", "title": "Bad lamp", "price": Infinity}', "price", "is not a finite number"),
    ('{"id": "bad", "title": "Bad lamp", "price": 1e400}', "price", NO_PRICE),
    ('{"id": "bad", "title": "Bad lamp", "price": 1e999999999}', "price", NO_PRICE),
    ('{"id": "bad", "title": "Bad lamp", "price": 5, "stock": 1e999999999}', "stock", NO_COUNT),
    ('{"id": "bad", "title": "Bad lamp", "price": 5, "n_reviews": -1e999999999}', "n_reviews", NO_COUNT),
    (
        '{"id": "bad", "title": "Bad lamp", "price": 5, "rating": 1e400}',
        "rating",
        "input should be less than or equal to 5",
    ),
    ('{"id": "bad", "title": "Bad lamp", "price": ' + "9" * 5_000 + "}", "", NOT_JSON + "a number of 5,000 characters"),
    (
        '{"id": "bad", "title": "Bad lamp", "price": 1' + "0" * 4_997 + "e1}",
        "",
        NOT_JSON + "a number of 5,000 characters",
    ),
    ('{"id": "bad", "id": "good", "title": "Bad lamp", "price": 5}', "", NOT_JSON + "an object has 'id' twice"),
    ('{"\\ud800": 1, "\\ud800": 2}', "", NOT_JSON + "an object has '\\ud800' twice"),
    ("{" + '"a": 1, ' * 200_000 + '"b": 1}', "", NOT_JSON + "an object has 'a' twice"),
    ('["bad", "Bad lamp", 5]', "", "is not an object"),
    ("null", "", "is not an object"),
    (
        '{"id": "bad", "title": "Bad lamp", "price": 5',
        "",
        NOT_JSON + "Expecting ',' delimiter: line 2 column 1 (char 46)",
    ),
    ("\x00", "", NOT_JSON + "Expecting value: line 1 column 1 (char 0)"),
    (
        '{"id": "bad", "title": "a\x00b", "price": 5}',
        "",
        NOT_JSON + "Invalid control character at: line 1 column 26 (char 25)",
    ),
    (
        '{"id": "bad", "title": "Bad lamp", "price": 5, "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "",
        "is nested deeper than 64 levels",
    ),
    ('{"id": "bad", "title": "' + "a" * 2**22 + '"}', "", "is longer than 4,194,304 characters"),
]


@pytest.mark.parametrize(("line", "field", "reason"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_costs_itself(tmp_path: Path, line: str, field: str, reason: str) -> None:
    begun = time.perf_counter()
    outcome = attempt(tmp_path, {"feed.jsonl": lines(line)})
    assert outcome.faults == [("feed.jsonl", 2, field, reason)]
    assert (outcome.ids, outcome.n_rows, outcome.n_rejected) == (["good"], 2, 1)
    assert time.perf_counter() - begun < 5


HEADER = "id,title,price\ngood,Good lamp,5\n"
BAD_ROWS: list[tuple[str, int, str, str]] = [
    ("bad,Bad lamp,5,extra\n", 3, "", "has more cells than the header's 3; quote cells that hold the separator"),
    ("bad,Bad lamp\n", 3, "", "has 2 cells, fewer than the header's 3; quote cells that hold line ends"),
    ('bad,"Bad lamp,5\n', 3, "", "has a quotation mark too many, or one that never closes"),
    ('bad,"Bad" lamp,5\n', 3, "", "has a quotation mark too many, or one that never closes"),
    (f'bad,"{"a" * 131_073}",5\n', 3, "", "has a cell of more than 131,072 characters"),
    ("bad," + "a" * 2**22 + ",5\n", 3, "", "is longer than 4,194,304 characters"),
    ("bad,Bad lamp,NaN\n", 3, "price", NO_NUMBER),
    ("ba\x00d,Bad lamp,5\n", 3, "id", UNSEEN),
    ("good,Another lamp,6\n", 3, "id", "repeats the id of feed.csv line 2"),
    ("\ufeffid,title,price\n", 3, "id", UNSEEN),
    (",Bad lamp,5\n", 3, "id", "is missing"),
]


@pytest.mark.parametrize(("row", "line", "field", "reason"), BAD_ROWS, ids=range(len(BAD_ROWS)))
def test_a_bad_row_of_a_csv_costs_itself(tmp_path: Path, row: str, line: int, field: str, reason: str) -> None:
    outcome = attempt(tmp_path, {"feed.csv": HEADER + row})
    assert ("feed.csv", line, field, reason) in outcome.faults
    assert {fault[1] for fault in outcome.faults} == {3}
    assert (outcome.ids, outcome.n_rows, outcome.n_rejected) == (["good"], 2, 1)
    assert outcome.products["good"].title == "Good lamp"


def test_an_open_quote_swallows_no_other_row(tmp_path: Path) -> None:
    rows = "".join(f"{n},Lamp {n},5\n" for n in range(2_000))
    outcome = attempt(tmp_path, {"feed.csv": f'{HEADER}bad,"Bad lamp,5\n{rows}'})
    assert outcome.faults == [("feed.csv", 3, "", "has a quotation mark too many, or one that never closes")]
    assert len(outcome.ids) == 2_001


@pytest.mark.parametrize(
    ("price", "minor"),
    [
        ("1,299.00", 129_900),
        ("１２９９", 129_900),
        ("１，２９９．００", 129_900),
        ("$1,299", 129_900),
        (" 5 ", 500),
        ("5USD", 500),
    ],
)
def test_prices_that_can_only_mean_one_thing_are_read(tmp_path: Path, price: str, minor: int) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines({"id": "odd", "title": "Odd lamp", "price": price})})
    assert outcome.faults == []
    assert outcome.products["odd"].variants[0].price_minor == minor


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("<b>Red</b> lamp<script>alert(1)</script>", "Red lamp"),
        ("<img src=x onerror=alert(1)>Lamp", "Lamp"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Lamp", "Lamp"),
        ("Lamp\x00\x1b[31m", "Lamp [31m"),
        ("Lamp \u202e00.5\u202c", "Lamp 00.5"),
        ("\ufeffLamp", "Lamp"),
        ("&#" + "1" * 5_000 + ";", "\ufffd"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ],
)
def test_titles_are_cleaned(tmp_path: Path, title: str, shown: str) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines({"id": "odd", "title": title, "price": 5})})
    assert outcome.faults == []
    assert outcome.products["odd"].title == shown


def test_html_of_any_depth_costs_no_time(tmp_path: Path) -> None:
    begun = time.perf_counter()
    deep = "<div>" * 800_000 + "<script>x()</script>Deep <b>words</b>"
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(description=deep))})
    assert outcome.products["bad"].description == "Deep\nwords"
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("cell", ["<b>\ud800</b>", "\ud800", ["\ud800"], {"\ud800": 1}])
def test_half_surrogates_in_details_cost_their_row(tmp_path: Path, cell: object) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(weight=cell))}, mapping=DETAILS)
    assert outcome.faults == [("feed.jsonl", 2, "details.weight", NO_TEXT)]
    assert outcome.ids == ["good"]


def test_references_to_no_character_in_details(tmp_path: Path) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(weight="&#" + "1" * 5_000 + ";"))}, mapping=DETAILS)
    assert outcome.products["bad"].details == {"weight": "\ufffd"}


@pytest.mark.parametrize("name", ["[attributes]", "[variants]", "[image]"])
@pytest.mark.parametrize("cell", ["x", 5, {"size": 5}, [{"id": "x"}]])
def test_no_column_passes_for_one_of_ours(tmp_path: Path, name: str, cell: object) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(**{name: cell}))})
    assert (outcome.faults, outcome.ids) == ([], ["bad", "good"])
    assert [variant.id for variant in outcome.products["bad"].variants] == ["bad"]


def test_no_object_passes_for_a_number(tmp_path: Path) -> None:
    rows = [bad(parent="group", weight={"$number": "x"}), bad(id="bad2", parent="group", weight={"number": "y"})]
    outcome = attempt(tmp_path, {"feed.jsonl": lines(*rows)}, mapping=GROUPED)
    assert (outcome.faults, outcome.ids) == ([], ["good", "group"])


def test_options_called_as_the_id_leave_the_id(tmp_path: Path) -> None:
    cells = {"item_id": "a", "title": "Lamp", "price": "5 USD", "variant_dict": '{"item_id": "x", "group_id": "y"}'}
    outcome = attempt(tmp_path, {"feed.jsonl": json.dumps(cells)}, mapping=ready_mapping("acp", "USD"))
    assert (outcome.faults, outcome.ids) == ([], ["a"])


@pytest.mark.parametrize("best", ["sNaN", "Infinity", "1e999999", "0"])
def test_scales_that_are_none_leave_the_rating(tmp_path: Path, best: str) -> None:
    rating = {"ratingValue": "4", "bestRating": best}
    node = {"@type": "Product", "sku": "a", "name": "Lamp", "offers": {"price": 5}, "aggregateRating": rating}
    outcome = attempt(tmp_path, {"feed.jsonld": json.dumps(node)}, mapping=ready_mapping("schemaorg", "USD"))
    assert outcome.ids == ["a"]


def test_formulas_are_harmless_in_the_report(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://evil.example","Click")'
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(price=formula), bad(stock="@SUM(1)"), bad(n_reviews="-1"))})
    written = list(csv.DictReader(io.StringIO(outcome.report_csv)))
    assert [row["value"] for row in written] == [f"'{formula}", "'@SUM(1)", "'-1"]
    assert [row.value for row in outcome.rejected] == [formula, "@SUM(1)", "-1"]


def test_what_the_report_shows_is_bounded(tmp_path: Path) -> None:
    key = "k" * 100_000
    outcome = attempt(
        tmp_path, {"feed.jsonl": lines(f'{{"{key}": 1, "{key}": 2}}', bad(variants=[{"id": "x", key: 1}]))}
    )
    assert [len(row.reason) for row in outcome.rejected] == [135, len(longest(200))]
    assert outcome.rejected[1].field.startswith("variants.0.attributes.kkk")
    assert len(outcome.report_csv) < 2_000


def test_ids_repeat_across_files(tmp_path: Path) -> None:
    outcome = attempt(tmp_path, {"a.jsonl": lines(bad()), "b.csv": HEADER + "bad,Other,6\nc,Third,7\n"})
    assert outcome.faults == [
        ("b.csv", 2, "id", "repeats the id of a.jsonl line 1"),
        ("b.csv", 3, "id", "repeats the id of a.jsonl line 2"),
    ]
    assert (outcome.ids, outcome.n_rows, outcome.n_rejected) == (["bad", "c", "good"], 5, 2)
