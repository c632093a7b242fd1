import doctest
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hashed_embedder import HashedEmbedder

from retrieval import cores
from retrieval import embedder as embedder_module
from retrieval.bulk import TokenIds, bulk_device, bulk_run
from retrieval.embedder import (
    BATCH_TOKENS,
    BULK_TEXTS,
    BULK_TOLERANCE,
    Embedder,
    OnnxEmbedder,
    SentenceEmbedder,
    TorchEmbedder,
    bulk_difference,
    default_cache,
    open_embedder,
)
from retrieval.errors import EmbedderError
from retrieval.model_folder import DEFAULT_SHA256, default_folder, read_folder
from retrieval.types import Matrix

MANY = [f"product {i} " + "long description " * (i % 10) for i in range(BULK_TEXTS)]
TEXTS = ("waterproof hiking boots", "a", "", "防水登山靴", "word " * 400, "Ünïcödé 12.5 l")


@pytest.mark.parametrize("module", [cores, embedder_module])
def test_the_examples_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.fixture(scope="module", params=["onnx", "torch", "hashed"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "onnx":
        return open_embedder()
    return TorchEmbedder(default_folder()) if request.param == "torch" else HashedEmbedder()


def test_rows_are_unit_vectors_in_the_order_of_the_texts(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    one_by_one = np.concatenate([embedder.encode([text]) for text in TEXTS])
    assert np.abs(vectors - one_by_one).max() < 1e-4


def test_progress_ends_at_the_number_of_texts(embedder: Embedder) -> None:
    seen: list[tuple[int, int]] = []
    embedder.encode(TEXTS * 20, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (120, 120)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_onnx_agrees_with_torch_on_padded_batches() -> None:
    texts = [f"product {i} " + "long description " * (i % 40) for i in range(70)]
    difference = open_embedder().encode(texts) - TorchEmbedder(default_folder()).encode(texts)
    assert np.abs(difference).max() < 1e-4


def test_a_catalog_is_embedded_as_its_texts_one_by_one() -> None:
    embedder = open_embedder()
    assert isinstance(embedder, OnnxEmbedder)
    assert bulk_difference(embedder.encode(MANY), embedder.encode_exactly(MANY)) <= BULK_TOLERANCE


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_bfloat16_agrees_with_fp32_where_the_machine_computes_in_it(pooling: str) -> None:
    folder = replace(default_folder(), pooling=pooling)
    run = bulk_run(folder.path, pooling)
    assert (run is None) == (bulk_device() is None)
    if run is not None:
        fast, exact = SentenceEmbedder(folder, run), TorchEmbedder(folder)
        assert bulk_difference(fast.encode(MANY[:70]), exact.encode(MANY[:70])) <= BULK_TOLERANCE


@pytest.mark.parametrize("wrong", [0.05, np.nan])
def test_a_fast_encoder_that_disagrees_is_not_used(caplog: pytest.LogCaptureFixture, wrong: float) -> None:
    folder = default_folder()
    exact = TorchEmbedder(folder)

    def run(ids: TokenIds, mask: TokenIds) -> Matrix:
        vectors = exact._run(ids, mask) + np.float32(wrong) * np.eye(384, dtype=np.float32)[0]
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    embedder = OnnxEmbedder(folder, default_cache(), lambda *_: run)
    assert np.array_equal(embedder.encode(MANY), embedder.encode_exactly(MANY))
    assert "is run in fp32, slower" in caplog.text


def test_few_texts_are_embedded_in_fp32_without_loading_anything() -> None:
    asked: list[str] = []
    embedder = OnnxEmbedder(default_folder(), default_cache(), lambda _, pooling: asked.append(pooling))
    embedder.encode(MANY[:-1])
    assert asked == []
    embedder.encode(MANY)
    embedder.encode(MANY)
    assert asked == ["mean"]


def test_no_batch_is_larger_than_what_is_computed_at_once() -> None:
    shapes: list[tuple[int, int]] = []

    def run(ids: TokenIds, mask: TokenIds) -> Matrix:
        shapes.append(ids.shape)
        return np.eye(384, dtype=np.float32)[mask.sum(1)]

    vectors = SentenceEmbedder(default_folder(), run).encode([*MANY, "x"])
    assert sum(rows for rows, _ in shapes) == len(MANY) + 1
    assert max(rows * width for rows, width in shapes) <= BATCH_TOKENS < sum(rows * width for rows, width in shapes)
    assert vectors[-1].argmax() == 3
    assert vectors[9].argmax() == 2 + 2 + 2 * 9


def test_onnx_knows_what_words_mean() -> None:
    boots, sofa, query = open_embedder().encode(
        ["leather hiking boots", "grey sofa for three", "shoes for the mountains"]
    )
    assert boots @ query > sofa @ query + 0.2


def test_default_is_the_published_file() -> None:
    folder = default_folder()
    assert folder.weights_sha256 == DEFAULT_SHA256
    assert (folder.dimension, folder.pooling, folder.max_tokens) == (384, "mean", 128)
    assert folder.languages == {"en"}


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
def test_the_fingerprint_changes_with_every_file_that_decides_the_vectors(tmp_path: Path, name: str) -> None:
    folder = default_folder()
    copies = [tmp_path / "same", tmp_path / "other"]
    for copy in copies:
        shutil.copytree(folder.path, copy, ignore=shutil.ignore_patterns("model.safetensors"))
        (copy / "model.safetensors").symlink_to(folder.path / "model.safetensors")
    content = json.loads((copies[1] / name).read_text("utf-8"))
    content["normalizer" if name == "tokenizer.json" else "hidden_act"] = None
    (copies[1] / name).write_text(json.dumps(content), "utf-8")
    same, other = (read_folder(copy) for copy in copies)
    assert same.fingerprint == folder.fingerprint
    assert other.fingerprint != folder.fingerprint
    assert other.weights_sha256 == folder.weights_sha256


def test_a_folder_without_a_model_is_refused_by_name(tmp_path) -> None:
    with pytest.raises(EmbedderError, match=r"no config\.json in .*: name a folder that holds"):
        read_folder(tmp_path)
