"""The model that is shipped, and what it is made with: demo products, BERT embeddings, hybrid retrieval."""

import json

import numpy as np
import pytest

from ranking.matcher import META_FILE, MODEL_CARD_FILE, SHIPPED, coefficients, load_matcher
from ranking.shipped import COMMAND, train_shipped


def test_the_shipped_model_is_whole_and_says_how_it_was_made():
    meta = json.loads((SHIPPED / META_FILE).read_text("utf-8"))
    matcher = load_matcher(None, meta["embedder"]["fingerprint"], meta["dimension"])
    assert meta["created_by"] == COMMAND
    assert matcher.version in (SHIPPED / MODEL_CARD_FILE).read_text("utf-8")
    assert all(comparison["low"] > 0 for comparison in meta["comparisons"])
    head = coefficients(matcher.tensors["head"])
    assert head["relevance"] == pytest.approx(meta["coefficients"]["relevance"], abs=1e-3)
    assert head["stated_dislike"] < 0 < head["stated_like"]


def test_the_shipped_query_tower_moves_queries_only_a_little():
    meta = json.loads((SHIPPED / META_FILE).read_text("utf-8"))
    tensors = load_matcher(None, meta["embedder"]["fingerprint"], meta["dimension"]).tensors
    rng = np.random.default_rng(0)
    queries = rng.normal(size=(500, meta["dimension"])).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    moved = queries + (queries @ tensors["query_down"]) @ tensors["query_up"].T
    cosines = (moved * queries).sum(axis=1) / np.linalg.norm(moved, axis=1)
    assert cosines.min() > 0.9


@pytest.mark.slow
def test_training_on_the_demo_shop_beats_popularity_and_relevance(tmp_path):
    result = train_shipped(tmp_path)
    ndcg = {row.system: row.metrics["ndcg@5"] for row in result.rows}
    assert all(comparison.is_better for comparison in result.comparisons)
    assert ndcg["oracle"] > ndcg["two-tower"] > ndcg["two-tower, empty profile"] > ndcg["relevance"]
    assert result.seconds < 120
