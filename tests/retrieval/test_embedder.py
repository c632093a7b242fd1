import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hashed_embedder import HashedEmbedder

from retrieval.embedder import (
    DEFAULT_SHA256,
    Embedder,
    TorchEmbedder,
    default_folder,
    open_embedder,
    read_folder,
)
from retrieval.errors import EmbedderError

TEXTS = ("waterproof hiking boots", "a", "", "防水登山靴", "word " * 400, "Ünïcödé 12.5 l")


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
