"""Feed files to records: every row with its place, whatever the file."""

import contextlib
import gzip
import io
import json
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from retrieval.errors import FeedError
from retrieval.feed.reader import READERS, Record, find_sources, read_records
from retrieval.feed.readers.json_rows import JsonScanner
from retrieval.feed.readers.records import MAX_ROW_CHARACTERS


def records(path: Path, encoding: str | None = None, **reading: Any) -> list[Record]:
    return [record for source in find_sources([path]) for record in read_records(source, encoding, **reading)]


def problems(path: Path) -> list[tuple[int, str | None]]:
    return [(record.line, record.problem) for record in records(path)]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_csv_cells_are_text_and_rows_count_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = write(
        tmp_path / "feed.csv",
        '\ufeffid, title ,price\n007,"boots, ""grey""",19.90\n\n,,\n8,"two\nlines",NA\n9,short\n10,a,1,2,3\n'
        "11,null,,\n",
    )
    assert records(path) == [
        Record("feed.csv", 2, {"id": "007", "title": 'boots, "grey"', "price": "19.90"}),
        Record("feed.csv", 5, {"id": "8", "title": "two\nlines", "price": "NA"}),
        Record("feed.csv", 6, {}, "has 2 cells, fewer than the header's 3; quote cells that hold line ends"),
        Record("feed.csv", 7, {}, "has more cells than the header's 3; quote cells that hold the separator"),
        Record("feed.csv", 8, {"id": "11", "title": "null", "price": ""}),
    ]


@pytest.mark.parametrize(("name", "mark"), [("feed.csv", ";"), ("feed.tsv", "\t"), ("FEED.CSV", ",")])
def test_other_separators_and_windows_line_ends(tmp_path: Path, name: str, mark: str) -> None:
    path = write(tmp_path / name, f"id{mark}title\r\n1{mark}灯\r\n")
    assert records(path) == [Record(name, 2, {"id": "1", "title": "灯"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_encodings_that_are_recognised(tmp_path: Path, encoding: str) -> None:
    path = write(
        tmp_path / "feed.csv", "编号,名称\n1,落地灯\n2,café 电灯\n", "gb18030" if "gb" in encoding else encoding
    )
    notes: list[str] = []
    assert [record.values for record in records(path, on_note=notes.append)] == [
        {"编号": "1", "名称": "落地灯"},
        {"编号": "2", "名称": "café 电灯"},
    ]
    told = {"utf-16": "utf-16", "gb18030": "gb18030", "gbk": "gb18030"}.get(encoding)
    assert notes == ([f"feed.csv is not UTF-8 and was read as {told}"] if told else [])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("id,title\n1,café éa Übung\n".encode("cp1252"), r"neither UTF-8 \(byte 14\) nor GB18030 \(byte 14\): save it"),
        ("id,title\n1,éa éb éc éd\n".encode("cp1252"), r"neither UTF-8 \(byte 11\) nor Chinese when read as GB18030"),
        ("id,title\n1,lamp\n".encode("utf-16-le"), "looks like UTF-16 without a byte order mark"),
    ],
)
def test_an_encoding_that_nobody_can_tell_must_be_named(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(data)
    with pytest.raises(FeedError, match=message):
        records(path)


def test_the_encoding_that_is_named_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.csv", "id,title\n1,台灯\n", "gb18030")
    assert records(path, "gb18030")[0].values == {"id": "1", "title": "台灯"}
    with pytest.raises(FeedError, match=r"is not utf-8 \(byte 13: invalid .*set the right `encoding`"):
        records(path, "utf-8")


OPEN = "has a quotation mark too many, or one that never closes"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('1,"open,5\n2,b,6\n3,"ok, fine",7\n4,x,8\n', [(2, OPEN), (3, "b"), (4, "ok, fine"), (5, "x")]),
        ('1,"Lamp,5\n2,b,6\n3,Kettle",7\n4,x,8\n', [(2, OPEN), (3, "b"), (4, 'Kettle"'), (5, "x")]),
        ('1,"two\n\nlines, ok",5\n2,5" pipe,3\n3,"5" pipe",3\n', [(2, "two\n\nlines, ok"), (3, '5" pipe'), (4, OPEN)]),
        ('1,"Soft.\nRed, green, blue.\nWarm",5\n2,b,6\n', [(2, "Soft.\nRed, green, blue.\nWarm"), (3, "b")]),
        ('"1","\r","\r"\n2,b,6\n', [(2, "\r"), (3, "b")]),
        ('1,"last\n', [(2, OPEN)]),
        ('1,"a",5\n2, "b, c", 6\n', [(2, "a"), (3, "b, c")]),
        ('1,"say \\"hi\\", you",5\n2,"19\\" wide",5\n', [(2, 'say "hi", you'), (3, '19" wide')]),
        ('1,"say ""hi""",5\n2,"19\\" wide",5\n', [(2, 'say "hi"'), (3, '19" wide')]),
        ('1,"19\\" wide",5\n2,"say ""hi""",5\n', [(2, '19" wide'), (3, 'say "hi"')]),
        ("1,a\x00b,5\n", [(2, "a\x00b")]),
    ],
)
def test_a_csv_row_that_cannot_be_read_costs_only_itself(
    tmp_path: Path, text: str, expected: list[tuple[int, str]]
) -> None:
    found = records(write(tmp_path / "feed.csv", "id,title,price\n" + text))
    assert [(record.line, record.problem or record.values["title"]) for record in found] == expected


def test_a_backslash_is_a_character_where_the_mapping_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.csv", 'id,title\n1,"C:\\temp"\n2,"a\\"\n')
    assert [record.values["title"] for record in records(path, escape="doubled")] == ["C:\\temp", "a\\"]
    assert [record.values.get("title") for record in records(path, escape="backslash")] == ["C:temp", None]


def test_quotes_in_a_tsv_may_be_plain_characters(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.tsv", 'id\ttitle\n1\t"Best" shirt\n2\t"a\tb"\n3\t"open\n4\tx\n')
    assert [record.values["title"] for record in records(path)] == ['"Best" shirt', "a\tb", '"open', "x"]


def test_a_row_that_is_too_long_is_never_held(tmp_path: Path) -> None:
    long = "x" * (MAX_ROW_CHARACTERS + 1)
    assert problems(write(tmp_path / "feed.csv", f"id,title\n1,{long}\n2,b\n")) == [
        (2, "is longer than 4,194,304 characters"),
        (3, None),
    ]
    assert problems(write(tmp_path / "a.jsonl", f'{{"id": "{long}"}}\n{{"id": 2}}\n')) == [
        (1, "is longer than 4,194,304 characters"),
        (2, None),
    ]
    assert problems(write(tmp_path / "a.json", f'[{{"id": "{long}"}}, {{"id": 2}}]')) == [
        (1, "is longer than 4,194,304 characters"),
        (2, None),
    ]
    with pytest.raises(FeedError, match="an element of more than 4,194,304 characters"):
        records(write(tmp_path / "a.xml", f"<rss><item><id>{long * 2}</id></item></rss>"))
    quoted = '"' + "x" * 200_000 + '"'
    assert problems(write(tmp_path / "b.csv", f"id,title\n1,{quoted}\n2,b\n")) == [
        (2, "has a cell of more than 131,072 characters"),
        (3, None),
    ]


def test_json_numbers_are_exact_and_nan_states_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.json", '[{"id": 1, "price": 19.99, "rating": NaN, "tags": ["a"]}, 5, {"id": 2}]')
    assert records(path) == [
        Record("feed.json", 1, {"id": 1, "price": Decimal("19.99"), "rating": None, "tags": ["a"]}),
        Record("feed.json", 2, {}, "is not an object"),
        Record("feed.json", 3, {"id": 2}),
    ]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('{"total": 1, "products": [{"id": "1"}], "page": {"n": 2}}', None),
        ('{"meta": [1, {"products": 2}], "data": {"total": 2, "items": [{"id": "1"}]}}', None),
        ('{"products": [{"id": "0"}], "shop": {"rows": [{"id": "1"}]}}', "shop.rows"),
        ('  [ {"id" : "1"} ]  \n', None),
    ],
)
def test_where_the_list_of_a_json_file_is(tmp_path: Path, text: str, at: str | None) -> None:
    path = write(tmp_path / "feed.json", text)
    assert records(path, records_at=at) == [Record("feed.json", 1, {"id": "1"})]


def test_json_elements_that_are_broken_cost_only_themselves(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    elements = [
        '{"id": ' + deep + "}",
        '{"id": ' + "9" * 5_000 + "}",
        '{"n": 1e99999999999999999999}',
        '{"a": 1, "b": {"a": 1}, "a": 2}',
        '{"y": }',
        '{"t": "half \\ud83d"}',
        '{"t": "quote \\" and ] bracket"}',
        "null",
        '{"a": ' + "[" * 70 + "]" * 70 + "}",
    ]
    assert problems(write(tmp_path / "feed.json", f"[{','.join(elements)}]")) == [
        (1, "is nested deeper than 64 levels"),
        (2, "is not JSON: a number of 5,000 characters"),
        (3, "is not JSON: a number beyond all bounds"),
        (4, "is not JSON: an object has 'a' twice"),
        (5, "is not JSON: Expecting value: line 1 column 7 (char 6)"),
        (6, None),
        (7, None),
        (8, "is not an object"),
        (9, "is nested deeper than 64 levels"),
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(['"', "\\", "]}", '\\"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(max_size=4), json_values, max_size=4), max_size=6), st.integers(1, 7))
def test_a_json_list_is_read_alike_however_it_is_cut_into_chunks(rows: list[dict[str, Any]], size: int) -> None:
    text = json.dumps({"meta": rows, "products": rows}, indent=1)
    scanner = JsonScanner(_Trickle(text, size), "feed.json")
    assert scanner.enter_list(None, ("products",))
    assert list(scanner.elements()) == rows
    scanner.finish()


class _Trickle(io.StringIO):
    """A text that comes a few characters at a time."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__(text)
        self._size = size

    def read(self, size: int | None = -1) -> str:
        return super().read(self._size)


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
        '[{"id": 1}]\n{"id": 2}',
        '[{"id": 1}',
        '[{"id": 1} {"id": 2}]',
        '[{"id": "open}]',
        "[" * 100_000,
        "[1, ",
        '{"products": {"id": 1}}',
    ],
)
def test_broken_json_is_a_feed_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(FeedError, match=r"feed\.json"):
        records(write(tmp_path / "feed.json", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no header"),
        ("id,title,id\n1,2,3\n", "'id'"),
        ('"id\n",a\n', "one line"),
        ('id,"ti"tle\n1,2\n', "header of feed.csv cannot be read"),
        (",".join(f"c{n}" for n in range(20_001)), "20,001 columns, more than the 20,000"),
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


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ("sheet.XLSX", "more/feeds.zip", "manual.pdf", "all.tar.gz", "readme.csv"),
            "'sheet.XLSX' (spreadsheets are not read: save it as CSV), "
            "'more/feeds.zip' (zips in a zip are not opened: unpack it first), "
            "'manual.pdf' (no kind that is read), "
            "'all.tar.gz' (not read packed like that: unpack it first), "
            "'readme.csv' (its name is that of a README or licence: rename it)",
        ),
        (
            [f"{n}.jpg" for n in range(1_005)],
            ", ".join(f"'{n}.jpg' (no kind that is read)" for n in range(5)) + " and 1,000 more",
        ),
        (("商品.xls",), "'商品.xls' (spreadsheets are not read: save it as CSV)"),
        (("\x1b[2J.exe",), r"'\x1b[2J.exe' (no kind that is read)"),
        (("x" * 200 + ".bin",), f"'{'x' * 80}…' (no kind that is read)"),
    ],
)
def test_a_zip_says_what_of_it_is_not_read(tmp_path: Path, names: Sequence[str], told: str) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.csv", *names):
            archive.writestr(name, "id\n1\n")
    notes: list[str] = []
    assert [source.name for source in find_sources([path], notes.append)] == ["feed.zip/a.csv"]
    assert notes == [f"not read of feed.zip: {told}"]


def test_what_nobody_misses_in_a_zip_is_passed_over_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    names = ("a.csv", "README", "readme.pdf", "LICENCE.txt", ".DS_Store", ".git/x.bin", "__MACOSX/a.bin", "Thumbs.db")
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("pictures")
        for name in names:
            archive.writestr(name, "id\n1\n")
    notes: list[str] = []
    assert [source.name for source in find_sources([path], notes.append)] == ["feed.zip/a.csv"]
    assert notes == []


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


def test_gzip_alone_and_inside_a_zip(tmp_path: Path) -> None:
    packed = gzip.compress(b"id\n1\n")
    (tmp_path / "FEED.CSV.GZ").write_bytes(packed)
    with zipfile.ZipFile(tmp_path / "feed.zip", "w") as archive:
        archive.writestr("nightly/products.csv.gz", packed)
    assert records(tmp_path / "FEED.CSV.GZ") == [Record("FEED.CSV.GZ", 2, {"id": "1"})]
    assert records(tmp_path / "feed.zip") == [Record("feed.zip/nightly/products.csv.gz", 2, {"id": "1"})]


def test_a_damaged_gzip_is_a_feed_error(tmp_path: Path) -> None:
    for name, data in (("a.csv.gz", b"id\n1\n"), ("b.csv.gz", gzip.compress(b"id\n" + b"1\n" * 5_000)[:-20])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FeedError, match=f"cannot read {name}"):
            records(tmp_path / name)


def test_what_swells_is_refused_while_it_is_read(tmp_path: Path) -> None:
    n_bytes = 2**26
    with gzip.open(tmp_path / "bomb.csv.gz", "wb") as file:
        file.write(b"id\n" + b"1\n" * (n_bytes // 2))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b"[" + b" " * n_bytes)
    for name in ("bomb.csv.gz", "bomb.zip"):
        with pytest.raises(FeedError, match=r"unpacks to more than 200 times its .* bytes, as no feed does"):
            records(tmp_path / name)


def test_a_zip_that_says_it_is_huge_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr("a.json", "[]")
        archive.filelist[0].file_size = 2**32 + 1
    with pytest.raises(FeedError, match=r"bomb\.zip/a\.json has 4,294,967,297 bytes.*split it"):
        find_sources([path])


def test_a_zip_that_understates_its_size_is_read_no_further(tmp_path: Path) -> None:
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", " " * 10_000 + "[]")
        archive.filelist[0].file_size = 5_000
    with pytest.raises(FeedError, match=r"liar\.zip/a\.json"):
        records(path)


def test_yaml_values_are_read_as_they_are_written(tmp_path: Path) -> None:
    text = (
        "products:\n- id: 007\n  no: no\n  at: 12:30\n  price: 19.90\n  on: 2026-01-01\n"
        "  n: 3\n  yes: true\n  none: ~\n"
        '  said: "5"\n  block: |\n    two\n    lines\n  list: [a, {b: 1}]\n'
    )
    assert records(write(tmp_path / "feed.yaml", text))[0].values == {
        "id": "007",
        "no": "no",
        "at": "12:30",
        "price": Decimal("19.90"),
        "on": "2026-01-01",
        "n": 3,
        "yes": True,
        "none": None,
        "said": "5",
        "block": "two\nlines\n",
        "list": ["a", {"b": 1}],
    }


def test_yaml_elements_that_cannot_be_used_cost_only_themselves(tmp_path: Path) -> None:
    deep = "[" * 100 + "]" * 100
    path = write(
        tmp_path / "feed.yml",
        f"- &a {{id: 1}}\n- *a\n- {{a: 1, a: 2}}\n- 5\n- !!python/object:os.system x\n- {{a: {deep}}}\n- {{id: 2}}\n",
    )
    assert problems(path) == [
        (1, None),
        (2, "uses the alias *a: write the value out"),
        (3, "an object has 'a' twice"),
        (4, "is not an object"),
        (5, "has the tag 'tag:yaml.org,2002:python/object:os.system': only plain values are read"),
        (6, "is nested deeper than 64 levels"),
        (7, None),
    ]


def test_a_yaml_bomb_stays_small(tmp_path: Path) -> None:
    lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    path = write(tmp_path / "feed.yaml", "\n".join([*lines, "products:", "- id: 1", "  x: *a29"]))
    assert problems(path) == [(1, "uses the alias *a29: write the value out")]


@pytest.mark.parametrize("text", ["a: [", "just words", "shop: {name: x}", "- id: 1\n b: : :\n", "\t- a"])
def test_broken_yaml_is_a_feed_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(FeedError, match=r"feed\.yaml"):
        records(write(tmp_path / "feed.yaml", text))


XML = '<?xml version="1.0" encoding="{}"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>{}</channel></rss>'


def test_xml_items(tmp_path: Path) -> None:
    items = (
        "<title>Shop</title><item><g:id>1</g:id><title>plain</title><g:title>灯 &amp; 台</g:title>"
        "<g:shipping><g:country>CN</g:country></g:shipping><g:pic>a</g:pic><g:pic>b</g:pic><g:none/>"
        "<description>very <b>bold</b> words</description></item><item><g:id>2</g:id></item>"
    )
    for encoding in ("UTF-8", "GBK", "utf-16"):
        path = write(tmp_path / "feed.xml", XML.format(encoding, items), encoding.lower())
        assert [record.values for record in records(path)] == [
            {
                "id": "1",
                "title": "灯 & 台",
                "shipping": {"country": "CN"},
                "pic": ["a", "b"],
                "none": "",
                "description": "very bold words",
            },
            {"id": "2"},
        ]
    named = write(tmp_path / "own.xml", "<shop><good><id>1</id></good><bad><id>2</id></bad></shop>")
    assert [record.values for record in records(named, records_at="good")] == [{"id": "1"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE x [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><rss><item><id>&b;</id></item></rss>', "declares entities"),
        (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><id>&a;</id></item></rss>',
            "declares entities",
        ),
        ("<rss><item><id>1</item></rss>", "is not XML: mismatched tag"),
        ("<rss><item><id>1</id></item>", "is not XML: no element found"),
        ("<a>" * 100_000, "nested deeper than 64 levels"),
        ("", "is not XML"),
    ],
)
def test_broken_xml_is_a_feed_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FeedError, match=rf"feed\.xml .*{message}"):
        records(write(tmp_path / "feed.xml", text))


def test_parquet_plain_and_packed(tmp_path: Path) -> None:
    table = pyarrow.table(
        {
            "id": ["1", "2"],
            "price": [19.99, float("nan")],
            "on": [date(2026, 1, 2), None],
            "tags": [["a", "b"], []],
            "attributes": pyarrow.array([[("color", "red")], None], pyarrow.map_(pyarrow.string(), pyarrow.string())),
        }
    )
    parquet.write_table(table, tmp_path / "feed.parquet")
    packed = gzip.compress((tmp_path / "feed.parquet").read_bytes())
    (tmp_path / "packed.parquet.gz").write_bytes(packed)
    first = {
        "id": "1",
        "price": Decimal("19.99"),
        "on": "2026-01-02",
        "tags": ["a", "b"],
        "attributes": {"color": "red"},
    }
    second = {"id": "2", "price": None, "on": None, "tags": [], "attributes": None}
    for name in ("feed.parquet", "packed.parquet.gz"):
        assert records(tmp_path / name) == [Record(name, 1, first, None, 2), Record(name, 2, second, None, 2)]
    with pytest.raises(FeedError, match="not a readable Parquet file"):
        records(write(tmp_path / "bad.parquet", "x"))


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.parquet", "x")
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\nfrom retrieval.errors import FeedError\n"
        "from retrieval.feed.reader import find_sources, read_records\n"
        f"try: list(read_records(find_sources([Path({str(path)!r})])[0]))\nexcept FeedError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "feed.parquet is a Parquet file, which needs pyarrow: "
        'pip install "conversational-shopping-assistant[parquet]"\n'
    )


def test_json_ld_wherever_it_stands(tmp_path: Path) -> None:
    lamp = {"@type": "https://schema.org/Product", "sku": "L1"}
    page = (
        f'<p>x</p><script type="application/ld+json">{json.dumps({"mainEntity": [lamp]})}</script><script>[]</script>'
    )
    assert [record.values for record in records(write(tmp_path / "a.html", page))] == [lamp]
    documents = [lamp, [lamp], {"@graph": [{"@type": "WebPage"}, lamp]}, {"itemListElement": [{"item": lamp}]}]
    for document in documents:
        path = write(tmp_path / "b.jsonld", json.dumps(document))
        assert [record.values for record in records(path)] == [lamp]
    path = write(tmp_path / "c.json", json.dumps(documents))
    assert len(records(path, linked_data=True)) == 4
    with pytest.raises(FeedError, match="all that is read of a page"):
        records(write(tmp_path / "d.html", "<p>words</p>"))


def test_markdown_rules_become_passages_and_questions(tmp_path: Path) -> None:
    text = (
        "# Returns\n\nKeep the **receipt**.\n\n## How long do I have?\n\n30 days.\n\n- shoes\n- hats\n\n"
        "## Q: Who pays?\nA: We do.\n\n```\n# no heading\n```\n\n## Empty\n\n# 退货\n\n### 运费谁付?\n\n本店承担。\n"
    )
    passages = [(record.line, *record.values.values()) for record in records(write(tmp_path / "rules.md", text))]
    assert passages == [
        (1, "returns", "Returns", "en", "Returns", "Keep the receipt.", "policy"),
        (5, "returns/how-long-do-i-have", "Returns", "en", "How long do I have?", "30 days.\nshoes\nhats", "faq"),
        (12, "returns/who-pays", "Returns", "en", "Who pays?", "We do.\n# no heading", "faq"),
        (23, "退货/运费谁付", "退货", "zh", "运费谁付?", "本店承担。", "faq"),
    ]


def test_front_matter_says_what_a_page_is_about(tmp_path: Path) -> None:
    front = "---\nid: ship\ntopic: shipping\nlanguage: en\n---\n"
    text = front + "We ship daily.\n\n# Abroad\n\nNot yet.\n\n# Abroad\n\nSoon.\n"
    found = [record.values for record in records(write(tmp_path / "x.md", text))]
    assert [(passage["id"], passage["topic"], passage["title"]) for passage in found] == [
        ("ship", "shipping", "shipping"),
        ("ship/abroad", "shipping", "Abroad"),
        ("ship/abroad-2", "shipping", "Abroad"),
    ]
    with pytest.raises(FeedError, match=r"front matter of y\.md"):
        records(write(tmp_path / "y.md", "---\n- a\n---\ntext"))


def test_memory_stays_bounded(tmp_path: Path) -> None:
    row = json.dumps({"id": "1", "description": "x" * 2_000})
    write(tmp_path / "feed.json", "[" + ",".join([row] * 20_000) + "]")
    write(tmp_path / "feed.csv", "id,description\n" + ('1,"' + "x" * 2_000 + '"\n') * 20_000)
    write(tmp_path / "feed.xml", "<rss>" + f"<item><id>1</id><d>{'x' * 2_000}</d></item>" * 20_000 + "</rss>")
    for name in ("feed.json", "feed.csv", "feed.xml"):
        tracemalloc.start()
        assert sum(1 for source in find_sources([tmp_path / name]) for _ in read_records(source)) == 20_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000


TEXT_PIECES = '" \\ , \n \r \t [ ] { } : <item> </item> < &a; - *a 1e400 null NaN --- # id \x00 灯 \ufeff'.split(" ")
PIECES = st.sampled_from([*(piece.encode() for piece in TEXT_PIECES), b"\xff\xfe", b"\xb5\xc6", b"\x80"])


@pytest.mark.parametrize(
    "suffix", [suffix for suffix in READERS if suffix not in (".ndjson", ".yml", ".htm", ".markdown")]
)
@given(data=st.lists(PIECES | st.binary(max_size=3), max_size=12).map(b"".join))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_records_or_a_feed_error(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"feed{suffix}"
    for content in (data, b"id,title\n" + data, b"[" + data, b"<rss>" + data, b"- id: 1\n" + data):
        path.write_bytes(content)
        # Whatever else is raised fails the test.
        with contextlib.suppress(FeedError):
            assert all(record.problem is None or not record.values for record in records(path))
