"""Imports that must not happen, or only in part: mappings, reviews, policies, changes of what is not there, and feeds
that would empty a shop."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bad_feeds import GOOD_LINE, attempt, bad, lines

from assistant.shop import Shop
from retrieval.errors import CatalogError, FeedError

FIELDS = '[fields]\nid = "id"\ntitle = "title"\nprice = "price"\n'
BASIC = f'currency = "USD"\nprice_unit = "major"\n{FIELDS}'
TEN = "id,title,price\n" + "".join(f"{n},Lamp {n},5\n" for n in range(10))
NO_TEXT = "input should be a valid string, unable to parse raw data as a unicode string"
NO_NUMBER = "is not a number such as 1299, 1299.00 or 1,299.00"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path / "shop") as shop:
        (tmp_path / "ten.csv").write_text(TEN, "utf-8")
        shop.import_feed([tmp_path / "ten.csv"])
        yield shop


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


BAD_MAPPINGS: list[tuple[str | bytes, str]] = [
    ("", "cannot be used: currency: Field required; price_unit: Field required; fields: Field required"),
    ("currency = ", "is not TOML: Invalid value (at end of document)"),
    ("a = " + "[" * 10_000, "is not TOML: "),
    ("a = " + "9" * 5_000, "is not TOML: "),
    (b"\xff\xfe\x00", "cannot read the mapping "),
    (
        BASIC.replace("USD", "GOLD"),
        "cannot be used: currency: Value error, 'GOLD' is no ISO 4217 currency code such as USD or CNY",
    ),
    (BASIC.replace("major", "cents"), "cannot be used: price_unit: Input should be 'major' or 'minor'"),
    (
        BASIC + 'colour = "c"\n',
        "cannot be used: fields: Value error, colour: no field of ours; the fields are id, title, price, ",
    ),
    (
        BASIC.replace('price = "price"\n', ""),
        "cannot be used: : Value error, price: must be mapped, no product can do without",
    ),
    ("secret = 1\n" + BASIC, "cannot be used: secret: Extra inputs are not permitted"),
    (
        'encoding = "zlib"\n' + BASIC,
        "cannot be used: encoding: Value error, 'zlib' is no encoding such as utf-8 or gb18030",
    ),
    (
        'encoding = "utf-7"\n' + BASIC,
        "cannot be used: encoding: Value error, 'utf-7' is no encoding such as utf-8 or gb18030",
    ),
    (
        BASIC.replace('"price"', '"cost"'),
        "the mapping names columns that no row of the feed has: 'cost'. The feed's columns are: id, title, price",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD_MAPPINGS, ids=range(len(BAD_MAPPINGS)))
def test_a_mapping_that_cannot_be_used(shop: Shop, tmp_path: Path, text: str | bytes, message: str) -> None:
    version = shop.catalog.version()
    mapping = write(tmp_path / "own.toml", text)
    with pytest.raises(FeedError) as raised:
        shop.import_feed([tmp_path / "ten.csv"], mapping)
    said = str(raised.value).removeprefix(f"the mapping {mapping} ")
    assert said == message if not message.endswith(" ") else said.startswith(message)
    assert shop.catalog.version() == version


def test_a_mapping_with_a_byte_order_mark_is_read(shop: Shop, tmp_path: Path) -> None:
    mapping = write(tmp_path / "own.toml", "\ufeff" + BASIC)
    assert shop.import_feed([tmp_path / "ten.csv"], mapping).n_products == 10


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "feed.csv has no header line"),
        ("id,title,price\n", "feed.csv holds no rows that can be read"),
        (
            "id,title,price\nx,Lamp,?\n",
            f"none of 1 rows could be taken; the first fault: feed.csv line 2: price '?' {NO_NUMBER}",
        ),
        (
            "sku,name\n1,Lamp\n",
            "feed.csv is in no format that is known by its columns (sku, name): name a mapping file, or one of shopify, woocommerce, schemaorg, acp, google, with --mapping",
        ),
    ],
)
def test_a_feed_of_nothing_retires_nothing(shop: Shop, tmp_path: Path, data: str, message: str) -> None:
    with pytest.raises(FeedError) as raised:
        shop.import_feed([write(tmp_path / "feed.csv", data)], max_retired_share=None)
    assert str(raised.value) == message
    assert shop.catalog.n_products() == 10


def test_a_feed_of_a_few_retires_the_others_only_when_told(shop: Shop, tmp_path: Path) -> None:
    feed = write(tmp_path / "feed.csv", "".join(TEN.splitlines(keepends=True)[:7]))
    with pytest.raises(CatalogError) as raised:
        shop.import_feed([feed])
    assert str(raised.value) == (
        "the import would take 4 of 10 products off sale (40%), such as '6', '7', '8'; the catalog stays as it "
        "was. If they are gone for good, say so with --yes; if the feed holds only what changed, import it with --partial"
    )
    assert shop.catalog.n_products() == 10
    assert shop.import_feed([feed], max_retired_share=None).applied.retired == 4
    assert shop.catalog.n_products() == 6


def test_the_currency_is_the_catalogs(shop: Shop, tmp_path: Path) -> None:
    feed = write(tmp_path / "feed.csv", "id,title,price,currency\n1,Lamp,6,USD\n2,Lamp,6,EUR\n3,Lamp,€6,\n")
    report = shop.import_feed([feed], partial=True)
    assert [(row.line, row.field, row.reason) for row in report.rejected] == [
        (3, "currency", "the mapping says USD; import one currency only"),
        (4, "price", "says '€', which is not how an amount in USD is written"),
    ]
    assert [product.variants[0].price_minor for product in shop.catalog.products()][:4] == [500, 600, 500, 500]
    with pytest.raises(FeedError, match="the feed's prices are in EUR, the catalog's in USD"):
        shop.import_feed([feed], partial=True, currency="EUR")
    with pytest.raises(FeedError, match="'XXL' is no ISO 4217 currency code"):
        shop.import_feed([feed], currency="XXL")


PARTIAL: list[tuple[dict[str, Any], str, str]] = [
    ({"id": "new", "title": "New"}, "id", "is no product or variant on sale; a new product needs price as well"),
    ({"id": "before", "price": "?"}, "price", NO_NUMBER),
    ({"id": "before", "sale_price": 10}, "sale_price", "is above the ordinary price of 900 minor units"),
    ({"id": "\ud800", "title": "Lamp", "price": 5}, "id", NO_TEXT),
    ({"id": "a\x00", "title": "Lamp", "price": 5}, "id", "holds control characters, which an id must not"),
    ({"title": "Lamp", "price": 5}, "id", "is missing"),
    ({"id": {"a": []}, "title": "Lamp", "price": 5}, "id", "is not text"),
]


@pytest.mark.parametrize(("row", "field", "reason"), PARTIAL, ids=range(len(PARTIAL)))
def test_a_bad_change_costs_itself(tmp_path: Path, row: dict[str, Any], field: str, reason: str) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines(row)}, partial=True)
    assert outcome.faults == [("feed.jsonl", 2, field, reason)]
    assert outcome.ids == ["before", "good"]
    assert outcome.products["before"].variants[0].price_minor == 900


REVIEWS: list[tuple[str, str, str]] = [
    ('{"product_id": "nobody", "text": "x"}', "reviews.product_id", "is no product of this import"),
    ('{"product_id": "good"}', "reviews.text", "is missing"),
    ('{"product_id": "good", "text": "x", "rating": 6}', "reviews.rating", "input should be less than or equal to 5"),
    ('{"product_id": "good", "text": "x", "rating": 4.5}', "reviews.rating", "is not a whole number up to 1000000000"),
    ('{"product_id": "good", "text": "x", "language": "fr"}', "reviews.language", "input should be 'en' or 'zh'"),
    ('{"product_id": "good", "text": "\\ud800"}', "reviews.text", NO_TEXT),
    ('{"product_id": "good", "text": "<script>x</script>"}', "reviews.text", "string should have at least 1 character"),
    (
        '{"product_id": "good", "text": "ok", "id": "r"}',
        "reviews.id",
        "repeats the id of another review of this product",
    ),
    ("{", "reviews.row", "is not JSON: Expecting property name enclosed in double quotes: line 2 column 1 (char 2)"),
]


@pytest.mark.parametrize(("line", "field", "reason"), REVIEWS, ids=range(len(REVIEWS)))
def test_a_bad_review_costs_itself(tmp_path: Path, line: str, field: str, reason: str) -> None:
    reviews = '{"product_id": "good", "text": "fine", "id": "r"}\n' + line + "\n"
    outcome = attempt(tmp_path, {"feed.jsonl": GOOD_LINE}, reviews={"reviews.jsonl": reviews})
    assert outcome.faults == [("reviews.jsonl", 2, field, reason)]
    assert (outcome.ids, outcome.n_rejected) == (["good"], 0)


POLICIES: list[tuple[str, str, str]] = [
    ('{"id": "a", "topic": "t", "title": "T"}', "policies.text", "is missing"),
    (
        '{"id": "a", "topic": "t", "title": "T", "text": "x", "kind": "law"}',
        "policies.kind",
        "input should be 'policy' or 'faq'",
    ),
    (
        '{"id": "../a", "topic": "t", "title": "T", "text": "x"}',
        "policies.id",
        "looks like a path out of a folder, which an id must not",
    ),
    (
        '{"id": "p", "topic": "t", "title": "T", "text": "x"}',
        "policies.id",
        "repeats the id of another policy in this language",
    ),
]


@pytest.mark.parametrize(("line", "field", "reason"), POLICIES, ids=range(len(POLICIES)))
def test_a_bad_policy_costs_itself(tmp_path: Path, line: str, field: str, reason: str) -> None:
    policies = '{"id": "p", "topic": "t", "title": "T", "text": "x"}\n' + line + "\n"
    outcome = attempt(tmp_path, {"feed.jsonl": GOOD_LINE}, policies={"policies.jsonl": policies})
    assert outcome.faults == [("policies.jsonl", 2, field, reason)]


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("---\n- a\n---\n# Rules\nText", "the front matter of rules.md must be lines such as `topic: returns`: ['a']"),
        ("# T\n" + "[" * 2**20, "rules.md has more than the 1,048,576 characters of a page: split it"),
    ],
)
def test_pages_that_cannot_be_read(tmp_path: Path, page: str, message: str) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": GOOD_LINE}, policies={"rules.md": page})
    assert (outcome.error, outcome.ids) == (f"FeedError: {message}", ["before"])


@pytest.mark.parametrize("front", ["# a comment", "", "~"])
def test_front_matter_that_states_nothing(tmp_path: Path, front: str) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": GOOD_LINE}, policies={"rules.md": f"---\n{front}\n---\n# Rules\nText"})
    assert (outcome.error, outcome.faults, outcome.ids) == (None, [], ["good"])


def test_a_report_does_not_overwrite_the_feed(shop: Shop, tmp_path: Path) -> None:
    feed = tmp_path / "ten.csv"
    with pytest.raises(FeedError) as raised:
        shop.import_feed([feed], report=tmp_path / "shop" / ".." / "ten.csv")
    assert str(raised.value).startswith("the report would overwrite ")
    assert feed.read_text("utf-8") == TEN


def test_a_truncated_feed_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    rows = json.dumps([bad(id=str(n), price=7) for n in range(2_000)])
    version = shop.catalog.version()
    with pytest.raises(FeedError, match="it ends inside a list, object or text; was it cut off"):
        shop.import_feed([write(tmp_path / "feed.json", rows[:-20])], max_retired_share=None)
    assert (shop.catalog.version(), shop.catalog.n_products()) == (version, 10)
    assert not list(shop.paths.root.glob("*.staging"))
