"""Reading the best candidates once more: with plain scores, and with a real (tiny, untrained) BERT cross-encoder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_encoder import save_words

from retrieval.cross_encoder import N_READ, CrossEncoder, reread
from retrieval.errors import EmbedderError
from retrieval.types import Candidate, Filters, Product, Query, Retrieved, Variant


def retrieved(titles: Sequence[str]) -> Retrieved:
    candidates = [
        Candidate(
            Product(title, title, "USD", (Variant("v", 1),)),
            Variant("v", 1), 0.9 - 0.01 * place, 0.5, 1.0, np.zeros(2, dtype=np.float32),
        )
        for place, title in enumerate(titles)
    ]  # fmt: skip
    return Retrieved(tuple(candidates), len(candidates))


def titles_of(found: Retrieved) -> list[str]:
    return [candidate.product.title for candidate in found.candidates]


class Prefers:
    """Gives 1 to texts with the word, 0 to others."""

    def __init__(self, word: str) -> None:
        self.word = word

    def score(self, text: str, others: Sequence[str]) -> NDArray[np.float32]:
        return np.array([self.word in other for other in others], dtype=np.float32)


def test_what_the_model_prefers_comes_first_and_the_rest_keeps_its_order() -> None:
    found = reread(Query("boots"), retrieved(["red", "blue", "green"]), Prefers("green"))
    assert titles_of(found) == ["green", "red", "blue"]
    assert [candidate.relevance for candidate in found.candidates] == pytest.approx([0.94, 0.89, 0.885])


def test_only_the_first_are_read_and_nothing_is_lost() -> None:
    titles = [f"boot {number}" for number in range(N_READ + 10)]
    found = reread(Query("boots"), retrieved(titles), Prefers(f"boot {N_READ - 1}"))
    assert titles_of(found)[0] == f"boot {N_READ - 1}"
    assert titles_of(found)[N_READ:] == titles[N_READ:]
    assert sorted(titles_of(found)) == sorted(titles)
    relevance = [candidate.relevance for candidate in found.candidates]
    assert relevance == sorted(relevance, reverse=True)


@pytest.mark.parametrize("query", [Query(""), Query("boots", Filters(sort="price_asc"))])
def test_an_order_that_was_asked_for_stays(query: Query) -> None:
    before = retrieved(["red", "green"])
    assert reread(query, before, Prefers("green")) is before
    assert reread(Query("boots"), before, None) is before


def tiny_model(folder: Path, n_outputs: int = 1) -> Path:
    """A BERT of 2 layers with random weights, as a folder."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(1)
    n_tokens = save_words(folder, ["red", "green", "blue", "boots", "."])
    config = BertConfig(
        vocab_size=n_tokens, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        num_labels=n_outputs, initializer_range=1.0,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_real_cross_encoder_decides_the_order(tmp_path: Path) -> None:
    encoder = CrossEncoder(tiny_model(tmp_path))
    texts = ["red boots", "green boots", "blue boots", "red"]
    scores = encoder.score("green boots", texts)
    assert scores.shape == (4,)
    assert ((scores > 0) & (scores < 1)).all()
    assert len(set(scores.tolist())) == 4
    before = retrieved(texts)
    expected = {
        text: (candidate.relevance + 0.87 + 0.13 * score) / 2
        for text, candidate, score in zip(texts, before.candidates, scores.tolist(), strict=True)
    }
    found = reread(Query("green boots"), before, encoder)
    assert {c.product.title: c.relevance for c in found.candidates} == pytest.approx(expected, rel=1e-5)
    assert titles_of(found) == sorted(texts, key=lambda text: -expected[text])


def test_what_is_no_cross_encoder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"no model.safetensors in .*\[search\] cross_encoder"):
        CrossEncoder(tmp_path / "nothing")
    with pytest.raises(EmbedderError, match="has 3 outputs, a cross-encoder has one"):
        CrossEncoder(tiny_model(tmp_path, 3))
