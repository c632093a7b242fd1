"""Small shops for what happens to whole directories: two that can be told apart by every part of them."""

from pathlib import Path

from assistant.shop import Shop
from retrieval.types import Product, Review, Variant

KEY = "0123456789abcdef0123456789abcdef"
CHART = """[[chart]]
name = "{name}"
categories = ["coats"]
sizes = [{{ size = "m", height = [160, 180] }}]
"""


def products(name: str, n: int = 3) -> list[Product]:
    """`n` products of the shop called `name`."""
    return [
        Product(f"{name}-{i}", f"{name} lamp number {i}", "USD", (Variant(f"{name}-{i}", 1000 + i),)) for i in range(n)
    ]


def make_shop(root: Path, name: str, n: int = 3) -> Path:
    """A shop with products, reviews, conversations, a picture, a model, settings and a key."""
    with Shop(root) as shop:
        shop.catalog.replace_all(products(name, n), [Review("r1", f"{name}-0", f"a fine {name}", 5, "en")])
        talk(shop, name)
    (root / "pictures").mkdir(exist_ok=True)
    (root / "pictures" / f"{name}.svg").write_text(f"<svg>{name}</svg>", "utf-8")
    (root / "models" / "matcher").mkdir(parents=True, exist_ok=True)
    (root / "models" / "matcher" / "meta.json").write_text(f'{{"made": "{name}"}}', "utf-8")
    (root / "prompts").mkdir(exist_ok=True)
    (root / "prompts" / "house_rules_extra.md").write_text(f"We say {name}.", "utf-8")
    (root / "shop.toml").write_text(f'[shop]\nname = "{name}"\n', "utf-8")
    (root / "size_charts.toml").write_text(CHART.format(name=name), "utf-8")
    (root / "pseudonym.key").write_text(KEY + name, "utf-8")
    (root / "pseudonym.key").chmod(0o600)
    return root


def talk(shop: Shop, name: str) -> None:
    """One logged list of products, as chats leave them."""
    with shop.engine.connect() as connection:
        n = connection.exec_driver_sql("SELECT count(*) FROM shown_lists").scalar_one()
    from retrieval.database import write_transaction

    with write_transaction(shop.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO shown_lists (id, session_id, shopper_id, turn, time, request, model_versions)"
            " VALUES (?, 's', 'guest', 1, '2026-11-21 00:00:00.000000', '{}', '{}')",
            (f"{name}-{n}",),
        )


def contents(root: Path) -> dict[str, object]:
    """Everything that tells whose shop it is, read as the shop itself reads it."""
    with Shop(root) as shop:
        found: dict[str, object] = {
            "chart": shop.size_charts.charts[0].name["en"],
            "products": list(shop.catalog.products()),
            "reviews": list(shop.catalog.reviews()),
            "version": shop.catalog.version(),
            "name": shop.settings.name["en"],
        }
        with shop.engine.connect() as connection:
            lists = connection.exec_driver_sql("SELECT id FROM shown_lists ORDER BY id").scalars().all()
    found["lists"] = list(lists)
    for part in ("pictures", "models", "prompts"):
        files = sorted(path for path in (root / part).rglob("*") if path.is_file())
        found[part] = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in files}
    found["key"] = (root / "pseudonym.key").read_text("utf-8")
    return found
