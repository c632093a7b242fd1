"""The only door to language models of other makers, through LangChain: settings in, text or a form out."""

from assistant.llm.budget import TokenBudget
from assistant.llm.faults import redact
from assistant.llm.model import Backend, LanguageModel
from assistant.llm.opening import open_language_model
from assistant.llm.settings import Fallback, LlmSettings

__all__ = ["Backend", "Fallback", "LanguageModel", "LlmSettings", "TokenBudget", "open_language_model", "redact"]
