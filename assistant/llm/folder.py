"""A causal language model from a folder of the transformers library, as a chat model of LangChain.

Comes in: messages. Goes out: pieces of text. It runs in this process, a token each time the next piece is asked for, so
nobody computes what nobody reads. Only safetensors are loaded, and no code from the folder. Knows no settings.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from jinja2 import TemplateError
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

TOP_P = 0.95
_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


class FolderModel(BaseChatModel):
    """A network and its tokenizer; may be asked from several threads."""

    network: Any
    tokenizer: Any
    max_tokens: int = 500
    temperature: float = 0.3

    @classmethod
    def open(cls, folder: str, *, max_tokens: int, temperature: float) -> "FolderModel":
        """The model in `folder`; those that are opened twice share their weights.

        Raises:
            OSError: there is no model of that library in the folder.
        """
        network, tokenizer = _loaded(folder)
        return cls(network=network, tokenizer=tokenizer, max_tokens=max_tokens, temperature=temperature)

    @property
    def _llm_type(self) -> str:
        return "transformers-folder"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        prompt = self._prompt(messages)
        tokens: list[int] = []
        told = ""
        for token in self._tokens(prompt):
            tokens.append(token)
            text = self.tokenizer.decode(tokens, skip_special_tokens=True)
            # A character of several tokens is not known before the last of them.
            if len(text) > len(told) and not text.endswith("\ufffd"):
                yield ChatGenerationChunk(message=AIMessageChunk(content=text[len(told) :]))
                told = text
        n_read, n_written = prompt.shape[1], len(tokens)
        usage: Any = {"input_tokens": n_read, "output_tokens": n_written, "total_tokens": n_read + n_written}
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))

    def _prompt(self, messages: Sequence[BaseMessage]) -> Tensor:
        """`(1, tokens)`, as the model was taught to be spoken to."""
        turns = [{"role": _ROLES.get(message.type, "user"), "content": str(message.text)} for message in messages]
        if not self.tokenizer.chat_template:
            ids = self.tokenizer("\n\n".join(turn["content"] for turn in turns) + "\n\n").input_ids
        else:
            try:
                ids = self._templated(turns)
            except TemplateError:
                # Some know no system message.
                ids = self._templated([{"role": "user", "content": "\n\n".join(turn["content"] for turn in turns)}])
        most = getattr(self.network.config, "max_position_embeddings", None) or len(ids) + self.max_tokens
        if len(ids) + self.max_tokens > most:
            raise ValueError(f"a prompt of {len(ids)} tokens and max_tokens are more than the model's {most}")
        return torch.tensor([ids], device=self.network.device)

    def _templated(self, turns: Sequence[dict[str, str]]) -> list[int]:
        text = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        ids: list[int] = self.tokenizer(text, add_special_tokens=False).input_ids
        return ids

    def _tokens(self, prompt: Tensor) -> Iterator[int]:
        """What follows the prompt, up to the end or `max_tokens`."""
        stated = self.network.generation_config.eos_token_id
        ends = {self.tokenizer.eos_token_id, *(stated if isinstance(stated, list) else [stated])}
        cache = DynamicCache()
        fed = prompt
        for _ in range(self.max_tokens):
            token = self._drawn(self._logits(fed, cache))
            if token in ends:
                return
            yield token
            fed = torch.tensor([[token]], device=self.network.device)

    @torch.inference_mode()
    def _logits(self, fed: Tensor, cache: DynamicCache) -> Tensor:
        """`(vocabulary,)` of what follows; `cache` grows by what was fed."""
        given = self.network(input_ids=fed, past_key_values=cache, use_cache=True, logits_to_keep=1)
        logits: Tensor = given.logits[0, -1].float()
        return logits

    def _drawn(self, logits: Tensor) -> int:
        if self.temperature == 0:
            return int(logits.argmax())
        likely, tokens = torch.softmax(logits / self.temperature, 0).sort(descending=True)
        kept = likely.cumsum(0) - likely < TOP_P
        return int(tokens[torch.multinomial(likely * kept, 1)])


@lru_cache(maxsize=2)
def _loaded(folder: str) -> tuple[Any, Any]:
    if not (Path(folder) / "config.json").is_file():
        raise OSError(f"there is no model in {folder}: it needs config.json, *.safetensors and a tokenizer")
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    network = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype="auto")
    device: Any = "cuda" if torch.cuda.is_available() else "cpu"
    return network.to(device).eval(), tokenizer
