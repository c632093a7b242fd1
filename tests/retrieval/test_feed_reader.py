"""Feed files to records: every row with its place, whatever the file."""

import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from retrieval.errors import FeedError
from retrieval.feed.reader import Record, find_sources, read_records


def records(path: Path, encoding: str = "utf-8") -> list[Record]:
    return [record for source in find_sources([path]) for record in read_records(source, encoding)]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_csv_cells_are_text_and_rows_count_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = write(
        tmp_path / "feed.csv",
        '\ufeffid, title ,price\n007,"boots, ""grey""",19.90\n\n,,\n8,"two\nlines",NA\n9,short\n10,a,1,2,3\n11,null,\n',
    )
    assert records(path) == [
        Record("feed.csv", 2, {"id": "007", "title": 'boots, "grey"', "price": "19.90"}),
        Record("feed.csv", 5, {"id": "8", "title": "two\nlines", "price": "NA"}),
        Record("feed.csv", 6, {"id": "9", "title": "short", "price": ""}),
        Record("feed.csv", 7, {}, "has more cells than the header's 3; quote cells that hold the separator"),
        Record("feed.csv", 8, {"id": "11", "title": "null", "price": ""}),
    ]


@pytest.mark.parametrize(("name", "mark"), [("feed.csv", ";"), ("feed.tsv", "\t"), ("FEED.CSV", ",")])
def test_other_separators_and_windows_line_ends(tmp_path: Path, name: str, mark: str) -> None:
    path = write(tmp_path / name, f"id{mark}title\r\n1{mark}灯\r\n")
    assert records(path) == [Record(name, 2, {"id": "1", "title": "灯"})]


def test_another_encoding_must_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.csv", "id,title\n1,台灯\n", "gb18030")
    assert records(path, "gb18030")[0].values == {"id": "1", "title": "台灯"}
    with pytest.raises(FeedError, match="set `encoding` in the mapping"):
        records(path)


def test_json_numbers_are_exact_and_nan_states_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.json", '[{"id": 1, "price": 19.99, "rating": NaN, "tags": ["a"]}, 5, {"id": 2}]')
    assert records(path) == [
        Record("feed.json", 1, {"id": 1, "price": Decimal("19.99"), "rating": None, "tags": ["a"]}, None, 3),
        Record("feed.json", 2, {}, "is not an object", 3),
        Record("feed.json", 3, {"id": 2}, None, 3),
    ]


def test_a_list_under_products(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.json", '{"total": 1, "products": [{"id": "1"}]}')
    assert records(path) == [Record("feed.json", 1, {"id": "1"}, None, 1)]


def test_jsonl_lines_that_are_broken_cost_only_themselves(tmp_path: Path) -> None:
    path = write(
        tmp_path / "feed.jsonl", '{"id": "1"}\n\n{"id": \n[1]\n{"id": "灯\u2028"}\n{"n": 1e99999999999999999999}'
    )
    found = records(path)
    assert [(record.line, record.values) for record in found] == [
        (1, {"id": "1"}),
        (3, {}),
        (4, {}),
        (5, {"id": "灯\u2028"}),
        (6, {}),
    ]
    assert [(record.problem or "").split(":")[0] for record in found] == [
        "",
        "is not JSON",
        "is not an object",
        "",
        "is not JSON",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1}',
        "",
        '{"id": 1}\n{"id": 2}',
        "[" * 100_000,
        '[{"id": ' + "9" * 5_000 + "}]",
        '[{"n": 1e99999999999999999999}]',
    ],
)
def test_broken_json_is_a_feed_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(FeedError, match=r"feed\.json"):
        records(write(tmp_path / "feed.json", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('id,title\n1,"open\n2,b\n', "never closes"),
        ("id\n" + "," * 30 + "\n", "far more cells"),
        ("id\n1\n" + "," * 30 + "\n", "Expected 17 fields"),
        ("", "no header"),
        ("id,title,id\n1,2,3\n", "'id'"),
        ('"id\n",a\n', "one line"),
    ],
)
def test_broken_csv_is_a_feed_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        records(write(tmp_path / "feed.csv", text))


def test_zips_are_opened_up_in_order(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.json", json.dumps([{"id": "1"}]))
        archive.writestr("__MACOSX/._b.json", "rubbish")
        archive.writestr("readme.txt", "hello")
        archive.writestr("sub/a.csv", "id\n2\n")
    assert [(record.file, record.values) for record in records(path)] == [
        ("feed.zip/b.json", {"id": "1"}),
        ("feed.zip/sub/a.csv", {"id": "2"}),
    ]


def test_unreadable_paths_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    cases = [
        (tmp_path / "none.csv", "no file"),
        (write(tmp_path / "feed.xlsx", "x"), "of no kind"),
        (write(tmp_path / "bad.zip", "x"), "readable zip"),
        (tmp_path / "empty.zip", "holds no"),
        (tmp_path, "no file"),
    ]
    for path, message in cases:
        with pytest.raises(FeedError, match=message):
            records(path)
    with pytest.raises(FeedError, match="no feed was named"):
        find_sources([])


def test_a_damaged_entry_is_a_feed_error(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "id\n" + "1\n" * 1000)
    damaged = bytearray(path.read_bytes())
    damaged[500:520] = b"x" * 20
    path.write_bytes(damaged)
    with pytest.raises(FeedError, match=r"cannot read feed\.zip/a\.csv"):
        records(path)


def test_a_zip_that_swells_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", "[]")
        archive.filelist[0].file_size = 2**30 + 1
    with pytest.raises(FeedError, match=r"bomb\.zip/a\.json has 1,073,741,825 bytes.*split it"):
        find_sources([path])


def test_a_zip_that_understates_its_size_is_read_no_further(tmp_path: Path) -> None:
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", " " * 10_000 + "[]")
        archive.filelist[0].file_size = 5_000
    with pytest.raises(FeedError, match=r"liar\.zip/a\.json"):
        records(path)
