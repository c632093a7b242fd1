"""Bad ends of processes that used Chroma, and the watch over an index that is whole."""

import ctypes
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hashed_embedder import HashedEmbedder
from test_live_search import dearer
from test_retriever import N_FLUSHED, catalog_of, named

from retrieval.canaries import Canaries, checksum_of, searched
from retrieval.crashes import MARK_FILE, MAX_BAD_ENDS, n_bad_ends, sound_in_another_process
from retrieval.errors import ChromaUnavailable, IndexDamaged
from retrieval.index import ProductIndex
from retrieval.retriever import Retriever, open_retriever
from retrieval.types import Query
from retrieval.watching import Damage, read_damage

KILLED = """
import os, signal, sys
from pathlib import Path
from retrieval.index import ProductIndex
index = ProductIndex(Path(sys.argv[1]))
assert index.has_chroma
os.kill(os.getpid(), int(sys.argv[2]))
"""


def opened(folder: Path, n: int = 40, watch_s: float = 30.0) -> Retriever:
    catalog = catalog_of(named([f"lamp {number}" for number in range(n)]), folder)
    return open_retriever(catalog, HashedEmbedder(), folder / "index", watch_s=watch_s)


def die(folder: Path, number: int = signal.SIGKILL) -> None:
    command = [sys.executable, "-c", KILLED, str(folder), str(int(number))]
    assert subprocess.run(command, check=False).returncode == -number


def test_a_mark_lies_there_while_chroma_is_open_and_goes_when_it_is_closed(tmp_path: Path) -> None:
    retriever = opened(tmp_path)
    folder = retriever.index.folder
    assert json.loads((folder / MARK_FILE).read_text())["pid"] == os.getpid()
    assert n_bad_ends(folder) == 0
    retriever.close()
    assert not (folder / MARK_FILE).exists()
    assert ProductIndex(folder, use_chroma=False).chroma_fault is None
    assert not (folder / MARK_FILE).exists()


def test_after_a_bad_end_search_is_exact_until_the_files_were_tried_elsewhere(tmp_path: Path) -> None:
    retriever = opened(tmp_path)
    folder = retriever.index.folder
    retriever.close()
    die(folder, signal.SIGSEGV)
    again = opened(tmp_path, watch_s=30.0)
    assert isinstance(again.index.chroma_fault, ChromaUnavailable)
    assert not again.index.has_chroma
    assert again.retrieve(Query("lamp 7"), 1).candidates[0].product.id == "lamp 7"
    again.watch.wake()
    assert again.watch.wait_until(lambda watch: watch.n_found > 0 and watch.damage is None, 60)
    assert again.index.has_chroma
    assert again.index.folder == folder
    again.close()
    assert not (folder / MARK_FILE).exists()


def test_after_several_bad_ends_in_a_row_it_is_built_again(tmp_path: Path) -> None:
    retriever = opened(tmp_path)
    folder = retriever.index.folder
    retriever.close()
    note = {"process": "another", "pid": 1, "since": "2026-11-21T04:12:00+00:00", "bad_ends": MAX_BAD_ENDS - 1}
    (folder / MARK_FILE).write_text(json.dumps(note))
    assert n_bad_ends(folder) == MAX_BAD_ENDS
    again = opened(tmp_path, watch_s=0.01)
    assert again.watch.wait_until(lambda watch: watch.n_found > 0 and watch.damage is None, 60)
    assert again.index.folder != folder
    assert again.n_embedded == 0
    again.close()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"bad_ends": "many"}'])
def test_a_mark_that_cannot_be_read_is_a_mark(tmp_path: Path, content: str) -> None:
    retriever = opened(tmp_path)
    retriever.close()
    (retriever.index.folder / MARK_FILE).write_text(content)
    assert isinstance(ProductIndex(retriever.index.folder).chroma_fault, ChromaUnavailable)


@pytest.mark.slow
def test_the_process_that_tries_the_files_dies_of_them_and_this_one_lives(tmp_path: Path) -> None:
    retriever = opened(tmp_path, N_FLUSHED)
    folder = retriever.index.folder
    retriever.close()
    assert sound_in_another_process(folder, lambda: False)
    assert not sound_in_another_process(folder, lambda: True)
    meta = json.loads((folder / "meta.json").read_text())
    for name in list(meta["files"]):
        if name.endswith(("link_lists.bin", "data_level0.bin")):
            content = random.Random(7).randbytes((folder / name).stat().st_size)
            (folder / name).write_bytes(content)
            meta["files"][name] = sha256(content).hexdigest()
    (folder / "meta.json").write_text(json.dumps(meta))
    assert not sound_in_another_process(folder, lambda: False)


def test_no_damage_is_found_where_only_the_catalog_changes(tmp_path: Path) -> None:
    retriever = opened(tmp_path, 60, watch_s=0.001)
    products = list(retriever.catalog.products())
    folder = retriever.index.folder
    for step in range(30):
        retriever.catalog.upsert([dearer(product, 500 + step) for product in products[:5]])
        retriever.catalog.delete([products[20 + step].id])
        retriever.catalog.upsert(named([f"torch {step}"]))
        retriever.refresh()
        retriever.retrieve(Query("lamp"), 5)
    os.utime(folder / "ids.json")
    n = retriever.watch.n_rounds
    assert retriever.watch.wait_until(lambda watch: watch.n_rounds > n + 2, 60)
    assert retriever.watch.n_found == 0
    assert retriever.damage is None
    retriever.close()


def test_vectors_that_are_not_to_be_trusted_are_found_by_words_and_embedded_again(tmp_path: Path) -> None:
    retriever = opened(tmp_path)
    index = retriever.index
    index.distrust(np.arange(10))
    assert index.vector_of_row(3) is None
    assert index.vector_of_row(10) is not None
    assert not index.vectors[:10].any()
    assert retriever.retrieve(Query("lamp 3"), 1).candidates[0].product.id == "lamp 3"
    assert retriever.rebuild(index, "a test")
    retriever.settle(60)
    assert retriever.n_embedded == 40 + 10
    assert retriever.index is not index
    assert not retriever.rebuild(index, "it serves no more")
    retriever.close()


@pytest.mark.parametrize("name", ["ids", "text_digests", "row_of"])
def test_ids_and_digests_that_were_overwritten_in_memory_are_found(tmp_path: Path, name: str) -> None:
    retriever = opened(tmp_path)
    canaries = Canaries(retriever.index)
    canaries.check(retriever.view)
    array = getattr(retriever.index, name).arrays()[0]
    good = ctypes.string_at(array.ctypes.data, array.nbytes)
    ctypes.memset(array.ctypes.data + 5, 0x31 if name != "row_of" else 0, 1)
    ctypes.memset(array.ctypes.data, good[0] ^ 1, 1)
    with pytest.raises(IndexDamaged, match="words or ids in memory"):
        canaries._check_memory()
    ctypes.memmove(array.ctypes.data, good, array.nbytes)
    canaries.check(retriever.view)
    retriever.close()


def test_what_sql_and_the_search_hold_is_compared_product_by_product(tmp_path: Path) -> None:
    retriever = opened(tmp_path)
    held = dict(searched(retriever.view))
    assert held == retriever.catalog.text_digests() == dict(retriever.catalog.each_text_digest())
    exchanged = {**held, "lamp 1": held["lamp 2"], "lamp 2": held["lamp 1"]}
    fewer = {name: digest for name, digest in held.items() if name != "lamp 3"}
    assert len({checksum_of(some.items()) for some in (held, exchanged, fewer, {})}) == 4
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.execute("UPDATE products SET text_digest = ? WHERE id = 'lamp 3'", (held["lamp 4"],))
        database.commit()
    with pytest.raises(IndexDamaged, match="not what the catalog holds"):
        Canaries(retriever.index).check(retriever.view)
    retriever.close()


@pytest.mark.parametrize("is_on_disk", [True, False])
def test_memory_that_was_overwritten_before_the_first_look_is_not_taken_for_good(
    tmp_path: Path, is_on_disk: bool
) -> None:
    retriever = opened(tmp_path)
    index = retriever.index
    good, halves = index.vectors[:], index.vectors.halves
    ctypes.memset(halves.ctypes.data, 0x3F, halves.nbytes // 2)
    assert not index.holds_what_was_read()
    if not is_on_disk:
        (index.folder / "vectors.npy").unlink()
    retriever.watch.wake()
    assert retriever.watch.wait_until(lambda watch: watch.n_rounds > 0, 60)
    retriever.settle(60)
    assert retriever.index.vectors[:] == pytest.approx(good, abs=1e-6)
    assert retriever.n_embedded == (40 if is_on_disk else 80)
    retriever.close()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"text": "x"}', '{"text": "x", "since": "soon"}'])
def test_a_note_of_damage_that_cannot_be_read_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "damage.json").write_text(content)
    assert read_damage(tmp_path) is None
    (tmp_path / "damage.json").write_text('{"text": "x", "since": "2026-11-21T04:12:00+00:00"}')
    assert read_damage(tmp_path) == Damage("x", "2026-11-21T04:12:00+00:00")
