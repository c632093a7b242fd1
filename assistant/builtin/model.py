"""The built-in language model at work: from a brief to a reply with placeholders, piece by piece.

Comes in: a brief as text. Goes out: text in which every fact is a placeholder of the brief. The weights lie beside this
module; `python -m benchmarks.train_writer --save` makes them, weights/MODEL_CARD.md tells how. Knows no product, no
session and no network.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from assistant.builtin.brief import END, Brief, read_brief
from assistant.builtin.constraints import Progress, ends_sentence
from assistant.builtin.network import Floats, Network
from retrieval.errors import LanguageModelError

FOLDER = Path(__file__).parent / "weights"
META_FILE, TOKENIZER_FILE = "meta.json", "tokenizer.json"
MAX_TOKENS = 400
TEMPERATURE = 0.7
TOP_P = 0.9


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a piece is drawn: `temperature` 0 takes the likeliest; `top_p` the share of probability drawn from;
    `constrained` False leaves the rules of `assistant.builtin.constraints` aside, to measure the model alone."""

    temperature: float = TEMPERATURE
    top_p: float = TOP_P
    constrained: bool = True


class BuiltinModel:
    """Writes replies to briefs. Holds nothing of any shopper, and may be asked from several threads."""

    def __init__(self, network: Network, tokenizer: Tokenizer, sampling: Sampling | None = None) -> None:
        self.name = "builtin"
        self._network = network
        self._tokenizer = tokenizer
        self._sampling = sampling or Sampling()
        self._pieces = [tokenizer.id_to_token(token) or "" for token in range(tokenizer.get_vocab_size())]
        marks = [token for token, piece in enumerate(self._pieces) if piece.startswith(("<|", "{"))]
        texts = [tokenizer.decode([token], skip_special_tokens=False) for token in range(len(self._pieces))]
        self._marks = np.array(marks)
        self._dashes = np.array([token for token, text in enumerate(texts) if text.startswith("-") or "\n-" in text])
        self._texts = [piece if token in set(marks) else texts[token] for token, piece in enumerate(self._pieces)]
        self._ends = np.array(sorted({token for token, text in enumerate(texts) if ends_sentence(text)} - set(marks)))

    def stream(self, system: str, user: str) -> Iterator[str]:
        """The reply to the brief in `user`, piece by piece; `system` is not read.

        Raises:
            LanguageModelError: `user` is no brief.
        """
        try:
            brief = read_brief(user)
        except ValueError as error:
            raise LanguageModelError(f"the built-in language model was given no brief: {error}") from None
        yield from self.pieces(brief)

    def pieces(self, brief: Brief) -> Iterator[str]:
        """The reply, a piece of text for each token that completes one."""
        shown = DecodeStream(skip_special_tokens=False)
        for token in self._tokens(brief):
            if self._pieces[token] == END:
                return
            piece = shown.step(self._tokenizer, token)
            if piece:
                yield piece

    def sampled(self, sampling: Sampling) -> "BuiltinModel":
        """The same model that draws otherwise."""
        return BuiltinModel(self._network, self._tokenizer, sampling)

    def cross_entropy(self, brief: Brief, reply: str) -> tuple[float, int]:
        """Of a reply that somebody else wrote: the sum over its tokens in nats, and how many they are."""
        head, tail = self._encoded(brief.text()), self._encoded(reply + END)
        logits = self._network.feed(head + tail, self._network.cache(len(head + tail)))[len(head) - 1 : -1]
        rows = _log_softmax(logits)[np.arange(len(tail)), tail]
        return float(-rows.sum()), len(tail)

    def _encoded(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _tokens(self, brief: Brief) -> Iterator[int]:
        """The reply's tokens, `END` last unless it grows too long. The same brief gives the same reply."""
        text = brief.text()
        chance = np.random.default_rng(list(hashlib.sha256(text.encode()).digest()))
        progress = Progress(brief)
        fed = self._encoded(text)
        cache = self._network.cache(len(fed) + MAX_TOKENS)
        for _ in range(MAX_TOKENS):
            token = self._draw(self._network.feed(fed, cache)[-1], progress, chance)
            yield token
            piece = self._pieces[token]
            if piece == END:
                return
            progress.add(self._texts[token])
            fed = [token]

    def _draw(self, logits: Floats, progress: Progress, chance: np.random.Generator) -> int:
        if self._sampling.constrained:
            logits = logits.copy()
            logits[[token for token in self._marks if not progress.allows(self._pieces[token])]] = -np.inf
            if progress.pending:
                logits[self._ends] = -np.inf
            if progress.at_line and progress.lists_no_more():
                logits[self._dashes] = -np.inf
        if self._sampling.temperature == 0.0:
            return int(logits.argmax())
        share = np.exp(_log_softmax(logits / self._sampling.temperature))
        order = np.argsort(-share)
        kept = share[order] * (np.cumsum(share[order]) - share[order] < self._sampling.top_p)
        return int(chance.choice(order, p=kept / kept.sum()))


def _log_softmax(logits: Floats) -> NDArray[np.float64]:
    """Along the last axis."""
    raised = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    return np.asarray(raised - np.log(np.exp(raised).sum(-1, keepdims=True)))


def read_model(folder: Path = FOLDER, sampling: Sampling | None = None) -> BuiltinModel:
    """The model in `folder`.

    Raises:
        LanguageModelError: a file is missing, or is not the one that was shipped.
    """
    try:
        meta: dict[str, Any] = json.loads((folder / META_FILE).read_text(encoding="utf-8"))
        for name, wanted in meta["sha256"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
                raise LanguageModelError(f"{folder / name} is not the file that was shipped: install the package again")
        return BuiltinModel(Network(folder), Tokenizer.from_file(str(folder / TOKENIZER_FILE)), sampling)
    except (OSError, KeyError, ValueError) as error:
        raise LanguageModelError(f"the built-in language model at {folder} cannot be opened: {error}") from error


@lru_cache(maxsize=1)
def shipped() -> BuiltinModel:
    """The model that comes with the package; opened once."""
    return read_model()
