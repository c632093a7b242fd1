"""Cross-validation over judged queries, by figures that can be reckoned by hand."""

import doctest
from pathlib import Path

import numpy as np
import pytest

from benchmarks import tuning
from benchmarks.judgments import Judgments
from benchmarks.tuning import GRID, best_of, cross_validated, figures_of
from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.embedder import Progress
from retrieval.fusion import SHIPPED, Fusion
from retrieval.retriever import open_retriever
from retrieval.types import Matrix, Product, Query, Variant

WORDS_ONLY, MEANING_ONLY = Fusion(1e-9, 0.0, 0.0, 0.0), Fusion(1.0, 0.0, 0.0, 0.0)


class OneLetterEmbedder:
    """A text means its last letter; a to z lie on a quarter of a circle, in this order."""

    name = fingerprint = query_fingerprint = "letters"
    dimension = 2
    languages = frozenset({"en"})

    def encode(self, texts: list[str], on_progress: Progress | None = None) -> Matrix:
        angles = [(ord(text.rstrip(". ")[-1].lower()) - ord("a")) * np.pi / 52 for text in texts]
        return np.array([(np.cos(angle), np.sin(angle)) for angle in angles], dtype=np.float32)

    def encode_queries(self, texts: list[str]) -> Matrix:
        return self.encode(texts)


@pytest.fixture
def retriever(tmp_path: Path):
    titles = {"lamp": "red lamp a", "box": "green box y", "bulb": "bulb z"}
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    catalog = Catalog(engine)
    catalog.replace_all([Product(name, title, "USD", (Variant(name, 100),)) for name, title in titles.items()])
    opened = open_retriever(catalog, OneLetterEmbedder(), tmp_path / "index")
    yield opened
    opened.close()


def test_what_an_order_is_worth(retriever) -> None:
    """By its words "lamp z" is the lamp, by its letter the bulb, then the box, which nobody judged."""
    data = Judgments({"lamp z": {"bulb": 1, "lamp": 0}}, "")
    figures = figures_of(retriever.view, {"lamp z": Query("lamp", semantic_text="z")}, data, (WORDS_ONLY, MEANING_ONLY))
    second = 1 / np.log2(3)
    # Of the words' order bulb and box, which say none, are told apart by a trace of their meaning.
    assert figures == pytest.approx(np.array([[[second, second, 0.2]], [[1.0, 1.0, 0.2]]]), abs=1e-9)
    data = Judgments({"lamp z": {"lamp": 1}}, "")
    figures = figures_of(retriever.view, {"lamp z": Query("lamp", semantic_text="z")}, data, (MEANING_ONLY,))
    assert figures == pytest.approx(np.array([[[0.5, 1.0, 0.1]]]), abs=1e-9)


def test_each_query_is_scored_by_what_is_best_without_it() -> None:
    """Leaving one out: without query 0 setting 1 is best, without the others setting 0."""
    first = [[1.0, 1.0, 0.1], [0.5, 0.5, 0.2], [0.0, 0.0, 0.3]]
    second = [[0.0, 0.2, 0.4], [0.4, 0.4, 0.5], [0.3, 0.3, 0.6]]
    validated = cross_validated(np.array([first, second]), 3, range(2))
    assert validated.held_out.tolist() == [[0.0, 0.2, 0.4], [0.5, 0.5, 0.2], [0.0, 0.0, 0.3]]
    assert dict(validated.chosen) == {0: 4, 1: 2}


def test_more_folds_than_queries_leave_one_out() -> None:
    figures = np.array([[[0.2, 0.2, 1.0], [0.4, 0.4, 1.0]]])
    validated = cross_validated(figures, 5, range(3))
    assert validated.held_out == pytest.approx(figures[0], abs=1e-12)
    assert dict(validated.chosen) == {0: 6}


def test_of_equally_good_settings_the_first_is_taken() -> None:
    assert best_of(np.full((3, 4, 3), 0.1)) == 0


def test_what_is_shipped_takes_part() -> None:
    assert SHIPPED in GRID
    assert len(set(GRID)) == len(GRID)


def test_the_examples_hold() -> None:
    assert doctest.testmod(tuning).failed == 0
