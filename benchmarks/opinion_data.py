"""Labelled reviews and aspects, read from where they lie, each cut into training and test rows.

In: the folder of the data sets. Out: `Labelled` texts and `Labelled` aspects. Knows no model.

Test rows are those whose number, counted from 0, is divisible by 5; of aspects it is the number of the sentence, in
order of first appearance, so that no sentence is on both sides.
"""

import csv
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.opinions.aspects import sentences

FOLDS = 5
POLARITIES = ("Negative", "Neutral", "Positive")

Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Aspect:
    """The part of `sentence` from `start` to `end` is what is spoken of."""

    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reviews:
    """`labels`: 1 for a content buyer, else 0; `is_test`: which rows are never trained on."""

    texts: Sequence[str]
    labels: Labels
    is_test: Flags


@dataclass(frozen=True, slots=True)
class Aspects:
    """`labels`: places in `POLARITIES`; `is_test` as in `Reviews`."""

    aspects: Sequence[Aspect]
    labels: Labels
    is_test: Flags


def chinese_reviews(data: Path) -> Reviews:
    """zh_waimai: food-delivery reviews."""
    with (data / "zh_waimai/reviews_dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return _reviews([row["review"] for row in rows], [int(row["label"]) for row in rows])


def english_reviews(data: Path) -> Reviews:
    """amazon_polarity: reviews of goods."""
    lines = (data / "amazon_polarity/train.dat").read_text("utf-8").split("\n")
    rows = [line.rsplit("$LABEL$", 1) for line in lines if line]
    return _reviews([text for text, _ in rows], [int(label) for _, label in rows])


def _reviews(texts: list[str], labels: list[int]) -> Reviews:
    return Reviews(texts, np.array(labels), np.arange(len(texts)) % FOLDS == 0)


def laptop_aspects(data: Path) -> Aspects:
    """laptop14: English, words apart."""
    return _aspects(_triples(data / "absa/laptop14_train.txt"))


def phone_aspects(data: Path) -> Aspects:
    """zh_phone: Chinese."""
    return _aspects([_joined(row) for row in _triples(data / "absa/zh_phone_train.txt")])


def other_chinese_aspects(data: Path, without: Aspects) -> Aspects:
    """zh_camera and zh_notebook, all for training, less the sentences that `without` has too."""
    known = {aspect.sentence for aspect in without.aspects}
    rows = [
        _joined(row) for name in ("camera", "notebook") for row in _triples(data / f"absa/zh_{name}_train.txt")
    ]  # fmt: skip
    kept = [row for row in rows if row[0].replace("$T$", row[1]) not in known]
    found = _aspects(kept)
    return Aspects(found.aspects, found.labels, np.zeros(len(kept), dtype=bool))


def _triples(file: Path) -> list[tuple[str, str, str]]:
    lines = [line.strip() for line in file.read_text("utf-8").split("\n")]
    return [(lines[at], lines[at + 1], lines[at + 2]) for at in range(0, len(lines) - 2, 3)]


def _joined(row: tuple[str, str, str]) -> tuple[str, str, str]:
    return row[0].replace(" ", ""), row[1].replace(" ", ""), row[2]


def _aspects(rows: Sequence[tuple[str, str, str]]) -> Aspects:
    numbers: dict[str, int] = {}
    aspects, is_test = [], []
    for text, aspect, _ in rows:
        sentence, start = text.replace("$T$", aspect), text.index("$T$")
        is_test.append(numbers.setdefault(sentence, len(numbers)) % FOLDS == 0)
        aspects.append(Aspect(sentence, start, start + len(aspect)))
    labels = np.array([POLARITIES.index(polarity) for _, _, polarity in rows])
    return Aspects(aspects, labels, np.array(is_test))


def starred_reviews(file: Path, language: str) -> Reviews:
    """A shop's own reviews in a language, those of four and five stars against those of one and two; all are test rows.

    Args:
        file: JSON lines with text, language and rating.
        language: "en" or "zh".
    """
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["language"] == language and row["rating"] != 3]
    labels = np.array([int(row["rating"] > 3) for row in rows])
    return Reviews([row["text"] for row in rows], labels, np.ones(len(rows), dtype=bool))


def read_mentions(file: Path, language: str) -> tuple[list[Aspect], list[int | None], Labels]:
    """The mentions of `phrasings/mentions.toml`: where they stand, the reviews' stars, and 1 for praise."""
    reviews = {row["id"]: row for row in map(json.loads, file.read_text("utf-8").splitlines())}
    listed = tomllib.loads((Path(__file__).parent / "phrasings/mentions.toml").read_text("utf-8"))[language]
    found, stars, labels = [], [], []
    for review_id, words, polarity in listed:
        sentence = next(part for part in sentences(reviews[review_id]["text"]) if words in part)
        start = sentence.index(words)
        found.append(Aspect(sentence, start, start + len(words)))
        stars.append(reviews[review_id].get("rating"))
        labels.append(int(polarity == "praise"))
    return found, stars, np.array(labels)


def further_reviews(praise: Path | None, complaints: Path | None) -> Reviews:
    """Further Chinese reviews of goods, one a line; none where no file is named."""
    texts: list[str] = []
    labels: list[int] = []
    for file, label in ((praise, 1), (complaints, 0)):
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()] if file else []
        texts += [line for line in lines if line]
        labels += [label] * (len(texts) - len(labels))
    return Reviews(texts, np.array(labels, dtype=np.int64), np.zeros(len(texts), dtype=bool))
