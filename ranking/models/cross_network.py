"""The two halves of a BERT: lower layers that read each text alone, once and for all, and upper ones that read several.

In: texts and a sentence encoder's folder. Out: token states, and scores of joined token states. Knows no shopper and no
data set.

Source: lower layers alone, upper ones jointly: MacAvaney et al. 2020, Efficient document re-ranking for transformers
by precomputing term representations (PreTTR), section 3; Cao et al. 2020, DeFormer: Decomposing pre-trained
transformers for faster question answering, section 3.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.embedder import padded
from retrieval.errors import ModelError
from retrieval.model_folder import ModelFolder

TEXTS_AT_ONCE = 64
COSINE_WEIGHT, FIRST_WEIGHT = 5.0, 1.0
"""What the score starts as: this much of both sides' cosine, and of the first stage's score in standard deviations."""


def open_layers(folder: ModelFolder, n_top: int, n_tokens: int) -> tuple["LowerLayers", list[nn.Module], int]:
    """The lower layers, the `n_top` upper ones, and the dimension of a token's state.

    Raises:
        ModelError: the encoder has no more than `n_top` layers, or they are not laid out as a BERT's.
    """
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    bert: Any = AutoModel.from_pretrained(
        folder.path, local_files_only=True, use_safetensors=True, attn_implementation="sdpa"
    ).eval()
    if not hasattr(bert, "encoder") or not hasattr(bert.encoder, "layer"):
        raise ModelError(f"{folder.name} is not a BERT, so its layers cannot be run one by one: use all-MiniLM-L6-v2")
    layers = list(bert.encoder.layer)
    if not 1 <= n_top < len(layers):
        raise ModelError(f"n_layers={n_top}: {folder.name} has {len(layers)} layers, so say 1 to {len(layers) - 1}")
    return LowerLayers(folder, bert.embeddings, layers[:-n_top], n_tokens), layers[-n_top:], folder.dimension


class LowerLayers:
    """Frozen; each text is read alone, and once: its token states are kept, in half precision."""

    def __init__(self, folder: ModelFolder, embeddings: nn.Module, layers: Sequence[nn.Module], n_tokens: int) -> None:
        self._tokenizer = folder.tokenizer()
        self._tokenizer.enable_truncation(n_tokens)
        self._embeddings, self._layers = embeddings, layers
        self._read: dict[str, Tensor] = {}

    def read(self, texts: Sequence[str]) -> list[Tensor]:
        """The token states of each text, ``(n tokens, d)`` float32, on the CPU."""
        new = sorted({text for text in texts if text not in self._read}, key=lambda text: (len(text), text))
        # Texts of like length together need little padding.
        for first in range(0, len(new), TEXTS_AT_ONCE):
            self._add(new[first : first + TEXTS_AT_ONCE])
        return [self._read[text].float() for text in texts]

    def _add(self, texts: list[str]) -> None:
        encoded = self._tokenizer.encode_batch_fast(texts)
        ids, mask = (torch.from_numpy(part) for part in padded(encoded))
        with torch.no_grad():
            hidden = self._embeddings(input_ids=ids)
            for layer in self._layers:
                hidden = layer(hidden, mask.bool()[:, None, None])
        for text, states, one in zip(texts, hidden, encoded, strict=True):
            self._read[text] = states[: len(one.ids)].half()


class UpperLayers(nn.Module):
    """The upper layers over a candidate's tokens and those of what is known of a shopper, and a linear score.

    The only weights that are trained.
    """

    def __init__(self, layers: Sequence[nn.Module], dimension: int, n_places: int) -> None:
        """`n_places`: how many texts can be known of a shopper; each place has a vector that is added to its tokens."""
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.places = nn.Parameter(torch.zeros(n_places, dimension))
        self.score = nn.Linear(dimension + 1, 1)
        with torch.no_grad():
            self.score.weight.fill_(COSINE_WEIGHT)
            self.score.weight[:, -1] = FIRST_WEIGHT
            self.score.bias.zero_()

    def told(self, texts: Mapping[int, Tensor]) -> Tensor:
        """``(tokens of all, d)``: the token states of what is known of a shopper, each text marked with its place."""
        return torch.cat([states.to(self.places.device) + self.places[place] for place, states in texts.items()])

    def forward(self, candidate: Tensor, seen: Tensor, told: Tensor, told_seen: Tensor, first: Tensor) -> Tensor:
        """``(n,)`` logits.

        Args:
            candidate: ``(n, T, d)`` token states.
            seen: ``(n, T)``, true where there is a token.
            told: ``(n, S, d)``, what is known of the shopper.
            told_seen: ``(n, S)``.
            first: ``(n,)``, the first stage's score in standard deviations.
        """
        hidden = torch.cat([candidate, told], dim=1)
        mask = torch.cat([seen, told_seen], dim=1)
        for layer in self.layers:
            hidden = layer(hidden, mask[:, None, None])
        width = candidate.shape[1]
        both = _mean(hidden[:, :width], seen) * _mean(hidden[:, width:], told_seen)
        scores: Tensor = self.score(torch.cat([both, first[:, None]], dim=1))[:, 0]
        return scores


def stacked(texts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Token states of several lengths as ``(n, T, d)``, padded behind, and ``(n, T)``: where there is a token.

    >>> stacked([torch.ones(2, 1), torch.ones(1, 1)])[1].tolist()
    [[True, True], [True, False]]
    """
    whole = nn.utils.rnn.pad_sequence(list(texts), batch_first=True)
    lengths = torch.tensor([len(states) for states in texts], device=whole.device)
    return whole, torch.arange(whole.shape[1], device=whole.device) < lengths[:, None]


def _mean(hidden: Tensor, seen: Tensor) -> Tensor:
    weights = seen[..., None].to(hidden.dtype)
    return functional.normalize((hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0), dim=1)
