"""The only door to LangChain: a configured chat model that streams text and keeps its deadline.

Comes in: `LlmSettings`, then a system and a user message as plain strings. Goes out: pieces of text, or one filled-in
form. Every failure is one `LanguageModelError` without the key. Knows nothing of products, prompts or sessions; has no
tools and no memory.

LangChain takes a second to import and most shops need none of it, so it is imported when a model is opened or asked.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from retrieval.errors import LanguageModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

Form = TypeVar("Form", bound=BaseModel)

_SECRET = re.compile(r"(?i)(bearer\s+)?\b(?:sk|pk|key|gsk|xai|lsv2)[-_][\w*-]{4,}|\b(?=\w*\d)(?=\w*[a-z])\w{24,}\b")
EXTRAS = frozenset({"openai"})
"""Providers that this project has an extra for."""
_FORM_TOKENS = 400
_FINAL = frozenset({401, 403, 429})
"""Answers of a server that another attempt at once would only get again."""
_LOCAL = frozenset({"huggingface"})
"""Providers that run in this process: they take neither a URL nor a timeout."""


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Which language model writes, and how long it may take. `model` is "provider:model", empty for none.

    `timeout_s` holds for all attempts together, `first_token_s` for the first piece of text. `api_key` None leaves the
    key to the provider's own environment variable, unless `base_url` is set: then no key is sent.
    `builtin` lets the built-in language model write where no other does or it fails, in its `voice`; without it the
    plain writer does. `briefs`: the configured model is the built-in one, served elsewhere, and is told what that is.
    `parse` lets the model read again what the parser is unsure of, `parse_timeout_s` for all attempts together.
    """

    model: str = ""
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 6.0
    first_token_s: float = 3.0
    max_retries: int = 1
    temperature: float = 0.3
    max_tokens: int = 500
    parse: bool = False
    parse_timeout_s: float = 1.5
    builtin: bool = False
    voice: str = "warm"
    briefs: bool = False

    def for_parsing(self) -> "LlmSettings":
        """The same model as it reads: soon, soberly, and with no retries that are not ours."""
        return replace(self, timeout_s=self.parse_timeout_s, max_retries=0, temperature=0.0, max_tokens=_FORM_TOKENS)


class LanguageModel:
    """A chat model behind a deadline. `name` is for logs; the key appears nowhere."""

    def __init__(self, model: "BaseChatModel", settings: LlmSettings) -> None:
        self.name = settings.model
        self._model = model
        self._settings = settings
        self._takes_tools = True

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

    def fill_in(self, system: str, user: str, form: type[Form]) -> Form:
        """The form as the model fills it in: by a tool call where the server knows tools, else as JSON in its text.

        There are at most two attempts, both within the settings' `timeout_s`; the second asks for JSON alone. The
        messages must describe the form, since servers without tools see nothing else of it.

        Raises:
            LanguageModelError: the provider failed, the deadline passed, or what came does not fit the form.
        """
        answers: SimpleQueue[Form | BaseException] = SimpleQueue()
        given_up = threading.Event()

        def work() -> None:
            outcome = _Outcome()
            with outcome:
                answers.put(self._filled(system, user, form, given_up))
            if outcome.error is not None:
                answers.put(outcome.error)

        threading.Thread(target=work, daemon=True, name="language-model").start()
        limit = self._settings.timeout_s
        try:
            answer = answers.get(timeout=limit)
        except Empty:
            given_up.set()
            raise LanguageModelError(
                f"language model {self.name!r} filled in no form within {limit:g} s: check that it is reachable, "
                "or raise parse_timeout_s under [llm] in shop.toml"
            ) from None
        if isinstance(answer, BaseException):
            raise LanguageModelError(_explain(self._settings, answer)) from None
        return answer

    def _filled(self, system: str, user: str, form: type[Form], given_up: threading.Event) -> Form:
        from langchain_core.messages import HumanMessage, SystemMessage
        from langsmith import tracing_context

        messages = [SystemMessage(system), HumanMessage(user)]
        ways: list[Callable[[list[BaseMessage], type[Form]], Form]] = [self._by_tool, self._by_text]
        outcome = _Outcome()
        with tracing_context(enabled=False):
            for way in ways if self._takes_tools else ways[1:]:
                outcome = _Outcome()
                with outcome:
                    filled = way(messages, form)
                    # Once JSON alone was what worked, tools are not tried again.
                    self._takes_tools = way is ways[0]
                    return filled
                if given_up.is_set() or getattr(outcome.error, "status_code", None) in _FINAL:
                    break
        assert outcome.error is not None, "no attempt ends without an answer or an error"
        raise outcome.error

    def _by_tool(self, messages: "list[BaseMessage]", form: type[Form]) -> Form:
        # Other providers take no method here, or mean the same by their default.
        method = {"method": "function_calling"} if self.name.startswith("openai:") else {}
        answer = self._model.with_structured_output(form, include_raw=True, **method).invoke(messages)
        if isinstance(answer, dict) and isinstance(answer["parsed"], form):
            return answer["parsed"]
        return _form_in(str(answer["raw"].text) if isinstance(answer, dict) else "", form)

    def _by_text(self, messages: "list[BaseMessage]", form: type[Form]) -> Form:
        return _form_in(str(self._model.invoke(messages).text), form)

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


def _form_in(text: str, form: type[Form]) -> Form:
    """The form in a text that holds one JSON object, whatever stands around it.

    Raises:
        ValueError: there is none, or it does not fit the form. What stood there is not quoted.
    """
    begins, ends = text.find("{"), text.rfind("}")
    try:
        return form.model_validate_json(text[begins : ends + 1] if 0 <= begins < ends else "")
    except ValidationError as error:
        raise ValueError(f"no {form.__name__} in the answer ({error.error_count()} faults)") from None


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
