import hashlib
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from ranking.features import SCALARS, Features
from ranking.matcher import (
    CONTRIBUTIONS,
    FORMAT,
    HEAD,
    META_FILE,
    PROFILE_SHRINKAGE,
    WEIGHTS_FILE,
    Matcher,
    RelevanceMatcher,
    TwoTowerMatcher,
    coefficients,
    load_matcher,
)
from ranking.network import FitSettings, TwoTower
from retrieval.errors import ModelError

D = 8


def some_features(seed, n=5, m=3, dimension=D):
    rng = np.random.default_rng(seed)

    def unit(*shape):
        rows = rng.normal(size=shape).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=-1, keepdims=True)

    scalars = rng.random((n, len(SCALARS))).astype(np.float32)
    return Features(scalars, unit(n, dimension), unit(dimension), unit(m, dimension), rng.random(m).astype(np.float32))


def without_profile(features):
    scalars = features.scalars.copy()
    for name in ("taste", "level_fit", "brand_fit", "size_fit", "stated_like", "stated_dislike"):
        scalars[:, SCALARS.index(name)] = 0
    return Features(scalars, features.products, features.query, features.history[:0], features.history_weights[:0])


def test_contributions_by_hand(make_tensors):
    wanted = {
        "query_match": 2.0, "profile_match": 3.0, "relevance": 4.0, "budget_fit": 0.5, "audience_fit": 3.5,
        "level_fit": 0.25, "quality": 1.5, "popularity": -0.125, "stated_like": 1.0, "stated_dislike": 2.0,
        "taste": 0.75, "brand_fit": 0.4, "size_fit": 2.5, "novelty": 0.1, "stock": 5.0,
        "opinions": 0.6, "aspect_fit": 1.2,
    }  # fmt: skip
    head = [wanted[name] if name == "popularity" else np.log(np.expm1(wanted[name])) for name in HEAD]
    tensors = make_tensors(2, 1) | {"head": np.array(head, dtype=np.float32)}
    # The query (1, 0) moves to (1, 1) / sqrt 2; product rows stay where they are.
    tensors["query_down"][:] = [[1], [0]]
    tensors["query_up"][:] = [[0], [1]]
    values = {
        "relevance": 0.5, "budget_fit": -0.5, "audience_fit": -1.0, "level_fit": -1.0, "quality": 0.2,
        "popularity": 2.0, "stated_like": 1.0, "stated_dislike": 0.5, "taste": -0.4, "brand_fit": 0.25,
        "size_fit": 0.8, "novelty": -0.5, "stock": -1.0, "opinions": -0.5, "aspect_fit": 0.25,
    }  # fmt: skip
    features = Features(
        scalars=np.array([[values[name] for name in SCALARS]], dtype=np.float32),
        products=np.array([[0.0, 1.0]], dtype=np.float32),
        query=np.array([1.0, 0.0], dtype=np.float32),
        history=np.array([[0.0, 1.0], [0.6, 0.8]], dtype=np.float32),
        history_weights=np.array([1.0, 3.0], dtype=np.float32),
    )
    parts = TwoTowerMatcher(tensors, "by hand").contributions(features)
    assert {name: part.tolist() for name, part in parts.items()} == {
        "relevance": [pytest.approx(2.0)],
        "query_match": [pytest.approx(2.0 / np.sqrt(2))],
        "profile_match": [pytest.approx(3.0 * (1 * 1.0 + 3 * 0.8) / (4 + PROFILE_SHRINKAGE))],
        "price_fit": [pytest.approx(-0.25 - 0.25)],
        "audience_fit": [pytest.approx(-3.5)],
        "quality": [pytest.approx(0.3)],
        "taste": [pytest.approx(-0.3)],
        "brand_fit": [pytest.approx(0.1)],
        "size_fit": [pytest.approx(2.0)],
        "novelty": [pytest.approx(-0.05)],
        "stock": [pytest.approx(-5.0)],
        "popularity": [pytest.approx(-0.25)],
        "stated_like": [pytest.approx(1.0)],
        "stated_dislike": [pytest.approx(-1.0)],
        "opinions": [pytest.approx(-0.3)],
        "aspect_fit": [pytest.approx(0.3)],
    }


def test_before_training_the_towers_are_the_identity():
    model = TwoTower(D, FitSettings(rank=4), torch.Generator().manual_seed(0))
    matcher = TwoTowerMatcher(model.tensors(), "untrained")
    features = some_features(1)
    parts = matcher.contributions(features)
    assert parts["query_match"] == pytest.approx(np.zeros(5), abs=1e-6)
    cosines = features.products @ features.history.T @ features.history_weights
    expected = 2.0 * cosines / (features.history_weights.sum() + PROFILE_SHRINKAGE)
    assert parts["profile_match"] == pytest.approx(expected, abs=1e-5)


@pytest.fixture(params=["two-tower", "relevance"])
def matcher(request, make_matcher) -> Matcher:
    return make_matcher(3, D) if request.param == "two-tower" else RelevanceMatcher()


class TestContract:
    """What every matcher must hold to."""

    def test_it_has_a_version(self, matcher):
        assert matcher.version

    def test_there_is_one_finite_value_per_candidate_and_part(self, matcher):
        parts = matcher.contributions(some_features(0))
        assert "relevance" in parts
        assert all(part.shape == (5,) and np.isfinite(part).all() for part in parts.values())

    def test_a_candidate_scores_the_same_wherever_it_stands(self, matcher):
        features = some_features(0)
        order = np.array([3, 0, 4, 1, 2])
        moved = Features(
            features.scalars[order],
            features.products[order],
            features.query,
            features.history,
            features.history_weights,
        )
        for name, part in matcher.contributions(features).items():
            assert matcher.contributions(moved)[name] == pytest.approx(part[order], abs=1e-6)

    def test_more_relevance_never_harms(self, matcher):
        features = some_features(0)
        scalars = features.scalars.copy()
        scalars[:, SCALARS.index("relevance")] += 0.1
        raised = Features(scalars, features.products, features.query, features.history, features.history_weights)
        before, after = matcher.contributions(features), matcher.contributions(raised)
        assert (sum(after.values()) >= sum(before.values())).all()

    def test_without_a_query_and_a_profile_it_still_scores(self, matcher):
        features = without_profile(some_features(0))
        features = Features(
            features.scalars, features.products, np.zeros(D, np.float32), features.history, features.history_weights
        )
        parts = matcher.contributions(features)
        assert all(np.isfinite(part).all() for part in parts.values())


def random_matcher(seed, spread=1.0):
    rng = np.random.default_rng(seed)
    names = ("query_down", "query_up", "product_down", "product_up")
    tensors = {name: rng.normal(size=(D, 3)).astype(np.float32) for name in names}
    return TwoTowerMatcher({**tensors, "head": (spread * rng.normal(size=len(HEAD))).astype(np.float32)}, "random")


@given(st.integers(0, 2**31))
def test_an_empty_profile_personalises_nothing(seed):
    parts = random_matcher(seed).contributions(without_profile(some_features(seed)))
    assert tuple(parts) == CONTRIBUTIONS
    for name in ("profile_match", "taste", "brand_fit", "size_fit", "stated_like", "stated_dislike"):
        assert (parts[name] == 0).all()


@given(st.integers(0, 2**31), st.sampled_from(["stated_dislike", "level_fit", "budget_fit"]), st.floats(0, 5))
def test_no_weights_let_a_dislike_or_a_price_that_fits_worse_help(seed, name, amount):
    features = some_features(seed)
    scalars = features.scalars.copy()
    scalars[:, SCALARS.index(name)] += amount if name == "stated_dislike" else -amount
    worse = Features(scalars, features.products, features.query, features.history, features.history_weights)
    model = random_matcher(seed, spread=5.0)
    before, after = sum(model.contributions(features).values()), sum(model.contributions(worse).values())
    assert (after <= before + 1e-6).all()


@given(st.integers(0, 2**31), st.floats(0.05, 0.95))
def test_less_behaviour_for_a_product_never_raises_it(seed, share):
    features = some_features(seed)
    own = Features(features.scalars, features.history, features.query, features.history, features.history_weights)
    own = Features(features.scalars[:3], own.products, own.query, own.history, own.history_weights)
    weights = own.history_weights.copy()
    weights[0] *= share
    fewer = Features(own.scalars, own.products, own.query, own.history, weights)
    model = random_matcher(seed)
    assert model.contributions(fewer)["profile_match"][0] <= model.contributions(own)["profile_match"][0] + 1e-6


@given(st.lists(st.floats(-50, 50, width=32), min_size=len(HEAD), max_size=len(HEAD)))
def test_the_signs_of_the_coefficients_hold_for_any_parameters(head):
    signed = coefficients(np.array(head, dtype=np.float32))
    assert signed.pop("stated_dislike") <= 0
    signed.pop("popularity")
    assert all(value >= 0 for value in signed.values())


def test_a_wrong_dimension_is_refused(make_matcher):
    with pytest.raises(ModelError, match="dimension 8, not 5"):
        make_matcher(0, D).contributions(some_features(0, dimension=5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"head": np.zeros(3, np.float32)}, "wrong shape"),
        ({"query_up": np.zeros((D, 9), np.float32)}, "wrong shape"),
        ({"query_up": np.full((D, 3), np.nan, np.float32)}, "not finite"),
        ({"extra": np.zeros(1, np.float32)}, "instead of"),
        ({"purchase_calibration": np.array([-1, 0], np.float32)}, "purchase_calibration is not a slope"),
    ],
)
def test_bad_tensors_are_refused(make_tensors, change, message):
    with pytest.raises(ModelError, match=message):
        TwoTowerMatcher(make_tensors(D, 3) | change, "bad")


@pytest.fixture
def written(tmp_path, make_tensors):
    weights = save(make_tensors(D, 3, seed=1))
    meta = {
        "format": FORMAT,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "embedder": {"name": "bert", "fingerprint": "f" * 64},
        "dimension": D,
    }
    (tmp_path / WEIGHTS_FILE).write_bytes(weights)
    (tmp_path / META_FILE).write_text(json.dumps(meta))
    return tmp_path


def test_a_written_model_is_read_back(written, make_tensors):
    matcher = load_matcher(written, "f" * 64, D)
    assert matcher.version == f"two-tower-{matcher.meta['weights_sha256'][:12]}"
    for name, tensor in make_tensors(D, 3, seed=1).items():
        assert (matcher.tensors[name] == tensor).all()


def test_a_model_of_another_embedder_is_refused_by_name(written):
    with pytest.raises(ModelError, match=r"embedder 'bert'.*another"):
        load_matcher(written, "0" * 64, D)
    with pytest.raises(ModelError, match=r"dimension 8.* have 384"):
        load_matcher(written, "f" * 64, 384)


def test_damaged_or_missing_files_are_refused(written, tmp_path):
    weights = (written / WEIGHTS_FILE).read_bytes()
    (written / WEIGHTS_FILE).write_bytes(weights[:-1] + b"x")
    with pytest.raises(ModelError, match="is not the file"):
        load_matcher(written, "f" * 64, D)
    (written / META_FILE).write_text("{")
    with pytest.raises(ModelError, match="not JSON"):
        load_matcher(written, "f" * 64, D)
    (written / META_FILE).write_text('{"format": 99}')
    with pytest.raises(ModelError, match=f"not of format {FORMAT}"):
        load_matcher(written, "f" * 64, D)
    with pytest.raises(ModelError, match="no matcher at"):
        load_matcher(tmp_path / "nowhere", "f" * 64, D)
