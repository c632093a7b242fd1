"""Reads English reviews with the shipped sentence encoder, its upper layers tuned to opinions. A door to torch.

In: token ids, and which tokens name an aspect. Out: logits. Knows no file of ours and no training loop.

The lower layers are those of all-MiniLM-L6-v2, which every installation has; only the tuned upper ones are shipped.
Source: Devlin et al. 2019, BERT, section 3 (the encoder); Howard & Ruder 2018, ULMFiT (tuning the upper layers alone).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Encoding
from torch import Tensor, nn

N_LAYERS, N_LOWER = 6, 3
WIDTH, N_HEADS, WIDTH_INSIDE = 384, 12, 1536
N_POLARITIES = 3
"""Negative, neutral, positive."""

FAR_BELOW = -1e4


class LowerLayers(nn.Module):
    """`(n, width)` token ids and their mask -> `(n, width, 384)`: the embeddings and first `N_LOWER` layers."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        weights = load_file(folder / "model.safetensors")
        self.words = weights["embeddings.word_embeddings.weight"]
        self.places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.norm.load_state_dict({name: weights[f"embeddings.LayerNorm.{name}"] for name in ("weight", "bias")})
        self.layers = nn.ModuleList(encoder_layer(weights, number) for number in range(N_LOWER))
        self.eval().requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden: Tensor = self.norm(self.words[ids] + self.places[: ids.shape[1]])
        return through(self.layers, hidden, mask)


class UpperLayers(nn.Module):
    """`(n, width, 384)` -> logits: the encoder's last layers, and what they are read by."""

    def __init__(self, folder: Path | None = None) -> None:
        """With `folder` the layers begin as the encoder's own; without it they are to be loaded."""
        super().__init__()
        weights = load_file(folder / "model.safetensors") if folder else None
        self.layers = nn.ModuleList(encoder_layer(weights, number) for number in range(N_LOWER, N_LAYERS))
        self.dropout = nn.Dropout(0.1)
        self.review = nn.Linear(2 * WIDTH, 1)
        self.aspect = nn.Linear(2 * WIDTH, N_POLARITIES)

    def review_logits(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """`(n,)`: positive for content buyers. Read from the mean and the maximum over the tokens."""
        hidden = through(self.layers, hidden, mask)
        highest = hidden.masked_fill(mask[:, :, None] == 0, FAR_BELOW).amax(1)
        logits: Tensor = self.review(self.dropout(torch.cat([mean_of(hidden, mask), highest], 1)))
        return logits[:, 0]

    def aspect_logits(self, hidden: Tensor, mask: Tensor, named: Tensor) -> Tensor:
        """`(n, 3)`: negative, neutral, positive of what the tokens `named` (1 or 0) speak of."""
        hidden = through(self.layers, hidden, mask)
        logits: Tensor = self.aspect(self.dropout(torch.cat([mean_of(hidden, mask), mean_of(hidden, named)], 1)))
        return logits


def encoder_layer(weights: Mapping[str, Tensor] | None, number: int) -> nn.TransformerEncoderLayer:
    """One layer of the encoder, with its published weights where they are given."""
    layer = nn.TransformerEncoderLayer(
        WIDTH, N_HEADS, WIDTH_INSIDE, dropout=0.1, activation="gelu", layer_norm_eps=1e-12, batch_first=True
    )
    if weights is not None:
        layer.load_state_dict(_renamed(weights, f"encoder.layer.{number}."))
    return layer


def _renamed(weights: Mapping[str, Tensor], layer: str) -> dict[str, Tensor]:
    names = {
        "self_attn.out_proj": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm2": "output.LayerNorm",
    }
    found = {
        f"{ours}.{part}": weights[f"{layer}{theirs}.{part}"]
        for ours, theirs in names.items()
        for part in ("weight", "bias")
    }
    for part in ("weight", "bias"):
        rows = [weights[f"{layer}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
        found[f"self_attn.in_proj_{part}"] = torch.cat(rows)
    return found


def through(layers: nn.ModuleList, hidden: Tensor, mask: Tensor) -> Tensor:
    """`hidden` after these layers, padding unheeded."""
    for layer in layers:
        hidden = layer(hidden, src_key_padding_mask=mask == 0)
    return hidden


def mean_of(hidden: Tensor, mask: Tensor) -> Tensor:
    """`(n, d)`: the mean over the tokens whose mask is 1; zeros where there is none.

    >>> mean_of(torch.tensor([[[1.0], [3.0], [9.0]]]), torch.tensor([[1.0, 1.0, 0.0]])).tolist()
    [[2.0]]
    """
    kept = mask[:, :, None].to(hidden.dtype)
    return (hidden * kept).sum(1) / kept.sum(1).clamp(min=1.0)


def padded_ids(encodings: Sequence[Encoding]) -> tuple[Tensor, Tensor]:
    """`(n, width)` token ids, and 1.0 where there is one."""
    width = max(len(encoding.ids) for encoding in encodings)
    ids = torch.zeros(len(encodings), width, dtype=torch.long)
    mask = torch.zeros(len(encodings), width)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = torch.tensor(encoding.ids)
        mask[row, : len(encoding.ids)] = 1.0
    return ids, mask


def named_tokens(encodings: Sequence[Encoding], spans: Sequence[tuple[int, int]], width: int) -> Tensor:
    """`(n, width)`: 1.0 for the tokens that lie in the characters `start:end` of their text."""
    named = torch.zeros(len(encodings), width)
    for row, (encoding, (start, end)) in enumerate(zip(encodings, spans, strict=True)):
        for place, (first, last) in enumerate(encoding.offsets):
            named[row, place] = float(last > first and first < end and last > start)
    return named
