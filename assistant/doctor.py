"""Examines a shop and says what serves, why, and what to do about what is wrong.

In: a shop directory. Out: findings. Changes nothing but what opening a shop does; never prints a secret.
"""

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape

from assistant.llm import open_language_model
from assistant.shop import Shop
from retrieval.embedder import Embedder
from retrieval.errors import ShopError
from retrieval.index import open_current

PACKAGES = ("torch", "transformers", "langchain", "chromadb", "gradio", "pandas", "onnxruntime")
MATCHERS = {
    "own": ("ok", "trained on this shop's events"),
    "shipped": (
        "note",
        "the shipped model, trained on simulated events of the demo shop: "
        "with events of your own run `shopping-assistant train`",
    ),
    "relevance": (
        "note",
        "none that fits this embedder, so the order is by relevance: run `shopping-assistant train`",
    ),
}
MARKS = {"ok": "[green]ok[/]   ", "note": "[yellow]note[/] ", "error": "[red]error[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One checked part. `level` is "ok", "note" (works, but worth knowing) or "error"."""

    part: str
    level: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def examine(shop_dir: Path | None) -> list[Finding]:
    """Everything worth saying about a shop, part by part."""
    findings = [Finding("software", "ok", _software())]
    try:
        shop = Shop(shop_dir)
    except ShopError as error:
        return [*findings, Finding("shop", "error", str(error))]
    with shop:
        embedder: list[Embedder] = []
        for check in (_shop, _catalog, _embedder(embedder), _index(embedder), _matcher(embedder), _llm, _rates):
            findings += _checked(check, shop)
    return findings


def print_findings(findings: list[Finding]) -> None:
    """One line a part."""
    console = Console()
    for finding in findings:
        console.print(f"{MARKS[finding.level]} [bold]{finding.part}[/]  {escape(finding.text)}", highlight=False)


def _software() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    ours = "conversational-shopping-assistant"
    return f"{ours} {version(ours)}, Python {platform.python_version()}, {packages}"


def _checked(check: Callable[[Shop], Iterator[Finding]], shop: Shop) -> list[Finding]:
    try:
        return list(check(shop))
    except ShopError as error:
        return [Finding(check.__name__.strip("_"), "error", str(error))]


def _shop(shop: Shop) -> Iterator[Finding]:
    owner = "" if shop.owner else "; another process owns it, so this one only reads"
    yield Finding("shop", "ok", f"{shop.paths.root}{' (the demo shop)' if shop.is_demo else ''}{owner}")


def _catalog(shop: Shop) -> Iterator[Finding]:
    n = shop.catalog.n_products()
    if n == 0:
        yield Finding("catalog", "note", "empty: `serve` fills it with the demo shop, `import FEED` with yours")
        return
    counts = f"{n:,} products in {shop.catalog.currency()}, {len(shop.catalog.policies()):,} policies"
    yield Finding("catalog", "ok", f"{counts}, {shop.events.count():,} events, version {shop.catalog.version()[:12]}")


def _embedder(found: list[Embedder]) -> Callable[[Shop], Iterator[Finding]]:
    def embedder(shop: Shop) -> Iterator[Finding]:
        found.append(shop.embedder())
        languages = " and ".join(sorted(found[0].languages))
        yield Finding("embedder", "ok", f"{found[0].name}, {found[0].dimension} dimensions, reads {languages}")
        if "zh" not in found[0].languages:
            text = "reads no Chinese: Chinese wishes reach it through the lexicon; a Chinese catalog wants another one"
            yield Finding("embedder", "note", f"{found[0].name} {text}, see docs/embedder.md")

    return embedder


def _index(embedder: list[Embedder]) -> Callable[[Shop], Iterator[Finding]]:
    def index(shop: Shop) -> Iterator[Finding]:
        opened = open_current(shop.paths.index, use_chroma=shop.owner)
        if opened is None:
            yield Finding("index", "note", "not built yet: it is built when the shop opens")
            return
        current = bool(embedder) and opened.is_current(shop.catalog.version(), embedder[0])
        opened.check()
        opened.close()
        state = "up to date" if current else "out of date: it is rebuilt when the shop opens"
        yield Finding("index", "ok" if current else "note", f"{len(opened):,} products, {state}")

    return index


def _matcher(embedder: list[Embedder]) -> Callable[[Shop], Iterator[Finding]]:
    def matcher(shop: Shop) -> Iterator[Finding]:
        if not embedder:
            return
        ranker, which = shop.ranker(embedder[0], lambda ids: np.zeros((len(ids), embedder[0].dimension), np.float32))
        level, text = MATCHERS[which]
        yield Finding("matcher", level, f"{text} (version {ranker.model_version})")

    return matcher


def _llm(shop: Shop) -> Iterator[Finding]:
    settings = shop.settings.llm
    if not settings.model:
        yield Finding("language model", "note", 'none: the plain writer answers; set [llm] model = "provider:name"')
        return
    open_language_model(settings)
    yield Finding(
        "language model", "ok", f"{settings.model}, key {'set' if settings.api_key else 'from its environment'}"
    )


def _rates(shop: Shop) -> Iterator[Finding]:
    rates = shop.settings.rates
    if rates is None:
        text = "none: a budget in another currency is asked back; add [exchange_rates] to shop.toml"
        yield Finding("exchange rates", "note", text)
        return
    yield Finding("exchange rates", "ok", f"{rates.base} to {', '.join(rates.rates)} as of {rates.as_of or 'no date'}")
