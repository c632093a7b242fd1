"""One record of a feed to one product with its reviews, or the list of what is wrong with it.

In: a record's cells, and the `Mapping`. Out: a `Row`. Knows nothing of files, other rows and the database.

Limits, above which a row is refused with the reason: ids, names and attribute values 200 characters, titles 1,000,
descriptions 20,000, details 10,000, addresses 2,000; 100 values of an attribute, 500 details, 1,000 variants. Stock
below 0 means oversold and counts as 0. A price of 0 is refused; a sale price of 0 means that there is no sale.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Cells
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from retrieval.feed.cells import is_empty, pick, present, split_values, to_text
from retrieval.feed.mapping import FIELDS, GROUPED, STATED, Mapping
from retrieval.feed.readers.json_rows import parsed_cell
from retrieval.feed.readers.records import MAX_COLUMNS
from retrieval.feed.row_models import PLACE, FeedModel, OfferRow, ProductRow, ReviewRow, VariantRow, sort_variant
from retrieval.types import Attributes, Product, Review, Translation, Variant, freeze

Model = TypeVar("Model", bound=FeedModel)

RANKS = {field: n for n, field in enumerate(FIELDS)}


class Fault(NamedTuple):
    """One thing wrong in a row: where, what stood there in the feed's own writing, and why it cannot be taken."""

    field: str
    value: object
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a record: a product, or None and the faults. Faults beside a product concern reviews only.

    `is_left_out` says that the mapping wants nothing of it, which is no mistake of the feed's.
    """

    product: Product | None
    reviews: tuple[Review, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_left_out: bool = False


class RowParser:
    """Turns records into products by one mapping, with the sales that run at one moment (`now`, aware)."""

    def __init__(self, mapping: Mapping, now: datetime | None = None) -> None:
        self._mapping = mapping
        self._now = now or datetime.now(UTC)
        self._detail_names: dict[str, str | None] = {}

    def parse(self, values: Cells[str, Any]) -> Row:
        """The product that a record's cells describe, or what is wrong with them."""
        if left_out := self.left_out(values):
            return Row(None, faults=(left_out,), is_left_out=True)
        cells = self.select(values)
        row, faults = validate(ProductRow, cells, self._mapping)
        if row is None:
            return Row(None, faults=faults)
        if faults := as_stated(_faults_between_fields(row, self._mapping, self._now), cells):
            return Row(None, faults=faults)
        reviews, faults = take_reviews(row, self._mapping)
        return Row(_product(row, self._mapping, self._now), reviews, faults)

    def left_out(self, values: Cells[str, Any]) -> Fault | None:
        """Why the mapping wants nothing of a record, or None where it does."""
        for column, wanted in self._mapping.only_if.items():
            cell = pick(values, column)
            said = "" if is_empty(cell) else to_text(cell)
            if said.lower() not in (word.lower() for word in wanted):
                words = " or ".join(repr(word) for word in wanted if word)
                return Fault(column, cell, f"is left out: the mapping takes only products where this is {words}")
        return None

    def select(self, values: Cells[str, Any]) -> dict[str, Any]:
        """The record's cells under our names, empties left out."""
        mapping = self._mapping
        chosen = mapping.defaults | present({field: pick(values, column) for field, column in mapping.fields.items()})
        if GROUPED in values:
            chosen["variants"] = values[GROUPED]
        if isinstance(chosen.get("category"), (str, list)):
            chosen = split_category(chosen.pop("category"), mapping.category_separator) | chosen
        chosen["attributes"] = stated_attributes(values, mapping)
        chosen["details"] = self._details(values)
        return chosen

    def _details(self, values: Cells[str, Any]) -> dict[str, str]:
        details: dict[str, str] = {}
        for column, cell in values.items():
            if column not in self._detail_names:
                if len(self._detail_names) >= MAX_COLUMNS:
                    self._detail_names.clear()
                self._detail_names[column] = self._mapping.detail_name(column)
            name = self._detail_names[column]
            if name is not None and not is_empty(cell) and (text := to_text(cell)):
                details[name] = f"{details[name]}; {text}" if name in details else text
        return details


def stated_attributes(values: Cells[str, Any], mapping: Mapping) -> Attributes:
    """The attributes that a row's cells state, by the mapping and by the format that the row came through."""
    stated: dict[str, list[str]] = {name: list(said) for name, said in (values.get(STATED) or {}).items()}
    for name, source in mapping.attributes.items():
        cells = (pick(values, column) for column in source.columns)
        said = [value for cell in cells if not is_empty(cell) for value in split_values(cell, source.split)]
        if source.values:
            said = [source.values.get(value.lower(), value) for value in said]
        stated[name] = said + stated.get(name, [])
    return freeze(stated)


def split_category(cell: object, separator: str) -> dict[str, str]:
    """The category (last) and the department (first) of a path; of several paths the first.

    >>> split_category("Apparel > Shoes > Hiking boots", ">"), split_category("Shoes", ">")
    ({'category': 'Hiking boots', 'department': 'Apparel'}, {'category': 'Shoes'})
    """
    path = next((item for item in cell if not is_empty(item)), "") if isinstance(cell, list) else cell
    parts = [part for piece in to_text(path).split(separator) if (part := piece.strip())]
    if not parts:
        return {}
    return {"category": parts[-1]} | ({"department": parts[0]} if len(parts) > 1 else {})


def variant_faults(cells: dict[str, Any], price: object, mapping: Mapping, now: datetime) -> tuple[Fault, ...]:
    """What is wrong with one variant in our names, whose product states `price` (None: it states none)."""
    variant, faults = validate(VariantRow, sort_variant(cells), mapping)
    if variant is None:
        return faults
    if variant.price is None and is_empty(price):
        return (Fault("price", None, "is missing"),)
    return as_stated(sale_faults("", variant, variant.price, now), cells)


def validate(
    model: type[Model], cells: Cells[str, Any], mapping: Mapping | None
) -> tuple[Model | None, tuple[Fault, ...]]:
    """`cells` as `model`, or None and every fault in them, in the order of our fields."""
    try:
        return model.model_validate(cells, context=mapping), ()
    except ValidationError as error:
        faults = [_fault(problem) for problem in error.errors(include_url=False)]
        faults.sort(key=lambda fault: RANKS.get(fault.field, len(RANKS)))
        return None, as_stated(faults, model.stated(cells))


def as_stated(faults: Iterable[Fault], cells: Cells[str, Any]) -> tuple[Fault, ...]:
    """The faults with what the cells of their row state, in the place of what was read out of it.

    >>> as_stated([Fault("variants.0.sale_price", 700, "is high")], {"variants": '[{"sale_price": "7 USD"}]'})[0].value
    '7 USD'
    """
    return tuple(fault._replace(value=_stated_at(cells, fault.field.split("."), fault.value)) for fault in faults)


def _stated_at(cells: object, place: Sequence[str], otherwise: object) -> object:
    """The cell at a place; `otherwise` where it is no cell of the row's but was made of one."""
    found = cells
    for part in place:
        inner = parsed_cell(found) if isinstance(found, str) else found
        if isinstance(inner, Cells) and part in inner:
            found = inner[part]
        elif isinstance(inner, (list, tuple)) and part.isdecimal() and int(part) < len(inner):
            found = inner[int(part)]
        else:
            return otherwise
    return found


def _fault(problem: Any) -> Fault:
    field = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return Fault(field, None, "is missing")
    stated = problem.get("ctx", {}).get("error")
    reason = str(stated) if isinstance(stated, ValueError) else problem["msg"]
    return Fault(field, problem["input"], reason[:1].lower() + reason[1:])


def _faults_between_fields(row: ProductRow, mapping: Mapping, now: datetime) -> list[Fault]:
    faults = currency_faults(row, mapping)
    if row.price is None and not (row.variants and all(variant.price for variant in row.variants)):
        faults.append(Fault("price", None, "is missing"))
    offers: list[tuple[str, OfferRow]] = [("", row)]
    offers += [(f"variants.{n}.", variant) for n, variant in enumerate(row.variants)]
    for place, offer in offers:
        faults.extend(sale_faults(place, offer, offer.price if offer.price is not None else row.price, now))
    ids = [variant.id for variant in row.variants]
    faults.extend(
        Fault(f"variants.{n}.id", variant_id, "repeats the id of another variant")
        for n, variant_id in enumerate(ids)
        if variant_id in ids[:n]
    )
    return faults


def currency_faults(row: ProductRow, mapping: Mapping) -> list[Fault]:
    """What is wrong with the currency that a row states."""
    if row.currency is None or row.currency.upper() == mapping.currency:
        return []
    return [Fault("currency", row.currency, f"the mapping says {mapping.currency}; import one currency only")]


def sale_faults(place: str, offer: OfferRow, price: int | None, now: datetime) -> list[Fault]:
    """What is wrong with the sale that an offer states, its ordinary price being `price` (None: nobody knows).

    The offer has forgotten how its price was written; `as_stated` puts that in.
    """
    if not _runs(offer, now) or offer.sale_price is None or price is None or offer.sale_price <= price:
        return []
    return [Fault(f"{place}sale_price", None, f"is above the ordinary price of {price} minor units")]


def _runs(offer: OfferRow, now: datetime) -> bool:
    return not (offer.sale_from and now < offer.sale_from) and not (offer.sale_to and now > offer.sale_to)


def _product(row: ProductRow, mapping: Mapping, now: datetime) -> Product:
    attributes, variants = move_to_variants(row.attributes, _variants(row, now))
    return Product(
        id=row.id,
        title=row.title,
        currency=mapping.currency,
        variants=variants,
        description=row.description,
        brand=row.brand or None,
        category=row.category.lower() if row.category else None,
        department=row.department.lower() if row.department else None,
        attributes=attributes,
        details=row.details,
        translations=read_translations(row),
        rating=row.rating,
        n_reviews=row.n_reviews,
        image=row.image,
        url=row.url,
        date_added=row.date_added,
    )


SALE_FIELDS = {"sale_price", "list_price", "discount_percent"}


def _variants(row: ProductRow, now: datetime) -> tuple[Variant, ...]:
    if not row.variants:
        return (make_offer(row, row, row.price or 0, row.stock, now, {}),)
    return tuple(_variant(row, variant, now) for variant in row.variants)


def _variant(row: ProductRow, variant: VariantRow, now: datetime) -> Variant:
    """A variant with what it does not state taken from the product: price, stock, and the sale at the same price."""
    price = variant.price if variant.price is not None else row.price or 0
    inherits_sale = not SALE_FIELDS & variant.model_fields_set and price == row.price
    stock = variant.stock if "stock" in variant.model_fields_set else row.stock
    offer = make_offer(variant, row if inherits_sale else variant, price, stock, now, variant.attributes)
    return replace(offer, image=variant.image)


def make_offer(
    named: OfferRow, sold: OfferRow, price: int, stock: int | None, now: datetime, attributes: Attributes
) -> Variant:
    """What is bought under the id of `named` with the sale of `sold`: the effective price, and the old one above it."""
    sale = sold.sale_price
    if sale is None and sold.discount_percent:
        kept = (100 - sold.discount_percent) / Decimal(100)
        sale = int((price * kept).quantize(Decimal(1), ROUND_HALF_UP))
    effective = sale if sale and sale < price and _runs(sold, now) else price
    old = max(price, sold.list_price or 0)
    return Variant(named.id, effective, old if old > effective else None, stock, attributes)


def move_to_variants(attributes: Attributes, variants: Sequence[Variant]) -> tuple[Attributes, tuple[Variant, ...]]:
    """Move to the variants what differs among them.

    A product's own attributes hold for each of its variants, so an attribute that any variant states stays there only;
    a variant that is silent about it keeps what the product states.
    """
    differing = {name for variant in variants for name in variant.attributes}
    moved = {name: values for name, values in attributes.items() if name in differing}
    kept = {name: values for name, values in attributes.items() if name not in differing}
    if not moved:
        return kept, tuple(variants)
    return kept, tuple(replace(variant, attributes={**moved, **variant.attributes}) for variant in variants)


def read_translations(row: ProductRow) -> dict[str, Translation]:
    """A row's words by language, other than the feed's own."""
    words = {"en": (row.title_en, row.description_en), "zh": (row.title_zh, row.description_zh)}
    return {
        code: Translation(title or row.title, description)
        for code, (title, description) in words.items()
        if title or description
    }


def take_reviews(row: ProductRow, mapping: Mapping) -> tuple[tuple[Review, ...], tuple[Fault, ...]]:
    """The reviews that a row holds, and what is wrong with the others."""
    taken: dict[str, Review] = {}
    faults: list[Fault] = []
    for n, cells in enumerate(row.reviews):
        ours = present({field: pick(cells, key) for field, key in mapping.reviews.items()})
        named = {"language": mapping.language} | present(cells) | ours | {"product_id": row.id, PLACE: n + 1}
        review, wrong = validate(ReviewRow, named, mapping)
        if review is None:
            faults.extend(fault._replace(field=f"reviews.{n}.{fault.field}") for fault in wrong)
        elif review.id in taken:
            faults.append(
                Fault(
                    f"reviews.{n}.id",
                    ReviewRow.stated(named).get("id"),
                    "repeats the id of another review of this product",
                )
            )
        else:
            taken[review.id] = Review(**review.model_dump())
    return tuple(taken.values()), tuple(faults)
