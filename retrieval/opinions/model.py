"""The polarity of reviews and of what they say of an aspect, in English and Chinese.

In: texts, or sentences with an aspect's place. Out: logits and probabilities. The weights lie beside this module;
`python -m benchmarks.train_opinions` makes them, and weights/MODEL_CARD.md tells how. Knows no product.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from retrieval.errors import ModelError
from retrieval.model_folder import default_folder
from retrieval.opinions import chinese, english
from retrieval.opinions.aspects import Mentioned
from retrieval.opinions.grams import LinearModel

LANGUAGES = ("en", "zh")
UNITS = {"en": "word", "zh": "character"}
META_FILE = "meta.json"
FORMAT = 1
BATCH = 32

Figures = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mixture:
    """A review's logit is `network` times the network's, plus `linear` times the n-grams', plus `bias`."""

    network: float
    linear: float
    bias: float


class OpinionModel:
    """Reads reviews. Safe to share between threads: nothing of it changes."""

    def __init__(
        self,
        upper: english.UpperLayers,
        network: chinese.CharacterNetwork,
        aspects: chinese.CharacterNetwork,
        linear: Mapping[str, LinearModel],
        mixtures: Mapping[str, Mixture],
    ) -> None:
        """`upper` reads English, `network` Chinese reviews, `aspects` Chinese aspects; the rest is by language.

        The layers below `upper` are those of the packaged encoder.
        """
        folder = default_folder()
        self.upper, self.network, self.aspects = upper.eval(), network.eval(), aspects.eval()
        self.linear, self.mixtures = linear, mixtures
        self._lower = english.LowerLayers(folder.path)
        self._tokenizer = folder.tokenizer()

    def review_logits(self, texts: Sequence[str], language: str) -> Figures:
        """`(n,)`: above 0 where more likely a content buyer wrote the text; in natural logarithms of the odds."""
        mixture = self.mixtures[language]
        linear = np.array([self.linear[language].logit(text) for text in texts], dtype=np.float32)
        logits = mixture.network * self.network_logits(texts, language) + mixture.linear * linear + mixture.bias
        return logits.astype(np.float32)

    def network_logits(self, texts: Sequence[str], language: str) -> Figures:
        """`(n,)`: the network's own part of `review_logits`."""
        read = self._read_english if language == "en" else self._read_chinese
        return _by_length(texts, lambda batch: read(batch, "review"))

    def aspect_probabilities(self, mentions: Sequence[Mentioned], language: str) -> Figures:
        """`(n, 3)`: how likely each mention is negative, neutral, positive. Chinese ones are never neutral."""
        if not mentions:
            return np.zeros((0, 3), dtype=np.float32)
        if language == "en":
            return self._english_aspects(mentions)
        texts = [chinese.marked(mention.sentence, mention.start, mention.end) for mention in mentions]
        positive = 1.0 / (1.0 + np.exp(-_by_length(texts, lambda batch: self._read_chinese(batch, "aspect"))))
        return np.stack([1.0 - positive, np.zeros_like(positive), positive], axis=1)

    def _read_chinese(self, texts: Sequence[str], task: str) -> Tensor:
        network = self.aspects if task == "aspect" else self.network
        logits: Tensor = network(*chinese.padded([chinese.places(text) for text in texts]), task)
        return logits

    def _read_english(self, texts: Sequence[str], _: str) -> Tensor:
        ids, mask = english.padded_ids(self._tokenizer.encode_batch_fast(list(texts)))
        return self.upper.review_logits(self._lower(ids, mask), mask)

    def _english_aspects(self, mentions: Sequence[Mentioned]) -> Figures:
        found = np.zeros((len(mentions), english.N_POLARITIES), dtype=np.float32)
        encodings = self._tokenizer.encode_batch([mention.sentence for mention in mentions])
        order = np.argsort([len(encoding.ids) for encoding in encodings])
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                ids, mask = english.padded_ids([encodings[row] for row in rows])
                spans = [(mentions[row].start, mentions[row].end) for row in rows]
                named = english.named_tokens([encodings[row] for row in rows], spans, ids.shape[1])
                found[rows] = torch.softmax(self.upper.aspect_logits(self._lower(ids, mask), mask, named), 1).numpy()
        return found


def _by_length(texts: Sequence[str], read: Any) -> Figures:
    """What `read` says of all texts, given to it in batches of like length."""
    found = np.zeros(len(texts), dtype=np.float32)
    order = np.argsort([len(text) for text in texts])
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            found[rows] = read([texts[row] for row in rows]).numpy()
    return found


def save_model(model: OpinionModel, folder: Path, about: Mapping[str, Any]) -> None:
    """Write a model's weights, in half precision and the tables of characters in 8 bits, and `about` it."""
    folder.mkdir(parents=True, exist_ok=True)
    meta: dict[str, Any] = {"format": FORMAT, "files": {}, "linear_bias": {}, "mixtures": {}}
    for language, network in (("en", model.upper), ("zh", model.network)):
        linear, mixture = model.linear[language], model.mixtures[language]
        tensors = _packed(network.state_dict())
        tensors |= {f"linear.{name}": torch.from_numpy(getattr(linear, name)).half() for name in ("idf", "weights")}
        if language == "zh":
            tensors |= {f"aspects.{name}": tensor for name, tensor in _packed(model.aspects.state_dict()).items()}
        content = save(tensors)
        (folder / f"{language}.safetensors").write_bytes(content)
        meta["files"][f"{language}.safetensors"] = hashlib.sha256(content).hexdigest()
        meta["linear_bias"][language] = round(linear.bias, 5)
        meta["mixtures"][language] = [round(x, 5) for x in (mixture.network, mixture.linear, mixture.bias)]
    (folder / META_FILE).write_text(json.dumps({**meta, **about}, indent=1) + "\n", "utf-8")


def load_model(folder: Path) -> OpinionModel:
    """The model that `save_model` wrote.

    Raises:
        ModelError: a file is missing, damaged, or not the one that the folder's `meta.json` names.
    """
    try:
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
        tensors = {language: _checked(folder / f"{language}.safetensors", meta["files"]) for language in LANGUAGES}
        linear = {name: _linear(UNITS[name], tensors[name], meta["linear_bias"][name]) for name in LANGUAGES}
        upper, network, aspects = english.UpperLayers(), chinese.CharacterNetwork(), chinese.CharacterNetwork()
        of_aspects = {name: tensors["zh"].pop(name) for name in list(tensors["zh"]) if name.startswith("aspects.")}
        aspects.load_state_dict(_unpacked({name.removeprefix("aspects."): part for name, part in of_aspects.items()}))
        upper.load_state_dict(_unpacked(tensors["en"]))
        network.load_state_dict(_unpacked(tensors["zh"]))
        mixtures = {name: Mixture(*meta["mixtures"][name]) for name in LANGUAGES}
        return OpinionModel(upper, network, aspects, linear, mixtures)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"the model of opinions in {folder} cannot be read ({error}): install the package anew"
        ) from error


@lru_cache
def shipped() -> OpinionModel:
    """The model that ships with the package, read once."""
    with resources.as_file(resources.files("retrieval.opinions")) as folder:
        return load_model(folder / "weights")


def _checked(file: Path, digests: Mapping[str, str]) -> dict[str, Tensor]:
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != digests[file.name]:
        raise ValueError(f"{file.name} is not the file that {META_FILE} names")
    return load(content)


def _linear(unit: str, tensors: dict[str, Tensor], bias: float) -> LinearModel:
    """The n-grams' model, taken out of these tensors."""
    idf, weights = (tensors.pop(f"linear.{name}").float().numpy() for name in ("idf", "weights"))
    return LinearModel(unit, idf, weights, bias)


def _packed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    packed = {}
    for name, tensor in tensors.items():
        if name.startswith(("characters.", "pairs.")):
            scale = tensor.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
            packed[f"{name}.scale"] = scale.float().contiguous()
            packed[name] = torch.round(tensor / scale).to(torch.int8).contiguous()
        else:
            packed[name] = tensor.half().contiguous()
    return packed


def _unpacked(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: tensor.float() * packed.get(f"{name}.scale", torch.ones(1))
        for name, tensor in packed.items()
        if not name.endswith(".scale")
    }
