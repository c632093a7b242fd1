"""A hundred thousand rows of anything, and files far larger than what an import may hold in memory."""

import csv
import io
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pytest
from bad_feeds import open_catalog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.catalog import Catalog
from retrieval.errors import FeedError
from retrieval.feed import FeedFiles, canonical_mapping, stage_feed
from retrieval.feed.mapping import FIELDS
from retrieval.types import Product, Variant

Row = dict[str, Any]

N_FEEDS, N_ROWS = 200, 500
SCRAPS = (
    "",
    " ",
    "5",
    "19,99",
    "1,299.00",
    "１２９９",
    "-1",
    "NaN",
    "1e400",
    "in stock",
    "2026-02-30",
    "javascript:alert(1)",
    "https://shop.example/a",
    "<script>x</script>",
    "<b>\ud800",
    "&#99999999999;",
    "=1+1",
    "../..",
    "\x00",
    "\ufeff",
    "\u202e",
    "A > B > C",
    "USD",
    "EUR",
    "[{",
    '[{"id": "a"}]',
    '"',
    "\\",
    "red|blue",
    "a" * 300,
    "9" * 200,
    "灯",
)
NUMBERS = (0, -1, 5, 7, 10**30, 1.5, 1e300, float("nan"), float("inf"), True, False, None)
UNWRITABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BEFORE = Product("before", "Kettle", "USD", (Variant("before", 900),))


def any_value(random: Random, level: int = 0) -> Any:
    kind = random.random()
    if kind < 0.35:
        return random.choice(SCRAPS)
    if kind < 0.6:
        return random.choice(NUMBERS)
    if kind < 0.8 or level > 3:
        return "".join(
            chr(random.choice((random.randrange(256), random.randrange(0x110000)))) for _ in range(random.randrange(8))
        )
    if kind < 0.9:
        return [any_value(random, level + 1) for _ in range(random.randrange(3))]
    return {random.choice((*FIELDS, "a", "\ud800")): any_value(random, level + 1) for _ in range(random.randrange(3))}


def any_row(random: Random, n: int) -> Row:
    row: Row = {"id": f"p{n}", "title": "Lamp", "price": 5}
    for name in random.sample((*FIELDS, "color", "size", "x"), random.randrange(4)):
        row[name] = any_value(random)
    return row


def writable(value: Any) -> Any:
    """A value without the characters that YAML and XML cannot hold."""
    if isinstance(value, str):
        return UNWRITABLE.sub("", value)
    if isinstance(value, list):
        return [writable(item) for item in value]
    return {writable(k): writable(v) for k, v in value.items()} if isinstance(value, dict) else value


def as_jsonl(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_yaml(rows: list[Row]) -> str:
    return "".join(f"- {json.dumps(writable(row), ensure_ascii=False)}\n" for row in rows)


def as_csv(rows: list[Row]) -> str:
    columns = sorted({name for row in rows for name in row})
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    for row in rows:
        cells = (row.get(name, "") for name in columns)
        texts = (cell if isinstance(cell, str) else json.dumps(cell) for cell in cells)
        # What a backslash before a quote means is for the file to say; here it says nothing.
        writer.writerow([re.sub(r"[\ud800-\udfff\\]", "", text) for text in texts])
    return written.getvalue()


def as_xml(rows: list[Row]) -> str:
    def element(name: str, value: Any) -> str:
        if isinstance(value, list):
            return "".join(element(name, item) for item in value)
        inside = "".join(map(element, *zip(*value.items(), strict=True))) if value and isinstance(value, dict) else ""
        tag = re.sub(r"\W", "", name) or "a"
        return f"<{tag}>{inside or escape(str(value))}</{tag}>"

    items = map(writable, rows)
    named = ("".join(element(name, cell) for name, cell in item.items()) for item in items)
    return f"<rss>{''.join(f'<item>{inside}</item>' for inside in named)}</rss>"


WRITERS: dict[str, Callable[[list[Row]], str]] = {
    "feed.jsonl": as_jsonl,
    "feed.json": json.dumps,
    "feed.csv": as_csv,
    "feed.yaml": as_yaml,
    "feed.xml": as_xml,
}


def check_import(catalog: Catalog, folder: Path, name: str, rows: list[Row]) -> int:
    """Import a feed, and hold what is reported and what the catalog holds against what was given; how many taken."""
    path = folder / name
    path.write_text(WRITERS[name](rows), "utf-8")
    version, report_path = catalog.version(), folder / "report.csv"
    try:
        staged = stage_feed(folder, FeedFiles([path], canonical_mapping()), report_path=report_path)
    except FeedError:
        assert catalog.version() == version
        return 0
    report = staged.report
    applied = catalog.apply(staged.path, whole=True, max_retired_share=None)
    staged.path.unlink()
    with report_path.open(encoding="utf-8", newline="") as file:
        faults = [(row["line"], row["field"]) for row in csv.DictReader(file)]
    told = {line for line, field in faults if not field.startswith("reviews.")}
    assert report.n_rows == len(rows) == report.n_products + report.n_rejected
    assert len(told) == report.n_rejected
    held = list(catalog.products())
    assert len(held) == report.n_products == len({product.id for product in held})
    assert all(variant.price_minor > 0 for product in held for variant in product.variants)
    assert applied.version == catalog.version()
    return report.n_products


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_rows_of_anything_are_taken_or_reported(tmp_path: Path, name: str) -> None:
    random = Random(f"hostile {name}")
    taken = 0
    with open_catalog(tmp_path) as catalog:
        catalog.replace_all([BEFORE])
        for _ in range(N_FEEDS // len(WRITERS)):
            taken += check_import(catalog, tmp_path, name, [any_row(random, n) for n in range(N_ROWS)])
    n_given = N_FEEDS // len(WRITERS) * N_ROWS
    assert 0.2 * n_given < taken < 0.9 * n_given


words = st.text(st.characters(codec=None), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.sampled_from(SCRAPS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=6,
)
hostile_rows = st.dictionaries(st.sampled_from((*FIELDS, "color", "size")), values, max_size=6)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(hostile_rows, min_size=1, max_size=10), name=st.sampled_from(["feed.jsonl", "feed.json"]))
def test_any_values_are_taken_or_reported(tmp_path: Path, rows: list[Row], name: str) -> None:
    good = {"id": "[good]", "title": "Lamp", "price": 5}
    with open_catalog(tmp_path) as catalog:
        assert check_import(catalog, tmp_path, name, [good, *rows]) >= 1


IMPORT = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from retrieval.catalog import Catalog
    from retrieval.database import metadata, open_engine
    from retrieval.feed import FeedFiles, canonical_mapping, stage_feed

    path = Path(sys.argv[1])
    engine = open_engine(path.parent / "shop.db")
    metadata.create_all(engine)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    staged = stage_feed(path.parent, FeedFiles([path], canonical_mapping()), report_path=path.with_suffix(".report"))
    Catalog(engine).apply(staged.path, whole=True)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(staged.report.n_rows, staged.report.n_rejected, (after - before) * 1024)
    """
)
FILE_BYTES = 40_000_000
NOTES = "Not for shoppers. " * 200
FAR_TOO_LONG = "x" * 4_000_000


def ordinary(n: int) -> Row:
    return {"id": f"p{n}", "title": f"Lamp {n}", "price": 5, "description": "A lamp of brass. " * 9, "notes": NOTES}


def hostile(n: int) -> Row:
    """A good row, one with names that no other row has, or one that is as long as a row may be."""
    if n % 20 == 0:
        return {"id": f"p{n}", "title": "Lamp", "price": 5, "description": FAR_TOO_LONG}
    if n % 20 < 10:
        return {"id": f"p{n}", "title": "Lamp", "price": "?"} | {f"column {n} {m}": "x" for m in range(500)}
    return ordinary(n)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "name"),
    [
        *((ordinary, name) for name in ("feed.jsonl", "feed.json", "feed.csv")),
        # The rows of a CSV have the header's names only, so none is hostile in this way.
        *((hostile, name) for name in ("feed.jsonl", "feed.json")),
    ],
)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str, make: Callable[[int], Row]) -> None:
    path = tmp_path / name
    n_rows = 0
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < FILE_BYTES:
            text = WRITERS[name]([make(n_rows)])
            body = text[1:-1] if name == "feed.json" else text.partition("\n")[2] if name == "feed.csv" else text
            header = {"feed.json": "[", "feed.csv": text.partition("\n")[0] + "\n"}.get(name, "")
            file.write(("," if name == "feed.json" and n_rows else "") + (header if not n_rows else "") + body)
            n_rows += 1
        file.write("]" if name == "feed.json" else "")
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    n_read, n_rejected, grown = map(int, done.stdout.split())
    assert n_read == n_rows
    assert (n_rejected == 0) == (make is ordinary)
    assert grown < max(2 * FILE_BYTES, 300_000_000)
