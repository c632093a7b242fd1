"""How a shop comes to hold the demo, and how the demo leaves as a whole when a real catalog takes its place.

In: an open `Shop`. Out: its directory filled, or freed of everything the demo brought. A mark in the directory names
what that was, so that a merchant's own files stay, and an interrupted change is finished the next time the shop opens.
"""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.promotion import PREVIOUS
from retrieval.catalog import DEMO
from retrieval.demo import DEMO_FOLDER, MAPPING_FILE, ORDERS_FILE, POLICIES_FILE, PRODUCTS_FILE, REVIEWS_FILE, SHOP_FILE
from retrieval.records import policy_row

if TYPE_CHECKING:
    from assistant.shop import Shop
    from retrieval.feed import FeedFiles, RejectedRow

MARK = "demo-shop.json"


def holds_demo(shop: "Shop") -> bool:
    """Whether the catalog is the demo's, changes made to it since included."""
    origin = shop.catalog.origin()
    if origin:
        return origin == DEMO and _mark(shop).is_file()
    # A database from before origins were noted.
    ids = _marked(shop).get("products", [])
    return bool(ids) and shop.catalog.n_products() == len(ids) == len(shop.catalog.get_many(ids))


def is_left_behind(shop: "Shop") -> bool:
    """Whether a real catalog has come, but what the demo brought is still there."""
    return _mark(shop).is_file() and not shop.is_empty and not holds_demo(shop)


def make_demo(shop: "Shop") -> None:
    """Fill an empty shop: settings, pictures, the simulated event log, then products, reviews and policies.

    The catalog comes last, so that a shop in which this was interrupted is still empty and made anew.
    """
    from ranking.simulator import simulate
    from retrieval.demo.pictures import draw_all
    from retrieval.feed import FeedFiles, load_mapping, read_feed, stage_feed

    files = FeedFiles(
        [DEMO_FOLDER / PRODUCTS_FILE],
        load_mapping(DEMO_FOLDER / MAPPING_FILE),
        [DEMO_FOLDER / REVIEWS_FILE],
        [DEMO_FOLDER / POLICIES_FILE],
    )
    products = read_feed(files.products, files.mapping).products
    pictures = {address: text for product in products for address, text in draw_all(product).items()}
    mark = {
        "products": [product.id for product in products],
        "pictures": sorted(pictures),
        "policies": _policy_digests(files),
    }
    _mark(shop).write_text(json.dumps(mark), "utf-8")
    if not shop.paths.settings.is_file():
        shutil.copyfile(DEMO_FOLDER / SHOP_FILE, shop.paths.settings)
        shutil.copyfile(DEMO_FOLDER / ORDERS_FILE, shop.paths.root / ORDERS_FILE)
    shop.read_settings()
    shop.paths.pictures.mkdir(exist_ok=True)
    for address, text in pictures.items():
        (shop.paths.root / address).write_text(text, "utf-8")
    shop.event_log.clear()
    shop.event_log.add(simulate(products).events)
    staged = stage_feed(shop.paths.root, files)
    try:
        shop.catalog.apply(staged.path, whole=True, origin=DEMO)
    finally:
        staged.path.unlink()


def forget_demo(shop: "Shop") -> None:
    """Remove what the demo brought and what was done in it: products, policies, events, conversations, shown lists,
    model, pictures."""
    marked = _marked(shop)
    shop.catalog.forget(marked.get("products", ()), marked.get("policies", ()))
    shop.event_log.clear()
    shop.sessions.clear()
    shop.shown_lists.clear()
    shop.preferences.clear()
    for folder in (shop.paths.model, shop.paths.model.with_suffix(PREVIOUS), shop.paths.reports):
        shutil.rmtree(folder, ignore_errors=True)
    for address in marked.get("pictures", ()):
        (shop.paths.root / address).unlink(missing_ok=True)
    settings = shop.paths.settings
    if settings.is_file() and settings.read_bytes() == (DEMO_FOLDER / SHOP_FILE).read_bytes():
        settings.unlink()
        shop.read_settings()
    orders = shop.paths.root / ORDERS_FILE
    if orders.is_file() and orders.read_bytes() == (DEMO_FOLDER / ORDERS_FILE).read_bytes():
        orders.unlink()
    _mark(shop).unlink()


def _policy_digests(files: "FeedFiles") -> list[str]:
    from retrieval.feed.passages import read_policies

    faults: list[RejectedRow] = []
    return [policy_row(passage.value)[-1] for passage in read_policies(files.policies, files.mapping, faults.append)]


def _mark(shop: "Shop") -> Path:
    return shop.paths.root / MARK


def _marked(shop: "Shop") -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = json.loads(_mark(shop).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found
