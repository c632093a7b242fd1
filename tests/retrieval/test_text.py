import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text import embedding_text, tokens
from retrieval.types import Product, Translation, Variant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Headphones for running", ["headphon", "run"]),
        ("降噪耳机", ["降", "噪", "耳", "机", "降噪", "噪耳", "耳机"]),
        ("Sony耳机 WH-1000XM5", ["soni", "耳", "机", "耳机", "wh", "1000xm5"]),
        ("１.７Ｌ", ["1.7", "l"]),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text(max_size=60))
def test_tokens_never_fail_and_hold_no_space(text: str) -> None:
    assert all(token and not token.isspace() for token in tokens(text))


BOOT = Product(
    id="b1",
    title="Trail Boot",
    currency="USD",
    variants=(Variant("v1", 9900, attributes={"size": ("42",)}),),
    description="Keeps feet dry.",
    brand="Northpeak",
    category="hiking boots",
    department="shoes",
    attributes={"color": ("grey",)},
    details={"sole": "Vibram"},
    translations={"zh": Translation("徒步靴", "保持双脚干爽。")},
)


def test_embedding_text_leaves_out_what_the_embedder_cannot_read() -> None:
    english = embedding_text(BOOT, frozenset({"en"}))
    assert english == "Trail Boot. Northpeak. hiking boots. Keeps feet dry.. grey"
    assert "徒步靴" in embedding_text(BOOT, frozenset({"en", "zh"}))


def test_embedding_text_keeps_chinese_where_there_is_nothing_else() -> None:
    only_chinese = Product(id="c", title="徒步靴", currency="CNY", variants=(Variant("v", 1),))
    assert embedding_text(only_chinese, frozenset({"en"})) == "徒步靴"
