"""The only door to LangChain: a configured chat model that streams text and keeps its deadline.

Comes in: `LlmSettings`, then a system and a user message as plain strings. Goes out: pieces of text. Every failure is
one `LanguageModelError` without the key. Knows nothing of products, prompts or sessions; has no tools and no memory.

LangChain takes a second to import and most shops need none of it, so it is imported when a model is opened or asked.
"""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from retrieval.errors import LanguageModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_SECRET = re.compile(r"(?i)(bearer\s+)?\b(?:sk|pk|key|gsk|xai|lsv2)[-_][\w*-]{4,}|\b(?=\w*\d)(?=\w*[a-z])\w{24,}\b")
EXTRAS = frozenset({"openai"})
"""Providers that this project has an extra for."""
_LOCAL = frozenset({"huggingface"})
"""Providers that run in this process: they take neither a URL nor a timeout."""


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Which language model writes, and how long it may take. `model` is "provider:model", empty for none.

    `timeout_s` holds for all attempts together, `first_token_s` for the first piece of text. `api_key` None leaves the
    key to the provider's own environment variable, unless `base_url` is set: then no key is sent.
    """

    model: str = ""
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 6.0
    first_token_s: float = 3.0
    max_retries: int = 1
    temperature: float = 0.3
    max_tokens: int = 500


class LanguageModel:
    """A chat model behind a deadline. `name` is for logs; the key appears nowhere."""

    def __init__(self, model: "BaseChatModel", settings: LlmSettings) -> None:
        self.name = settings.model
        self._model = model
        self._settings = settings

    def __repr__(self) -> str:
        return f"LanguageModel({self.name!r})"

    def stream(self, system: str, user: str) -> Iterator[str]:
        """What the model answers to the two messages, piece by piece as it comes.

        Raises:
            LanguageModelError: the provider failed, or a deadline passed. Pieces may have come before.
        """
        relay = _Relay()
        threading.Thread(target=self._pump, args=(system, user, relay), daemon=True, name="language-model").start()
        started = time.monotonic()
        first = True
        try:
            while (piece := self._next(relay.pieces, started, first)) is not None:
                first = first and not piece
                yield piece
        finally:
            relay.abandoned.set()
        if relay.outcome.error is not None:
            raise LanguageModelError(_explain(self._settings, relay.outcome.error)) from None

    def _next(self, pieces: "SimpleQueue[str | None]", started: float, first: bool) -> str | None:
        limit = self._settings.timeout_s
        if first:
            limit = min(limit, self._settings.first_token_s)
        left = started + limit - time.monotonic()
        try:
            if left <= 0:
                raise Empty
            return pieces.get(timeout=left)
        except Empty:
            what = "first words" if first else "answer"
            raise LanguageModelError(
                f"language model {self.name!r} gave no {what} within {limit:g} s: check that it is reachable, "
                "or raise timeout_s and first_token_s under [llm] in shop.toml"
            ) from None

    def _pump(self, system: str, user: str, relay: "_Relay") -> None:
        try:
            with relay.outcome:
                self._read(system, user, relay)
        finally:
            relay.pieces.put(None)

    def _read(self, system: str, user: str, relay: "_Relay") -> None:
        from langchain_core.messages import HumanMessage, SystemMessage
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            for chunk in self._model.stream([SystemMessage(system), HumanMessage(user)]):
                if relay.abandoned.is_set():
                    return
                relay.pieces.put(str(chunk.text))


class _Outcome:
    """Turns whatever a provider's package raises into a value.

    Those packages raise errors of their own trees and are not installed here in general, so none can be named.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        self.error = error
        return isinstance(error, Exception)


class _Relay:
    """What the reading and the asking thread share. None in `pieces` ends the answer."""

    def __init__(self) -> None:
        self.pieces: SimpleQueue[str | None] = SimpleQueue()
        self.abandoned = threading.Event()
        self.outcome = _Outcome()


def redact(text: str, secret: str | None = None) -> str:
    """`text` without the secret and without anything that looks like a key.

    >>> redact("401: Incorrect API key provided: sk-proj-abc123")
    '401: Incorrect API key provided: ***'
    """
    if secret:
        text = text.replace(secret, "***")
    return _SECRET.sub("***", text)


def open_language_model(settings: LlmSettings) -> LanguageModel | None:
    """The chat model that the settings name, or None where they name none. Connects to nothing yet.

    Raises:
        LanguageModelError: the provider is unknown, its package is missing, or it refuses the settings.
    """
    if not settings.model.strip():
        return None
    outcome = _Outcome()
    with outcome:
        from langchain.chat_models import init_chat_model

        return LanguageModel(init_chat_model(settings.model, **_options(settings)), settings)
    if isinstance(outcome.error, ImportError):
        raise LanguageModelError(_missing(settings, outcome.error)) from outcome.error
    raise LanguageModelError(_explain(settings, outcome.error)) from None


def _missing(settings: LlmSettings, error: ImportError) -> str:
    provider = settings.model.partition(":")[0]
    module = getattr(error.__cause__, "name", None) or f"langchain_{provider}"
    package = module.partition(".")[0].replace("_", "-")
    extra = f"pip install 'conversational-shopping-assistant[{provider}]', or " if provider in EXTRAS else ""
    return f"language model {settings.model!r} needs the package {package}: {extra}pip install {package}"


def _explain(settings: LlmSettings, error: BaseException | None) -> str:
    told = redact(f"{type(error).__name__}: {error}".partition("\n")[0], settings.api_key)
    return f"language model {settings.model!r} failed: {told[:300]}. Check [llm] in shop.toml, the key and the server"


def _options(settings: LlmSettings) -> dict[str, Any]:
    if settings.model.partition(":")[0] in _LOCAL:
        return {"pipeline_kwargs": {"max_new_tokens": settings.max_tokens}}
    options: dict[str, Any] = {
        "temperature": settings.temperature,
        "timeout": settings.timeout_s,
        "max_retries": settings.max_retries,
        "max_tokens": settings.max_tokens,
    }
    if settings.base_url:
        options["base_url"] = settings.base_url
        options["api_key"] = settings.api_key or "none"
    elif settings.api_key:
        options["api_key"] = settings.api_key
    return options
