"""Files of interactions and of traits: what is read, and what is told of bad ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ranking.clicks.interactions import read_interactions, require_contrast
from ranking.clicks.traits import read_products, read_shoppers, traits_of
from ranking.text_tables import read_table
from retrieval.errors import ModelError

RECBOLE = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"


@pytest.fixture
def write(tmp_path: Path):
    def writer(text: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding)
        return path

    return writer


def test_typed_headers_between_tabs(write):
    rows = read_interactions(
        write(RECBOLE + '196\t242\t3\t881250949\n186\t"Q\t4\t891717742\n196\t"Q\t5\t881250950.0\n')
    )
    assert (rows.shopper_ids, rows.product_ids) == (("196", "186"), ("242", '"Q'))
    assert (rows.shopper.tolist(), rows.product.tolist()) == ([0, 1, 0], [0, 1, 1])
    assert rows.clicked.tolist() == [False, True, True]
    assert rows.second is not None
    assert rows.second.tolist() == [881250949, 891717742, 881250950]


@pytest.mark.parametrize(
    "header",
    ["user,item,rating", "userId,movieId,rating", "Shopper ID;Product ID;Rating", "rating,item_id,user_id"],
)
def test_columns_are_found_by_name_and_ratings_count_from_four(write, header):
    separator = ";" if ";" in header else ","
    names = header.split(separator)
    values = {"rating": ["3.5", "4"], "item": ["a", "b"], "user": ["x", "y"]}
    keys = ["rating" if "ating" in name else "user" if name.lower()[0] in "us" else "item" for name in names]
    lines = [separator.join(values[key][row] for key in keys) for row in range(2)]
    rows = read_interactions(write("\n".join([header, *lines])))
    assert (rows.shopper_ids, rows.product_ids) == (("x", "y"), ("a", "b"))
    assert (rows.clicked.tolist(), rows.second) == ([False, True], None)


@pytest.mark.parametrize(
    ("column", "values", "clicked"),
    [
        ("label", ["0", "1"], [False, True]),
        ("click", ["true", "False"], [True, False]),
        ("rating", ["0", "1.0"], [False, True]),
        ("rating", ["3", "3.5"], [False, False]),
    ],
)
def test_labels_or_ratings(write, column, values, clicked):
    rows = read_interactions(write(f"user,item,{column}\nx,a,{values[0]}\ny,b,{values[1]}\n"))
    assert rows.clicked.tolist() == clicked


def test_a_label_comes_before_a_rating_and_the_bound_can_be_moved(write):
    assert read_interactions(write("user,item,rating,label\nx,a,5,0\ny,b,1,1\n")).clicked.tolist() == [False, True]
    assert read_interactions(write("user,item,rating\nx,a,6\ny,b,8\n"), click_at=7).clicked.tolist() == [False, True]


@pytest.mark.parametrize(
    "times",
    [
        ("1600000000", "1600000060"),
        ("1600000000000", "1600000060000"),
        ("2020-09-13T12:26:40Z", "2020-09-13 12:27:40"),
    ],
)
def test_times_in_any_unit(write, times):
    rows = read_interactions(write(f"user,item,label,time\nx,a,0,{times[0]}\ny,b,1,{times[1]}\n"))
    assert rows.second is not None
    assert rows.second.tolist() == [1_600_000_000, 1_600_000_060]


def test_json_lines_and_a_byte_order_mark(write):
    rows = read_interactions(
        write('{"user": 1, "item": "a", "label": 1}\n{"user": 2, "item": "b", "label": 0}\n', "r.jsonl")
    )
    assert (rows.shopper_ids, rows.clicked.tolist()) == (("1", "2"), [True, False])
    rows = read_interactions(write("user,item,label\nx,a,1\n", encoding="utf-8-sig"))
    assert rows.shopper_ids == ("x",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("user,item,rating\n", "no row below"),
        ("user,rating\nx,4\n", r"no column for the product: its columns are user, rating; name one of them asin or"),
        ("item,rating\nx,4\n", r"no column for the shopper: .* or userid"),
        ("user,item\nx,a\n", r"no column for the rating or label: .*label or .*rating"),
        ("user,item,rating\nx,a,4\nx,b,nan\n", r"line 3: rating is 'nan', not a number \(1 such line"),
        ("user,item,rating\nx,a,4\n\nx,b,inf\n", r"line 4: rating is 'inf', not a number"),
        ("user,item,rating\nx,a,good\nx,b,\n", r"line 2: rating is 'good', not a number \(2 such line"),
        ("user,item,label\nx,a,2\n", r"line 2: label is '2', not 0 or 1"),
        ("user,item,label\n,a,1\n", r"line 2: user is '', not an id"),
        ("user,item,label,time\nx,a,1,5\nx,a,1,soon\n", r"line 3: time is 'soon', not a time"),
        ("user,item,label,time\nx,a,1,soon\n", r"line 2: time is 'soon', not a time .*2026"),
        ("user,item,label\nx,a,1,7\n", "different lengths"),
        ("user,item,item,label\nx,a,b,1\n", "same name"),
    ],
)  # fmt: skip
def test_bad_files_are_told_by_line(write, text, message):
    with pytest.raises(ModelError, match=message):
        read_interactions(write(text))


def test_other_bad_files(write, tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        read_interactions(tmp_path / "absent.csv")
    with pytest.raises(ModelError, match="not UTF-8"):
        read_interactions(write("user,item,label\né,a,1\n", encoding="latin-1"))
    with pytest.raises(ModelError, match="line 2 is not JSON"):
        read_interactions(write('{"user": 1}\n{', "bad.jsonl"))
    with pytest.raises(ModelError, match="is empty"):
        read_interactions(write("", "empty.jsonl"))
    with pytest.raises(ModelError, match="line 1 is not a JSON object"):
        read_interactions(write("[1]\n", "list.jsonl"))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("x,a,1\ny,b,1", "every row is a click"),
        ("x,a,0\ny,b,0", "no row is a click"),
        ("x,a,0\nx,b,1", r"one shopper \(x\)"),
        ("x,a,0\ny,a,1", r"one product \(a\)"),
    ],
)
def test_nothing_to_learn(write, lines, message):
    with pytest.raises(ModelError, match=message):
        require_contrast(read_interactions(write(f"user,item,label\n{lines}\n")))


def test_traits_are_common_values_words_and_ranges(write):
    lines = [f"{i}\t{'F' if i % 2 else 'M'}\trare{i}\t{'Action Drama' if i < 10 else 'Drama'}\t{i}" for i in range(40)]
    header = "user_id:token\tgender:token\tname:token\tkinds:token_seq\tage:token\n"
    table = read_table(write(header + "\n".join(lines)))
    traits = traits_of(replace(table, frame=table.frame.set_index("user_id")))
    assert traits.shape == (40, 2 + 0 + 2 + 8)
    assert traits[:, :2].sum(axis=0).tolist() == [20, 20]
    assert traits[:, 2:4].sum(axis=0).tolist() == [40, 10]  # the commonest word first
    assert (traits[:, 4:].sum(axis=0).tolist(), traits[:, 4:].sum(axis=1).tolist()) == ([5] * 8, [1] * 40)


def test_traits_follow_the_ids_and_unknown_ones_have_none(write):
    lines = "\n".join(f"p{i},{'Toys|Games' if i < 5 else 'Food'}" for i in range(10))
    path = write(f"productId,kinds\n{lines}\np0,Food\n")
    traits = read_products(path, ["p9", "elsewhere", "p0"])
    assert traits.shape == (3, 0)  # none is common among three
    traits = read_products(path, [f"p{i}" for i in reversed(range(10))] + ["elsewhere"])
    assert traits.shape == (11, 3)
    assert traits.sum(axis=1).tolist() == [1] * 5 + [2] * 5 + [0]


def test_bad_traits(write):
    with pytest.raises(ModelError, match="none of its 1 products occurs"):
        read_products(write("item,kind\na,b\n"), ["1", "2"])
    with pytest.raises(ModelError, match="no column for the shopper"):
        read_shoppers(write("name,kind\na,b\n"), ["1"])


def test_an_id_column_may_be_just_that(write):
    assert np.array_equal(read_shoppers(write("id,kind\n1,a\n"), ["1"]), np.zeros((1, 0)))
