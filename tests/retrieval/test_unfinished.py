"""What a build of the index had embedded outlives the process, and nothing damaged of it is used."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hashed_embedder import HashedEmbedder
from test_retriever import catalog_of

from retrieval.building import UNFINISHED_FILE
from retrieval.cores import cores_of_quota
from retrieval.retriever import open_retriever
from retrieval.types import Product, Variant
from retrieval.unfinished import UnfinishedVectors
from retrieval.vectors import TEXTS_AT_ONCE, embed, text_key

N_TEXTS = 3 * TEXTS_AT_ONCE + 100

WORKER = """
import sys, time
from pathlib import Path
from hashed_embedder import HashedEmbedder
from retrieval.catalog import Catalog
from retrieval.database import open_engine
from retrieval.retriever import open_retriever

class Stuck(HashedEmbedder):
    def encode(self, texts, on_progress=None):
        if self.n_encoded == 2 * len(texts):
            print("embedded", self.n_encoded, flush=True)
            time.sleep(600)
        return super().encode(texts, on_progress)

folder = Path(sys.argv[1])
open_retriever(Catalog(open_engine(folder / "shop.db")), Stuck(), folder / "index")
"""


def lamps(n: int) -> list[Product]:
    return [Product(f"l{i}", f"lamp {i}", "USD", variants=(Variant(f"l{i}", 900 + i),)) for i in range(n)]


def killed_midway(folder: Path) -> None:
    """A process of its own builds the index and is killed (SIGKILL) after it embedded two batches."""
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parents[1])])
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"embedded {2 * TEXTS_AT_ONCE}\n"
        process.send_signal(signal.SIGKILL)


def test_an_index_whose_building_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    catalog = catalog_of(lamps(N_TEXTS), tmp_path)
    killed_midway(tmp_path)
    retriever = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    assert retriever.n_embedded == N_TEXTS - 2 * TEXTS_AT_ONCE
    names = [f"l{i}" for i in range(N_TEXTS)]
    expected = HashedEmbedder().encode([f"lamp {i}" for i in range(N_TEXTS)])
    in_halves = expected.astype(np.float16).astype(np.float32)
    assert np.array_equal(retriever.vectors_of(names), in_halves)
    retriever.close()
    assert not (tmp_path / "index" / UNFINISHED_FILE).exists()


def test_a_finished_index_leaves_nothing_to_go_on_with(tmp_path: Path) -> None:
    open_retriever(catalog_of(lamps(10), tmp_path), HashedEmbedder(), tmp_path / "index").close()
    assert not (tmp_path / "index" / UNFINISHED_FILE).exists()


KEYS = [text_key(text) for text in ("one", "two", "three")]
VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)


def written(file: Path) -> bytes:
    with UnfinishedVectors(file, "model", 4) as kept:
        kept.add(KEYS[:1], VECTORS[:1])
        kept.add(KEYS[1:], VECTORS[1:])
    return file.read_bytes()


def read(file: Path, fingerprint: str = "model", dimension: int = 4) -> list[list[float] | None]:
    with UnfinishedVectors(file, fingerprint, dimension) as kept:
        found = [kept.get(key) for key in KEYS]
    return [None if vector is None else vector.tolist() for vector in found]


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    written(tmp_path / "f")
    assert read(tmp_path / "f") == VECTORS.tolist()
    assert UnfinishedVectors(tmp_path / "f", "model", 4).get(text_key("four")) is None


def test_another_embedder_takes_nothing(tmp_path: Path) -> None:
    written(tmp_path / "f")
    assert read(tmp_path / "f", fingerprint="other") == [None, None, None]
    written(tmp_path / "f")
    assert read(tmp_path / "f", dimension=5) == [None, None, None]


RECORD = 32 + 4 * 4 + 4


@pytest.mark.parametrize("where", [-1, -RECORD, 5 - RECORD, -5], ids=["checksum", "key", "in the key", "vector"])
def test_a_flipped_byte_loses_only_its_own_text(tmp_path: Path, where: int) -> None:
    content = bytearray(written(tmp_path / "f"))
    content[where] ^= 1
    (tmp_path / "f").write_bytes(content)
    assert read(tmp_path / "f") == [*VECTORS[:2].tolist(), None]


@pytest.mark.parametrize("lost", [1, RECORD - 1])
def test_a_record_that_was_cut_off_is_written_anew(tmp_path: Path, lost: int) -> None:
    content = written(tmp_path / "f")
    (tmp_path / "f").write_bytes(content[:-lost])
    with UnfinishedVectors(tmp_path / "f", "model", 4) as kept:
        assert kept.get(KEYS[2]) is None
        kept.add(KEYS[2:], VECTORS[2:])
    assert (tmp_path / "f").read_bytes() == content
    assert read(tmp_path / "f") == VECTORS.tolist()


@pytest.mark.parametrize("content", [b"", b"garbage", b"garbage" * 100])
def test_a_file_of_something_else_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    assert read(tmp_path / "f") == [None, None, None]
    written(tmp_path / "f")
    assert read(tmp_path / "f") == VECTORS.tolist()


def test_where_nothing_can_be_kept_embedding_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "f").mkdir()
    with UnfinishedVectors(tmp_path / "f", "model", 4) as kept:
        kept.add(KEYS, VECTORS)
        assert kept.get(KEYS[0]) is None
    assert "embeddings are not kept in" in caplog.text


def test_equal_texts_are_embedded_once_and_known_ones_not_at_all() -> None:
    embedder, kept = HashedEmbedder(), {}
    known = {text_key("known"): np.ones(32, dtype=np.float32)}
    seen: list[tuple[int, int]] = []
    texts = ["a lamp", "known", "a sofa", "a lamp"]
    vectors = embed(
        texts,
        embedder,
        known.get,
        lambda *step: seen.append(step),
        lambda keys, made: kept.update(zip(keys, made, strict=True)),
    )
    assert embedder.n_encoded == 2
    lamp, sofa = HashedEmbedder().encode(["a lamp", "a sofa"])
    assert np.array_equal(vectors, np.stack([lamp, np.ones(32), sofa, lamp]))
    assert list(kept) == [text_key("a lamp"), text_key("a sofa")]
    assert seen == [(0, 2), (2, 2)]


def test_progress_goes_on_from_batch_to_batch() -> None:
    seen: list[tuple[int, int]] = []
    embed([f"text {i}" for i in range(TEXTS_AT_ONCE + 3)], HashedEmbedder(), {}.get, lambda *step: seen.append(step))
    n = TEXTS_AT_ONCE + 3
    assert seen == [(0, n), (TEXTS_AT_ONCE, n), (n, n)]


@pytest.mark.parametrize("quota", ["", "max 100000", "100 0", "nonsense", "1 2 3"])
def test_a_quota_that_says_nothing_limits_nothing(quota: str) -> None:
    assert cores_of_quota(quota) is None
