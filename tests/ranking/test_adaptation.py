import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_encoder import tiny_encoder
from toy_shop import a_candidate, a_product

from ranking.adaptation.network import FitSettings, between, contrast, fit_queries, pace, weights_of
from ranking.adaptation.pairs import Pair, Parts, parted
from ranking.adaptation.training import OURS, Adaptation, Shelf, adapt, ndcg_of, write_encoder
from retrieval.adapted import META_FILE, AdaptedEmbedder, adapted
from retrieval.embedder import Embedder, TorchEmbedder
from retrieval.errors import EmbedderError, ModelError
from retrieval.model_folder import CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE, ModelFolder, read_folder
from retrieval.types import Query, Retrieved

THINGS = [f"thing{n}" for n in range(12)]
ALIASES = [f"alias{n}" for n in range(12)]
AROUND = [f"around{n}" for n in range(25)]
EAGER = FitSettings(n_epochs=40, rate=5e-3, restraint=0.0, n_nearest=4)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    return tiny_encoder(tmp_path_factory.mktemp("tiny"), [*THINGS, *ALIASES, *AROUND])


@pytest.fixture(scope="module")
def shelf(encoder: ModelFolder) -> Shelf:
    embedder = TorchEmbedder(encoder)
    return Shelf(THINGS, embedder.encode(THINGS), embedder, encoder, embedder, len(THINGS))


def a_pair(text: str, *rows: int) -> Pair:
    return Pair(text, text, np.array(rows), np.full(len(rows), 3.0, dtype=np.float32))


def alias_pairs(wanted: np.ndarray) -> Parts:
    """Shoppers call thing N alias N, in one of 25 surroundings."""
    return parted(a_pair(f"{around} alias{n}", int(wanted[n])) for n in range(12) for around in AROUND)


@dataclass(frozen=True)
class ByVector:
    """A search by vectors alone."""

    shelf: Shelf
    embedder: Embedder

    def retrieve(self, query: Query, k: int = 200) -> Retrieved:
        vector = self.embedder.encode_queries([query.text])[0]
        scores = self.shelf.vectors @ vector
        best = np.argsort(-scores, kind="stable")[:k]
        found = [a_candidate(a_product(self.shelf.ids[row]), float(scores[row])) for row in best]
        return Retrieved(tuple(found), len(self.shelf.ids), vector)


@pytest.fixture(scope="module")
def learnt(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Adaptation:
    folder = tmp_path_factory.mktemp("models") / "embedder"
    return adapt(
        alias_pairs(np.arange(12)), "clicks", shelf, lambda one: ByVector(shelf, one), folder, settings=EAGER,
        catalog_version="0123456789abcdef",
    )  # fmt: skip


def test_what_shoppers_call_things_is_found_in_queries_that_were_not_trained_on(learnt: Adaptation) -> None:
    scores = {row.system: row.metrics["ndcg@10"] for row in learnt.rows}
    assert scores["dense"] == pytest.approx(scores["retrieve"])
    assert scores["retrieve"] < 0.6
    assert scores[OURS] > 0.8
    assert learnt.is_better
    assert learnt.whole.difference == pytest.approx(scores[OURS] - scores["retrieve"])
    assert sum(learnt.n_queries.values()) == 300


def test_it_serves_beside_the_embedder_that_it_was_trained_for(
    learnt: Adaptation, shelf: Shelf, tmp_path: Path
) -> None:
    embedder = adapted(shelf.embedder, learnt.directory, tmp_path)
    assert isinstance(embedder, AdaptedEmbedder)
    assert embedder.fingerprint == shelf.embedder.fingerprint
    assert embedder.query_fingerprint != shelf.embedder.query_fingerprint
    assert (embedder.name, embedder.dimension, embedder.languages) == ("tiny", 32, frozenset({"en"}))
    assert np.array_equal(embedder.encode(THINGS), shelf.vectors)
    asked = embedder.encode_queries([f"around3 {alias}" for alias in ALIASES])
    assert np.linalg.norm(asked, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert ((asked @ shelf.vectors.T).argmax(axis=1) == np.arange(12)).mean() > 0.7


def test_its_card_and_meta_say_what_was_measured(learnt: Adaptation) -> None:
    meta = json.loads((learnt.directory / META_FILE).read_text("utf-8"))
    assert meta["embedder"]["name"] == "tiny"
    assert meta["n_queries"] == dict(learnt.n_queries)
    assert meta["metrics"][OURS]["ndcg@10"] == pytest.approx(learnt.rows[-1].metrics["ndcg@10"], abs=1e-4)
    card = (learnt.directory / "MODEL_CARD.md").read_text("utf-8")
    assert f"| {OURS} | {learnt.rows[-1].metrics['ndcg@10']:.4f} |" in card
    assert "0123456789ab" in card


def test_what_cannot_be_learnt_is_not_better(shelf: Shelf, tmp_path: Path) -> None:
    drawn = np.random.default_rng(5)
    # Each thing as often as any other, so that not even what is popular can be learnt.
    things = [drawn.permutation(12) for _ in AROUND]
    pairs = parted(
        a_pair(f"{around} alias{n}", int(row))
        for around, rows in zip(AROUND, things, strict=True)
        for n, row in enumerate(rows)
    )
    result = adapt(pairs, "clicks", shelf, lambda one: ByVector(shelf, one), tmp_path / "e", settings=EAGER)
    assert not result.is_better


def test_the_same_seed_gives_the_same_weights(encoder: ModelFolder, shelf: Shelf) -> None:
    pairs, settings = alias_pairs(np.arange(12)).train, FitSettings(n_epochs=1, rate=1e-3)
    first, again, other = (
        fit_queries(encoder, pairs, shelf.vectors, seed, settings, lambda *_: None) for seed in (3, 3, 4)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)
    start = weights_of(encoder)
    moved = {name for name in first if not torch.equal(first[name], start[name])}
    assert moved
    assert not any(name.startswith("embeddings.") for name in moved)


def test_a_strong_restraint_keeps_queries_where_they_were(encoder: ModelFolder, shelf: Shelf, tmp_path: Path) -> None:
    pairs = alias_pairs(np.arange(12)).train
    away = []
    for place, restraint in enumerate((0.0, 100.0)):
        settings = FitSettings(n_epochs=5, rate=5e-3, restraint=restraint)
        tuned = fit_queries(encoder, pairs, shelf.vectors, 0, settings, lambda *_: None)
        distances = _distances(encoder, tuned, tmp_path / str(place))
        away.append(float(distances.mean()))
    assert away[1] < away[0] / 2


def _distances(encoder: ModelFolder, tuned: dict[str, torch.Tensor], folder: Path) -> np.ndarray:
    moved = write_encoder(tuned, encoder, folder).encode(ALIASES)
    return 1.0 - (moved * TorchEmbedder(encoder).encode(ALIASES)).sum(axis=1)


def test_too_few_queries_are_refused(shelf: Shelf, tmp_path: Path) -> None:
    few = parted(a_pair(f"around{n} alias{n}", n) for n in range(12))
    with pytest.raises(
        ModelError, match=r"queries to measure on and . to choose by are too few .*, 40 and 20 are needed"
    ):
        adapt(few, "clicks", shelf, lambda one: ByVector(shelf, one), tmp_path / "e")
    assert not (tmp_path / "e").exists()


def test_what_does_not_fit_or_is_damaged_is_refused_by_name(
    learnt: Adaptation, shelf: Shelf, encoder: ModelFolder, tmp_path: Path
) -> None:
    assert adapted(shelf.embedder, tmp_path / "nothing") is shelf.embedder
    other = TorchEmbedder(tiny_encoder(tmp_path / "other", ["red"], seed=2))
    with pytest.raises(EmbedderError, match=r"was trained for another embedder .* for .*'tiny'.*train --embedder"):
        adapted(other, learnt.directory, tmp_path)
    folder = tmp_path / "damaged"
    folder.mkdir()
    for file in learnt.directory.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    for name in (WEIGHTS_FILE, TOKENIZER_FILE):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
        with pytest.raises(EmbedderError, match=r"are not those that its meta.json describes: run .*--embedder"):
            adapted(shelf.embedder, folder, tmp_path)
        (folder / name).write_bytes(whole)
    whole = (folder / CONFIG_FILE).read_bytes()
    (folder / CONFIG_FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EmbedderError, match=r"cannot be read .*: run .*--embedder"):
        adapted(shelf.embedder, folder, tmp_path)
    (folder / CONFIG_FILE).write_bytes(whole)
    assert isinstance(adapted(shelf.embedder, folder, tmp_path), AdaptedEmbedder)
    (folder / META_FILE).write_text("{", "utf-8")
    with pytest.raises(EmbedderError, match=r"meta.json cannot be read"):
        adapted(shelf.embedder, folder, tmp_path)
    (folder / META_FILE).write_text('{"format": 0}', "utf-8")
    with pytest.raises(EmbedderError, match=r"meta.json is not of format 1"):
        adapted(shelf.embedder, folder, tmp_path)


def test_a_file_that_changed_is_read_again(encoder: ModelFolder, tmp_path: Path) -> None:
    for file in encoder.path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = read_folder(tmp_path).fingerprint
    (tmp_path / WEIGHTS_FILE).write_bytes((tmp_path / WEIGHTS_FILE).read_bytes() + b" ")
    assert read_folder(tmp_path).fingerprint != before


def test_contrast_is_the_softmax_against_what_is_not_wanted() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]])
    weights = torch.tensor([[1.0, 0.0, 0.0], [0.25, 0.75, 0.0]])
    first = -2.0 + np.logaddexp(np.logaddexp(1.0, 0.0), 2.0)
    second = np.logaddexp(5.0, 0.0)
    assert float(contrast(logits, weights)) == pytest.approx((first + second) / 2, rel=1e-5)


def test_a_query_that_wants_all_teaches_nothing() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    loss = contrast(logits, torch.full((1, 3), 1 / 3))
    loss.backward()
    assert loss.item() == pytest.approx(0.0)
    assert torch.equal(logits.grad, torch.zeros(1, 3))


@given(st.integers(1, 400))
def test_the_pace_rises_to_the_whole_rate_and_falls_to_nothing(n_steps: int) -> None:
    paces = [pace(step, n_steps) for step in range(n_steps + 1)]
    assert paces[-1] == 0.0
    assert max(paces) == 1.0
    top = paces.index(1.0)
    assert paces[: top + 1] == sorted(paces[: top + 1])
    assert paces[top:] == sorted(paces[top:], reverse=True)


def test_what_was_tuned_before_is_what_the_next_has_to_beat(learnt: Adaptation, shelf: Shelf, tmp_path: Path) -> None:
    serving = adapted(shelf.embedder, learnt.directory, tmp_path)
    again = adapt(
        alias_pairs(np.arange(12)), "clicks", replace(shelf, serving=serving), lambda one: ByVector(shelf, one),
        tmp_path / "e", settings=EAGER,
    )  # fmt: skip
    assert again.rows[2].metrics == pytest.approx(learnt.rows[3].metrics, abs=1e-3)
    assert not again.is_better


def test_of_a_larger_catalog_what_is_not_on_the_shelf_is_passed_over(shelf: Shelf, tmp_path: Path) -> None:
    half = replace(shelf, ids=THINGS[:6], vectors=shelf.vectors[:6], n_catalog=12)
    pairs = parted(
        a_pair(f"{around} alias{n}", n)
        for n in range(6)
        for around in [*AROUND, *(f"{a} {a}" for a in AROUND), *THINGS]
    )
    result = adapt(pairs, "clicks", half, lambda one: ByVector(shelf, one), tmp_path / "e", settings=FitSettings())
    scores = {row.system: row.metrics["ndcg@10"] for row in result.rows}
    # All six are among the first ten of the shelf, in the same order by either.
    assert scores["retrieve"] == pytest.approx(scores["dense"])


def test_an_encoder_in_half_precision_is_tuned_all_the_same(shelf: Shelf, encoder: ModelFolder, tmp_path: Path) -> None:
    from transformers import AutoModel

    shutil.copytree(encoder.path, tmp_path / "half")
    AutoModel.from_pretrained(encoder.path, dtype=torch.float16).save_pretrained(tmp_path / "half")
    half = read_folder(tmp_path / "half", "half", frozenset({"en"}))
    assert half.weights_sha256 != encoder.weights_sha256
    pairs = alias_pairs(np.arange(12)).train
    tuned = fit_queries(half, pairs, shelf.vectors, 0, FitSettings(n_epochs=1), lambda *_: None)
    assert {tensor.dtype for tensor in tuned.values() if tensor.is_floating_point()} == {torch.float32}


def test_half_of_the_way_is_the_mean() -> None:
    start, end = (
        {"w": torch.tensor([0.0, 2.0]), "n": torch.tensor(1)},
        {"w": torch.tensor([1.0, 4.0]), "n": torch.tensor(1)},
    )
    assert between(start, end, 0.5)["w"].tolist() == [0.5, 3.0]
    assert between(start, end, 0.5)["n"].item() == 1


def test_ndcg_of_exact_orders() -> None:
    pair = Pair("q", "q", np.array([2, 5]), np.array([1.0, 3.0], dtype=np.float32))
    ideal = 7 + 1 / np.log2(3)
    assert ndcg_of([5, 2, 9], pair) == pytest.approx(1.0)
    assert ndcg_of([2, 5], pair) == pytest.approx((1 + 7 / np.log2(3)) / ideal)
    assert ndcg_of([9, 9, 5], pair) == pytest.approx(7 / 2 / ideal)
    assert ndcg_of([*range(10, 20), 5], pair) == 0.0
    assert ndcg_of([], pair) == 0.0
