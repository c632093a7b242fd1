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

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream
from torch import Tensor
from transformers import DynamicCache, LlamaForCausalLM

from assistant.builtin.brief import END, Brief, read_brief
from assistant.builtin.constraints import Progress
from retrieval.errors import LanguageModelError

FOLDER = Path(__file__).parent / "weights"
META_FILE = "meta.json"
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

    reads_briefs = True

    def __init__(self, model: LlamaForCausalLM, tokenizer: Tokenizer, sampling: Sampling | None = None) -> None:
        self.name = "builtin"
        self._model = model
        self._tokenizer = tokenizer
        self._sampling = sampling or Sampling()
        self._pieces = [tokenizer.id_to_token(token) or "" for token in range(tokenizer.get_vocab_size())]
        self._texts = [tokenizer.decode([token], skip_special_tokens=False) for token in range(len(self._pieces))]
        self._marks = [n for n, piece in enumerate(self._pieces) if piece.startswith(("<|", "{"))]
        ends = [n for n, text in enumerate(self._texts) if any(mark in text for mark in ".!。！\n")]
        self._banned_while_pending = torch.tensor([n for n in ends if n not in set(self._marks)])
        self._of = {piece: n for n, piece in enumerate(self._pieces)}

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
        return BuiltinModel(self._model, self._tokenizer, sampling)

    @torch.inference_mode()
    def cross_entropy(self, brief: Brief, reply: str) -> tuple[float, int]:
        """Of a reply that somebody else wrote: the sum over its tokens in nats, and how many they are."""
        head = self._tokenizer.encode(brief.text(), add_special_tokens=False).ids
        tail = self._tokenizer.encode(reply + END, add_special_tokens=False).ids
        logits = self._model(input_ids=torch.tensor([head + tail])).logits[0, len(head) - 1 : -1].float()
        return float(torch.nn.functional.cross_entropy(logits, torch.tensor(tail), reduction="sum")), len(tail)

    def _tokens(self, brief: Brief) -> Iterator[int]:
        """The reply's tokens, `END` last unless it grows too long. The same brief gives the same reply."""
        chance = torch.Generator().manual_seed(
            int.from_bytes(hashlib.sha256(brief.text().encode()).digest()[:7], "big")
        )
        progress = Progress(brief)
        cache = DynamicCache()
        fed = torch.tensor([self._tokenizer.encode(brief.text(), add_special_tokens=False).ids])
        for _ in range(MAX_TOKENS):
            logits = self._next(fed, cache)
            token = self._draw(logits, progress, chance)
            yield token
            piece = self._pieces[token]
            if piece == END:
                return
            progress.add(piece)
            fed = torch.tensor([[token]])

    @torch.inference_mode()
    def _next(self, fed: Tensor, cache: DynamicCache) -> Tensor:
        """`(vocabulary,)` logits of what follows; the cache takes in what was fed."""
        logits: Tensor = self._model(input_ids=fed, cache=cache, use_cache=True, logits_to_keep=1).logits
        return logits[0, -1].float()

    def _draw(self, logits: Tensor, progress: Progress, chance: torch.Generator) -> int:
        if self._sampling.constrained:
            logits = logits.clone()
            barred = [n for n in self._marks if not progress.allows(self._pieces[n])]
            logits[barred] = -torch.inf
            if progress.pending:
                logits[self._banned_while_pending] = -torch.inf
        if self._sampling.temperature == 0.0:
            return int(logits.argmax())
        likely, tokens = torch.softmax(logits / self._sampling.temperature, 0).sort(descending=True)
        kept = likely.cumsum(0) - likely < self._sampling.top_p
        place = torch.multinomial(likely * kept, 1, generator=chance)
        return int(tokens[place])


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
        model = LlamaForCausalLM.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, use_safetensors=True
        )
        return BuiltinModel(model, Tokenizer.from_file(str(folder / "tokenizer.json")), sampling)
    except (OSError, KeyError, ValueError) as error:
        raise LanguageModelError(f"the built-in language model at {folder} cannot be opened: {error}") from error


@lru_cache(maxsize=1)
def shipped() -> BuiltinModel:
    """The model that comes with the package; opened once."""
    return read_model()
