"""The only door to settings: `shop.toml`, the environment, and where a shop lives on disk.

In: a shop directory. Out: frozen `Settings`. Knows no stage. Secrets are read here and never printed.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.house import House, house_of
from assistant.llm.settings import LlmSettings, llm_settings, with_key
from assistant.service.settings import HandoffSettings, OrderSettings, handoff_settings, order_settings
from assistant.sites import WebSettings, web_settings
from retrieval.errors import ConfigError
from retrieval.money import ExchangeRates

SHOP_VARIABLE = "SHOPPING_ASSISTANT_SHOP"
LLM_KEY_VARIABLE = "SHOPPING_ASSISTANT_LLM_KEY"
CHROMA_TOKEN_VARIABLE = "SHOPPING_ASSISTANT_CHROMA_TOKEN"  # noqa: S105 its name only
PSEUDONYM_KEY_VARIABLE = "SHOPPING_ASSISTANT_PSEUDONYM_KEY"

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "DO_NOT_TRACK": "1",
}
"""Switches of the libraries we use that stop them from calling home."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Where the collections of the index are. `chroma_url` None: embedded, in the shop's directory."""

    chroma_url: str | None = None
    chroma_token: str | None = field(default=None, repr=False)
    chroma_timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """How a list is made: `diversity` from 0 (by score alone) to 1, `collapse` the same thing into one place, `weights`
    say how many times a part of a product's score counts, by its name."""

    diversity: float = 0.0
    collapse: bool = True
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a shop can be told. `pseudonym_key` None means the one in the shop's own key file; `personalised` is
    how conversations begin."""

    name: Mapping[str, str] = field(default_factory=lambda: {"en": "Shop", "zh": "小店"})
    rates: ExchangeRates | None = None
    embedder: str = "default"
    cross_encoder: Path | None = None
    llm: LlmSettings = field(default_factory=LlmSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    ranking: RankingSettings = field(default_factory=RankingSettings)
    pseudonym_key: str | None = field(default=None, repr=False)
    personalised: bool = True
    orders: OrderSettings = field(default_factory=OrderSettings)
    handoff: HandoffSettings = field(default_factory=HandoffSettings)
    house: House = field(default_factory=House)
    web: WebSettings = field(default_factory=WebSettings)


def quieten() -> None:
    """Switch off telemetry of the libraries, before any of them is imported; what the user has set stays."""
    for variable, value in QUIET.items():
        os.environ.setdefault(variable, value)


def default_shop_dir() -> Path:
    """`SHOPPING_ASSISTANT_SHOP`, or a directory in the user's data folder."""
    import platformdirs

    chosen = os.environ.get(SHOP_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("shopping-assistant")) / "shop"


def read_settings(shop_dir: Path) -> Settings:
    """The settings in `shop.toml`, with the defaults for what it leaves out.

    Raises:
        ConfigError: the file is not TOML, or a key or value in it means nothing to us.
    """
    file = shop_dir / "shop.toml"
    if not file.is_file():
        return _with_keys(Settings(house=house_of({}, "", shop_dir)))
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from error
    known = {"shop", "exchange_rates", "embedder", "search", "ranking", "llm", "index", "profile", "orders", "handoff",
             "assistant", "web"}  # fmt: skip
    _only(content, known, f"{file}")
    shop = _table(content, "shop", file)
    _only(shop, {"name"}, f"{file} [shop]")
    embedder = _table(content, "embedder", file)
    _only(embedder, {"model"}, f"{file} [embedder]")
    search = _table(content, "search", file)
    _only(search, {"cross_encoder"}, f"{file} [search]")
    profile = _table(content, "profile", file)
    _only(profile, {"personalised"}, f"{file} [profile]")
    settings = Settings(
        rates=_rates(_table(content, "exchange_rates", file), file),
        embedder=_embedder(embedder.get("model", "default"), file),
        cross_encoder=_cross_encoder(search.get("cross_encoder"), file),
        llm=llm_settings(_table(content, "llm", file), f"{file} [llm]", shop_dir),
        index=_index(_table(content, "index", file), file),
        ranking=_ranking(_table(content, "ranking", file), file),
        personalised=_personalised(profile.get("personalised", True), file),
        orders=order_settings(_table(content, "orders", file), f"{file} [orders]"),
        handoff=handoff_settings(_table(content, "handoff", file), f"{file} [handoff]"),
        house=house_of(_table(content, "assistant", file), f"{file} [assistant]", shop_dir),
        web=web_settings(_table(content, "web", file), f"{file} [web]"),
    )
    return _with_keys(replace(settings, name=_name(shop["name"], file)) if "name" in shop else settings)


def _name(stated: Any, file: Path) -> dict[str, str]:
    if isinstance(stated, str) and stated.strip():
        return {"en": stated, "zh": stated}
    if isinstance(stated, dict) and stated and all(isinstance(name, str) and name.strip() for name in stated.values()):
        return dict(stated)
    raise ConfigError(f'{file} [shop]: name must be a text, or one a language as in {{ en = "…", zh = "…" }}')


def _embedder(stated: Any, file: Path) -> str:
    if not isinstance(stated, str) or not stated.strip():
        raise ConfigError(f"{file} [embedder]: model must be a text, the folder of a sentence encoder, not {stated!r}")
    return stated


def _cross_encoder(stated: Any, file: Path) -> Path | None:
    if stated is None:
        return None
    if not isinstance(stated, str) or not stated.strip():
        raise ConfigError(f"{file} [search]: cross_encoder must be a text, the folder of a model, not {stated!r}")
    return Path(stated).expanduser()


def _personalised(stated: Any, file: Path) -> bool:
    if not isinstance(stated, bool):
        raise ConfigError(f"{file} [profile]: personalised must be true or false, not {stated!r}")
    return stated


def _rates(table: Mapping[str, Any], file: Path) -> ExchangeRates | None:
    if not table:
        return None
    _only(table, {"base", "as_of", "rates"}, f"{file} [exchange_rates]")
    if not isinstance(table.get("base"), str):
        raise ConfigError(f'{file} [exchange_rates]: base is missing; write the ISO code, as in base = "USD"')
    as_of = table.get("as_of")
    if as_of is not None and not isinstance(as_of, date):
        raise ConfigError(f"{file} [exchange_rates]: as_of must be a date, as in 2026-11-20, not {as_of!r}")
    try:
        rates = {code: Decimal(str(rate)) for code, rate in _table(table, "rates", file).items()}
    except InvalidOperation as error:
        raise ConfigError(f"{file} [exchange_rates.rates]: every rate must be a number") from error
    if bad := [code for code, rate in rates.items() if not rate.is_finite() or rate <= 0]:
        raise ConfigError(f"{file} [exchange_rates.rates]: {bad[0]} must be above 0")
    return ExchangeRates(table["base"], rates, as_of)


def _index(table: Mapping[str, Any], file: Path) -> IndexSettings:
    where = f"{file} [index]"
    _only(table, {field.name for field in fields(IndexSettings)}, where)
    url, token, timeout_s = table.get("chroma_url"), table.get("chroma_token"), table.get("chroma_timeout_s", 5.0)
    if url is None and table:
        raise ConfigError(f'{where}: chroma_url is missing; write it as in chroma_url = "http://127.0.0.1:8000"')
    if token is not None and not isinstance(token, str):
        raise ConfigError(f"{where}: chroma_token must be a text")
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, (int, float)) or not timeout_s > 0:
        raise ConfigError(f"{where}: chroma_timeout_s must be a number of seconds above 0, not {timeout_s!r}")
    return IndexSettings(None if url is None else _chroma_url(url, where), token, float(timeout_s))


def _ranking(table: Mapping[str, Any], file: Path) -> RankingSettings:
    where = f"{file} [ranking]"
    _only(table, {field.name for field in fields(RankingSettings)}, where)
    settings = RankingSettings(**table)
    diversity = settings.diversity
    if isinstance(diversity, bool) or not isinstance(diversity, (int, float)) or not 0 <= diversity <= 1:
        raise ConfigError(f"{where}: diversity must be a number from 0 (by score alone) to 1, not {diversity!r}")
    if not isinstance(settings.collapse, bool):
        raise ConfigError(f"{where}: collapse must be true or false, not {settings.collapse!r}")
    weights = _table(table, "weights", file)
    if not weights:
        return settings
    # NumPy, which the names come with, is not needed to read a file that says nothing of them.
    from ranking.factors import checked_factors

    return replace(settings, weights=checked_factors(weights, f"{file} [ranking.weights]"))


def _chroma_url(stated: Any, where: str) -> str:
    advice = f'{where}: chroma_url must be an address as in "http://127.0.0.1:8000"'
    try:
        address = urlsplit(stated if isinstance(stated, str) else "")
        is_plain = address.scheme in ("http", "https") and address.hostname and (address.port or 1) > 0
    except ValueError as error:
        raise ConfigError(f"{advice} ({error})") from error
    if not is_plain or address.query or address.fragment or address.path not in ("", "/"):
        raise ConfigError(f"{advice}, without a path")
    if address.username or address.password:
        raise ConfigError(f"{advice}, without a password: set chroma_token or {CHROMA_TOKEN_VARIABLE}")
    return str(stated).rstrip("/")


def _with_keys(settings: Settings) -> Settings:
    """A key in the environment goes before one in `shop.toml`, which can then be shown to anybody."""
    key = os.environ.get(LLM_KEY_VARIABLE)
    settings = replace(settings, llm=with_key(settings.llm, key)) if key else settings
    if token := os.environ.get(CHROMA_TOKEN_VARIABLE):
        settings = replace(settings, index=replace(settings.index, chroma_token=token))
    return replace(settings, pseudonym_key=os.environ.get(PSEUDONYM_KEY_VARIABLE) or None)


def _table(content: Mapping[str, Any], name: str, file: Path) -> Mapping[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: [{name}] must be a table, not {table!r}")
    return table


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
