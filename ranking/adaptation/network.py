"""Fits an encoder to queries, the products' vectors held still. The door to torch.

In: a sentence encoder, `Pair`s, the products' vectors. Out: the encoder's tuned weights. Knows neither events nor
files.

A query is to be nearer to each product that it asks for than to those that it does not: to a sample of the catalog, and
to those that the untuned encoder takes for nearest. Products' vectors stay as they are, so that a step costs only the
few words of its queries, and all products may stand against them. What draws a query's vector back to where it was
keeps what the encoder knew before; word embeddings are not tuned, for most words are never seen here.

Source: a query encoder against fixed documents, nearest ones as negatives: Zhan et al. 2021, Optimizing dense retrieval
model training with hard negatives (ADORE), section 4; the softmax: Karpukhin et al. 2020, Dense passage retrieval,
section 3.2.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from ranking.adaptation.pairs import Pair
from retrieval.embedder import padded, pooled_encoder
from retrieval.model_folder import ModelFolder
from retrieval.types import Matrix

Weights = dict[str, Tensor]

NOTHING = -1e4
"""A logit that counts for nothing, even where a query wants all that it stands against."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How to fit. `temperature` divides cosines, `restraint` weighs how far a query's vector moved (1 - cosine)."""

    n_epochs: int = 2
    batch_size: int = 64
    rate: float = 2e-5
    temperature: float = 0.05
    restraint: float = 1.0
    n_sampled: int = 2_000
    n_nearest: int = 40
    n_positives: int = 4


def fit_queries(
    folder: ModelFolder,
    pairs: Sequence[Pair],
    products: Matrix,
    seed: int,
    settings: FitSettings,
    on_step: Callable[[int, int], None],
) -> Weights:
    """The weights of the encoder in `folder`, tuned to find the pairs' products.

    Args:
        folder: the encoder that made `products`.
        pairs: what to learn from.
        products: ``(n, d)``, rows of unit length.
        seed: of the order and the samples.
        settings: how to fit.
        on_step: called with (steps done, steps in all).
    """
    torch.manual_seed(seed)
    encoder = pooled_encoder(folder).float()
    tokens = folder.tokenizer().encode_batch_fast([pair.text for pair in pairs])
    bert = _bert(encoder)
    for name, tensor in bert.named_parameters():
        tensor.requires_grad_(not name.startswith("embeddings."))
    tuned = [tensor for tensor in bert.parameters() if tensor.requires_grad]

    def encoded(rows: NDArray[np.int64]) -> Tensor:
        ids, mask = padded([tokens[row] for row in rows])
        vectors: Tensor = encoder(torch.from_numpy(ids), torch.from_numpy(mask))
        return vectors

    before = _vectors(encoded, len(pairs), settings.batch_size)
    batches = _Batches(pairs, before.numpy(), products, settings, seed)
    optimizer = torch.optim.AdamW(tuned, lr=settings.rate)
    n_steps = settings.n_epochs * len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: pace(step, n_steps))
    encoder.train()
    for step, (rows, columns, asked) in enumerate(batch for _ in range(settings.n_epochs) for batch in batches):
        moved = encoded(rows)
        loss = contrast(moved @ torch.from_numpy(products[columns]).T / settings.temperature, torch.from_numpy(asked))
        loss = loss + settings.restraint * (1.0 - (moved * before[rows]).sum(1)).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimizer.step()
        schedule.step()
        on_step(step + 1, n_steps)
    return {name: tensor.detach().clone() for name, tensor in bert.state_dict().items()}


def pace(step: int, n_steps: int) -> float:
    """The share of the rate at a step: up over the first tenth, then down to nothing.

    >>> [round(pace(step, 20), 2) for step in (0, 1, 2, 11, 19, 20)]
    [0.5, 1.0, 1.0, 0.5, 0.06, 0.0]
    """
    n_up = max(n_steps // 10, 1)
    return min((step + 1) / n_up, max(n_steps - step, 0) / max(n_steps - n_up, 1), 1.0)


def contrast(logits: Tensor, weights: Tensor) -> Tensor:
    """The mean over queries of the weighted mean over their products of -log p(product | it and all unwanted ones).

    Args:
        logits: ``(B, C)``.
        weights: ``(B, C)``, 0 for what is not wanted; each row sums to 1.

    >>> round(float(contrast(torch.zeros(1, 3), torch.tensor([[0.5, 0.5, 0.0]]))), 4)
    0.6931
    """
    unwanted = torch.logsumexp(logits.masked_fill(weights > 0, NOTHING), dim=1, keepdim=True)
    losses = torch.logaddexp(unwanted, logits) - logits
    return (losses * weights).sum(1).mean()


def between(start: Weights, end: Weights, share: float) -> Weights:
    """Weights on the way from `start` (share 0) to `end` (share 1): half of the way often generalises better.

    Source: Wortsman et al. 2022, Robust fine-tuning of zero-shot models, section 3.

    >>> between({"w": torch.zeros(1)}, {"w": torch.ones(1)}, 0.25)["w"].item()
    0.25
    """
    return {
        name: torch.lerp(start[name], tensor, share) if tensor.is_floating_point() else tensor
        for name, tensor in end.items()
    }


def weights_of(folder: ModelFolder) -> Weights:
    """The encoder's weights as they are on disk."""
    return dict(_bert(pooled_encoder(folder).float()).state_dict())


def save_weights(weights: Weights, file: Path) -> None:
    """Write them as safetensors.

    Raises:
        OSError: the file cannot be written.
    """
    try:
        save_file({name: tensor.contiguous() for name, tensor in weights.items()}, file)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def _bert(encoder: torch.nn.Module) -> torch.nn.Module:
    bert = encoder.bert
    assert isinstance(bert, torch.nn.Module)
    return bert


class _Batches:
    """Batches in another order each time they are gone through: (pairs' rows, products' columns, weights)."""

    def __init__(
        self, pairs: Sequence[Pair], vectors: Matrix, products: Matrix, settings: FitSettings, seed: int
    ) -> None:
        self._pairs = pairs
        self._settings = settings
        self._n_products = len(products)
        self._drawn = np.random.default_rng(seed)
        self._nearest = _nearest(vectors, products, settings.n_nearest)

    def __len__(self) -> int:
        return math.ceil(len(self._pairs) / self._settings.batch_size)

    def __iter__(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]]:
        order = self._drawn.permutation(len(self._pairs))
        for start in range(0, len(order), self._settings.batch_size):
            rows = order[start : start + self._settings.batch_size]
            yield rows, *self._against(rows)

    def _against(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Products to stand against each other, and how much each query wants each of them."""
        size = min(self._settings.n_sampled, self._n_products)
        sampled = self._drawn.choice(self._n_products, size, replace=False)
        wanted = [self._drawn.permutation(self._pairs[row].rows)[: self._settings.n_positives] for row in rows]
        columns = np.unique(np.concatenate([sampled, self._nearest[rows].ravel(), *wanted]))
        weights = np.zeros((len(rows), len(columns)), dtype=np.float32)
        for place, row in enumerate(rows):
            pair = self._pairs[row]
            found = np.searchsorted(columns, pair.rows).clip(max=len(columns) - 1)
            there = columns[found] == pair.rows
            weights[place, found[there]] = pair.gains[there]
        return columns, weights / weights.sum(axis=1, keepdims=True)


def _vectors(encoded: Callable[[NDArray[np.int64]], Tensor], n: int, batch_size: int) -> Tensor:
    with torch.inference_mode():
        parts = [encoded(np.arange(start, min(start + batch_size, n))) for start in range(0, n, batch_size)]
    # A clone outside may take part in what is differentiated.
    return torch.cat(parts).clone()


def _nearest(vectors: Matrix, products: Matrix, k: int) -> NDArray[np.int64]:
    k = min(k, len(products))
    parts = [
        np.argpartition(-(vectors[start : start + 256] @ products.T), k - 1, axis=1)[:, :k]
        for start in range(0, len(vectors), 256)
    ]
    return np.concatenate(parts)
