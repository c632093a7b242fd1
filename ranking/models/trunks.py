"""What turns a sequence of vectors into one vector per place: self-attention that looks back, or a BiLSTM.

In: ``(B, L, d)`` float32, how many places each sequence has, and which of them count. Out: ``(B, L, d)``. Knows no
items.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

ATTENTION, BILSTM = "attention", "bilstm"


class Attention(nn.Module):
    """Blocks of self-attention in which no place sees a later one.

    Source: Vaswani et al. 2017, Attention is all you need; the norm stands before each part: Xiong et al. 2020, On
    layer normalization in the transformer architecture.
    """

    is_causal: ClassVar[bool] = True

    def __init__(self, width: int, n_layers: int, n_heads: int, length: int, dropout: float) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.randn(length, width) * 0.02)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(_Block(width, n_heads, dropout) for _ in range(n_layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, sequence: Tensor, lengths: Tensor, seen: Tensor) -> Tensor:
        """`seen` is ``(B, L)``: whether a place may be looked at by others."""
        n = sequence.shape[1]
        hidden = self.dropout(sequence + self.places[:n])
        back = torch.ones(n, n, dtype=torch.bool, device=sequence.device).tril()
        # Each place sees at least itself: a row without any would become NaN.
        mask = (back[None] & seen[:, None, :]) | torch.eye(n, dtype=torch.bool, device=sequence.device)
        for block in self.blocks:
            hidden = block(hidden, mask[:, None])
        out: Tensor = self.norm(hidden)
        return out


class _Block(nn.Module):
    def __init__(self, width: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.before_attention, self.before_feed = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        n_rows, n, width = hidden.shape
        parts = self.mix(self.before_attention(hidden)).view(n_rows, n, 3, self.n_heads, width // self.n_heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        hidden = hidden + self.dropout(self.out(mixed.transpose(1, 2).reshape(n_rows, n, width)))
        fed: Tensor = hidden + self.dropout(self.feed(self.before_feed(hidden)))
        return fed


class BiLstm(nn.Module):
    """An LSTM in each direction; the last place of each sequence holds what both come to at their ends.

    Source: Graves and Schmidhuber 2005, Framewise phoneme classification with bidirectional LSTM.
    """

    is_causal: ClassVar[bool] = False

    def __init__(self, width: int, n_layers: int, n_heads: int, length: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        between = dropout if n_layers > 1 else 0.0
        self.lstm = nn.LSTM(width, width, n_layers, batch_first=True, bidirectional=True, dropout=between)
        self.out = nn.Linear(2 * width, width)

    def forward(self, sequence: Tensor, lengths: Tensor, seen: Tensor) -> Tensor:
        """Places that do not count go in as zeros."""
        shown = self.dropout(sequence) * seen[..., None]
        packed = nn.utils.rnn.pack_padded_sequence(shown, lengths.cpu(), batch_first=True, enforce_sorted=False)
        n = sequence.shape[1]
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=n)
        half = hidden.shape[2] // 2
        forward_, backward = hidden[..., :half], hidden[..., half:]
        # The backward half has read everything at the first place.
        both = torch.cat([forward_, backward[:, :1].expand_as(forward_)], dim=2)
        out: Tensor = self.out(self.dropout(both))
        return out
