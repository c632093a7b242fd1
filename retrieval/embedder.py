"""Texts to unit vectors with a BERT-family sentence encoder.

In: texts and a model folder (config, tokenizer, safetensors). Out: `(n, d)` float32 rows of unit length. Knows no
product.

The encoder is exported once from torch to ONNX, checked against torch, cached under its weights' SHA-256, and run by
ONNX Runtime in fp32 (two to three times torch's speed on a CPU). `TorchEmbedder` is the reference that the export is
checked against. Many texts at once are embedded in bfloat16 where the machine has something for it (`retrieval.bulk`),
after a sample of them was compared with fp32.

Source: Reimers & Gurevych 2019, Sentence-BERT, section 3 (mean pooling); all-MiniLM-L6-v2's model card.
"""

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from filelock import FileLock
from tokenizers import Encoding, Tokenizer

from retrieval.bulk import Run, TokenIds, bulk_run
from retrieval.cores import thread_limit, usable_cores
from retrieval.errors import EmbedderError
from retrieval.model_folder import DEFAULT_NAME, ModelFolder, default_folder, read_folder
from retrieval.types import Matrix

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

BATCH_TOKENS = 2048
"""So many tokens, padding included, go through the encoder together."""

BULK_TEXTS = 256
"""From so many texts on the faster encoder is worth loading."""

BULK_SAMPLE = 32
BULK_TOLERANCE = 1e-3
"""By so much the cosine of a text's fast vector with its fp32 vector may be short of 1, on any of `BULK_SAMPLE` of the
first texts; where it is more, this process goes on in fp32. A smaller difference decides no search, so both kinds of
vectors go under one fingerprint."""

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

    @property
    def query_fingerprint(self) -> str:
        """Changes whenever the vectors of queries would."""
        ...

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(len(texts), dimension)` float32, rows of unit length."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """The same for what shoppers ask, which may be read by an encoder of its own."""
        ...


def open_embedder(name: str = "default", cache_dir: Path | None = None) -> Embedder:
    """The embedder of that name: "default", or a folder holding a BERT-family model.

    Raises:
        EmbedderError: the folder is missing or incomplete, or the default's weights are not the published ones.
    """
    return OnnxEmbedder(read_encoder(name), cache_dir or default_cache())


def read_encoder(name: str = "default") -> ModelFolder:
    """The files of the embedder of that name; see `open_embedder`."""
    return default_folder() if name in ("default", DEFAULT_NAME) else read_folder(Path(name).expanduser())


def default_cache() -> Path:
    """Where exported encoders are kept: `SHOPPING_ASSISTANT_CACHE`, or the user's cache folder."""
    import platformdirs

    chosen = os.environ.get("SHOPPING_ASSISTANT_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("shopping-assistant"))


class SentenceEmbedder:
    """An `Embedder` around `run`, which makes unit vectors of `(n, width)` int64 token ids and their mask."""

    def __init__(self, folder: ModelFolder, run: Run) -> None:
        self.folder = folder
        self.name = folder.name
        self.dimension = folder.dimension
        self.fingerprint = folder.fingerprint
        self.languages = folder.languages
        self._tokenizer = folder.tokenizer()
        self._run = run

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(n, d)` float32, rows of unit length."""
        return self._encode(texts, self._run, on_progress)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """`(n, d)` float32, rows of unit length: queries are read like any text."""
        return self.encode(texts)

    @property
    def query_fingerprint(self) -> str:
        return self.fingerprint

    def _encode(
        self, texts: Sequence[str], run: Run, on_progress: Progress | None = None, n_workers: int = 1
    ) -> Matrix:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        n_done = 0
        for rows, found in _side_by_side(run, _batches(self._tokenizer, texts), n_workers):
            vectors[rows] = found
            n_done += len(rows)
            if on_progress:
                on_progress(n_done, len(texts))
        return vectors


def _side_by_side(
    run: Run, batches: Iterator[tuple[list[int], list[Encoding]]], n_workers: int
) -> Iterator[tuple[list[int], Matrix]]:
    """The rows and vectors of each batch, in order, `n_workers` of them computed at a time."""

    def encoded(batch: tuple[list[int], list[Encoding]]) -> tuple[list[int], Matrix]:
        return batch[0], run(*padded(batch[1]))

    if n_workers == 1:
        yield from map(encoded, batches)
        return
    pool = ThreadPoolExecutor(n_workers)
    try:
        yield from pool.map(encoded, batches)
    finally:
        pool.shutdown(cancel_futures=True)


def padded(encodings: Sequence[Encoding]) -> tuple[TokenIds, TokenIds]:
    """`(n, width)` int64 token ids, and 1 where there is one."""
    width = max(len(encoding.ids) for encoding in encodings)
    ids = np.zeros((len(encodings), width), dtype=np.int64)
    mask = np.zeros((len(encodings), width), dtype=np.int64)
    for i, encoding in enumerate(encodings):
        ids[i, : len(encoding.ids)] = encoding.ids
        mask[i, : len(encoding.ids)] = 1
    return ids, mask


class TorchEmbedder(SentenceEmbedder):
    """The reference: the encoder in torch, in fp32."""

    def __init__(self, folder: ModelFolder) -> None:
        super().__init__(folder, _torch_run(folder))


class OnnxEmbedder(SentenceEmbedder):
    """The same encoder in ONNX Runtime, exported from torch on first use; many texts in bfloat16 where it can be."""

    def __init__(
        self, folder: ModelFolder, cache_dir: Path, open_bulk: Callable[[Path, str], Run | None] = bulk_run
    ) -> None:
        """Open the export in `cache_dir`, made first where there is none.

        Args:
            folder: the encoder.
            cache_dir: where exported encoders are kept.
            open_bulk: opens the faster encoder, called once there are many texts.
        """
        super().__init__(folder, _onnx_run(exported(folder, cache_dir)))
        self._open_bulk = open_bulk
        self._bulk: Run | None = None
        self._choosing = threading.Lock()

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(n, d)` float32, rows of unit length."""
        run = self._run if len(texts) < BULK_TEXTS else self._bulk_run(texts)
        # ONNX Runtime keeps all cores busy by itself.
        return self._encode(texts, run, on_progress, 1 if run is self._run else usable_cores())

    def encode_exactly(self, texts: Sequence[str]) -> Matrix:
        """The same in fp32, however many texts there are."""
        return self._encode(texts, self._run)

    def _bulk_run(self, texts: Sequence[str]) -> Run:
        """The fastest way that makes the vectors that fp32 makes of a sample of these texts; chosen once."""
        with self._choosing:
            if self._bulk is None:
                fast = self._open_bulk(self.folder.path, self.folder.pooling)
                self._bulk = fast if fast and self._agrees(fast, texts[:: len(texts) // BULK_SAMPLE]) else self._run
            return self._bulk

    def _agrees(self, run: Run, texts: Sequence[str]) -> bool:
        worst = bulk_difference(self._encode(texts, run), self.encode_exactly(texts))
        if worst <= BULK_TOLERANCE:
            return True
        logger.warning("in bfloat16 %s differs by %.2g from fp32: it is run in fp32, slower", self.name, worst)
        return False


def bulk_difference(fast: Matrix, exact: Matrix) -> float:
    """One minus the least cosine of any row of one with the same row of the other, in [0, 2]; both of unit length.

    A row that is no vector at all (NaN) differs as much as can be.

    >>> bulk_difference(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32)[::-1])
    1.0
    """
    cosines = np.nan_to_num(np.einsum("nd,nd->n", fast, exact), nan=-1.0)
    return float(1.0 - cosines.min(initial=1.0))


def _torch_run(folder: ModelFolder) -> Run:
    import torch

    module = pooled_encoder(folder)

    def run(ids: TokenIds, mask: TokenIds) -> Matrix:
        with torch.inference_mode():
            vectors: Matrix = module(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        return vectors

    return run


def _onnx_run(file: Path) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = thread_limit()
    # Waiting threads would go on spinning after a query, while the ranker needs the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def run(ids: TokenIds, mask: TokenIds) -> Matrix:
        vectors: Matrix = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    return run


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
    ours = SentenceEmbedder(folder, _onnx_run(part)).encode(PROBES)
    worst = float(np.abs(ours - TorchEmbedder(folder).encode(PROBES)).max())
    if not worst <= EXPORT_TOLERANCE:
        raise EmbedderError(f"the ONNX export of {folder.name} differs from torch by {worst:.2g}: report this model")


def _batches(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Encoding]]]:
    """Batches of texts alike in length, so that little is padded: (row numbers, encodings)."""
    encodings = tokenizer.encode_batch_fast([text or " " for text in texts])
    lengths = [len(encoding.ids) for encoding in encodings]
    order = sorted(range(len(texts)), key=lengths.__getitem__)
    start = 0
    for end in range(1, len(order) + 1):
        # The next one, the longest so far, sets the width of them all.
        if end == len(order) or (end - start + 1) * lengths[order[end]] > BATCH_TOKENS:
            rows = order[start:end]
            yield rows, [encodings[row] for row in rows]
            start = end
