"""The Llama architecture in NumPy: token by token, with a cache of keys and values.

Comes in: a folder as the transformers library writes it, then tokens. Goes out: logits of what may follow. Knows no
words. It does what `LlamaForCausalLM` does (a test holds them side by side) without what that brings along: on one core
it takes half the time a token, and neither three seconds to import nor 150 MB.

Source: Touvron et al. 2023, LLaMA, section 2.2: normalisation before each block by the root mean square (Zhang &
Sennrich 2019), SwiGLU (Shazeer 2020), rotary positions (Su et al. 2021).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Floats = NDArray[np.float32]
CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"


@dataclass(frozen=True, slots=True)
class _Block:
    """One layer, matrices as `(from, to)`: `inward` makes queries, keys and values side by side, `gate_up` both halves
    of SwiGLU."""

    norm: Floats
    inward: Floats
    outward: Floats
    second_norm: Floats
    gate_up: Floats
    down: Floats


class Cache:
    """What one text has left behind: for each layer keys and values `(heads, longest, width of a head)`."""

    def __init__(self, network: "Network", longest: int) -> None:
        shape = (network.n_layers, 2, network.n_heads, longest, network.head_width)
        self.stored: Floats = np.zeros(shape, dtype=np.float32)
        self.length = 0

    @property
    def room(self) -> int:
        """How many tokens it can still take in."""
        return int(self.stored.shape[3]) - self.length


class Network:
    """The weights in single precision. Safe to share between threads: a text's state is in its `Cache`."""

    def __init__(self, folder: Path) -> None:
        """Read `folder`.

        Raises:
            OSError: a file is missing.
            KeyError: the files are of no such network.
            ValueError: the network has what this module does not know.
        """
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        _check(config)
        weights = {name: value.astype(np.float32) for name, value in load_file(folder / WEIGHTS_FILE).items()}
        self.n_layers, self.n_heads = config["num_hidden_layers"], config["num_attention_heads"]
        self.head_width = config["hidden_size"] // self.n_heads
        self.longest: int = config["max_position_embeddings"]
        self._epsilon = np.float32(config["rms_norm_eps"])
        self._embedding = weights["model.embed_tokens.weight"]
        self._words = np.ascontiguousarray(self._embedding.T)
        self._norm = weights["model.norm.weight"]
        self._blocks = [_block(weights, f"model.layers.{number}.") for number in range(self.n_layers)]
        self._turns = _rotations(config, self.head_width)

    def cache(self, longest: int) -> Cache:
        """An empty cache for a text of at most so many tokens."""
        return Cache(self, longest)

    def feed(self, tokens: list[int], cache: Cache) -> Floats:
        """`(n, vocabulary)` logits of what follows each of the n tokens; the cache takes them in."""
        start, end = cache.length, cache.length + len(tokens)
        cosine, sine = (part[start:end, None] for part in self._turns)
        unseen = np.arange(end)[None] > np.arange(start, end)[:, None]
        flow = self._embedding[tokens]
        for block, stored in zip(self._blocks, cache.stored, strict=True):
            made = (self._normal(flow, block.norm) @ block.inward).reshape(len(tokens), 3 * self.n_heads, -1)
            query, key, value = np.split(made, 3, axis=1)
            stored[0, :, start:end] = _turned(key, cosine, sine).swapaxes(0, 1)
            stored[1, :, start:end] = value.swapaxes(0, 1)
            seen = _attend(_turned(query, cosine, sine), stored[:, :, :end], unseen)
            flow = flow + seen.reshape(len(tokens), -1) @ block.outward
            gate, up = np.split(self._normal(flow, block.second_norm) @ block.gate_up, 2, axis=1)
            flow = flow + (gate / (1.0 + np.exp(-gate)) * up) @ block.down
        cache.length = end
        return np.asarray(self._normal(flow, self._norm) @ self._words, dtype=np.float32)

    def _normal(self, flow: Floats, gain: Floats) -> Floats:
        return np.asarray(flow / np.sqrt(np.square(flow).mean(-1, keepdims=True) + self._epsilon) * gain)


def _check(config: dict[str, Any]) -> None:
    if config["model_type"] != "llama" or not config["tie_word_embeddings"] or config["hidden_act"] != "silu":
        raise ValueError("not a Llama network with tied embeddings and SwiGLU")
    if config["num_key_value_heads"] != config["num_attention_heads"] or config.get("attention_bias"):
        raise ValueError("a Llama network with shared keys or biases")


def _block(weights: dict[str, Floats], prefix: str) -> _Block:
    def matrix(*names: str) -> Floats:
        return np.ascontiguousarray(np.concatenate([weights[f"{prefix}{name}.weight"] for name in names]).T)

    return _Block(
        weights[f"{prefix}input_layernorm.weight"],
        matrix("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        matrix("self_attn.o_proj"),
        weights[f"{prefix}post_attention_layernorm.weight"],
        matrix("mlp.gate_proj", "mlp.up_proj"),
        matrix("mlp.down_proj"),
    )


def _rotations(config: dict[str, Any], width: int) -> tuple[Floats, Floats]:
    """Cosines and sines `(longest, width)` of the rotary positions."""
    base = config["rope_parameters"]["rope_theta"]
    angles = np.outer(np.arange(config["max_position_embeddings"]), base ** (-np.arange(0, width, 2) / width))
    both = np.concatenate([angles, angles], axis=1)
    return np.cos(both).astype(np.float32), np.sin(both).astype(np.float32)


def _turned(heads: Floats, cosine: Floats, sine: Floats) -> Floats:
    half = heads.shape[-1] // 2
    swapped = np.concatenate([-heads[..., half:], heads[..., :half]], axis=-1)
    return np.asarray(heads * cosine + swapped * sine)


def _attend(query: Floats, stored: Floats, unseen: NDArray[np.bool_]) -> Floats:
    """`(n, heads, width)`: for each token the values before it, by how well their keys fit its query."""
    fit = query.swapaxes(0, 1) @ stored[0].swapaxes(1, 2) / np.float32(np.sqrt(query.shape[-1]))
    fit = np.where(unseen, -np.inf, fit)
    share = np.exp(fit - fit.max(-1, keepdims=True))
    share /= share.sum(-1, keepdims=True)
    return np.asarray((share @ stored[1]).swapaxes(0, 1))
