"""An encoder that reads queries in a shop's own way, beside the one that reads its products.

In: the folder that `shopping-assistant train --embedder` wrote, and the embedder whose vectors the index holds. Out: an
`Embedder` that encodes texts as that one does, and queries with the weights that were trained to find them. Knows
neither how they were trained nor who asks.

Since the products' vectors stay as they are, no index is built again, and a matcher trained on them still fits.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from retrieval.embedder import Embedder, OnnxEmbedder, Progress, default_cache
from retrieval.errors import EmbedderError
from retrieval.model_folder import read_folder
from retrieval.types import Matrix

META_FILE = "meta.json"
FORMAT = 1
AGAIN = "run `shopping-assistant train --embedder`, or delete the folder"


class AdaptedEmbedder:
    """An `Embedder` of two: its fingerprint is that of the products', so that no index is built again for the other."""

    def __init__(self, products: Embedder, queries: Embedder) -> None:
        """`products` makes the vectors of texts, `queries` those of what shoppers ask; both of one dimension."""
        self.name = products.name
        self.dimension = products.dimension
        self.fingerprint = products.fingerprint
        self.query_fingerprint = queries.fingerprint
        self.languages = products.languages
        self._products, self._queries = products, queries

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(n, d)` float32, rows of unit length."""
        return self._products.encode(texts, on_progress)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """`(n, d)` float32, rows of unit length, by the queries' own encoder."""
        return self._queries.encode(texts)


def adapted(products: Embedder, folder: Path, cache_dir: Path | None = None) -> Embedder:
    """`products` with the queries' encoder that lies in `folder`; `products` itself where there is none.

    Args:
        products: the embedder whose vectors the index holds.
        folder: what training wrote.
        cache_dir: where exported encoders are kept; None: the user's cache.

    Raises:
        EmbedderError: a file is missing or damaged, or it was trained for another embedder.
    """
    if not folder.is_dir():
        return products
    meta = read_meta(folder)
    try:
        model = read_folder(folder, f"{products.name}-queries", products.languages)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise EmbedderError(f"the queries' encoder in {folder} cannot be read ({error}): {AGAIN}") from error
    if model.fingerprint != meta.get("fingerprint"):
        raise EmbedderError(f"the files in {folder} are not those that its {META_FILE} describes: {AGAIN}")
    made_for = meta.get("embedder")
    if not isinstance(made_for, dict) or made_for.get("fingerprint") != products.fingerprint:
        raise EmbedderError(
            f"the queries' encoder in {folder} was trained for another embedder than this shop's {products.name!r}, "
            f"for {made_for}: {AGAIN}"
        )
    return AdaptedEmbedder(products, OnnxEmbedder(model, cache_dir or default_cache()))


def read_meta(folder: Path) -> dict[str, Any]:
    """What is written beside the weights: what made them, for which embedder, and how they were measured.

    Raises:
        EmbedderError: it is missing, damaged or of another version.
    """
    file = folder / META_FILE
    try:
        meta = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise EmbedderError(f"{file} cannot be read ({error}): {AGAIN}") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise EmbedderError(f"{file} is not of format {FORMAT}: {AGAIN}")
    return meta
