"""How a shop comes to hold the demo, and how the demo leaves as a whole when a real catalog takes its place.

In: an open `Shop`. Out: its directory filled, or freed of everything the demo brought. A mark in the directory names
what that was, so that a merchant's own files stay, and an interrupted change is finished the next time the shop opens.
"""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.demo import DEMO_FOLDER, MAPPING_FILE, POLICIES_FILE, PRODUCTS_FILE, REVIEWS_FILE, SHOP_FILE

if TYPE_CHECKING:
    from assistant.shop import Shop

MARK = "demo-shop.json"


def holds_demo(shop: "Shop") -> bool:
    """Whether the catalog is the demo's and nothing else."""
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
    from retrieval.feed import import_feed, load_mapping, read_feed

    feed, mapping = [DEMO_FOLDER / PRODUCTS_FILE], load_mapping(DEMO_FOLDER / MAPPING_FILE)
    products = read_feed(feed, mapping).products
    pictures = {address: text for product in products for address, text in draw_all(product).items()}
    mark = {"products": [product.id for product in products], "pictures": sorted(pictures)}
    _mark(shop).write_text(json.dumps(mark), "utf-8")
    if not shop.paths.settings.is_file():
        shutil.copyfile(DEMO_FOLDER / SHOP_FILE, shop.paths.settings)
    shop.read_settings()
    shop.paths.pictures.mkdir(exist_ok=True)
    for address, text in pictures.items():
        (shop.paths.root / address).write_text(text, "utf-8")
    shop.events.clear()
    shop.events.add(simulate(products).events)
    reviews, policies = [DEMO_FOLDER / REVIEWS_FILE], [DEMO_FOLDER / POLICIES_FILE]
    import_feed(shop.catalog, feed, mapping, review_paths=reviews, policy_paths=policies)


def forget_demo(shop: "Shop") -> None:
    """Remove what the demo brought and what was done in it: events, conversations, shown lists, model, pictures."""
    shop.events.clear()
    shop.sessions.clear()
    shop.shown_lists.clear()
    shutil.rmtree(shop.paths.model, ignore_errors=True)
    for address in _marked(shop).get("pictures", []):
        (shop.paths.root / address).unlink(missing_ok=True)
    settings = shop.paths.settings
    if settings.is_file() and settings.read_bytes() == (DEMO_FOLDER / SHOP_FILE).read_bytes():
        settings.unlink()
        shop.read_settings()
    _mark(shop).unlink()


def _mark(shop: "Shop") -> Path:
    return shop.paths.root / MARK


def _marked(shop: "Shop") -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = json.loads(_mark(shop).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found
