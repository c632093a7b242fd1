"""The built-in language model at work: from a brief to a reply with placeholders, piece by piece.

Comes in: a brief as text. Goes out: text in which every fact is a placeholder of the brief. The weights lie beside this
module; `python -m benchmarks.train_writer --save` makes them, weights/MODEL_CARD.md tells how. Knows no product, no
session and no network.
"""

import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from assistant.builtin.brief import END, Brief, Part, read_brief
from assistant.builtin.constraints import Progress, ends_sentence
from assistant.builtin.network import Cache, Floats, Network
from retrieval.errors import LanguageModelError

FOLDER = Path(__file__).parent / "weights"
META_FILE, TOKENIZER_FILE = "meta.json", "tokenizer.json"
MAX_TOKENS = 150
"""Of one part."""
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
        self.name = "the built-in one"
        self._network = network
        self._tokenizer = tokenizer
        self._sampling = sampling or Sampling()
        self._pieces = [tokenizer.id_to_token(token) or "" for token in range(tokenizer.get_vocab_size())]
        marks = [token for token, piece in enumerate(self._pieces) if piece.startswith(("<|", "{"))]
        texts = [tokenizer.decode([token], skip_special_tokens=False) for token in range(len(self._pieces))]
        self._marks = np.array(marks)
        self._end = self._pieces.index(END)
        self._texts = [piece if token in set(marks) else texts[token] for token, piece in enumerate(self._pieces)]
        self._ends = np.array(sorted({token for token, text in enumerate(texts) if ends_sentence(text)} - set(marks)))

    def stream(self, system: str, user: str, seed: str = "") -> Generator[str, None, None]:
        """The reply to the brief that `user` stands for, piece by piece; `system` is not read. The same brief and seed
        give the same reply.

        Raises:
            LanguageModelError: `user` is no brief.
        """
        try:
            brief = read_brief(user)
        except ValueError as error:
            raise LanguageModelError(f"the built-in language model was given no brief: {error}") from None
        for part, pieces in self.parts(brief, seed):
            yield from (part.named(piece) for piece in pieces)

    def parts(self, brief: Brief, seed: str = "") -> Iterator[tuple[Part, Iterator[str]]]:
        """Each part of the reply with its text piece by piece, which must be taken before the next is asked for.

        The same brief and seed give the same reply.
        """
        chance = np.random.default_rng(list(hashlib.sha256((brief.text() + seed).encode()).digest()))
        fed = self._encoded(brief.head())
        cache = self._network.cache(self._network.longest)
        for part in brief.parts():
            fed += self._encoded(part.text())
            yield part, self._part(part, fed, cache, chance)
            fed = [self._end]

    def _part(self, part: Part, fed: list[int], cache: Cache, chance: np.random.Generator) -> Iterator[str]:
        shown = DecodeStream(skip_special_tokens=False)
        progress = Progress(part)
        for _ in range(min(MAX_TOKENS, cache.room - len(fed) - 1)):
            token = self._draw(self._network.feed(fed, cache)[-1], progress, chance)
            if token == self._end:
                return
            progress.add(self._texts[token])
            piece = shown.step(self._tokenizer, token)
            if piece:
                yield piece
            fed = [token]

    def sampled(self, sampling: Sampling) -> "BuiltinModel":
        """The same model that draws otherwise."""
        return BuiltinModel(self._network, self._tokenizer, sampling)

    def cross_entropy(self, brief: Brief, texts: Sequence[str]) -> tuple[float, int]:
        """Of the parts of a reply by somebody else: the sum over their tokens in nats, and how many they are."""
        tokens = self._encoded(brief.head())
        counted = [False] * len(tokens)
        for part, text in zip(brief.parts(), texts, strict=True):
            told, said = self._encoded(part.text()), self._encoded(text + END)
            tokens += told + said
            counted += [False] * len(told) + [True] * len(said)
        logits = self._network.feed(tokens, self._network.cache(len(tokens)))[:-1]
        rows = _log_softmax(logits)[np.arange(len(tokens) - 1), tokens[1:]][counted[1:]]
        return float(-rows.sum()), len(rows)

    def _encoded(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _draw(self, logits: Floats, progress: Progress, chance: np.random.Generator) -> int:
        if self._sampling.constrained:
            logits = logits.copy()
            logits[[token for token in self._marks if not progress.allows(self._pieces[token])]] = -np.inf
            if progress.pending:
                logits[self._ends] = -np.inf
        token = self._drawn(logits, chance)
        while self._sampling.constrained and progress.is_retired(self._texts[token]):
            logits[token] = -np.inf
            token = self._drawn(logits, chance)
        return token

    def _drawn(self, logits: Floats, chance: np.random.Generator) -> int:
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
