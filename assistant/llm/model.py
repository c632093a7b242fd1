"""Chat models of LangChain that stream text, in turn where one fails, and keep one deadline.

Comes in: opened models, then a system and a user message as plain strings. Goes out: pieces of text, or one filled-in
form. Every failure is one `LanguageModelError` without the key. Knows nothing of products and prompts, and of a session
only that it pays; has no tools and no memory.

LangChain's own `with_fallbacks` and the clients' own retries are not used: neither knows when a first word is late, nor
that all attempts share one deadline. LangChain takes a second to import, so it is imported when a model is asked.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.llm.background import Calls, relayed, result_of
from assistant.llm.budget import TokenBudget, estimated
from assistant.llm.faults import Outcome, explain, late, rest_before
from assistant.llm.settings import LlmSettings
from retrieval.errors import LanguageModelError, TokensSpent

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

log = logging.getLogger(__name__)

Form = TypeVar("Form", bound=BaseModel)
Say = Callable[[str], None]
SayOf = Callable[[tuple[int, str]], None]
Asking = Callable[[Sequence[str]], tuple[str, str] | None]
"""The system and user message that follow the answers so far; None where there is nothing more to ask."""

_REFUSED = frozenset({401, 403, 429})
"""Answers of a server that asking otherwise would only get again."""
_ENDS = {"openai": "finish_reason", "deepseek": "finish_reason", "anthropic": "stop_reason", "ollama": "done_reason"}
"""What tells that an answer is whole; without it the connection broke."""
_NOT_ASYNC = frozenset({"huggingface"})
"""Packages whose models answer synchronously only; hung up on, they compute to the end of what they have begun."""
_GRACE_S = 0.3
"""How much longer than its deadline an answer is waited for, where the loop itself is held up."""
_MAX_LETTERS_PER_TOKEN = 8


@dataclass(slots=True)
class Backend:
    """One chat model and the settings that opened it."""

    model: "BaseChatModel"
    settings: LlmSettings
    takes_tools: bool = True

    @property
    def name(self) -> str:
        """What it is called in logs."""
        return self.settings.model


@dataclass(slots=True)
class _Said:
    """What has come of one answer so far."""

    say: Say
    most: int
    letters: int = 0
    chunks: int = 0
    n_tokens: int = 0
    text: list[str] = field(default_factory=list)
    ended: dict[str, Any] = field(default_factory=dict)

    @property
    def began(self) -> bool:
        return self.letters > 0

    def add(self, chunk: Any) -> None:
        """A chunk of the stream: a piece of text, how it ends, or what it cost."""
        self.chunks += 1
        self.n_tokens += (getattr(chunk, "usage_metadata", None) or {}).get("total_tokens", 0)
        self.ended.update(getattr(chunk, "response_metadata", None) or {})
        if not (piece := str(chunk.text)):
            return
        self.letters += len(piece)
        if self.letters > self.most:
            raise ValueError("the answer is much longer than max_tokens allows")
        self.text.append(piece)
        self.say(piece)


class LanguageModel:
    """Chat models behind one deadline, asked in turn. `name` is for logs; the keys appear nowhere."""

    def __init__(
        self,
        model: "BaseChatModel",
        settings: LlmSettings,
        *,
        fallbacks: Sequence[Backend] = (),
        budget: TokenBudget | None = None,
        left_out: Sequence[str] = (),
    ) -> None:
        """`fallbacks` are asked in turn where `model` fails; without a `budget` no other model shares this one's;
        `left_out` says why others that were configured are not among them."""
        self._backends = (Backend(model, settings), *fallbacks)
        self._settings = settings
        self.name = settings.model
        self.left_out = tuple(left_out)
        self._calls = Calls()
        self._budget = budget if budget is not None else TokenBudget(settings.session_tokens)

    def __repr__(self) -> str:
        return f"LanguageModel({self.name!r})"

    def stream(self, system: str, user: str, session_id: str = "") -> Generator[str, None, None]:
        """What a model answers to the two messages, piece by piece as it comes. Closing the iterator hangs up.

        Args:
            system: what holds for every message.
            user: this message.
            session_id: whose tokens are used; empty for nobody's.

        Raises:
            TokensSpent: the session has used its tokens; nothing was asked.
            LanguageModelError: all providers failed, or a deadline passed. Pieces may have come before.
        """
        with closing(self.stream_each(lambda said: None if said else (system, user), session_id)) as pieces:
            for _, piece in pieces:
                yield piece

    def stream_each(self, asking: Asking, session_id: str = "") -> Generator[tuple[int, str], None, None]:
        """Several answers one after the other as if they were one: the number of each from 0, with its next piece.

        All share one deadline, and what gives up one gives up those after it; otherwise as `stream`.

        Args:
            asking: what to ask next. Called from another thread.
            session_id: whose tokens are used; empty for nobody's.

        Raises:
            TokensSpent: the session has used its tokens, by an answer before this one or earlier.
            LanguageModelError: all providers failed, or a deadline passed. Pieces may have come before.
        """
        self._check(session_id)
        try:
            patience_s = self._settings.timeout_s + _GRACE_S
            yield from relayed(partial(self._write, asking, session_id), patience_s, self._calls, session_id)
        except TimeoutError:
            raise LanguageModelError(late(self.name, "answer", self._settings.timeout_s)) from None

    def hang_up(self, session_id: str) -> None:
        """Let the session's answers under way end where they are, from any thread."""
        self._calls.give_up(session_id)

    def fill_in(self, system: str, user: str, form: type[Form], session_id: str = "") -> Form:
        """The form as a model fills it in: by a tool call where the server knows tools, else as JSON in its text.

        Each model is asked at most twice, all within the settings' `timeout_s`; the second time for JSON alone. The
        messages must describe the form, since servers without tools see nothing else of it.

        Raises:
            TokensSpent: the session has used its tokens; nothing was asked.
            LanguageModelError: the provider failed, the deadline passed, or what came does not fit the form.
        """
        self._check(session_id)
        try:
            return result_of(self._fill(system, user, form, session_id), self._settings.timeout_s + _GRACE_S)
        except TimeoutError:
            raise LanguageModelError(late(self.name, "form", self._settings.timeout_s)) from None

    def _check(self, session_id: str) -> None:
        if self._budget.is_spent(session_id):
            raise TokensSpent(f"session {session_id} has used its tokens of language model {self.name!r}")

    async def _write(self, asking: Asking, session_id: str, say: SayOf) -> None:
        from langsmith import tracing_context

        ends = _now() + self._settings.timeout_s
        answers: list[str] = []
        with tracing_context(enabled=False):
            while (told := asking(answers)) is not None:
                self._check(session_id)
                answers.append(await self._answer(told, _numbered(say, len(answers)), ends, session_id))

    async def _answer(self, told: tuple[str, str], say: Say, ends: float, session_id: str) -> str:
        for place, backend in enumerate(self._backends):
            said = _Said(say, most=self._settings.max_tokens * _MAX_LETTERS_PER_TOKEN)
            first_by = _now() + min(self._settings.first_token_s, self._share(place, ends))
            why = await self._tried(backend, told, said, (first_by, ends), session_id)
            if why is None:
                break
            if said.began or place + 1 == len(self._backends):
                raise LanguageModelError(why)
            log.warning("%s; %r is asked instead", why, self._backends[place + 1].name)
        return "".join(said.text)

    async def _tried(
        self, backend: Backend, told: tuple[str, str], said: _Said, limits: tuple[float, float], session_id: str
    ) -> str | None:
        """Why the model did not answer as it should; None where it did. `limits`: first words by then, all by then."""
        first_by, _ = limits
        began_at = _now()
        for attempt in range(1 + self._settings.max_retries):
            outcome = Outcome()
            try:
                with outcome:
                    await _read(backend, told, said, limits)
            finally:
                self._charge(session_id, told, said, outcome.error)
            error = outcome.error
            if error is None:
                return None
            if isinstance(error, TimeoutError) and _now() >= first_by:
                if said.began:
                    return late(backend.name, "answer", self._settings.timeout_s)
                return late(backend.name, "first words", first_by - began_at)
            rest = rest_before(error, attempt)
            if said.began or rest is None or _now() + rest >= first_by:
                break
            await asyncio.sleep(rest)
        return explain(backend.settings, error)

    async def _fill(self, system: str, user: str, form: type[Form], session_id: str) -> Form:
        from langsmith import tracing_context

        ends = _now() + self._settings.timeout_s
        with tracing_context(enabled=False):
            for place, backend in enumerate(self._backends):
                limit = self._share(place, ends)
                outcome = Outcome()
                with outcome:
                    async with asyncio.timeout(limit):
                        return await self._filled(backend, (system, user), form, session_id)
                in_time = not isinstance(outcome.error, TimeoutError)
                why = explain(backend.settings, outcome.error) if in_time else late(backend.name, "form", limit)
                if place + 1 < len(self._backends):
                    log.warning("%s; %r is asked instead", why, self._backends[place + 1].name)
        raise LanguageModelError(why)

    async def _filled(self, backend: Backend, told: tuple[str, str], form: type[Form], session_id: str) -> Form:
        outcome = Outcome()
        for by_tool in (True, False) if backend.takes_tools else (False,):
            outcome = Outcome()
            with outcome:
                answer = await _answered(backend, told, form, by_tool=by_tool)
                self._budget.spend(session_id, _cost(told, answer))
                filled = _form_of(answer, form)
                # Once JSON alone was what worked, tools are not tried again.
                backend.takes_tools = by_tool
                return filled
            if getattr(outcome.error, "status_code", None) in _REFUSED:
                break
        assert outcome.error is not None, "no attempt ends without an answer or an error"
        raise outcome.error

    def _share(self, place: int, ends: float) -> float:
        """How long the model at `place` may take to begin, so that those after it can be asked as well."""
        return max(ends - _now(), 0.0) / (len(self._backends) - place)

    def _charge(self, session_id: str, told: tuple[str, str], said: _Said, error: BaseException | None) -> None:
        """Count what one attempt used. A server that refused has read nothing; one that was hung up on may have."""
        hung_up = isinstance(error, (TimeoutError, asyncio.CancelledError))
        if said.n_tokens:
            self._budget.spend(session_id, said.n_tokens)
        elif said.chunks or hung_up:
            self._budget.spend(session_id, estimated(told[0] + told[1]) + estimated("".join(said.text)))


def _numbered(say: SayOf, number: int) -> Say:
    return lambda piece: say((number, piece))


async def _read(backend: Backend, told: tuple[str, str], said: _Said, limits: tuple[float, float]) -> None:
    """Hand over what one attempt brings.

    Raises:
        TimeoutError: a limit passed. ConnectionError: the answer broke off. Whatever the provider's package raises.
    """
    first_by, ends = limits
    async with asyncio.timeout_at(min(first_by, ends)) as limit:
        async with aclosing(_chunks(backend, _messages(told))) as chunks:
            async for chunk in chunks:
                before = said.began
                said.add(chunk)
                if said.began and not before:
                    limit.reschedule(ends)
    mark = _ENDS.get(backend.settings.provider)
    if mark and not said.ended.get(mark):
        raise ConnectionError("the answer broke off")


async def _chunks(backend: Backend, messages: "list[BaseMessage]") -> "AsyncGenerator[BaseMessage, None]":
    if backend.settings.provider not in _NOT_ASYNC:
        async for chunk in backend.model.astream(messages):
            yield chunk
        return
    answer = backend.model.stream(messages)
    while (piece := await asyncio.to_thread(lambda: next(answer, None))) is not None:
        yield piece


async def _answered(backend: Backend, told: tuple[str, str], form: type[Form], *, by_tool: bool) -> Any:
    """The model's whole answer: a message, or what LangChain makes of a tool call."""
    if not by_tool:
        if backend.settings.provider in _NOT_ASYNC:
            return await asyncio.to_thread(backend.model.invoke, _messages(told))
        return await backend.model.ainvoke(_messages(told))
    # Other providers take no method here, or mean the same by their default.
    method = {"method": "function_calling"} if backend.settings.provider == "openai" else {}
    return await backend.model.with_structured_output(form, include_raw=True, **method).ainvoke(_messages(told))


def _form_of(answer: Any, form: type[Form]) -> Form:
    if not isinstance(answer, dict):
        return _form_in(str(answer.text), form)
    parsed = answer["parsed"]
    return parsed if isinstance(parsed, form) else _form_in(str(answer["raw"].text), form)


def _cost(told: tuple[str, str], answer: Any) -> int:
    message = answer["raw"] if isinstance(answer, dict) else answer
    counted: int = (getattr(message, "usage_metadata", None) or {}).get("total_tokens", 0)
    return counted or estimated(told[0] + told[1]) + estimated(str(message.text))


def _messages(told: tuple[str, str]) -> "list[BaseMessage]":
    from langchain_core.messages import HumanMessage, SystemMessage

    return [SystemMessage(told[0]), HumanMessage(told[1])]


def _now() -> float:
    return asyncio.get_running_loop().time()


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
