"""From settings to chat models: which package of LangChain serves which provider, and what its limits are called.

Comes in: `LlmSettings`. Goes out: a `LanguageModel`, or why there is none. Connects to nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assistant.llm.budget import TokenBudget
from assistant.llm.faults import Outcome, explain, missing
from assistant.llm.model import Backend, LanguageModel
from assistant.llm.settings import LlmSettings
from retrieval.errors import LanguageModelError, NoLanguageModel

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_LIMITS: dict[str, Callable[[LlmSettings], dict[str, Any]]] = {
    "huggingface": lambda settings: {"pipeline_kwargs": {"max_new_tokens": settings.max_tokens}},
    "ollama": lambda settings: {
        "num_predict": settings.max_tokens,
        "temperature": settings.temperature,
        "client_kwargs": {"timeout": settings.timeout_s},
    },
}
"""Providers that call the limits otherwise than all others do."""


def open_language_model(settings: LlmSettings, budget: TokenBudget | None = None) -> LanguageModel | None:
    """The chat models that the settings name, or None where they name none. Connects to nothing yet.

    A model that refuses the settings (its key is missing) is left out where another is there.

    Raises:
        NoLanguageModel: all of them refuse the settings.
        LanguageModelError: a provider is unknown, or its package is missing.
    """
    if not settings.model.strip():
        return None
    backends: list[Backend] = []
    refused: list[str] = []
    for each in settings.in_turn():
        outcome = Outcome()
        with outcome:
            backends.append(Backend(_opened(each), each))
        if outcome.error is None:
            continue
        if isinstance(outcome.error, ImportError):
            raise LanguageModelError(missing(each, outcome.error)) from outcome.error
        why = explain(each, outcome.error)
        if "model provider" in str(outcome.error):
            raise LanguageModelError(why) from None
        refused.append(why)
    if not backends:
        raise NoLanguageModel("; ".join(refused))
    first, *others = backends
    return LanguageModel(first.model, first.settings, fallbacks=others, budget=budget, left_out=refused)


def _opened(settings: LlmSettings) -> "BaseChatModel":
    if not settings.provider:
        from assistant.llm.folder import FolderModel

        return FolderModel.open(settings.model, max_tokens=settings.max_tokens, temperature=settings.temperature)
    from langchain.chat_models import init_chat_model

    model: BaseChatModel = init_chat_model(settings.model, **_options(settings))
    return model


def _options(settings: LlmSettings) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "temperature": settings.temperature,
        "timeout": settings.timeout_s,
        "max_retries": 0,
        "max_tokens": settings.max_tokens,
    }
    own = _LIMITS.get(settings.provider)
    options = own(settings) if own else usual
    if settings.base_url:
        options["base_url"] = settings.base_url
    if settings.provider in _LIMITS:
        if settings.api_key and "client_kwargs" in options:
            options["client_kwargs"]["headers"] = {"Authorization": f"Bearer {settings.api_key}"}
    elif settings.base_url:
        options["api_key"] = settings.api_key or "none"
    elif settings.api_key:
        options["api_key"] = settings.api_key
    return options
