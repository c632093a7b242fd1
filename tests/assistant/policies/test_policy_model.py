import json
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.policies.features import ABOUT, NAMES, Measured, measure
from assistant.policies.model import LEADS, AnswerModel, evidence_of, shipped
from assistant.policies.passages import read_passages
from assistant.policies.search import find_answer
from assistant.policies.words import english_view, matters_of
from retrieval.embedder import Embedder, open_embedder
from retrieval.errors import ModelError
from retrieval.types import Policy

WEIGHTS = resources.files("assistant.policies").joinpath("weights.json").read_text(encoding="utf-8")
RULES = (
    Policy("ship", "shipping", "en", "Shipping", "Standard delivery takes 3 to 5 days and costs $4.90."),
    Policy("back", "returns", "en", "Returns", "Unused things can be returned within 30 days."),
    Policy("pay", "payment", "en", "Payment", "We take credit cards and PayPal."),
)
FIGURES = st.floats(-10, 10, allow_nan=False)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WEIGHTS[:-40], "cannot be read"),
        (WEIGHTS.replace('"threshold": 0', '"threshold": 1'), "damaged"),
        ("[]", "read"),
    ],
)
def test_damaged_weights_are_refused(text, said):
    with pytest.raises(ModelError, match=said):
        AnswerModel.load(text)


def test_weights_come_back_as_they_were_saved(tmp_path):
    shipped().save(tmp_path / "w.json", note="again")
    found = AnswerModel.load((tmp_path / "w.json").read_text("utf-8"))
    assert np.array_equal(found.order, shipped().order)
    assert (found.threshold, found.encoder) == (shipped().threshold, shipped().encoder)
    assert json.loads((tmp_path / "w.json").read_text("utf-8"))["note"] == "again"


@given(st.lists(st.lists(FIGURES, min_size=len(NAMES), max_size=len(NAMES)), min_size=1, max_size=6))
def test_any_figures_give_a_probability(rows):
    measured = Measured(np.array(rows), np.zeros(len(ABOUT)))
    evidence = evidence_of(measured, shipped().scores(measured))
    assert evidence.shape == (len(NAMES) + len(LEADS) + len(ABOUT),)
    assert 0.0 <= shipped().probability(evidence) <= 1.0


def test_every_figure_of_a_question_is_finite_even_where_nothing_is_shared(embedder):
    for question in ("when will it arrive", "呜啦啦", "?x?", "1234"):
        measured = measure(question, read_passages(RULES, embedder), embedder)
        assert np.isfinite(measured.pairs).all()
        assert np.isfinite(measured.about).all()


@given(st.text(max_size=60))
def test_any_text_has_an_english_view_and_matters(text):
    view = english_view(text)
    assert not any("\u4e00" <= char <= "\u9fff" for char in view)
    assert isinstance(matters_of(text), frozenset)


@pytest.mark.parametrize(
    ("question", "language", "first"),
    [
        ("运费多少钱", "zh", "ship"),
        ("可以退货吗", "zh", "back"),
        ("能用信用卡吗", "zh", "pay"),
        ("運費多少錢", "zh", "ship"),
    ],
)
def test_a_question_in_one_language_finds_a_rule_in_the_other(question, language, first, embedder):
    answer = find_answer(question, RULES, language, embedder)
    assert (answer.ranked[0].id, answer.is_sure) == (first, True)


def test_every_passage_is_ranked_once_and_the_answer_does_not_depend_on_their_order(embedder):
    forward = find_answer("can I send it back", RULES, "en", embedder)
    backward = find_answer("can I send it back", RULES[::-1], "en", embedder)
    assert sorted(policy.id for policy in forward.ranked) == ["back", "pay", "ship"]
    assert forward.ranked == backward.ranked
    assert forward.probability == pytest.approx(backward.probability, abs=1e-4)


def test_a_shop_of_one_rule_answers_by_it_or_not_at_all(embedder):
    only = RULES[1:2]
    assert find_answer("how do I return something", only, "en", embedder).is_sure
    assert not find_answer("who won the world cup", only, "en", embedder).is_sure
