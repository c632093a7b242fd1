"""A shop answers while its index is damaged: it is found, repaired without a break, and wrong answers are counted."""

import random

import pytest
from hashed_embedder import HashedEmbedder
from test_retriever import N_FLUSHED, catalog_of, random_product

from benchmarks.damage import damage_once, exact_answers, stale_generation
from benchmarks.harms import KINDS, Ground
from retrieval.watching import read_damage

WATCH_S = 0.2
MAY_BE_WRONG = {
    "vectors in memory overwritten": "memory is looked at once a round",
    "Chroma: a third of the rows gone": "what is missing from an answer is found by the next round",
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("damaged")
    rng = random.Random(7)
    products = [random_product(number, rng) for number in range(N_FLUSHED)]
    catalog, embedder = catalog_of(products, folder), HashedEmbedder()
    stale = stale_generation(products, embedder, folder / "stale", lambda _: None)
    ground = Ground(catalog, embedder, folder / "index", stale, WATCH_S)
    ground.open()
    ground.expected = exact_answers(catalog, embedder, folder / "exact", lambda _: None)
    yield ground
    ground.retriever.close()


def test_there_are_kinds_enough() -> None:
    assert len(KINDS) >= 13
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_damage_is_found_and_repaired_while_questions_are_answered(ground: Ground, kind, record_property) -> None:
    row = damage_once(ground, kind, ground.expected)
    for name, value in row.items():
        record_property(name, value)
    print(row)
    assert row["answers"] > 0
    if kind.name not in MAY_BE_WRONG:
        assert row["wrong"] == 0, row["_told"]
    assert ground.is_whole()
    assert read_damage(ground.index_dir) is None
