"""A shop that answers from a script.

Why it exists: the page's tests need turns that real shops only have by accident (a title full of markup, a stage that
fails, words that come slowly, a product without a picture). It is a real class with `ShoppingAssistant`'s methods and
real values; where the real shop serves, the browser tests use that one (see test_browser_demo_shop.py).
"""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

from assistant.config import Settings
from assistant.looking.values import PageContext
from assistant.sites import WebSettings
from assistant.types import (
    Finished,
    Message,
    ParsedMessage,
    ProductsFound,
    Reason,
    Recommendation,
    Reply,
    Session,
    ShownProduct,
    StreamEvent,
    TextDelta,
)
from ranking.types import RankedProduct
from retrieval.types import Filters, Product, Translation, Variant

HOSTILE = "Boots <img src=x onerror=\"window.hacked='img'\"><script>window.hacked='script'</script> \
${window.hacked='literal'} {{constructor}} `${window.hacked='tick'}` ![m](https://evil.example/m.png) \
[l](javascript:window.hacked='link') $$x$$ &lt;b&gt;"


@dataclass(frozen=True)
class Chip:
    key: str
    value: str | None
    label_en: str
    label_zh: str


def product(
    id: str,
    title: str,
    title_zh: str = "",
    price: int = 9900,
    old: int | None = None,
    stock: int | None = 12,
    **fields: object,
) -> Product:
    translations = {"zh": Translation(title_zh)} if title_zh else {}
    values: dict[str, object] = {
        "brand": "Torvik",
        "category": "hiking boots",
        "rating": 4.6,
        "n_reviews": 213,
        **fields,
    }
    return Product(
        id=id,
        title=title,
        currency="USD",
        variants=(Variant(f"{id}-v", price, old, stock),),
        translations=translations,
        **values,  # type: ignore[arg-type]
    )


PRODUCTS = (
    product("boot-1", "Ridgeline waterproof hiking boots", "山脊防水登山靴", 9900, 12900),
    product("boot-2", "Fjell mid boots with arch support", "峡谷中帮登山靴", 11500, stock=3, brand="Fjell"),
    product("boot-3", "Trailhead light boots", "小径轻便登山靴", 7450, rating=4.1, n_reviews=48, brand="Aster & Co"),
    product(
        "boot-4",
        "Moraine leather boots, resoleable, made for long days with a heavy pack",
        "冰碛真皮登山靴",
        11990,
        stock=0,
    ),
    product("boot-5", "Basin quick-dry boots", "盆地速干登山靴", 5999, 7999, rating=None, n_reviews=None, brand=None),
)
TWO_COLORS = replace(
    product("boot-6", "Saddle boots", "鞍部登山靴"),
    variants=(
        Variant("boot-6/brown 42", 9900, None, 9, {"color": ("brown",), "size": ("42",)}, "boot-6-brown.svg"),
        Variant("boot-6/black 42", 10900, None, 4, {"color": ("black",), "size": ("42",)}, "boot-6-black.svg"),
    ),
    image="boot-6.svg",
)
HOSTILE_PRODUCT = product(
    "evil", HOSTILE, url="javascript:window.hacked='url'", brand="${window.hacked='brand'}", price=100
)

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240"><rect width="320" height="240" fill="#e9e2d6"/>
<path d="M70 60h70v60l100 30q20 8 20 40H70z" fill="{color}"/>
<rect x="66" y="188" width="198" height="16" rx="8" fill="#3d3428"/></svg>"""
COLORS = {
    "boot-1": "#6c7a80", "boot-2": "#31556b", "boot-3": "#7b8b57", "boot-4": "#5b3d2a", "boot-6": "#777777",
    "boot-6-brown": "#8a5a36", "boot-6-black": "#3a3e48", "evil": "#8a3f3f",
}  # fmt: skip


class Store:
    """Sessions that outlive a shop object, as a database does."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.lock = threading.Lock()


class ScriptedShop:
    """Answers by keywords: "hostile", "fail", "slow", "none", "black"; any other message finds the boots."""

    def __init__(self, folder: Path, store: Store | None = None, products: Sequence[Product] = PRODUCTS):
        self.folder = folder
        self.store = store or Store()
        self.products = {item.id: item for item in (*products, TWO_COLORS, HOSTILE_PRODUCT)}
        self.shop = SimpleNamespace(
            settings=Settings(
                name={"en": "Torvik & Daughters", "zh": "山脊小店"}, web=WebSettings(hosts=("testserver",))
            )
        )
        for id, color in COLORS.items():
            (folder / f"{id}.svg").write_text(SVG.format(color=color), encoding="utf-8")

    def new_session(self, language: str = "en") -> Session:
        session = Session(id=secrets.token_urlsafe(24), shopper_id=secrets.token_urlsafe(8), language=language)
        return session

    def renewed(self, session: Session) -> Session:
        return replace(self.new_session(session.language), shopper_id=session.shopper_id)

    def load_session(self, session_id: str) -> Session | None:
        return self.store.sessions.get(session_id)

    def hang_up(self, session_id: str) -> None:
        """Nobody writes here but the script."""

    def delete_session(self, session_id: str) -> None:
        with self.store.lock:
            self.store.sessions.pop(session_id, None)

    def product(self, product_id: str) -> Product | None:
        return self.products.get(product_id)

    def image_path(self, product: Product, variant: Variant | None = None) -> Path | None:
        path = self.folder / (product.image_of(variant) or f"{product.id}.svg")
        return path if path.exists() else None

    def starters(self, language: str) -> tuple[str, ...]:
        if language == "zh":
            return ("三百块以内的跑步鞋,不要黑色", "适合送妈妈的面霜", "防水登山靴")
        return ("waterproof hiking boots under 120 dollars, not brown", "a gift for my mother", "a quiet kettle")

    def profile(self, session: Session) -> tuple[()]:
        return ()

    def erase_guest(self, session: Session) -> None:
        """Nothing but sessions is kept here."""

    def constraints(self, session: Session) -> list[Chip]:
        chips = []
        if session.filters.category:
            chips.append(Chip("category", session.filters.category, session.filters.category, "登山靴"))
        if session.filters.price_max_minor:
            chips.append(Chip("price", None, "up to $120", "120 美元以内"))
        for value in session.filters.exclude.get("color", ()):
            chips.append(Chip("color", value, f"not {value}", "不要棕色"))
        return chips

    def remove_constraint(self, session: Session, key: str, value: str | None) -> Reply:
        filters = session.filters
        if key == "category":
            filters = replace(filters, category=None)
        elif key == "price":
            filters = replace(filters, price_max_minor=None)
        elif key == "color":
            filters = replace(filters, exclude={})
        events = list(self._turn(replace(session, filters=filters), "", "Here without that condition.", PRODUCTS[1:4]))
        last = events[-1]
        assert isinstance(last, Finished)
        return last.reply

    def stream(self, text: str, session: Session, *, context: PageContext | None = None) -> Iterator[StreamEvent]:
        zh = any("一" <= character <= "鿿" for character in text)
        filters = Filters(category="hiking boots", price_max_minor=12000, exclude={"color": ("brown",)})
        session = replace(session, language="zh" if zh else "en", filters=filters)
        if "fail" in text:
            yield TextDelta("Half a sen")
            raise RuntimeError("the script says so")
        if "hostile" in text:
            yield from self._turn(session, text, f"I found {HOSTILE}", (HOSTILE_PRODUCT, PRODUCTS[0]))
        elif "black" in text:
            yield from self._turn(session, text, "The black ones.", (TWO_COLORS,))
        elif "table" in text:
            table = "| | 1. Ridgeline | 2. <b>Fjell</b> \\| mid |\n| --- | --- | --- |\n| Price | $99.00 | $115.00 |"
            yield from self._turn(session, text, f"Side by side:\n{table}\nNumber 1 is cheaper.", ())
        elif "none" in text:
            yield from self._turn(session, text, "Nothing fits all of that.", ())
        else:
            words = (
                "这几双都防水,价格在 120 美元以内,没有棕色。第一双 US$99.00,正在打折。"
                if zh
                else "These five keep the water out and stay under $120.\n\n**Ridgeline** leads: it is on sale."
            )
            yield from self._turn(session, text, words, PRODUCTS, pause=0.15 if "slow" in text else 0.0)

    def _turn(
        self, session: Session, text: str, words: str, products: Sequence[Product], pause: float = 0.0
    ) -> Iterator[StreamEvent]:
        shown = tuple(self._recommend(item, place, session.language) for place, item in enumerate(products))
        quick = ("便宜一点的", "只看黑色") if session.language == "zh" else ("Cheaper ones", "Only black ones")
        yield ProductsFound(shown, quick, session.language)
        for word in words.split(" "):
            time.sleep(pause)
            yield TextDelta(f"{word} ")
        ids = tuple(item.id for item in products)
        variant_ids = tuple(item.ranked.variant.id for item in shown)
        session = replace(
            session,
            turn=session.turn + 1,
            messages=(*session.messages, Message("shopper", text), Message("assistant", words, ids, variant_ids)),
            shown=(*session.shown, *(ShownProduct(id, session.turn + 1, place) for place, id in enumerate(ids, 1))),
        )
        parsed = ParsedMessage(text, "search", "neutral", session.language, session.filters)
        saved, n = self._save(session), len(shown)
        reply = Reply(words, session.language, parsed, saved, shown, quick, n_matched=n * 3, n_left=n * 2)
        yield Finished(reply)

    def _recommend(self, product: Product, place: int, language: str) -> Recommendation:
        parts = {"relevance": 1.4 - place / 5, "price_fit": 0.42, "quality": -0.11, "popularity": 0.0}
        ranked = RankedProduct(product, product.variants[-1], sum(parts.values()), parts)
        reasons = (
            (Reason("防水,正合您的要求", "attribute:feature"), Reason("比预算低 21 美元", "price"))
            if language == "zh"
            else (Reason("Waterproof, as you asked", "attribute:feature"), Reason("$21 under your limit", "price"))
        )
        return Recommendation(ranked, reasons)

    def _save(self, session: Session) -> Session:
        with self.store.lock:
            self.store.sessions[session.id] = session
        return session
