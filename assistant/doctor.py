"""Examines a shop and says what serves, why, and what to do about what is wrong.

In: a shop directory. Out: findings. Changes nothing but what opening a shop does, unless it is to mend; never prints a
secret.
"""

import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from assistant.backup import last_backup
from assistant.builtin.model import shipped
from assistant.config import default_shop_dir
from assistant.database_files import faults, orphans
from assistant.llm import open_language_model
from assistant.service.handoffs import Handoffs
from assistant.shop import Shop, ShopPaths
from ranking.exposure import exposure_by_brand, gini_of
from retrieval.embedder import Embedder
from retrieval.errors import ChromaUnavailable, IndexDamaged, ShopError, ShopLocked
from retrieval.generations import is_outgrown
from retrieval.index import open_current
from retrieval.watching import read_damage

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
REPAIR = "stop whatever uses the shop and run `shopping-assistant doctor --repair`"
LITTLE_ROOM = 500 * 2**20
"""Bytes: an import stages, and an index is built, beside what is there."""

OLD_BACKUP_DAYS = 7
N_BRANDS, N_LISTS = 3, 10_000
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
    findings += _database((shop_dir or default_shop_dir()).expanduser())
    try:
        shop = Shop(shop_dir)
    except ShopError as error:
        return [*findings, Finding("shop", "error", str(error))]
    with shop:
        embedder: list[Embedder] = []
        checks = (
            _shop,
            _catalog,
            _embedder(embedder),
            _index(embedder),
            _matcher(embedder),
            _lists,
            _llm,
            _service,
            _rates,
            _room,
        )
        for check in (*checks, _backup):
            findings += _checked(check, shop)
    return findings


def mended(shop_dir: Path | None) -> list[Finding]:
    """What `assistant.repair.repair` did; a repair that cannot even begin is a finding as well.

    Raises:
        ShopLocked: a process uses the shop.
    """
    from assistant.repair import repair

    try:
        steps = repair(shop_dir)
    except ShopLocked:
        raise
    except ShopError as error:
        return [Finding("repair", "error", str(error))]
    if not steps:
        return [Finding("repair", "ok", "nothing is broken that could be mended")]
    return [Finding(f"repair of {step.part}", "ok" if step.done else "error", step.text) for step in steps]


def print_findings(findings: list[Finding]) -> None:
    """One line a part."""
    console = Console()
    for finding in findings:
        console.print(f"{MARKS[finding.level]} [bold]{finding.part}[/]  {escape(finding.text)}", highlight=False)


def _software() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    ours = "conversational-shopping-assistant"
    return f"{ours} {version(ours)}, Python {platform.python_version()}, {packages}"


def _database(root: Path) -> Iterator[Finding]:
    """Looked at before it is opened, since opening a damaged one may fail anywhere."""
    database = ShopPaths(root).database
    if not database.is_file():
        return
    if found := faults(database, quick=True):
        yield Finding("database", "error", f"{database} is damaged ({found[0]}): {REPAIR}")
        return
    missing = orphans(database)
    for table, n in missing.items():
        yield Finding("database", "error", f"{n:,} rows of {table} refer to a row that is not there: {REPAIR}")
    if not missing:
        yield Finding("database", "ok", f"whole, {database.stat().st_size / 2**20:,.1f} MiB")


def _checked(check: Callable[[Shop], Iterator[Finding]], shop: Shop) -> list[Finding]:
    try:
        return list(check(shop))
    except ShopError as error:
        return [Finding(check.__name__.strip("_"), "error", str(error))]
    except (sqlite3.DatabaseError, SQLAlchemyError) as error:
        return [Finding(check.__name__.strip("_"), "error", f"{error}: {REPAIR}")]


def _shop(shop: Shop) -> Iterator[Finding]:
    owner = "" if shop.owner else "; another process owns it, so this one only reads"
    yield Finding("shop", "ok", f"{shop.paths.root}{' (the demo shop)' if shop.is_demo else ''}{owner}")


def _catalog(shop: Shop) -> Iterator[Finding]:
    n = shop.catalog.n_products()
    if n == 0:
        yield Finding("catalog", "note", "empty: `serve` fills it with the demo shop, `import FEED` with yours")
        return
    counts = f"{n:,} products in {shop.catalog.currency()}, {len(shop.catalog.policies()):,} policies"
    events, version_ = shop.event_log.count(), shop.catalog.version()
    yield Finding("catalog", "ok", f"{counts}, {events:,} events, version {version_[:12]}")


def _embedder(found: list[Embedder]) -> Callable[[Shop], Iterator[Finding]]:
    def embedder(shop: Shop) -> Iterator[Finding]:
        found.append(shop.embedder())
        languages = " and ".join(sorted(found[0].languages))
        yield Finding("embedder", "ok", f"{found[0].name}, {found[0].dimension} dimensions, reads {languages}")
        if found[0].query_fingerprint != found[0].fingerprint:
            yield Finding("embedder", "ok", "queries are read as `train --embedder` has taught it")
        elif shop.paths.embedder.is_dir():
            text = f"{shop.paths.embedder} is not used: run `shopping-assistant train --embedder`, or delete it"
            yield Finding("embedder", "note", text)
        if "zh" not in found[0].languages:
            text = "reads no Chinese: Chinese wishes reach it through the lexicon; a Chinese catalog wants another one"
            yield Finding("embedder", "note", f"{found[0].name} {text}, see docs/embedder.md")

    return embedder


def _index(embedder: list[Embedder]) -> Callable[[Shop], Iterator[Finding]]:
    def index(shop: Shop) -> Iterator[Finding]:
        damage = read_damage(shop.paths.index)
        if damage is not None and not shop.owner:
            text = f"search is exact because of damage: {damage}; the process that serves repairs it beside"
            yield Finding("index", "note", text)
            return
        opened = open_current(shop.paths.index, use_chroma=shop.owner, server=shop.chroma_server)
        if opened is None:
            yield Finding("index", "note", "not built yet: it is built when the shop opens")
            return
        try:
            if isinstance(opened.chroma_fault, ChromaUnavailable):
                yield Finding("index", "note", str(opened.chroma_fault))
            elif damage is not None and opened.chroma_fault is not None:
                raise IndexDamaged(f"search is exact because of damage: {damage}; it is rebuilt when the shop opens")
            else:
                opened.check()
            behind = opened.n_behind(shop.catalog.text_digests())
            fits = bool(embedder) and opened.fits(embedder[0])
        finally:
            opened.close()
        if not fits or is_outgrown(behind, len(opened)):
            yield Finding("index", "note", f"{len(opened):,} products, out of date: it is rebuilt when the shop opens")
            return
        state = f"{behind:,} changed since, which are searched beside it" if behind else "up to date with the catalog"
        where = f", approximate search by {shop.chroma_server.url}" if shop.chroma_server else ""
        yield Finding("index", "ok", f"{len(opened):,} products, {state}{where}")

    return index


def _matcher(embedder: list[Embedder]) -> Callable[[Shop], Iterator[Finding]]:
    def matcher(shop: Shop) -> Iterator[Finding]:
        if not embedder:
            return
        ranker, which = shop.ranker(embedder[0], lambda ids: np.zeros((len(ids), embedder[0].dimension), np.float32))
        level, text = MATCHERS[which]
        yield Finding("matcher", level, f"{text} (version {ranker.model_version})")

    return matcher


def _lists(shop: Shop) -> Iterator[Finding]:
    lists = shop.shown_lists.lists_of_brands(N_LISTS)
    if not lists:
        return
    shares = exposure_by_brand(lists)
    most = ", ".join(f"{brand or 'no brand'} {share:.0%}" for brand, share in list(shares.items())[:N_BRANDS])
    spread = f"Gini over the {len(shares):,} brands shown {gini_of(shares):.2f}"
    text = f"of the last {N_LISTS:,} lists {len(lists):,} had products; of what was seen: {most}; {spread}"
    yield Finding("lists", "ok", text)


def _llm(shop: Shop) -> Iterator[Finding]:
    settings = shop.settings.llm
    if not settings.model and not settings.builtin:
        yield Finding("language model", "note", "none: the plain writer answers; set [llm] builtin = true, or model")
        return
    if not settings.model:
        said = f"{shipped().name}, {settings.voice} voice; another writes where [llm] model names one"
        yield Finding("language model", "ok", said)
        return
    model = open_language_model(settings)
    for why in model.left_out if model else ():
        yield Finding("language model", "note", f"left out: {why}")
    does = "writes replies, reads what the parser is unsure of" if settings.parse else "writes replies"
    key = "set" if settings.api_key else "from its environment" if settings.provider else "not needed"
    models = ", then ".join(each.model for each in settings.in_turn())
    yield Finding("language model", "ok", f"{models}: {does}; key {key}")


def _service(shop: Shop) -> Iterator[Finding]:
    orders, handoff = shop.settings.orders, shop.settings.handoff
    where = orders.url or orders.file
    no_orders = "none: questions about orders are answered by the rules alone; set [orders] url"
    yield Finding("orders", "ok" if where else "note", f"looked up at {where}" if where else no_orders)
    if handoff.url is None:
        yield Finding("hand-off", "note", "none: nobody can take a conversation over; set [handoff] url")
        return
    waiting = len(Handoffs(shop.engine, handoff).waiting())
    text = f"{waiting} wait: run `shopping-assistant handoffs --retry`" if waiting else f"to {handoff.url}, none waits"
    yield Finding("hand-off", "note" if waiting else "ok", text)


def _rates(shop: Shop) -> Iterator[Finding]:
    rates = shop.settings.rates
    if rates is None:
        text = "none: a budget in another currency is asked back; add [exchange_rates] to shop.toml"
        yield Finding("exchange rates", "note", text)
        return
    yield Finding("exchange rates", "ok", f"{rates.base} to {', '.join(rates.rates)} as of {rates.as_of or 'no date'}")


def _room(shop: Shop) -> Iterator[Finding]:
    free = shutil.disk_usage(shop.paths.root).free
    if free < LITTLE_ROOM:
        text = "an import or the next index may not fit: make room"
        yield Finding("disk", "note", f"{free / 2**20:,.0f} MiB free, {text}")
        return
    yield Finding("disk", "ok", f"{free / 2**30:,.1f} GiB free")


def _backup(shop: Shop) -> Iterator[Finding]:
    if shop.is_empty or shop.is_demo:
        return
    last = last_backup(shop.paths.root)
    if last is None:
        yield Finding("backup", "note", "none yet: run `shopping-assistant backup --to FILE`, best on another disk")
        return
    age = (datetime.now(UTC) - last.created_at).days
    gone = "" if last.path.is_file() else ", which is not there any more"
    level = "note" if age > OLD_BACKUP_DAYS or gone else "ok"
    advice = ": run `shopping-assistant backup` again" if level == "note" else ""
    yield Finding("backup", level, f"{age} day(s) old, in {last.path}{gone}{advice}")
