"""A sentence encoder for many texts at once: in bfloat16, on a graphics card or a processor that computes in it.

In: a model folder. Out: what turns token ids into vectors, or None where this machine has nothing faster than ONNX
Runtime in fp32. Knows no text and no tokenizer, nor how good the vectors are: `retrieval.embedder` compares them.

On a processor it is torch with the weights of each layer laid out once for its matrix instructions, the activation
computed in the same pass, and attention as plain matrix products, which for short texts cost half of what torch's flash
attention does.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.types import Matrix

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

TokenIds = NDArray[np.int64]
Run = Callable[[TokenIds, TokenIds], Matrix]
"""(token ids, attention mask), both `(n, width)` -> `(n, d)` unit vectors."""

BFLOAT16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16")
"""By torch's names; without one of them a processor is slower in bfloat16 than in fp32."""

ATTENTION = "matmul"
"""The name under which transformers knows our attention."""

ROWS = 1024
"""Tokens in a batch that the layout of weights is made for; other numbers work as well."""


def bulk_device() -> str | None:
    """Where bfloat16 is worth it: "cuda", "cpu", or None."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    able = torch.cpu.get_capabilities()
    has_library = bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
    return "cpu" if has_library and any(able.get(name) for name in BFLOAT16_INSTRUCTIONS) else None


def bulk_run(folder: Path, pooling: str) -> Run | None:
    """The encoder in that folder in bfloat16; None where the machine or the architecture does not allow it.

    Args:
        folder: holds the config and the weights as safetensors.
        pooling: "mean" or "cls".
    """
    device = bulk_device()
    if device is None:
        return None
    try:
        return _run(_load(folder, device), pooling, device)
    except (ValueError, RuntimeError, NotImplementedError, AttributeError, OSError) as error:
        logger.warning("%s cannot be run in bfloat16 (%s): it is run in fp32", folder.name, error)
        return None


def _load(folder: Path, device: str) -> "torch.nn.Module":
    import torch
    from transformers import AttentionInterface, AutoModel
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    AttentionInterface.register(ATTENTION, _attention)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    encoder: torch.nn.Module = AutoModel.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.bfloat16,
        attn_implementation=ATTENTION if device == "cpu" else "sdpa",
    )
    encoder = encoder.eval().to(device)
    if device == "cpu":
        with torch.inference_mode():
            _lay_out(encoder)
    return encoder


def _run(encoder: "torch.nn.Module", pooling: str, device: str) -> Run:
    import torch

    def run(ids: TokenIds, mask: TokenIds) -> Matrix:
        if torch.get_num_threads() > 1:
            # Batches are computed side by side, each in one thread: that keeps cores busy which would wait for another.
            torch.set_num_threads(1)
        with torch.inference_mode():
            kept = torch.from_numpy(mask).to(device)
            # A batch without padding needs no mask.
            seen = None if mask.all() else kept
            tokens = encoder(input_ids=torch.from_numpy(ids).to(device), attention_mask=seen).last_hidden_state
            if pooling == "cls":
                pooled = tokens[:, 0].float()
            else:
                # The length of the sum goes with normalising.
                pooled = (tokens * kept.unsqueeze(-1).to(tokens.dtype)).sum(1, dtype=torch.float32)
            vectors: Matrix = torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()
        return vectors

    return run


def _lay_out(encoder: "torch.nn.Module") -> None:
    """Replace each linear layer by one whose weights lie as the processor's matrix instructions want them."""
    import torch
    from transformers.activations import GELUActivation

    class LaidOut(torch.nn.Module):
        def __init__(self, layer: torch.nn.Linear, activation: str) -> None:
            super().__init__()
            self.weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), ROWS)
            self.bias = None if layer.bias is None else layer.bias.detach()
            self.activation = activation

        def forward(self, x: torch.Tensor) -> Any:
            return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, self.activation, [], "none")

    for module in list(encoder.modules()):
        # Of the modules of BERT-family encoders only the feed-forward one's first half has it, with a single layer.
        activation = getattr(module, "intermediate_act_fn", None)
        is_gelu = isinstance(activation, (GELUActivation, torch.nn.GELU))
        for name, layer in list(module.named_children()):
            if isinstance(layer, torch.nn.Linear):
                setattr(module, name, LaidOut(layer, "gelu" if is_gelu else "none"))
        if is_gelu:
            module.intermediate_act_fn = torch.nn.Identity()


def _attention(
    _module: "torch.nn.Module",
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    attention_mask: "torch.Tensor | None",
    scaling: float | None = None,
    **_: Any,
) -> tuple["torch.Tensor", None]:
    """Attention of all tokens of a text to all; `query`, `key`, `value` are `(n, heads, width, size)`.

    `attention_mask` is True where a token is to be seen.
    """
    import torch

    n, heads, width, size = query.shape
    scale = size**-0.5 if scaling is None else scaling
    flat = (n * heads, width, size)
    scores = torch.bmm((query * scale).reshape(flat), key.reshape(flat).transpose(1, 2)).view(n, heads, width, width)
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, float("-inf"))
    mixed = torch.bmm(scores.softmax(-1).view(n * heads, width, width), value.reshape(flat))
    return mixed.view(n, heads, width, size).transpose(1, 2).contiguous(), None
