"""Files of a hostile merchant that are not what they say, or far more: refused whole, or costing only their bad rows."""

import gzip
import io
import json
import os
import struct
import time
import warnings
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from bad_feeds import GOOD, GOOD_LINE, attempt, bad, lines
from pyarrow import parquet

from retrieval.feed import canonical_mapping
from retrieval.feed.formats import ready_mapping
from retrieval.feed.reader import SUFFIXES

CSV = "id,title,price\ngood,Good lamp,5\n"
XML_ITEM = "<item><id>good</id><title>Good lamp</title><price>5</price></item>"
CHINESE = "id,title,price\ngood,好灯,5\nbad,坏灯,五\n"
LATIN = CSV + "bad,Schöne Lampe für große Räume,5\n"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


def zipped(*entries: tuple[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", how) as archive:
        warnings.simplefilter("ignore")
        for name, data in entries:
            archive.writestr(name, data)
    return packed.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped(("feed.csv", CSV)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + offset
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | 1)
    return bytes(data)


def damaged(data: bytes) -> bytes:
    return data[:70] + b"\xff" * 40 + data[110:]


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    written = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), written)
    return written.getvalue()


def not_utf8_inside() -> bytes:
    offsets = pyarrow.array([0, 2], pyarrow.int32()).buffers()[1]
    title = pyarrow.StringArray.from_buffers(1, offsets, pyarrow.py_buffer(b"\xff\xfe"))
    written = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": ["bad"], "title": title, "price": [5]}), written)
    return written.getvalue()


NO_LIST = (
    "feed.json must hold a list of objects, or an object with such a list under one of products, items, data, "
    "questions, reviews, policies; one object per line belongs into a .jsonl file"
)
SAVE_AS = "save it as UTF-8, or set `encoding` in the mapping (cp1252, shift_jis, …)"
REFUSED: list[tuple[str, bytes | str, str]] = [
    ("feed.csv", "", "feed.csv has no header line"),
    ("feed.csv", "\n", "feed.csv has no header line"),
    ("feed.csv", "id,title,price\n", "the feed holds no rows"),
    ("feed.csv", "id,title,title,price\n", "feed.csv has several columns called 'title': name each only once"),
    ("feed.csv", ",".join(["a"] * 20_000) + "\n", "feed.csv has several columns called 'a': name each only once"),
    ("feed.csv", ",".join(map(str, range(20_001))), "feed.csv has 20,001 columns, more than the 20,000 that are read"),
    (
        "feed.csv",
        'id,"tit\nle",price\n',
        "the header of feed.csv has a line break inside quotation marks: keep it on one line",
    ),
    ("feed.csv", "x" * 2**23, "the header of feed.csv is longer than 4,194,304 characters"),
    (
        "feed.csv",
        LATIN.encode("latin-1"),
        f"feed.csv is neither UTF-8 (byte 39) nor Chinese when read as GB18030: {SAVE_AS}",
    ),
    (
        "feed.csv",
        CSV.encode("utf-16-le"),
        'feed.csv looks like UTF-16 without a byte order mark: save it as UTF-8, or set `encoding` in the mapping to "utf-16-le"',
    ),
    (
        "feed.csv",
        CSV.encode("utf-16") + b"\x00",
        "feed.csv is not utf-16 (byte 66: truncated data): save it as UTF-8, or set the right `encoding` in the mapping",
    ),
    ("feed.json", "", NO_LIST),
    ("feed.json", "[]", "the feed holds no rows"),
    ("feed.json", '"products"', NO_LIST),
    ("feed.json", GOOD_LINE, NO_LIST),
    ("feed.json", f"[{GOOD_LINE}", "feed.json is not JSON: it ends before its list is closed; was it cut off?"),
    (
        "feed.json",
        f'[{GOOD_LINE}, {{"id": "b',
        "feed.json is not JSON: it ends inside a list, object or text; was it cut off?",
    ),
    (
        "feed.json",
        f"[{GOOD_LINE}] [{GOOD_LINE}]",
        "feed.json is not JSON: there is more after its end; one object per line belongs into a .jsonl file, near ",
    ),
    ("feed.json", "[" * 100_000, "feed.json is not JSON: it ends inside a list, object or text; was it cut off?"),
    (
        "feed.yaml",
        "- &a {id: good, title: Lamp, price: 5}\n--- \n- {id: b}\n",
        "feed.yaml holds several documents: put all objects in one list, without ---",
    ),
    (
        "feed.yaml",
        "just words",
        "feed.yaml must hold a list of objects, or one under one of products, items, data, questions, reviews, policies",
    ),
    ("feed.yaml", "- {id: good\n- [", "feed.yaml is not YAML: "),
    ("feed.yaml", "- \x07", "feed.yaml is not YAML: "),
    (
        "feed.xml",
        f"{LAUGHS}<rss>{XML_ITEM}<item><id>&b;</id></item></rss>",
        "feed.xml declares entities (EntitiesForbidden(name='a', system_id=None, public_id=None)), which no feed needs: leave them out",
    ),
    (
        "feed.xml",
        f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>{XML_ITEM}<item><id>&a;</id></item></rss>',
        "feed.xml declares entities (EntitiesForbidden(name='a', system_id='file:///etc/passwd', public_id=None)), which no feed needs: leave them out",
    ),
    ("feed.xml", f"<rss>{XML_ITEM}<item>", "feed.xml is not XML: no element found: line 1, column 77"),
    ("feed.xml", "<a>" * 100_000, "feed.xml is nested deeper than 64 levels"),
    ("feed.xml", f"<rss>{XML_ITEM}<x>" + "a" * 2**23, "feed.xml has an element of more than 4,194,304 characters"),
    ("feed.xml", '<?xml version="1.0" encoding="zlib"?><rss/>', "the feed holds no rows"),
    ("feed.xml", '<?xml version="1.0" encoding="undefined"?><rss/>', "the feed holds no rows"),
    ("feed.csv.gz", gzip.compress(CSV.encode() * 1_000)[:-30], "cannot read feed.csv.gz: "),
    ("feed.csv.gz", CSV, "cannot read feed.csv.gz: Not a gzipped file (b'id')"),
    ("feed.zip", CSV, "feed.zip is not a readable zip: File is not a zip file"),
    ("feed.zip", zipped(("a.txt.exe", "x"), ("readme.csv", CSV)), "feed.zip holds no .csv, "),
    (
        "feed.zip",
        zipped(("more.zip", "x"), ("readme.csv", CSV)),
        f"feed.zip holds no {', '.join(SUFFIXES)} file, but 'more.zip' (zips in a zip are not opened: unpack it first), "
        "'readme.csv' (its name is that of a README or licence: rename it)",
    ),
    (
        "feed.zip",
        zipped(("../feed.csv", CSV)),
        "feed.zip holds '../feed.csv', which leads out of it: pack it without ../",
    ),
    (
        "feed.zip",
        zipped(("a.csv", CSV), ("x/../../b.csv", CSV)),
        "feed.zip holds 'x/../../b.csv', which leads out of it: pack it without ../",
    ),
    (
        "feed.zip",
        zipped(("feed.csv", CSV), ("feed.csv", CSV.replace("good", "other"))),
        "feed.zip holds several files called 'feed.csv': name each only once",
    ),
    (
        "feed.zip",
        encrypted(),
        "cannot read feed.zip/feed.csv: File 'feed.csv' is encrypted, password required for extraction",
    ),
    (
        "feed.zip",
        damaged(zipped(("feed.csv", "".join(map(str, range(9_999)))), how=zipfile.ZIP_LZMA)),
        "cannot read feed.zip/feed.csv: Corrupt input data",
    ),
    (
        "feed.zip",
        damaged(zipped(("feed.csv", "".join(map(str, range(9_999)))))),
        "cannot read feed.zip/feed.csv: Error -3 while decompressing data: ",
    ),
    ("feed.parquet", b"PAR1" + b"\x00" * 100 + b"PAR1", "feed.parquet is not a readable Parquet file: "),
    ("feed.parquet", as_parquet([GOOD])[:-20] + b"PAR1", "feed.parquet is not a readable Parquet file: "),
    (
        "feed.parquet",
        not_utf8_inside(),
        "feed.parquet is not a readable Parquet file: 'utf-8' codec can't decode byte 0xff in position 0",
    ),
    ("feed.exe", b"MZ", "feed.exe is of no kind that is read; give .csv, .tsv, .txt, .json, "),
    ("feed.jsonl", "\n\n", "the feed holds no rows"),
    (
        "feed.jsonl",
        json.dumps(bad(price=0)),
        "none of 1 rows could be taken; the first fault: feed.jsonl line 1: price '0' a price of 0 would give it away; leave the row out or state the price",
    ),
]


@pytest.mark.parametrize(("name", "data", "message"), REFUSED, ids=[f"{n}-{row[0]}" for n, row in enumerate(REFUSED)])
def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path, name: str, data: bytes | str, message: str) -> None:
    begun = time.perf_counter()
    outcome = attempt(tmp_path, {name: data})
    assert outcome.error is not None
    said = outcome.error.removeprefix("FeedError: ")
    assert said == message if not message.endswith((" ", "0")) else said.startswith(message)
    assert outcome.ids == ["before"]
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("name", "packed"), [("feed.csv.gz", gzip.compress), ("feed.zip", lambda data: zipped(("feed.csv", data)))]
)
def test_what_unpacks_without_end_is_refused(tmp_path: Path, name: str, packed: Any) -> None:
    data = packed(CSV.encode() + b"0" * 50_000_000)
    outcome = attempt(tmp_path, {name: data})
    inside = name if name.endswith(".gz") else "feed.zip/feed.csv"
    assert outcome.error is not None
    assert outcome.error.startswith(f"FeedError: {inside} unpacks to more than 200 times its ")
    assert outcome.ids == ["before"]


def test_a_bomb_inside_a_bomb(tmp_path: Path) -> None:
    inner = gzip.compress(CSV.encode() + b"0" * 50_000_000)
    outcome = attempt(tmp_path, {"feed.zip": zipped(("feed.csv.gz", gzip.compress(inner)), ("feed.csv", CSV))})
    assert (outcome.error or "").startswith(
        "FeedError: feed.zip/feed.csv.gz looks like UTF-16 without a byte order mark: "
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "gbk", "gb18030"])
def test_encodings_that_a_file_tells_are_read(tmp_path: Path, encoding: str) -> None:
    outcome = attempt(tmp_path, {"feed.csv": CHINESE.encode(encoding)})
    assert outcome.faults == [("feed.csv", 3, "price", "is not a number such as 1299, 1299.00 or 1,299.00")]
    assert outcome.products["good"].title == "好灯"


def test_chinese_read_under_the_wrong_name_is_refused(tmp_path: Path) -> None:
    mapping = canonical_mapping().model_copy(update={"encoding": "utf-8"})
    outcome = attempt(tmp_path, {"feed.csv": CHINESE.encode("gbk")}, mapping=mapping)
    assert outcome.error == (
        "FeedError: feed.csv is not utf-8 (byte 20: invalid start byte): save it as UTF-8, or set the right `encoding` "
        "in the mapping"
    )


@pytest.mark.parametrize("declared", ["utf-16", "unicode_escape", "utf-7", "idna", "rot13", "nonsense"])
def test_what_xml_declares_wrongly_is_read_as_it_is(tmp_path: Path, declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?><rss>{XML_ITEM}</rss>'
    assert attempt(tmp_path, {"feed.xml": text}).ids == ["good"]


YAML = "- {id: good, title: Good lamp, price: 5}\n"
BAD_ELEMENTS: list[tuple[str, str, str]] = [
    ("feed.yaml", YAML + "- &a {id: bad, title: [*a, *a]}\n", "uses the alias *a: write the value out"),
    ("feed.yaml", YAML + "- !!python/object/apply:os.system [id]\n", "is not an object"),
    (
        "feed.yaml",
        YAML + "- {id: !!python/name:os.system '', title: Bad, price: 5}\n",
        "has the tag 'tag:yaml.org,2002:python/name:os.system': only plain values are read",
    ),
    ("feed.yaml", YAML + "- {id: bad, id: worse}\n", "an object has 'id' twice"),
    ("feed.yaml", YAML + "- {" + "a: 1, " * 60_000 + "}\n", "an object has 'a' twice"),
    ("feed.yaml", YAML + "- " + "[" * 500 + "]" * 500 + "\n", "is nested deeper than 64 levels"),
    ("feed.yaml", YAML + "- [" + "1," * 200_001 + "]\n", "is longer than 4,194,304 characters or 200,000 values"),
    ("feed.json", f"[{GOOD_LINE}, " + "[" * 100_000 + "]" * 100_000 + "]", "is nested deeper than 64 levels"),
    ("feed.json", f'[{GOOD_LINE}, {{"id": "bad", "id": "worse"}}]', "is not JSON: an object has 'id' twice"),
    ("feed.json", f'[{GOOD_LINE}, {{"id": bad}}]', "is not JSON: Expecting value: line 1 column 8 (char 7)"),
    ("feed.json", f'[{GOOD_LINE}, "{"a" * 2**23}"]', "is longer than 4,194,304 characters"),
    ("feed.json", f"[{GOOD_LINE}, 5]", "is not an object"),
]


@pytest.mark.parametrize(("name", "data", "reason"), BAD_ELEMENTS, ids=range(len(BAD_ELEMENTS)))
def test_a_bad_element_costs_itself(tmp_path: Path, name: str, data: str, reason: str) -> None:
    begun = time.perf_counter()
    outcome = attempt(tmp_path, {name: data})
    assert outcome.faults == [(name, 2, "", reason)]
    assert (outcome.ids, outcome.n_rows, outcome.n_rejected) == (["good"], 2, 1)
    assert time.perf_counter() - begun < 5


def test_aliases_cannot_grow(tmp_path: Path) -> None:
    bomb = "".join(f"- &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(1, 9))
    outcome = attempt(tmp_path, {"feed.yaml": f"{YAML}- &a1 [lol]\n{bomb}"})
    assert outcome.faults[0] == ("feed.yaml", 2, "", "is not an object")
    assert outcome.faults[1:] == [
        ("feed.yaml", n + 2, "", f"uses the alias *a{n}: write the value out") for n in range(1, 9)
    ]
    assert (outcome.ids, outcome.n_rows, outcome.n_rejected) == (["good"], 10, 9)


def test_a_page_that_is_no_html(tmp_path: Path) -> None:
    page = '<![x[ <script type="application/ld+json">{"@type": "Product"}</script>'
    outcome = attempt(tmp_path, {"feed.html": page}, mapping=ready_mapping("schemaorg", "USD"))
    assert outcome.error == "FeedError: feed.html is not HTML: unknown status keyword 'x' in marked section"


def test_parquet_of_odd_types(tmp_path: Path) -> None:
    odd = GOOD | {"size": [[("a", 1)]], "color": timedelta(days=1), "title": "Odd lamp", "id": "odd"}
    schema = pyarrow.schema(
        [("id", "string"), ("title", "string"), ("price", "int64"), ("color", pyarrow.duration("s"))]
    ).append(pyarrow.field("size", pyarrow.list_(pyarrow.map_("string", "int64"))))
    written = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist([odd], schema), written)
    outcome = attempt(tmp_path, {"feed.parquet": written.getvalue()})
    assert (outcome.faults, outcome.ids) == ([], ["odd"])
    assert outcome.products["odd"].attributes == {"color": ("1 day, 0:00:00",), "size": ("a: 1",)}


def test_a_name_on_disk_that_is_no_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"fe\xffed.jsonl")
    outcome = attempt(tmp_path, {name: lines(bad(price="?"))})
    assert [fault[:3] for fault in outcome.faults] == [("fe?ed.jsonl", 2, "price")]
    assert outcome.ids == ["good"]
