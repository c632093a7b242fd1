"""How the built-in language model is trained: its tokenizer, its batches, its loop and its checkpoints.

Comes in: a seed and settings. Goes out: a folder that the transformers library opens, and a log of losses. The texts
are drawn while training (`benchmarks.writing_corpus`), so none is seen twice; a run that was cut off goes on from its
newest checkpoint. Knows neither shops nor constraints.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from assistant.builtin.brief import END, Brief, atoms
from benchmarks.writing_corpus.briefs import a_brief, held_out
from benchmarks.writing_corpus.composing import compose

STATE_FILE, LOG_FILE = "state.safetensors", "log.json"
PAD = "<|pad|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ message['content'] }}{% endif %}{% endfor %}"
)
"""What it reads is the user's message; the model knows no other role."""
_IGNORED = -100
Token = tuple[int, bool]
"""A token, and whether the model is to write it."""
_BUCKET = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """How large the model is and how it is trained. `n_steps` of `batch` texts; `rate` is AdamW's highest.

    The tokenizer is fitted to `n_texts` replies. Every `log_every` steps the log gets a line, every `save_every` the
    state is put down.
    """

    seed: int = 0
    n_steps: int = 3000
    batch: int = 16
    rate: float = 1.5e-3
    warm_up: int = 200
    weight_decay: float = 0.05
    clip: float = 1.0
    vocabulary: int = 4096
    hidden: int = 256
    layers: int = 6
    heads: int = 8
    inner: int = 688
    save_every: int = 250
    log_every: int = 50
    n_texts: int = 40_000


@dataclass(frozen=True, slots=True)
class Batch:
    """`tokens` and `labels` `(n, longest)` int64; labels are `_IGNORED` where the brief or the padding stands."""

    tokens: Tensor
    labels: Tensor


def texts(seed: int) -> Iterator[tuple[Brief, list[str]]]:
    """Briefs with the parts of a reply each, for ever; none that is held out."""
    chance = random.Random(seed)
    while True:
        brief = a_brief(chance)
        if not held_out(brief):
            yield brief, compose(brief, chance)


def fit_tokenizer(settings: Settings) -> PreTrainedTokenizerFast:
    """Byte-level BPE in which every piece of a brief is one token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    whole = [AddedToken(atom, normalized=False, special=False) for atom in atoms()]
    tokenizer.add_tokens(whole)
    drawn = texts(settings.seed + 1)
    trainer = trainers.BpeTrainer(
        vocab_size=settings.vocabulary - len(whole) - 1,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((part for _ in range(settings.n_texts) for part in next(drawn)[1]), trainer)
    tokenizer.add_tokens(whole)
    open_tokenizer: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast
    fast = open_tokenizer(tokenizer_object=tokenizer, pad_token=PAD, eos_token=END)
    fast.chat_template = CHAT_TEMPLATE
    return fast


def new_model(settings: Settings, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A model with weights drawn by the settings' seed."""
    torch.manual_seed(settings.seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.hidden,
        intermediate_size=settings.inner,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


def batches(settings: Settings, tokenizer: PreTrainedTokenizerFast, first: int) -> Iterator[Batch]:
    """Batches of texts of about the same length, from the `first` step on; those of a step depend on it alone."""
    for bucket in range(first // _BUCKET, settings.n_steps // _BUCKET + 1):
        chance = random.Random(settings.seed * 1_000_003 + bucket)
        drawn = texts(chance.randrange(2**62) + 2)
        rows = sorted(_rows([next(drawn) for _ in range(_BUCKET * settings.batch)], tokenizer), key=len)
        groups = [rows[start : start + settings.batch] for start in range(0, len(rows), settings.batch)]
        chance.shuffle(groups)
        yield from (padded(group, tokenizer) for group in groups[max(0, first - bucket * _BUCKET) :])


def _rows(drawn: list[tuple[Brief, list[str]]], tokenizer: PreTrainedTokenizerFast) -> list[list[Token]]:
    """The tokens of each brief and its reply, part by part, each with whether the model is to write it."""
    pieces = [list(_pieces(brief, reply)) for brief, reply in drawn]
    encoded = tokenizer([text for row in pieces for text, _ in row], add_special_tokens=False)["input_ids"]
    each = iter(encoded)
    return [[(token, written) for _, written in row for token in next(each)] for row in pieces]


def _pieces(brief: Brief, reply: list[str]) -> Iterator[tuple[str, bool]]:
    yield brief.head(), False
    for part, text in zip(brief.parts(), reply, strict=True):
        yield part.text(), False
        yield text + END, True


def padded(rows: list[list[Token]], tokenizer: PreTrainedTokenizerFast) -> Batch:
    """One batch of rows; what is told is no label."""
    longest = max(map(len, rows))
    tokens = torch.full((len(rows), longest), tokenizer.pad_token_id, dtype=torch.int64)
    labels = torch.full((len(rows), longest), _IGNORED, dtype=torch.int64)
    for place, row in enumerate(rows):
        tokens[place, : len(row)] = torch.tensor([token for token, _ in row])
        labels[place, : len(row)] = torch.tensor([token if written else _IGNORED for token, written in row])
    return Batch(tokens, labels)


def loss_of(model: LlamaForCausalLM, batch: Batch) -> Tensor:
    """Mean cross-entropy of the replies' tokens, in nats."""
    hidden = model.model(input_ids=batch.tokens).last_hidden_state[:, :-1]
    wanted = batch.labels[:, 1:]
    counted = wanted != _IGNORED
    logits = model.lm_head(hidden[counted])
    return nn.functional.cross_entropy(logits.float(), wanted[counted])


class Run:
    """One training run in a folder. After a kill another goes on from its newest state as if nothing had happened."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "tokenizer.json").is_file():
            self.tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        else:
            self.tokenizer = fit_tokenizer(settings)
            self.tokenizer.save_pretrained(folder)
        self.model = new_model(settings, self.tokenizer)
        self.log: list[dict[str, float]] = []
        self._losses: list[float] = []
        self._seconds = 0.0
        decayed = [weight for weight in self.model.parameters() if weight.dim() > 1]
        other = [weight for weight in self.model.parameters() if weight.dim() <= 1]
        self._optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": other, "weight_decay": 0.0}],
            lr=settings.rate,
            betas=(0.9, 0.98),
        )
        self.step = 0
        self._resume()

    def train(self) -> Iterator[dict[str, float]]:
        """Trains until the settings' last step; yields the log's newest line now and then."""
        started = time.monotonic() - self._seconds
        self.model.train()
        for batch in batches(self.settings, self.tokenizer, self.step):
            if self.step >= self.settings.n_steps:
                break
            for group in self._optimiser.param_groups:
                group["lr"] = self._rate()
            loss = loss_of(self.model, batch)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
            self._optimiser.step()
            self._optimiser.zero_grad(set_to_none=True)
            self._losses.append(loss.item())
            self.step, self._seconds = self.step + 1, time.monotonic() - started
            if self.step % self.settings.log_every == 0 or self.step == self.settings.n_steps:
                mean = sum(self._losses) / len(self._losses)
                self.log.append({"step": self.step, "loss": mean, "seconds": round(self._seconds, 1)})
                self._losses = []
                yield self.log[-1]
            if self.step % self.settings.save_every == 0:
                self.save()
        self.save()

    def save(self) -> None:
        """Puts the state down in one move, so that a kill leaves the one before."""
        tensors = {f"model.{name}": value.clone() for name, value in self.model.state_dict().items()}
        for number, state in self._optimiser.state_dict()["state"].items():
            tensors |= {f"moment.{number}.{name}": value.clone() for name, value in state.items()}
        said = {
            "step": str(self.step),
            "settings": json.dumps(asdict(self.settings)),
            "log": json.dumps(self.log),
            "losses": json.dumps(self._losses),
            "seconds": str(self._seconds),
        }
        fresh = self.folder / f"{STATE_FILE}.new"
        save_file(tensors, fresh, metadata=said)
        fresh.replace(self.folder / STATE_FILE)

    def _rate(self) -> float:
        """Linear warm-up, then a cosine down to a twentieth (Loshchilov & Hutter 2017, equation 5)."""
        settings = self.settings
        if self.step < settings.warm_up:
            return settings.rate * (self.step + 1) / settings.warm_up
        done = (self.step - settings.warm_up) / max(1, settings.n_steps - settings.warm_up)
        cosine = 0.5 * (1 + float(torch.cos(torch.tensor(torch.pi * min(1.0, done)))))
        return settings.rate * (0.05 + 0.95 * cosine)

    def _resume(self) -> None:
        from safetensors import safe_open

        path = self.folder / STATE_FILE
        if not path.is_file():
            return
        with safe_open(path, "pt") as file:
            said = file.metadata()
        if json.loads(said["settings"]) != asdict(self.settings):
            raise ValueError(f"{path} is from a run with other settings: give another --work folder, or remove it")
        tensors = load_file(path)
        self.model.load_state_dict(_named("model.", tensors))
        states: dict[int, dict[str, Tensor]] = {}
        for name, value in _named("moment.", tensors).items():
            number, _, kind = name.partition(".")
            states.setdefault(int(number), {})[kind] = value
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": states})
        self.step, self.log = int(said["step"]), json.loads(said["log"])
        self._losses, self._seconds = json.loads(said["losses"]), float(said["seconds"])


def _named(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
