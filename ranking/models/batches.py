"""What the training of several networks has in common: negatives, padding, and what identifies a training.

In: `Interactions`. Out: tensors. Knows no network.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ranking.interactions import Integers, Interactions


class Negatives:
    """Items that are sampled to compare with, the popular ones more often, by torch's own random numbers.

    Source: the power of 3/4: Mikolov et al. 2013, Distributed representations of words and phrases, section 2.2.
    """

    def __init__(self, counts: Integers, power: float = 0.75) -> None:
        """`counts` is ``(I,)``, how often each item was taken up; one that nobody took up is no example of dislike."""
        shares = np.where(counts > 0, counts.astype(np.float64), 0.0) ** power
        self._shares = torch.from_numpy(shares / shares.sum())
        self._taken = torch.from_numpy(counts / max(1, counts.sum()))

    def sample(self, n: int) -> Tensor:
        """``(n,)`` rows of items, with replacement."""
        return torch.multinomial(self._shares, n, replacement=True)

    def log_expected(self, n_sampled: int, n_acts: int = 0) -> Tensor:
        """``(I,)``: the log of how often each item is expected among `n_sampled` samples and `n_acts` random acts; -inf
        for one that nobody took up."""
        return (self._shares * n_sampled + self._taken * n_acts).log().float()


def padded(sequences: Sequence[Integers], length: int) -> tuple[Tensor, Tensor]:
    """The newest `length` rows of each, ``(B, L)`` padded behind with 0, and how many there are, ``(B,)``.

    >>> rows, lengths = padded([np.array([4, 5, 6]), np.array([7])], 2)
    >>> rows.tolist(), lengths.tolist()
    ([[5, 6], [7, 0]], [2, 1])
    """
    kept = [own[-length:] for own in sequences]
    lengths = np.array([len(own) for own in kept], dtype=np.int64)
    table = np.zeros((len(kept), int(lengths.max(initial=0))), dtype=np.int64)
    for place, own in enumerate(kept):
        table[place, : len(own)] = own
    return torch.from_numpy(table), torch.from_numpy(lengths)


def in_random_order(rows: Integers, size: int, seed: int, epoch: int) -> Iterator[tuple[Integers, np.random.Generator]]:
    """All rows once, `size` at a time, in an order of this epoch's own; and what to draw further numbers from."""
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(rows)
    for first in range(0, len(order), size):
        yield order[first : first + size], rng


def identity_of(settings: Any, seed: int, data: Interactions) -> str:
    """What is trained on what: a checkpoint of another training is not gone on with.

    >>> from ranking.interactions import from_sequences
    >>> forth, back = from_sequences({"a": ["x", "y"], "b": ["x"]}), from_sequences({"a": ["y", "x"], "b": ["x"]})
    >>> identity_of(None, 0, forth) == identity_of(None, 0, back)
    False
    """
    digest = hashlib.sha256(repr(data.items.ids).encode())
    vectors = data.items.vectors if data.items.vectors is not None else np.zeros(0, dtype=np.float32)
    for array in (data.starts, data.item, data.time, data.weight, vectors):
        digest.update(np.ascontiguousarray(array).tobytes())
    return f"{settings} {seed} {digest.hexdigest()}"
