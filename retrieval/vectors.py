"""Vectors by the text they were made of, so that no text is embedded twice.

In: texts, an embedder, and what was embedded before. Out: their vectors, and a file of recent ones. Knows no product
and no index.
"""

import hashlib
import logging
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from retrieval.batches import batches
from retrieval.embedder import Embedder, Progress
from retrieval.types import Matrix, Vector

logger = logging.getLogger(__name__)

Known = Callable[[str], Vector | None]
"""Key of a text (see `text_key`) -> its vector, or None where it was not embedded yet."""

Keep = Callable[[Sequence[str], Matrix], None]
"""Called with keys of texts and their vectors, row by row."""

TEXTS_AT_ONCE = 512
"""Texts given to the embedder together: many enough to sort by length, and all that a killed process loses."""


def text_key(text: str) -> str:
    """SHA-256 (hex) of a text.

    >>> text_key("red boots")[:12]
    'bc2e7a62bc6d'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def embed(
    texts: Sequence[str],
    embedder: Embedder,
    known: Known,
    on_progress: Progress | None = None,
    keep: Keep = lambda _keys, _vectors: None,
) -> Matrix:
    """`(len(texts), d)`: the texts' vectors; what is known is not embedded again, and equal texts are embedded once.

    Args:
        texts: any texts.
        embedder: makes the vectors.
        known: what it made before.
        on_progress: called with (texts embedded, texts to embed), also where there is none.
        keep: given the vectors as they are made, some hundreds at a time.
    """
    vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    missing: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        key = text_key(text)
        vector = None if key in missing else known(key)
        if vector is None:
            missing.setdefault(key, []).append(row)
        else:
            vectors[row] = vector
    if on_progress:
        on_progress(0, len(missing))
    n_done = 0
    for keys in batches(missing, TEXTS_AT_ONCE):
        made = embedder.encode([texts[missing[key][0]] for key in keys], _after(n_done, len(missing), on_progress))
        for key, vector in zip(keys, made, strict=True):
            vectors[missing[key]] = vector
        keep(keys, made)
        n_done += len(keys)
    return vectors


def _after(n_before: int, n_total: int, on_progress: Progress | None) -> Progress | None:
    return on_progress and (lambda n_done, _: on_progress(n_before + n_done, n_total))


def save_vectors(file: Path, fingerprint: str, vectors: Mapping[str, Vector]) -> None:
    """Keep vectors by their texts' keys; a disk that is full costs only embedding them again.

    Args:
        file: where to.
        fingerprint: the embedder's.
        vectors: key -> vector.
    """
    part = file.with_suffix(".part.npz")
    try:
        np.savez(part, fingerprint=fingerprint, keys=list(vectors), vectors=np.array(list(vectors.values())))
        part.replace(file)
    except OSError as error:
        logger.warning("recent embeddings were not kept in %s: %s", file, error)
        part.unlink(missing_ok=True)


def load_vectors(file: Path, fingerprint: str) -> dict[str, Vector]:
    """What `save_vectors` kept of the embedder with that fingerprint; nothing where the file is missing or damaged."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            if str(kept["fingerprint"]) != fingerprint:
                return {}
            return dict(zip(map(str, kept["keys"]), kept["vectors"], strict=True))
    except FileNotFoundError:
        return {}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        logger.warning("recent embeddings in %s cannot be read (%s): their texts are embedded again", file, error)
        return {}
