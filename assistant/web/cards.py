"""Product cards: what the page shows of a product.

In: recommendations (or bare products, when a conversation is restored) and a language. Out: one string of safe HTML.
Knows neither the session nor how the order came about; a card says only what the catalog and the ranker say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.types import Recommendation
from assistant.web.markup import render
from assistant.web.texts import Texts, texts
from assistant.writing.facts import variant_text
from assistant.writing.wording import display, listing, sentence_case
from ranking.factors import Factors
from ranking.matcher import CONTRIBUTIONS
from retrieval.money import format_money
from retrieval.types import Product, Variant

FEW_LEFT = 5
"""From this stock downwards a card says how many are left."""

STEPS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""How many times a shopper can let a part of the score count."""

Picture = Callable[[Product, Variant], str | None]
"""Where the page gets the picture that shows a variant of a product, or None where there is none."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part of a score in words; `tenths` (0 to 10) is the bar's length, 10 for the largest part.

    Where the shopper can say how much it counts: `part` is its name for the ranker, `times` how often it counts ("×2",
    "" for once), `less` and `more` the factors below and above that one, None at either end.
    """

    name: str
    value: float
    tenths: int
    part: str = ""
    times: str = ""
    less: float | None = None
    more: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A product as the page shows it: every field is a finished string in the card's language.

    `variant` says which one of the product the picture, the price and the stock are of, where the title leaves it open.
    """

    id: str
    title: str
    variant: str
    initial: str
    url: str | None
    picture: str | None
    alt: str
    brand: str | None
    price: str
    list_price: str | None
    saving: str | None
    stock: str
    stock_state: str
    rating: str | None
    n_reviews: int | None
    reasons: tuple[str, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    score: float = 0.0
    versions: str | None = None


def recommendation_card(
    recommendation: Recommendation, language: str, picture: Picture, weights: Factors | None = None
) -> Card:
    """The card of a ranked product, with its reasons and the parts of its score; with `weights` the shopper can say how
    much each counts, and these are what they said so far."""
    ranked = recommendation.ranked
    return _card(
        ranked.product,
        ranked.variant,
        language,
        picture,
        sized="size" in ranked.matched,
        reasons=tuple(reason.text for reason in recommendation.reasons[:3]),
        contributions=_contributions(ranked.contributions, texts(language), weights),
        score=ranked.score,
        n_versions=len(ranked.alternatives),
    )


def product_card(
    product: Product, language: str, picture: Picture, variant: Variant | None = None, *, sized: bool = False
) -> Card:
    """The card of a product whose place in a list is no longer known, as it stands today.

    Args:
        product: The product as the catalog has it now.
        language: "en" or "zh".
        picture: Finds the picture.
        variant: The one that was shown; None (it is gone): the product's best offer.
        sized: Whether the card says the size.
    """
    return _card(product, variant or product.offer, language, picture, sized=sized)


def cards_html(cards: Sequence[Card], language: str, list_id: str | None = None, *, cart: bool = False) -> str:
    """The cards as one piece of safe HTML; the empty string for no cards.

    Args:
        cards: in order of rank.
        language: "en" or "zh".
        list_id: the list's row in the log, for what is done with its products.
        cart: the page around has a cart that products can go into.
    """
    return render("cards.html", cards=cards, t=texts(language), list_id=list_id or "", cart=cart) if cards else ""


def _card(
    product: Product,
    variant: Variant,
    language: str,
    picture: Picture,
    sized: bool,
    reasons: tuple[str, ...] = (),
    contributions: tuple[Contribution, ...] = (),
    score: float = 0.0,
    n_versions: int = 0,
) -> Card:
    t = texts(language)
    title = product.title_in(language)
    stock, stock_state = _stock(variant, t)
    list_price, saving = _old_price(variant, product.currency, t)
    return Card(
        id=product.id,
        title=title,
        variant=sentence_case(variant_text(product, variant, language, sized=sized)),
        initial=title[:1].upper(),
        url=product.url if product.url and product.url.startswith(("https://", "http://")) else None,
        picture=picture(product, variant),
        alt=_alt(title, variant, t),
        brand=product.brand,
        price=format_money(variant.price_minor, product.currency, language),
        list_price=list_price,
        saving=saving,
        stock=stock,
        stock_state=stock_state,
        rating=f"{product.rating:.1f}" if product.rating else None,
        n_reviews=product.n_reviews,
        reasons=reasons,
        contributions=contributions,
        score=score,
        versions=t("more_versions", n=n_versions) if n_versions else None,
    )


def _alt(title: str, variant: Variant, t: Texts) -> str:
    """What the picture shows; the variant's colour only where the picture is the variant's."""
    colors = [display("color", value, t.language) for value in variant.attributes.get("color", ())]
    return t("picture_of", title=title, color=listing(colors, t.language)) if variant.image and colors else title


def _old_price(variant: Variant, currency: str, t: Texts) -> tuple[str | None, str | None]:
    old = variant.list_price_minor
    if old is None or old <= variant.price_minor:
        return None, None
    percent = 100 * (old - variant.price_minor) // old
    return format_money(old, currency, t.language), t("saving", percent=percent) if percent else None


def _stock(variant: Variant, t: Texts) -> tuple[str, str]:
    if not variant.in_stock:
        return t("out_of_stock"), "out"
    if variant.stock is not None and variant.stock <= FEW_LEFT:
        return t("few_left", n=variant.stock), "few"
    return t("in_stock"), "in"


def _contributions(parts: Mapping[str, float], t: Texts, weights: Factors | None) -> tuple[Contribution, ...]:
    """The parts of a score, largest first, without those that moved nothing unless the shopper made it so."""
    counted = weights or {}
    moving = sorted(
        ((abs(value), name) for name, value in parts.items() if round(value, 2) or name in counted), reverse=True
    )
    largest = moving[0][0] if moving else 0.0
    return tuple(
        Contribution(
            t.contribution(name),
            parts[name],
            max(1, round(10 * size / largest)) if size else 0,
            *(_knob(name, counted.get(name, 1.0)) if weights is not None and name in CONTRIBUTIONS else ()),
        )
        for size, name in moving
    )


def _knob(part: str, factor: float) -> tuple[str, str, float | None, float | None]:
    less = max((step for step in STEPS if step < factor), default=None)
    more = min((step for step in STEPS if step > factor), default=None)
    return part, f"×{factor:g}" if factor != 1 else "", less, more
