"""Products whose texts are newer than the index: searched beside it until the next generation takes them in.

In: texts with their vectors. Out: the same searchable, in rows of their own. Never changes; `with_texts` makes another
one. Knows no filter, no SQL and no Chroma.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from retrieval.lexical import LexicalIndex, LexicalOverlay
from retrieval.quantized import HalfMatrix
from retrieval.terms import DocumentTerms
from retrieval.types import Matrix, Vector


@dataclass(frozen=True, slots=True)
class RecentText:
    """What is searched of one product. `key`: of the text that was embedded; "" = not embedded yet."""

    text_digest: str
    words: DocumentTerms
    vector: Vector
    key: str = ""


@dataclass(frozen=True, slots=True)
class Overlay:
    """`texts[row]` is what is searched of the product `ids[row]`, `vectors[row]` its `(d,)` embedding.

    `row_of` leaves out products that went back to their row in the index.
    """

    lexical: LexicalOverlay
    vectors: Matrix
    ids: tuple[str, ...] = ()
    texts: tuple[RecentText, ...] = ()
    row_of: Mapping[str, int] = field(default_factory=dict)
    row_of_key: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def over(cls, lexical: LexicalIndex, dimension: int) -> "Overlay":
        """An empty overlay of an index."""
        return cls(LexicalOverlay(lexical), np.zeros((0, dimension), dtype=np.float32))

    def __len__(self) -> int:
        return len(self.ids)

    def with_texts(self, texts: Mapping[str, RecentText]) -> "Overlay":
        """With the texts of these products in place of their former ones, or in new rows."""
        if not texts:
            return self
        ids, held, row_of = list(self.ids), list(self.texts), dict(self.row_of)
        for product_id, text in texts.items():
            row = row_of.setdefault(product_id, len(ids))
            ids[row : row + 1] = [product_id]
            held[row : row + 1] = [text]
        rows = [row_of[product_id] for product_id in texts]
        vectors = np.concatenate([self.vectors, np.zeros((len(ids) - len(self), self.vectors.shape[1]), np.float32)])
        # Rounded as the index will hold them, so that nothing changes when it takes them in.
        vectors[rows] = HalfMatrix.of(np.array([text.vector for text in texts.values()]))[:]
        words = {
            row: held[row].words for row in rows if row >= len(self) or held[row].words is not self.texts[row].words
        }
        lexical = self.lexical.replaced(words)
        row_of_key = {text.key: row for row, text in enumerate(held) if text.key}
        return Overlay(lexical, vectors, tuple(ids), tuple(held), row_of, row_of_key)

    def without(self, ids: Iterable[str]) -> "Overlay":
        """With these products' rows forgotten."""
        gone = set(ids)
        if not gone:
            return self
        return replace(self, row_of={name: row for name, row in self.row_of.items() if name not in gone})
