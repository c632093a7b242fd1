"""How fast products are embedded, and at what cost: `python -m benchmarks.embedding --shop DIR [--judgments FILE]`.

In: an imported shop, and a CSV of `query,product_id,rating` if there is one. Out: one row a system, all from one run
over the same product texts, which the systems take in turn, `--rounds` times; a rate is that of the middle round.

sentence-transformers  its defaults on the processor: torch fp32, 32 texts a batch, its own greatest length
torch fp32             our reference: the same weights, our batches and length
onnx fp32              ONNX Runtime, which embeds queries and small changes
ours                   what embeds a catalog: the fastest way whose vectors agree with fp32 on this machine

`times_peer` is the rate over that of sentence-transformers, `cpu_times_peer` the same by processor time, which other
work on the machine disturbs less; `cosine` and `least_cosine` are with `onnx fp32`, text by text. With judgments each
system embeds the whole catalog: `ndcg@10` is that of dense search alone and `retrieve_ndcg@10` that of the product's
retriever with these vectors in its index, the queries embedded in fp32 for all.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer

from assistant.app import ShoppingAssistant
from benchmarks.judgments import Judgments, ndcg, read_judgments
from benchmarks.report import print_report
from retrieval.bulk import bulk_device
from retrieval.cores import thread_limit
from retrieval.embedder import BULK_TEXTS, OnnxEmbedder, TorchEmbedder
from retrieval.quantized import HalfMatrix
from retrieval.text import embedding_text
from retrieval.types import Matrix

PEER, REFERENCE, OURS = "sentence-transformers", "onnx fp32", "ours"

Encode = Callable[[Sequence[str]], Matrix]


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    judgments: Annotated[Path | None, typer.Option(help="CSV with the columns query, product_id, rating.")] = None,
    texts: Annotated[int, typer.Option(help="How many texts are timed.", min=BULK_TEXTS)] = 1000,
    rounds: Annotated[int, typer.Option(help="How often.", min=1)] = 3,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Embed a sample of the shop's products with every system in turn."""
    began = time.perf_counter()
    with ShoppingAssistant.open(shop) as assistant:
        embedder = assistant.search.embedder
        assert isinstance(embedder, OnnxEmbedder), "a shop's embedder is run by ONNX Runtime"
        products = assistant.search.catalog.products()
        named = {product.id: embedding_text(product, embedder.languages) for product in products}
        sample = random.Random(0).sample(list(named.values()), min(texts, len(named)))
        systems = _systems(embedder)
        rows = _timed(systems, sample, rounds)
        if judgments:
            data = read_judgments(judgments)
            rows = [{**row, **quality(assistant, named, systems[row["system"]], data)} for row in rows]
    counts = {
        "products": len(named),
        "texts": len(sample),
        "rounds": rounds,
        "threads": thread_limit() or "all cores",
        "bfloat16_on": bulk_device() or "nothing",
    }
    print_report("embedding", counts, OURS, rows, time.perf_counter() - began, json_)


def time_in_turn(systems: Mapping[str, Encode], texts: Sequence[str], rounds: int) -> dict[str, tuple[float, float]]:
    """Seconds, and seconds of processor time, that each takes for the texts: medians, after a start to warm up."""
    for encode in systems.values():
        encode(texts[:BULK_TEXTS])
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in systems}
    for _ in range(rounds):
        for name, encode in systems.items():
            started, cpu_started = time.perf_counter(), time.process_time()
            encode(texts)
            taken[name].append((time.perf_counter() - started, time.process_time() - cpu_started))
    return {name: (median(s for s, _ in pairs), median(cpu for _, cpu in pairs)) for name, pairs in taken.items()}


def agreement(vectors: Matrix, exact: Matrix) -> dict[str, float]:
    """The mean and the least cosine of the rows of two matrices of unit vectors."""
    cosines = np.einsum("nd,nd->n", vectors, exact)
    return {"cosine": round(float(cosines.mean()), 5), "least_cosine": round(float(cosines.min()), 4)}


def quality(
    assistant: ShoppingAssistant, named: Mapping[str, str], encode: Encode, data: Judgments
) -> dict[str, float]:
    """NDCG@10 of dense search and of the retriever over the products (id -> text), means over answerable queries."""
    retriever = assistant.search
    retriever.index.close()  # Exact search from here on: Chroma holds other vectors.
    ids = retriever.index.ids
    vectors = encode([named.get(name, "") for name in ids])
    retriever.index.vectors = HalfMatrix.of(vectors)
    retriever.index.quantise_again()

    def dense(query: str) -> list[str]:
        vector = retriever.encode(query)
        scores = vectors @ vector if vector is not None else np.zeros(len(ids))
        return [ids[row] for row in np.argsort(-scores, kind="stable")[:10]]

    def retrieve(query: str) -> list[str]:
        return [candidate.product.id for candidate in assistant.find(query, k=200)[1].candidates[:10]]

    def score(search: Callable[[str], list[str]]) -> float:
        return round(float(np.mean([ndcg(search(query), data.ratings[query]) for query in data.answerable])), 4)

    return {"ndcg@10": score(dense), "retrieve_ndcg@10": score(retrieve)}


def _timed(systems: Mapping[str, Encode], sample: Sequence[str], rounds: int) -> list[dict[str, Any]]:
    seconds = time_in_turn(systems, sample, rounds)
    exact = systems[REFERENCE](sample)
    return [
        {
            "system": name,
            "rows_per_s": round(len(sample) / seconds[name][0]),
            "times_peer": round(seconds[PEER][0] / seconds[name][0], 2),
            "cpu_times_peer": round(seconds[PEER][1] / seconds[name][1], 2),
            **agreement(encode(sample), exact),
        }
        for name, encode in systems.items()
    ]


def _systems(ours: OnnxEmbedder) -> dict[str, Encode]:
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(str(ours.folder.path), device="cpu", local_files_only=True)
    torch_ = TorchEmbedder(ours.folder)
    return {
        PEER: lambda texts: np.asarray(peer.encode(list(texts), show_progress_bar=False), dtype=np.float32),
        "torch fp32": torch_.encode,
        REFERENCE: ours.encode_exactly,
        OURS: ours.encode,
    }


if __name__ == "__main__":
    typer.run(main)
