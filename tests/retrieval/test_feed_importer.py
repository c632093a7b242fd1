"""Whole feeds: every row is taken or reported, and the catalog changes whole or not at all."""

import csv
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.errors import FeedError
from retrieval.feed import (
    FeedFiles,
    ImportReport,
    Mapping,
    RejectedRow,
    canonical_mapping,
    load_mapping,
    read_feed,
    stage_feed,
)
from retrieval.feed.mapping import parse_mapping
from retrieval.feed.passages import read_policies, read_reviews
from retrieval.feed.report import MAX_KEPT
from retrieval.types import Policy, Review

CHORUS = Path(__file__).parents[3] / "shared" / "data" / "chorus"
CHORUS_MAPPING = Path(__file__).parents[2] / "benchmarks" / "mappings" / "chorus.toml"
STRICT = parse_mapping(
    'currency = "USD"\nprice_unit = "major"\n[fields]\nid = "sku"\ntitle = "name"\nprice = "cost"\nbrand = "maker"\n'
)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    return Catalog(engine)


def import_feed(
    catalog: Catalog,
    paths: list[Path],
    mapping: Mapping,
    report_path: Path | None = None,
    reviews: tuple[Path, ...] = (),
    policies: tuple[Path, ...] = (),
) -> ImportReport:
    staged = stage_feed(paths[0].parent, FeedFiles(paths, mapping, reviews, policies), report_path=report_path)
    applied = catalog.apply(staged.path, whole=True)
    staged.path.unlink()
    return replace(staged.report, applied=applied)


def jsonl(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def row(product_id: str, **cells: Any) -> dict[str, Any]:
    return {"id": product_id, "title": f"Lamp {product_id}", "price": 5, **cells}


def test_the_report_says_where_what_and_why(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("id,title,price\n1,Lamp,19.99\n2,,x\n1,Lamp again,5\n3,Kettle,7,extra\n4,Kettle,7\n", "utf-8")
    report_path = tmp_path / "reports" / "rejected.csv"
    report = import_feed(catalog, [path], canonical_mapping(), report_path)
    assert (report.n_rows, report.n_products, report.n_rejected, report.version) == (5, 2, 3, catalog.version())
    assert [product.id for product in catalog.products()] == ["1", "4"]
    with report_path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["file", "line", "field", "value", "reason"],
            ["feed.csv", "3", "title", "", "is missing"],
            ["feed.csv", "3", "price", "x", "is not a number such as 1299, 1299.00 or 1,299.00"],
            ["feed.csv", "4", "id", "1", "repeats the id of feed.csv line 2"],
            ["feed.csv", "5", "", "", "has more cells than the header's 3; quote cells that hold the separator"],
        ]


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    first = jsonl(tmp_path / "a.jsonl", [row("1", price="bad"), row("1"), row("2")])
    second = jsonl(tmp_path / "b.jsonl", [row("2"), row("3")])
    result = read_feed([first, second], canonical_mapping())
    assert [product.id for product in result.products] == ["1", "2", "3"]
    assert (result.n_rows, result.n_rejected) == (5, 2)
    assert result.rejected[1].reason == "repeats the id of a.jsonl line 3"
    assert (result.rejected[1].file, result.rejected[1].line) == ("b.jsonl", 1)


def test_columns_that_no_row_has_are_named_with_those_that_exist(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "feed.jsonl", [{"sku": "1", "name": "Lamp", "makers": "x"}, {"sku": "2", "weight": 3}])
    with pytest.raises(FeedError) as raised:
        read_feed([path], STRICT)
    assert str(raised.value) == (
        "the mapping names columns that no row of the feed has: 'cost', 'maker'. Did you mean 'makers'? "
        "The feed's columns are: sku, name, makers, weight"
    )


def test_a_column_that_only_some_rows_have_is_fine(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "feed.jsonl",
        [{"sku": "1", "name": "Lamp", "cost": 5}, {"sku": "2", "name": "Pan", "cost": 5, "maker": "A"}],
    )
    assert [product.brand for product in read_feed([path], STRICT).products] == [None, "A"]


def test_the_identity_mapping_still_wants_ids(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="'id'"):
        read_feed([jsonl(tmp_path / "feed.jsonl", [{"sku": "1", "title": "Lamp", "price": 5}])], canonical_mapping())


def test_a_feed_without_one_good_row_leaves_the_catalog(tmp_path: Path, catalog: Catalog) -> None:
    import_feed(catalog, [jsonl(tmp_path / "good.jsonl", [row("1")])], canonical_mapping())
    version = catalog.version()
    bad = jsonl(tmp_path / "bad.jsonl", [row("2", price="?")])
    with pytest.raises(
        FeedError, match=r"none of 1 rows could be taken; the first fault: bad.jsonl line 1: price '\?' is not"
    ):
        import_feed(catalog, [bad], canonical_mapping(), tmp_path / "report.csv")
    assert catalog.version() == version
    assert "bad.jsonl,1,price,?" in (tmp_path / "report.csv").read_text("utf-8")
    (tmp_path / "empty.json").write_text("[]")
    with pytest.raises(FeedError, match="no rows"):
        import_feed(catalog, [tmp_path / "empty.json"], canonical_mapping())


def test_attributes_are_read_off_the_title_where_the_feed_is_silent(tmp_path: Path) -> None:
    rows = [
        row("1", title="Grey waterproof boots"),
        row("2", title="Grey waterproof boots", color="silver", feature="windproof"),
        row("3", title="Grey boots", variants=[{"id": "3a", "color": "red"}]),
    ]
    first, second, third = read_feed([jsonl(tmp_path / "feed.jsonl", rows)], canonical_mapping()).products
    assert (first.attributes, first.attribute_sources) == (
        {"color": ("grey",), "feature": ("waterproof",)},
        {"color=grey": "title", "feature=waterproof": "title"},
    )
    assert (second.attributes, second.attribute_sources) == ({"color": ("silver",), "feature": ("windproof",)}, {})
    assert (third.attributes, third.values("color")) == ({}, ("red",))


def test_reviews_and_policies_from_files_of_their_own(tmp_path: Path, catalog: Catalog) -> None:
    feed = jsonl(tmp_path / "feed.jsonl", [row("1", reviews=[{"id": "r1", "text": "bright"}]), row("2")])
    reviews = jsonl(
        tmp_path / "reviews.jsonl",
        [
            {"id": "r1", "product_id": "1", "text": "other"},
            {"id": "r1", "product_id": "2", "text": "亮", "language": "zh", "rating": 4},
            {"id": "r1", "product_id": "2", "text": "twice"},
            {"id": "r2", "product_id": "9", "text": "lost"},
        ],
    )
    policies = jsonl(
        tmp_path / "policies.jsonl",
        [
            {"id": "p1", "topic": "returns", "language": "en", "title": "Returns", "text": "30 days"},
            {"id": "p1", "topic": "returns", "language": "zh", "title": "退货", "text": "30天", "kind": "faq"},
            {"id": "p1", "topic": "returns", "language": "zh", "title": "退货", "text": "again"},
            {"id": "p2", "topic": "returns", "language": "en", "title": "Returns"},
        ],
    )
    report = import_feed(catalog, [feed], canonical_mapping(), None, (reviews,), (policies,))
    assert (report.n_products, report.n_rejected, report.n_reviews, report.n_policies) == (2, 0, 2, 2)
    assert list(catalog.reviews()) == [Review("r1", "1", "bright"), Review("r1", "2", "亮", 4, "zh")]
    assert catalog.policies("zh") == [Policy("p1", "returns", "zh", "退货", "30天", "faq")]
    assert [(fault.file, fault.line, fault.field) for fault in report.rejected] == [
        ("reviews.jsonl", 3, "reviews.id"),
        ("reviews.jsonl", 4, "reviews.product_id"),
        ("policies.jsonl", 3, "policies.id"),
        ("policies.jsonl", 4, "policies.text"),
    ]


def test_an_import_notes_what_of_its_zips_is_not_read(tmp_path: Path) -> None:
    rows = {
        "products": [{"id": "1", "title": "Lamp", "price": 5}],
        "reviews": [{"product_id": "1", "text": "bright"}],
        "policies": [],
    }
    paths = {name: [tmp_path / f"{name}.zip"] for name in rows}
    for name, told in rows.items():
        with zipfile.ZipFile(paths[name][0], "w") as archive:
            archive.writestr(f"{name}.jsonl", "".join(json.dumps(cells) + "\n" for cells in told))
            archive.writestr(f"{name}.xlsx", "x")
    report = stage_feed(
        tmp_path, FeedFiles(paths["products"], canonical_mapping(), paths["reviews"], paths["policies"])
    ).report
    assert (report.n_products, report.n_reviews) == (1, 1)
    assert report.notes == tuple(
        f"not read of {name}.zip: '{name}.xlsx' (spreadsheets are not read: save it as CSV)" for name in rows
    )


def test_reviews_and_policies_stand_alone(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "x.jsonl", [5])
    for read in (read_reviews, read_policies):
        wrong: list[RejectedRow] = []
        assert list(read([path], STRICT, wrong.append)) == []
        assert [fault.reason for fault in wrong] == ["is not an object"]


def test_nothing_is_left_behind_when_staging_fails(tmp_path: Path) -> None:
    bad = jsonl(tmp_path / "bad.jsonl", [row("2", price="?")])
    with pytest.raises(FeedError, match="none of 1 rows"):
        stage_feed(tmp_path, FeedFiles([bad], canonical_mapping()))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.jsonl"]


def test_of_many_faults_the_first_are_kept_and_all_are_written_and_counted(tmp_path: Path, catalog: Catalog) -> None:
    rows = [row("0"), *(row(str(n), price=f"{n} apples", stock="lots") for n in range(1, MAX_KEPT + 1))]
    report = import_feed(
        catalog, [jsonl(tmp_path / "feed.jsonl", rows)], canonical_mapping(), tmp_path / "rejected.csv"
    )
    assert (report.n_rows, report.n_products, report.n_rejected) == (MAX_KEPT + 1, 1, MAX_KEPT)
    assert len(report.rejected) == MAX_KEPT
    assert set(report.reasons.values()) == {MAX_KEPT}
    assert [reason.split()[0] for reason in report.reasons] == ["price", "stock"]
    assert len((tmp_path / "rejected.csv").read_text("utf-8").splitlines()) == 1 + 2 * MAX_KEPT


def test_the_report_that_cannot_be_written_stops_the_import_first(tmp_path: Path, catalog: Catalog) -> None:
    feed = jsonl(tmp_path / "feed.jsonl", [row("1")])
    with pytest.raises(FeedError, match="cannot write the report"):
        import_feed(catalog, [feed], canonical_mapping(), tmp_path)
    assert catalog.version() == ""


def test_what_the_mapping_does_not_want_is_no_fault(tmp_path: Path, catalog: Catalog) -> None:
    active = canonical_mapping().model_copy(update={"only_if": {"status": ("active", "")}})
    feed = jsonl(tmp_path / "feed.jsonl", [row("1", status="active"), row("2", status="draft"), row("3")])
    report = import_feed(catalog, [feed], active, tmp_path / "rejected.csv")
    assert (report.n_rows, report.n_products, report.n_rejected, report.n_left_out) == (3, 2, 0, 1)
    assert (report.exit_code, report.rejected) == (0, ())
    assert "feed.jsonl,2,status,draft,is left out" in (tmp_path / "rejected.csv").read_text("utf-8")
    with pytest.raises(FeedError, match=r"none of 1 rows could be taken; .* leaves out every row"):
        import_feed(catalog, [jsonl(feed, [row("2", status="draft")])], active)


def test_exit_codes(tmp_path: Path, catalog: Catalog) -> None:
    good = jsonl(tmp_path / "good.jsonl", [row("1")])
    bad = jsonl(tmp_path / "bad.jsonl", [row("1"), row("1")])
    bad_review = jsonl(tmp_path / "reviews.jsonl", [{"product_id": "9", "text": "lost"}])
    assert import_feed(catalog, [good], canonical_mapping()).exit_code == 0
    assert import_feed(catalog, [bad], canonical_mapping()).exit_code == 3
    assert import_feed(catalog, [good], canonical_mapping(), None, (bad_review,)).exit_code == 3


def test_progress_ends_at_all_rows(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    rows = [row(str(n)) for n in range(450)]
    (tmp_path / "feed.json").write_text(json.dumps(rows))
    read_feed([tmp_path / "feed.json"], canonical_mapping(), lambda done, total: told.append((done, total)))
    assert told == [(200, None), (400, None), (450, 450)]


cells = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.lists(st.text(max_size=3), max_size=2)
)
plausible = {
    "id": st.sampled_from(["1", "2", "3", 4]) | cells,
    "title": st.just("Lamp") | cells,
    "price": st.sampled_from(["19.99", 5, "$3", "1,299.00"]) | cells,
    "sale_price": cells,
    "stock": cells,
    "rating": cells,
    "color": cells,
    "date_added": cells,
    "image": cells,
    "variants": cells
    | st.lists(
        st.fixed_dictionaries({}, optional={"id": cells, "price": cells, "size": cells, "image": cells}), max_size=2
    ),
    "reviews": cells
    | st.lists(st.fixed_dictionaries({}, optional={"id": cells, "text": cells, "rating": cells}), max_size=2),
}
feeds = st.lists(st.fixed_dictionaries({}, optional=plausible) | cells, min_size=1, max_size=8)


@given(feeds)
@example([{"id": "1", "title": "Lamp", "price": 5, "reviews": False}])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_of_any_feed_is_taken_or_reported(tmp_path: Path, catalog: Catalog, rows: list[Any]) -> None:
    path = tmp_path / "feed.json"
    path.write_text(json.dumps([row("sure"), *rows]))
    result = read_feed([path], canonical_mapping())
    assert result.n_rows == len(rows) + 1
    assert len({fault.line for fault in result.rejected if fault.costs_row}) == result.n_rejected
    assert len(result.products) + result.n_rejected == result.n_rows
    catalog.replace_all(result.products, result.reviews)
    assert sorted(catalog.products(), key=lambda p: p.id) == sorted(result.products, key=lambda p: p.id)
    assert set(catalog.reviews()) == set(result.reviews)


text_cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(text_cells, text_cells, text_cells), max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_of_any_csv_is_taken_or_reported(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "feed.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "title", "price"), ("sure", "Lamp", "5"), *rows])
    result = read_feed([path], canonical_mapping())
    assert result.n_rows == 1 + sum(1 for cells in rows if any(cell.strip() for cell in cells))
    assert len({fault.line for fault in result.rejected}) == result.n_rejected == result.n_rows - len(result.products)


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.skipif(not CHORUS.is_dir(), reason="the Chorus feed is not beside the checkout")
def test_the_chorus_feed_is_taken_whole(catalog: Catalog, tmp_path: Path) -> None:
    zips = sorted(CHORUS.glob("*.json.zip"))
    raw = {}
    for path in zips:
        with zipfile.ZipFile(path) as archive:
            raw.update((item["id"], item) for name in archive.namelist() for item in json.loads(archive.read(name)))
    report = import_feed(catalog, zips, load_mapping(CHORUS_MAPPING), tmp_path / "rejected.csv")
    assert (report.n_rows, report.n_products, report.rejected) == (19_406, 19_406, ())
    stored = {product.id: product for product in catalog.products()}
    assert {key: product.price_minor for key, product in stored.items()} == {
        key: item["price"] for key, item in raw.items()
    }
    assert catalog.currency() == "USD"
    toner = stored["3920564"]
    assert toner.attributes == {"type": ("original",), "color": ("black",)}
    assert toner.details["black toner page yield"] == "23000"
    assert (toner.brand, str(toner.date_added)) == ("Xerox", "2009-12-10")
    inks = {value for product in stored.values() for value in product.values("color")}
    assert {"cyan", "magenta", "yellow"} <= inks
    assert not [value for value in inks if "," in value]
