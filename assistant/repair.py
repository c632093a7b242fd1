"""Mends what the doctor finds broken, as far as that can be done without losing anything that could be read.

In: a shop directory that no process uses. Out: the steps that were taken. Whatever is taken out of service is kept
(a damaged database in `backups/damaged-TIME/`, a model as `models/set-aside-TIME/`), unless it can be rebuilt from what
is there: the index, the demo's pictures, staging files, a training that was cut off.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from assistant.backup import DATABASE, FOLDER, newest_whole
from assistant.config import default_shop_dir
from assistant.database_files import SIDECARS, as_one_file, copy_database, faults, orphans
from assistant.door import remove_stale_door
from assistant.exchange import PART, exchange, finish_exchange, new_part
from assistant.ownership import Ownership
from assistant.promotion import PASSING, finish_promotions
from assistant.restore import refuse_if_read
from assistant.salvage import Salvaged, drop_orphans, note_contents, salvage
from assistant.shop import Shop
from retrieval.database import open_engine
from retrieval.embedder import Embedder
from retrieval.errors import BackupError, IndexDamaged, ModelError, ShopError
from retrieval.generations import is_outgrown
from retrieval.index import open_current
from retrieval.retriever import open_retriever
from retrieval.staging import remove_leftovers


@dataclass(frozen=True, slots=True)
class Step:
    """What was mended, or (`done` False) could not be."""

    part: str
    text: str
    done: bool = True


def repair(shop_dir: Path | None) -> list[Step]:
    """Mend the shop in `shop_dir` (None: the default place).

    Returns:
        What was done, in order; an empty list where nothing was broken.

    Raises:
        ShopLocked: a process owns the shop, or still reads it.
        ConfigError: there is no shop, or its settings are wrong, which only the merchant can mend.
    """
    root = (shop_dir or default_shop_dir()).expanduser()
    if not root.is_dir():
        raise BackupError(f"there is no shop in {root}: name its directory with --shop")
    ownership = Ownership(root)
    if not ownership.take():
        raise ownership.refusal("stop it first, a shop can't be mended while it is served")
    try:
        steps = [*_finish(root), *_clear_leftovers(root), *_mend_database(root)]
    finally:
        ownership.release()
    if all(step.done for step in steps):
        with Shop(root, must_own=True) as shop:
            embedder = shop.embedder()
            steps += [
                *_mend_pictures(shop),
                *_mend_embedder(shop, embedder),
                *_mend_model(shop, embedder),
                *_mend_index(shop, embedder),
            ]
    return steps


def _finish(root: Path) -> Iterator[Step]:
    if finish_exchange(root):
        yield Step("restore", "the exchange of files that was cut off is completed")


def _clear_leftovers(root: Path) -> Iterator[Step]:
    if remove_stale_door(root):
        yield Step("door", "removed the door of a server that is gone")
    if n := remove_leftovers(root):
        yield Step("leftovers", f"removed {n} staging file(s) of imports that were cut off")
    for name in finish_promotions(root / "models"):
        yield Step(name, "brought to its end the change of models in which the process was killed")
    stale = [
        *(root / "models" / name for name in PASSING),
        *root.glob("*.part"), *(root / FOLDER).glob(".backup-*"), *root.glob(".backup-*"),
    ]  # fmt: skip
    for path in filter(Path.exists, stale):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield Step("leftovers", f"removed {path.relative_to(root)}, which a killed process has left")


def _mend_database(root: Path) -> Iterator[Step]:
    database = root / DATABASE
    if not database.is_file():
        return
    found = faults(database)
    if not found:
        if missing := orphans(database):
            yield from _drop_orphans(root, missing)
        return
    kept = root / FOLDER / f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    part = new_part(root)
    try:
        saved = None if _is_mended_by_reindexing(database, part / DATABASE) else salvage(database, part / DATABASE)
        if again := faults(part / DATABASE):
            raise BackupError(f"what was brought over is damaged as well: {again[0]}")
        as_one_file(part / DATABASE)
        refuse_if_read(root)
        exchange(root, [DATABASE, *(DATABASE + end for end in SIDECARS)], kept)
    except BackupError as error:
        yield Step("database", f"{found[0]}; {error}. Nothing was changed. {_advice(root)}", done=False)
        return
    finally:
        shutil.rmtree(root / PART, ignore_errors=True)
    yield Step("database", f"was damaged ({found[0]}); it is kept in {kept}")
    if saved is None:
        yield Step("database", "its indexes were built again; no row is lost")
    else:
        yield Step("database", f"brought over into a new one: {_told(saved, root)}")


def _is_mended_by_reindexing(database: Path, copy: Path) -> bool:
    try:
        copy_database(database, copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("REINDEX")
        mended = not faults(copy) and not orphans(copy)
    except sqlite3.DatabaseError:
        mended = False
    if not mended:
        copy.unlink(missing_ok=True)
    return mended


def _drop_orphans(root: Path, missing: dict[str, int]) -> Iterator[Step]:
    kept = root / FOLDER / f"before-repair-{datetime.now(UTC):%Y%m%dT%H%M%S}.sqlite"
    kept.parent.mkdir(exist_ok=True)
    copy_database(root / DATABASE, kept)
    kept.chmod(0o600)
    drop_orphans(root / DATABASE)
    engine = open_engine(root / DATABASE)
    try:
        note_contents(engine)
    finally:
        engine.dispose()
    counts = ", ".join(f"{n:,} of {table}" for table, n in missing.items())
    yield Step("database", f"removed rows that refer to nothing ({counts}); the database as it was is {kept}")


def _told(saved: list[Salvaged], root: Path) -> str:
    hurt = [table for table in saved if table.n_saved != table.n_before]
    if not hurt:
        return "no row is lost"
    return f"{'; '.join(map(str, hurt))}; the other tables are whole. {_advice(root)}"


def _advice(root: Path) -> str:
    newest = newest_whole(root)
    instead = f"`shopping-assistant restore {newest} --yes` brings the newest backup back instead" if newest else ""
    return f"{instead or 'There is no whole backup'}; products come back with `shopping-assistant import`"


def _mend_pictures(shop: Shop) -> Iterator[Step]:
    if not shop.is_demo:
        return
    from retrieval.demo.pictures import draw_all

    n_drawn = 0
    for product in shop.catalog.products():
        for address, text in draw_all(product).items():
            file = shop.paths.root / address
            if not file.is_file() or not file.read_bytes().rstrip().endswith(b"</svg>"):
                file.parent.mkdir(exist_ok=True)
                file.write_text(text, "utf-8")
                n_drawn += 1
    if n_drawn:
        yield Step("pictures", f"drew {n_drawn:,} missing or broken picture(s) of the demo shop again")


def _mend_model(shop: Shop, embedder: Embedder) -> Iterator[Step]:
    if not shop.paths.model.exists():
        return
    try:
        shop.ranker(embedder, lambda ids: np.zeros((len(ids), embedder.dimension), np.float32))
    except ModelError as error:
        aside = _set_aside(shop.paths.model)
        yield Step(
            "matcher",
            f"{error}; it is set aside as {aside}, and the shipped one serves until `shopping-assistant train` has run",
        )


def _mend_embedder(shop: Shop, embedder: Embedder) -> Iterator[Step]:
    if not shop.paths.embedder.exists() or embedder.query_fingerprint != embedder.fingerprint:
        return
    aside = _set_aside(shop.paths.embedder)
    yield Step(
        "embedder",
        f"what was learnt of queries does not load, or is for another one; it is set aside as {aside}, and queries are "
        f"read by {embedder.name} as it came until `shopping-assistant train --embedder` has run",
    )


def _set_aside(model: Path) -> Path:
    aside = model.with_name(f"set-aside-{model.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    model.rename(aside)
    return aside


def _mend_index(shop: Shop, embedder: Embedder) -> Iterator[Step]:
    reason = _fault_of_index(shop, embedder)
    if reason is None or shop.is_empty:
        return
    if shop.paths.index.exists() and not shop.paths.index.is_dir():
        shop.paths.index.unlink()
    try:
        _rebuild(shop, embedder)
    except (OSError, ShopError) as error:
        yield Step("index", f"{reason}; it could not be built again: {error}", done=False)
        return
    yield Step("index", f"{reason}; built again from the database, {shop.catalog.n_products():,} products")


def _rebuild(shop: Shop, embedder: Embedder) -> None:
    retriever = open_retriever(shop.catalog, embedder, shop.paths.index, server=shop.chroma_server)
    try:
        # An index whose Chroma alone is damaged serves at once, and is rebuilt beside.
        if fault := retriever.index.chroma_fault:
            retriever.rebuild(retriever.index, str(fault))
            retriever.settle()
        if fault := retriever.index.chroma_fault:
            raise fault
    finally:
        retriever.close()


def _fault_of_index(shop: Shop, embedder: Embedder) -> str | None:
    try:
        opened = open_current(shop.paths.index, server=shop.chroma_server)
        if opened is None:
            return "there was none"
        try:
            opened.check()
            behind = opened.n_behind(shop.catalog.text_digests())
            if not opened.fits(embedder):
                return "it was built by another version or with another embedder"
            outgrown = is_outgrown(behind, len(opened))
            return f"{behind:,} products of it are not as in the catalog" if outgrown else None
        finally:
            opened.close()
    except (IndexDamaged, OSError) as damage:
        return str(damage).removesuffix("; it will be rebuilt")
