"""What `[llm]` in `shop.toml` may say.

In: a table of TOML. Out: frozen `LlmSettings`. Knows no provider and opens nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.builtin.brief import VOICES
from retrieval.errors import ConfigError

_FORM_TOKENS = 400
_FOLDER_MARKS = ("./", "../", "/", "~")
_SWITCHES = ("parse", "builtin", "briefs")
_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "timeout_s": ((int, float), "a number of seconds"),
    "first_token_s": ((int, float), "a number of seconds"),
    "temperature": ((int, float), "a number, 0 or more"),
    "max_retries": (int, "a whole number, 0 or more"),
    "max_tokens": (int, "a whole number"),
    "session_tokens": (int, "a whole number, 0 for no limit"),
    "parse_timeout_s": ((int, float), "a number of seconds"),
}


@dataclass(frozen=True, slots=True)
class Fallback:
    """A model that is asked where the one before it fails. `base_url` and `api_key` as in `LlmSettings`."""

    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Which language model writes, and how long it may take. `model` is "provider:model", or the folder of one that
    runs in this process; empty for none.

    `timeout_s` holds for all attempts of all models together, and for all parts of a reply that is asked for in parts;
    `first_token_s` for the first piece of text of each.
    `max_retries` more attempts are made of each, as long as that leaves time. `fallbacks` are asked in turn.
    `api_key` None leaves the key to the provider's own environment variable, unless `base_url` is set: then no key is
    sent. `session_tokens` is what one conversation may use in all, 0 for no limit.
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
    session_tokens: int = 100_000
    fallbacks: tuple[Fallback, ...] = ()
    parse: bool = False
    parse_timeout_s: float = 1.5
    builtin: bool = False
    voice: str = "warm"
    briefs: bool = False

    def for_parsing(self) -> "LlmSettings":
        """The same models as they read: soon, soberly, and with no retries that are not ours."""
        return replace(self, timeout_s=self.parse_timeout_s, max_retries=0, temperature=0.0, max_tokens=_FORM_TOKENS)

    @property
    def provider(self) -> str:
        """Who serves the model; empty for a folder.

        >>> LlmSettings("openai:gpt-4o-mini").provider, LlmSettings("./models/small").provider
        ('openai', '')
        """
        return "" if is_folder(self.model) else self.model.partition(":")[0]

    def in_turn(self) -> tuple["LlmSettings", ...]:
        """The settings of each model that is asked in turn, this one first."""
        alone = replace(self, fallbacks=())
        others = (
            replace(alone, model=item.model, base_url=item.base_url, api_key=item.api_key) for item in self.fallbacks
        )
        return (alone, *others)


def is_folder(model: str) -> bool:
    """Whether `model` names a folder, and no provider's model.

    >>> is_folder("./models/small"), is_folder("openai:gpt-4o-mini")
    (True, False)
    """
    return model.startswith(_FOLDER_MARKS)


def llm_settings(table: Mapping[str, Any], where: str, root: Path) -> LlmSettings:
    """The settings in the table; the folder of a model is found from `root`.

    Raises:
        ConfigError: a key or value in it means nothing to us.
    """
    _only(table, {field.name for field in fields(LlmSettings)}, where)
    for name in _SWITCHES:
        if not isinstance(table.get(name, False), bool):
            raise ConfigError(f"{where}: {name} must be true or false, not {table[name]!r}")
    if table.get("voice", VOICES[0]) not in VOICES:
        raise ConfigError(f"{where}: voice must be one of {', '.join(VOICES)}, not {table['voice']!r}")
    if table.get("parse") and not table.get("model"):
        raise ConfigError(f'{where}: parse = true needs a model: set model = "provider:name", or leave parse out')
    if table.get("fallbacks") and not table.get("model"):
        raise ConfigError(f'{where}: fallbacks need a model to fall back from: set model = "provider:name"')
    for name, value in ((name, value) for name, value in table.items() if name not in (*_SWITCHES, "fallbacks")):
        _check(name, value, where)
    stated = dict(table)
    if "model" in stated:
        stated["model"] = _located(stated["model"], root)
    settings = LlmSettings(**stated | {"fallbacks": ()})
    return replace(settings, fallbacks=_fallbacks(table.get("fallbacks", ()), settings, where, root))


def with_key(settings: LlmSettings, key: str) -> LlmSettings:
    """The settings with another key, for the models that had the first one's too."""
    fallbacks = tuple(
        replace(item, api_key=key) if _is_beside(item, settings) and item.api_key == settings.api_key else item
        for item in settings.fallbacks
    )
    return replace(settings, api_key=key, fallbacks=fallbacks)


def _fallbacks(stated: Any, settings: LlmSettings, where: str, root: Path) -> tuple[Fallback, ...]:
    if not isinstance(stated, Sequence) or isinstance(stated, str):
        raise ConfigError(f'{where}: fallbacks must be a list, as in ["anthropic:claude-haiku-4-5"], not {stated!r}')
    return tuple(_fallback(item, settings, where, root) for item in stated)


def _fallback(stated: Any, settings: LlmSettings, where: str, root: Path) -> Fallback:
    if isinstance(stated, dict):
        where = f"{where} fallbacks"
        _only(stated, {field.name for field in fields(Fallback)}, where)
        for name, value in stated.items():
            _check(name, value, where)
        if stated.get("model"):
            return Fallback(**stated | {"model": _located(stated["model"], root)})
    elif isinstance(stated, str) and stated.strip():
        other = Fallback(_located(stated, root))
        # A model of the same provider is at the same server; a key goes nowhere else.
        shared = replace(other, base_url=settings.base_url, api_key=settings.api_key)
        return shared if _is_beside(shared, settings) else other
    raise ConfigError(f'{where}: a fallback must be "provider:model" or {{ model = "provider:model", base_url = "…" }}')


def _is_beside(fallback: Fallback, settings: LlmSettings) -> bool:
    same_provider = LlmSettings(fallback.model).provider == settings.provider != ""
    return same_provider and fallback.base_url == settings.base_url


def _check(name: str, value: Any, where: str) -> None:
    kind, what = _KINDS.get(name, (str, "a text"))
    # A secret that is written wrongly is a secret all the same.
    shown = "what it is" if name == "api_key" else repr(value)
    if isinstance(value, bool) or not isinstance(value, kind) or (isinstance(value, (int, float)) and value < 0):
        raise ConfigError(f"{where}: {name} must be {what}, not {shown}")
    if name == "base_url":
        _check_address(str(value), where)


def _check_address(url: str, where: str) -> None:
    try:
        address = urlsplit(url)
        is_plain = address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0
    except ValueError:
        is_plain = False
    if is_plain and (address.username or address.password):
        raise ConfigError(f"{where}: base_url must be without a password: set api_key, or its environment variable")
    if not is_plain:
        raise ConfigError(f'{where}: base_url must be an address as in "http://127.0.0.1:8000/v1"')


def _located(model: str, root: Path) -> str:
    """The model; a folder as an absolute path, from `root` where it was relative."""
    provider, _, name = model.partition(":")
    path = name if provider == "huggingface" and is_folder(name) else model
    return str((root / Path(path).expanduser()).absolute()) if is_folder(path) else model


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
