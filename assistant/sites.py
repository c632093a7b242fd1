"""The table `[web]` of `shop.toml`: under which names the server answers, and whose pages may show the chat.

In: a parsed table. Out: frozen settings. Knows no request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from retrieval.errors import ConfigError

ANY_PORT = ":*"
_KEY = re.compile(r"[A-Za-z0-9_-]{3,64}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Site:
    """A merchant's site. `key` stands in the tag of its pages, for all to read; `origins` are those of its pages
    ("https://www.example.com"; ":*" at the end stands for any port)."""

    key: str
    origins: tuple[str, ...]

    def allows(self, origin: str) -> bool:
        """Whether a page of that origin is one of the site's.

        >>> Site("demo", ("http://localhost:*",)).allows("http://localhost:8080")
        True
        """
        return any(_matches(origin, allowed) for allowed in self.origins)


LOCAL = Site("demo", ("http://localhost:*", "http://127.0.0.1:*"))
"""The only site where none is stated: pages of this machine, to try the widget on."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`hosts` are names under which the server answers beside "localhost" and bare addresses; `privacy_url` is where
    the merchant's privacy policy stands."""

    hosts: tuple[str, ...] = ()
    sites: tuple[Site, ...] = (LOCAL,)
    privacy_url: str | None = None

    def site(self, key: str | None) -> Site | None:
        """The site of that key."""
        return next((site for site in self.sites if site.key == key), None)


def web_settings(table: Mapping[str, Any], where: str) -> WebSettings:
    """The settings in `[web]`.

    Raises:
        ConfigError: what of it cannot be used.
    """
    _only(table, {"hosts", "sites", "privacy_url"}, where)
    hosts = table.get("hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(name, str) and _HOST.fullmatch(name) for name in hosts):
        raise ConfigError(f'{where}: hosts must be names without a port, as in hosts = ["chat.example.com"]')
    return WebSettings(tuple(hosts), _sites(table.get("sites"), where), _privacy_url(table.get("privacy_url"), where))


def _sites(stated: Any, where: str) -> tuple[Site, ...]:
    if stated is None:
        return (LOCAL,)
    if not isinstance(stated, list) or not all(isinstance(site, dict) for site in stated):
        raise ConfigError(f"{where}: write each site as a table of its own, [[web.sites]], with key and origins")
    sites = tuple(_site(site, f"{where} site {number}") for number, site in enumerate(stated, start=1))
    keys = [site.key for site in sites]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise ConfigError(f"{where}: the key {twice!r} is given to two sites")
    return sites


def _site(table: Mapping[str, Any], where: str) -> Site:
    _only(table, {"key", "origins"}, where)
    key, origins = table.get("key"), table.get("origins")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ConfigError(f"{where}: key must be 3 to 64 letters, digits, - or _, not {key!r}")
    if not isinstance(origins, list) or not origins:
        raise ConfigError(f'{where}: origins is missing; write it as in origins = ["https://www.example.com"]')
    return Site(key, tuple(_origin(origin, where) for origin in origins))


def _origin(stated: Any, where: str) -> str:
    advice = f'{where}: an origin is a scheme, a host and maybe a port, as in "https://www.example.com"'
    text = stated if isinstance(stated, str) else ""
    try:
        address = urlsplit(text.removesuffix(ANY_PORT))
        is_origin = address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0
    except ValueError as error:
        raise ConfigError(f"{advice} ({error})") from error
    extra = address.path or address.query or address.fragment or address.username or address.password
    if not is_origin or extra or not re.fullmatch(r"[!-~]+", text) or re.search(r"[*;,\s'\"]", address.netloc):
        raise ConfigError(f"{advice}, not {stated!r}")
    return text.lower()


def _privacy_url(stated: Any, where: str) -> str | None:
    if stated is None:
        return None
    if not isinstance(stated, str) or urlsplit(stated).scheme not in ("http", "https"):
        raise ConfigError(f'{where}: privacy_url must be an address as in "https://www.example.com/privacy"')
    return stated


def _matches(origin: str, allowed: str) -> bool:
    if not allowed.endswith(ANY_PORT):
        return origin.lower() == allowed
    name, _, port = origin.lower().rpartition(":")
    stem = allowed.removesuffix(ANY_PORT)
    return origin.lower() == stem or (name == stem and port.isdecimal())


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
