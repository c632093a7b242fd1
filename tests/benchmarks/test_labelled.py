"""The labelled texts: what is trained on, and what never is."""

from pathlib import Path

import numpy as np
import pytest

from assistant.parsing.classifier.model import INTENTS
from benchmarks.labelled import OUTSIDE, clinc, everything, filled_templates, framed_things, own_outside, own_utterances
from benchmarks.scope import Share, case_texts, row_of
from benchmarks.train_intents import Texts, fit_heads

SHARED = Path(__file__).parents[3] / "shared" / "data"
OWN = [*own_utterances(), *own_outside(), *filled_templates(), *framed_things()]


def test_our_texts_have_labels_that_exist_in_both_languages() -> None:
    assert {row.intent for row in OWN} == {*INTENTS, OUTSIDE}
    for source in ("own_en", "own_zh"):
        assert {row.intent for row in OWN if row.source == source} == {*INTENTS, OUTSIDE}
    assert {row.sentiment for row in own_utterances()} == {"positive", "neutral", "negative"}
    assert not [row.text for row in OWN if "{" in row.text]


def test_what_is_measured_is_not_trained_on() -> None:
    plain = [(row.text.strip().lower(), row.testing) for row in OWN]
    assert not {text for text, testing in plain if testing} & {text for text, testing in plain if not testing}
    written = {row.text.strip().lower() for row in (*own_utterances(), *own_outside())}
    assert not {row.text.strip().lower() for row in case_texts()} & written


def test_the_same_texts_come_out_each_time() -> None:
    assert list(framed_things()) == list(framed_things())
    assert list(filled_templates()) == list(filled_templates())


def test_heads_tell_apart_what_they_were_fitted_on() -> None:
    rows = [*own_utterances(), *(row for row in own_outside() if not row.testing)]
    texts = Texts.of(rows)
    judged = fit_heads(texts).judge(texts)
    assert len(judged) == len(rows)
    assert np.mean([(each.outside > 0) == row.is_outside for each, row in zip(judged, rows, strict=True)]) > 0.95
    for of_each in ([each.intents for each in judged], [each.sentiments for each in judged]):
        assert np.allclose(np.exp(of_each).sum(axis=1), 1.0, atol=1e-4)


def test_a_row_says_what_share_of_each_group_was_taken_for_out_of_scope() -> None:
    first, second = (row for row, _ in zip(own_outside(), range(2), strict=False))
    shares = [Share("both", [first, second]), Share("none", [])]
    assert row_of("x", {first.text: True, second.text: False}, shares) == {"system": "x", "both": 0.5}


@pytest.mark.shared_data
@pytest.mark.skipif(not (SHARED / "clinc150").is_dir(), reason=f"no {SHARED / 'clinc150'}")
def test_public_sets_keep_their_testing_parts_apart() -> None:
    rows = list(clinc(SHARED))
    assert sum(row.testing for row in rows) == 3_100
    assert {row.intent for row in rows} == {OUTSIDE, "smalltalk", "order", "wish", None}
    every = everything(SHARED)
    for source in ("webshop", "bitext", "banking"):
        parts = [
            {row.text.lower() for row in every if row.source == source and row.testing is part}
            for part in (True, False)
        ]
        assert parts[0]
        assert not parts[0] & parts[1]
