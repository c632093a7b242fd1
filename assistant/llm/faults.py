"""What went wrong with a language model, in words that may be logged: without a key, and with what to do.

Comes in: whatever a provider's package raised. Goes out: a sentence, or how long to wait before another attempt. Knows
none of those packages.
"""

import os
import re
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from assistant.llm.settings import LlmSettings

_SECRET = re.compile(r"(?i)(bearer\s+)?\b(?:sk|pk|key|gsk|xai|lsv2)[-_][\w*-]{4,}|\b(?=\w*\d)(?=\w*[a-z])\w{24,}\b")
_SECRET_VARIABLE = re.compile(r"_(?:KEY|TOKEN|SECRET|PASSWORD)$")
EXTRAS = frozenset({"openai", "anthropic", "ollama", "deepseek", "huggingface"})
"""Providers that this project has an extra for."""
_AGAIN = frozenset({408, 409, 425, 429})
"""Refusals of a server that another attempt may not get; those of 500 and more are others."""
_REST_S, _LONGEST_REST_S = 0.2, 30.0


class Outcome:
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


def rest_before(error: BaseException, attempt: int) -> float | None:
    """Seconds to wait before another attempt; None where it would be refused as well."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 500 and status not in _AGAIN:
        return None
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        # A date instead of a number of seconds is far away for a shopper who waits.
        return max(float(headers["retry-after"]), 0.0) if "retry-after" in headers else _REST_S * 2**attempt
    except ValueError:
        return _LONGEST_REST_S


def redact(text: str, *secrets: str | None) -> str:
    """`text` without the secrets and without anything that looks like a key.

    >>> redact("401: Incorrect API key provided: sk-proj-abc123")
    '401: Incorrect API key provided: ***'
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _SECRET.sub("***", text)


def missing(settings: LlmSettings, error: ImportError) -> str:
    """Which package is not installed, and how it is."""
    provider = settings.provider
    module = getattr(error.__cause__, "name", None) or f"langchain_{provider}"
    package = module.partition(".")[0].replace("_", "-")
    extra = f"pip install 'conversational-shopping-assistant[{provider}]', or " if provider in EXTRAS else ""
    return f"language model {settings.model!r} needs the package {package}: {extra}pip install {package}"


def late(model: str, what: str, limit: float) -> str:
    """No answer in time; `what` is first words, answer or form."""
    setting = "parse_timeout_s" if what == "form" else "timeout_s and first_token_s"
    gave = "filled in no form" if what == "form" else f"gave no {what}"
    return (
        f"language model {model!r} {gave} within {round(limit, 1):g} s: check that it is reachable, "
        f"or raise {setting} under [llm] in shop.toml"
    )


def explain(settings: LlmSettings, error: BaseException | None) -> str:
    """What the provider said, without any key."""
    secrets = [value for name, value in os.environ.items() if _SECRET_VARIABLE.search(name) and len(value) >= 8]
    keys = [each.api_key for each in settings.in_turn()]
    # What pydantic refuses it quotes; only what it says of it is told.
    said = "; ".join(each["msg"] for each in error.errors()) if isinstance(error, ValidationError) else str(error)
    told = redact(f"{type(error).__name__}: {said}".partition("\n")[0], *keys, *secrets)
    return f"language model {settings.model!r} failed: {told[:300]}. Check [llm] in shop.toml, the key and the server"
