"""The tables `[orders]` and `[handoff]` of `shop.toml`.

In: a parsed table. Out: frozen settings. Secrets are taken from here or the environment and never printed.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from retrieval.errors import ConfigError

ORDERS_TOKEN_VARIABLE = "SHOPPING_ASSISTANT_ORDERS_TOKEN"  # noqa: S105 its name only
HANDOFF_TOKEN_VARIABLE = "SHOPPING_ASSISTANT_HANDOFF_TOKEN"  # noqa: S105 its name only

MAX_TIMEOUT_S = 30.0
MAX_RETRIES = 3


@dataclass(frozen=True, slots=True)
class OrderSettings:
    """Where orders are: at `url` (docs/customer-service.md says what must answer there), or in `file`, a JSON file in
    the shop's directory. Neither: orders cannot be seen. `timeout_s` holds for each attempt."""

    url: str | None = None
    token: str | None = field(default=None, repr=False)
    timeout_s: float = 4.0
    max_retries: int = 1
    file: str | None = None


@dataclass(frozen=True, slots=True)
class HandoffSettings:
    """Where a conversation goes that a person shall take over. Without `url` none can be handed over."""

    url: str | None = None
    token: str | None = field(default=None, repr=False)
    timeout_s: float = 5.0


def order_settings(table: Mapping[str, Any], where: str) -> OrderSettings:
    """The settings in `[orders]`.

    Raises:
        ConfigError: what of it cannot be used.
    """
    _only(table, {"url", "token", "timeout_s", "max_retries", "file"}, where)
    file, retries = table.get("file"), table.get("max_retries", 1)
    if file is not None and (not isinstance(file, str) or not file.strip()):
        raise ConfigError(f"{where}: file must be a text, the name of a JSON file in the shop's directory")
    if file is not None and table.get("url") is not None:
        raise ConfigError(f"{where}: give either url or file, not both")
    if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= MAX_RETRIES:
        raise ConfigError(f"{where}: max_retries must be a whole number from 0 to {MAX_RETRIES}, not {retries!r}")
    settings = OrderSettings(
        _url(table, where), _token(table, where), _timeout(table, where, OrderSettings().timeout_s), retries, file
    )
    token = os.environ.get(ORDERS_TOKEN_VARIABLE)
    return replace(settings, token=token) if token else settings


def handoff_settings(table: Mapping[str, Any], where: str) -> HandoffSettings:
    """The settings in `[handoff]`.

    Raises:
        ConfigError: what of it cannot be used.
    """
    _only(table, {"url", "token", "timeout_s"}, where)
    if table and table.get("url") is None:
        raise ConfigError(f'{where}: url is missing; write it as in url = "https://support.example.com/chats"')
    settings = HandoffSettings(
        _url(table, where), _token(table, where), _timeout(table, where, HandoffSettings().timeout_s)
    )
    token = os.environ.get(HANDOFF_TOKEN_VARIABLE)
    return replace(settings, token=token) if token else settings


def _url(table: Mapping[str, Any], where: str) -> str | None:
    stated = table.get("url")
    if stated is None:
        return None
    advice = f'{where}: url must be an address as in "https://shop.example.com/api"'
    try:
        address = urlsplit(stated if isinstance(stated, str) else "")
        is_plain = address.scheme in ("http", "https") and address.hostname and (address.port or 1) > 0
    except ValueError as error:
        raise ConfigError(f"{advice} ({error})") from error
    if not is_plain or address.query or address.fragment:
        raise ConfigError(f"{advice}, without a query")
    if address.username or address.password:
        raise ConfigError(f"{advice}, without a password: set token, or the variable in the environment")
    return str(stated).rstrip("/")


def _token(table: Mapping[str, Any], where: str) -> str | None:
    token = table.get("token")
    if token is not None and (not isinstance(token, str) or not token.strip()):
        raise ConfigError(f"{where}: token must be a text")
    return token


def _timeout(table: Mapping[str, Any], where: str, usual: float) -> float:
    stated = table.get("timeout_s", usual)
    if isinstance(stated, bool) or not isinstance(stated, (int, float)) or not 0 < stated <= MAX_TIMEOUT_S:
        raise ConfigError(f"{where}: timeout_s must be a number of seconds up to {MAX_TIMEOUT_S:.0f}, not {stated!r}")
    return float(stated)


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
