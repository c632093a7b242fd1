"""Reads Chinese reviews character by character with a small convolutional network. A door to torch.

In: texts, an aspect between marks where one is asked for. Out: logits. Knows no file and no training loop.

The shipped sentence encoder knows no Chinese. Characters and pairs of them need no dictionary; their places are hashed.
Source: Kim 2014, Convolutional neural networks for sentence classification.
"""

import zlib
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from retrieval.opinions.grams import plain

N_CHARACTERS, N_PAIRS = 2**13, 2**14
WIDTH, N_FILTERS, SPANS = 128, 100, (1, 2, 3, 4)
MAX_CHARACTERS = 128
MAX_AROUND = 24
"""So many characters either side of an aspect are read."""

BEGIN, END, ASPECT, ASPECT_END = "\x02", "\x03", "\x04", "\x05"
TASKS = ("review", "shop_review", "aspect")
"""What the network is asked: of a food delivery, of goods, of an aspect in a sentence."""


class CharacterNetwork(nn.Module):
    """`(n, width)` places of characters and of the pairs they begin -> `(n,)` logits, positive for praise."""

    def __init__(self, dropout: float = 0.5, embedding_dropout: float = 0.3) -> None:
        super().__init__()
        self.characters = nn.Embedding(N_CHARACTERS, WIDTH, padding_idx=0)
        self.pairs = nn.Embedding(N_PAIRS, WIDTH, padding_idx=0)
        for table in (self.characters, self.pairs):
            nn.init.normal_(table.weight, 0.0, 0.1)
        self.filters = nn.ModuleList(nn.Conv1d(WIDTH, N_FILTERS, span, padding=span // 2) for span in SPANS)
        self.embedding_dropout, self.dropout = nn.Dropout(embedding_dropout), nn.Dropout(dropout)
        n_read = 2 * N_FILTERS * len(SPANS)
        self.heads = nn.ModuleDict({task: nn.Linear(n_read, 1) for task in TASKS})

    def forward(self, characters: Tensor, pairs: Tensor, task: str) -> Tensor:
        there = (characters > 0).to(torch.float32)
        embedded = self.embedding_dropout(self.characters(characters) + self.pairs(pairs)).transpose(1, 2)
        read = []
        for found in self.filters:
            strength = torch.relu(found(embedded))[:, :, : characters.shape[1]] * there[:, None]
            read += [strength.amax(2), strength.sum(2) / there.sum(1, keepdim=True)]
        logits: Tensor = self.heads[task](self.dropout(torch.cat(read, 1)))
        return logits[:, 0]


def places(text: str) -> tuple[list[int], list[int]]:
    """The places of a text's characters and of the pairs that they begin; 0 is nothing, 1 a character left out.

    >>> [len(part) for part in places("很好")]
    [4, 4]
    """
    inside = f"{BEGIN}{plain(text)[:MAX_CHARACTERS]}{END}"
    characters = [2 + zlib.crc32(char.encode()) % (N_CHARACTERS - 2) for char in inside]
    pairs = [1 + zlib.crc32((a + b).encode()) % (N_PAIRS - 1) for a, b in pairwise(inside)]
    return characters, [*pairs, 0]


def padded(texts: Sequence[tuple[list[int], list[int]]]) -> tuple[Tensor, Tensor]:
    """The places of several texts as two `(n, width)` tensors."""
    width = max(len(characters) for characters, _ in texts)
    both = torch.zeros(2, len(texts), width, dtype=torch.long)
    for row, parts in enumerate(texts):
        for which, numbers in enumerate(parts):
            both[which, row, : len(numbers)] = torch.tensor(numbers)
    return both[0], both[1]


def marked(sentence: str, start: int, end: int) -> str:
    """The sentence around an aspect, the aspect between marks.

    >>> marked("屏幕很大", 0, 2).replace(ASPECT, "[").replace(ASPECT_END, "]")
    '[屏幕]很大'
    """
    before, after = sentence[max(0, start - MAX_AROUND) : start], sentence[end : end + MAX_AROUND]
    return f"{before}{ASPECT}{sentence[start:end]}{ASPECT_END}{after}"
