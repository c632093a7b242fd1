"""Files of interactions and items, in each form, and what is said of bad ones."""

from pathlib import Path

import numpy as np
import pytest

from ranking.interaction_files import read_interactions, read_item_texts, with_texts
from retrieval.errors import ModelError


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def sequences(data):
    return {
        shopper: [data.items.ids[row] for row in data.sequence(place)] for place, shopper in enumerate(data.shoppers)
    }


def test_a_line_per_shopper(tmp_path):
    data = read_interactions(written(tmp_path, "i.txt", "ann b a\nbo a\n\n"))
    assert sequences(data) == {"ann": ["b", "a"], "bo": ["a"]}


@pytest.mark.parametrize(
    "text",
    [
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\nann\ta\t5\t20\nbo\ta\t1\t3\nann\tb\t4\t10\n",
        "user,item,timestamp\nann,a,20\nbo,a,3\nann,b,10\n",
    ],
)
def test_a_table_is_put_in_order_of_time(tmp_path, text):
    data = read_interactions(written(tmp_path, "i.inter", text))
    assert sequences(data) == {"ann": ["b", "a"], "bo": ["a"]}
    assert data.time.tolist() == [10, 20, 3]


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("ann a b\nbo\n", ModelError, r"line 2: 'bo' names no item"),
        ("ann a b\nann c\n", ModelError, r"line 2: shopper 'ann' again"),
        ("user,item,rating\nann,a,5\nbo,b,nan\n", ModelError, r"line 3: rating is 'nan', not a number"),
        ("user,item,rating\nann,a\n", ModelError, r"line 2: rating is '', not a number"),
        ("ann a a a\nbo a\n", ModelError, r"all 4 acts are on one item"),
        ("ann a b\n", ModelError, r"all acts are of one shopper"),
        ("", ModelError, r"there is nothing to learn from"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, error, told):
    with pytest.raises(error, match=told):
        read_interactions(written(tmp_path, "i.txt", text))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        read_interactions(tmp_path / "none.txt")


def test_items_of_json_lines(tmp_path):
    path = written(
        tmp_path, "items.jsonl", '{"id": 7, "title": "Wool coat", "material": ["Wool"], "description": "Warm."}\n'
    )
    (item,) = read_item_texts(path)
    assert (item.id, item.title, item.tags) == ("7", "Wool coat", (("material", "wool"),))
    assert item.text == "Wool coat. wool. Warm."


def test_items_of_an_atomic_table(tmp_path):
    text = "item_id:token\tmovie_title:token_seq\tclass:token_seq\n1\tToy Story\tAnimation Comedy\n"
    (item,) = read_item_texts(written(tmp_path, "m.item", text))
    assert (item.title, item.tags) == ("Toy Story", (("class", "animation"), ("class", "comedy")))


def test_items_of_one_object(tmp_path):
    found = read_item_texts(written(tmp_path, "a.json", '{"5": [1, 2], "6": [2]}'))
    assert [(item.id, item.tags) for item in found] == [
        ("5", (("attribute", "1"), ("attribute", "2"))),
        ("6", (("attribute", "2"),)),
    ]


def test_an_item_without_an_id_is_told(tmp_path):
    with pytest.raises(ModelError, match=r"line 2 has no id"):
        read_item_texts(written(tmp_path, "i.jsonl", '{"id": 1}\n{"title": "x"}\n'))


def test_only_what_has_a_text_gets_a_vector_and_only_shared_tags_stay(tmp_path):
    path = written(tmp_path, "i.jsonl", '{"id": "a", "genre": ["x", "y"]}\n{"id": "b", "genre": ["x"]}\n{"id": "c"}\n')
    items = with_texts(read_item_texts(path), lambda texts: np.ones((len(texts), 2), dtype=np.float32))
    assert items.ids == ("a", "b", "c")
    assert items.vectors is not None
    assert items.vectors.any(axis=1).tolist() == [True, True, False]
    assert {tag: rows.tolist() for tag, rows in items.tags.items()} == {("genre", "x"): [0, 1]}
