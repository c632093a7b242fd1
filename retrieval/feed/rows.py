"""One record of a feed to one product with its reviews, or the list of what is wrong with it.

In: a record's cells, and the `Mapping`. Out: a `Row`. Knows nothing of files, other rows and the database.

Limits, above which a row is refused with the reason: ids, names and attribute values 200 characters, titles 1,000,
descriptions 20,000, details 10,000, addresses 2,000; 100 values of an attribute, 500 details, 1,000 variants. Stock
below 0 means oversold and counts as 0. A price of 0 is refused; a sale price of 0 means that there is no sale.
"""

from collections.abc import Mapping as Cells
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from retrieval.feed.cells import is_empty, present, split_values, to_text
from retrieval.feed.mapping import Mapping
from retrieval.feed.row_models import ProductRow, ReviewRow, VariantRow
from retrieval.types import Attributes, Product, Review, Translation, Variant, freeze

Model = TypeVar("Model", bound=BaseModel)


class Fault(NamedTuple):
    """One thing wrong in a row: where, what stood there, and why it cannot be taken."""

    field: str
    value: object
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a record: a product, or None and the faults. Faults beside a product concern reviews only."""

    product: Product | None
    reviews: tuple[Review, ...] = ()
    faults: tuple[Fault, ...] = ()


class RowParser:
    """Turns records into products by one mapping."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._detail_names: dict[str, str | None] = {}

    def parse(self, values: Cells[str, Any]) -> Row:
        """The product that a record's cells describe, or what is wrong with them."""
        row, faults = validate(ProductRow, self._select(values), self._mapping)
        if row is None:
            return Row(None, faults=faults)
        if faults := tuple(_faults_between_fields(row, self._mapping)):
            return Row(None, faults=faults)
        reviews, faults = _reviews(row, self._mapping)
        return Row(_product(row, self._mapping), reviews, faults)

    def _select(self, values: Cells[str, Any]) -> dict[str, Any]:
        """The record's cells under our names, empties left out."""
        mapping = self._mapping
        chosen = present({field: values.get(column) for field, column in mapping.fields.items()})
        stated: dict[str, list[str]] = {}
        for name, source in mapping.attributes.items():
            cells = (values.get(column) for column in source.columns)
            stated[name] = [value for cell in cells if not is_empty(cell) for value in split_values(cell, source.split)]
        chosen["attributes"] = freeze(stated)
        chosen["details"] = self._details(values)
        return chosen

    def _details(self, values: Cells[str, Any]) -> dict[str, str]:
        details: dict[str, str] = {}
        for column, cell in values.items():
            if column not in self._detail_names:
                self._detail_names[column] = self._mapping.detail_name(column)
            name = self._detail_names[column]
            if name is not None and not is_empty(cell) and (text := to_text(cell)):
                details[name] = f"{details[name]}; {text}" if name in details else text
        return details


def validate(
    model: type[Model], cells: Cells[str, Any], mapping: Mapping | None
) -> tuple[Model | None, tuple[Fault, ...]]:
    """`cells` as `model`, or None and every fault in them."""
    try:
        return model.model_validate(cells, context=mapping), ()
    except ValidationError as error:
        return None, tuple(_fault(problem) for problem in error.errors(include_url=False))


def _fault(problem: Any) -> Fault:
    field = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return Fault(field, None, "is missing")
    stated = problem.get("ctx", {}).get("error")
    reason = str(stated) if isinstance(stated, ValueError) else problem["msg"]
    return Fault(field, problem["input"], reason[:1].lower() + reason[1:])


def _faults_between_fields(row: ProductRow, mapping: Mapping) -> list[Fault]:
    faults = []
    if row.currency is not None and row.currency.upper() != mapping.currency:
        faults.append(Fault("currency", row.currency, f"the mapping says {mapping.currency}; import one currency only"))
    if row.price is None and not (row.variants and all(variant.price for variant in row.variants)):
        faults.append(Fault("price", None, "is missing"))
    offers: list[tuple[str, ProductRow | VariantRow]] = [("", row)]
    offers += [(f"variants.{n}.", variant) for n, variant in enumerate(row.variants)]
    for place, offer in offers:
        price = offer.price if offer.price is not None else row.price
        if offer.sale_price is not None and price is not None and offer.sale_price > price:
            faults.append(
                Fault(f"{place}sale_price", offer.sale_price, f"is above the ordinary price of {price} minor units")
            )
    ids = [variant.id for variant in row.variants]
    faults.extend(
        Fault(f"variants.{n}.id", variant_id, "repeats the id of another variant")
        for n, variant_id in enumerate(ids)
        if variant_id in ids[:n]
    )
    return faults


def _product(row: ProductRow, mapping: Mapping) -> Product:
    attributes, variants = _divide(row.attributes, _variants(row))
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
        translations=_translations(row),
        rating=row.rating,
        n_reviews=row.n_reviews,
        image=row.image,
        url=row.url,
        date_added=row.date_added,
    )


def _variants(row: ProductRow) -> tuple[Variant, ...]:
    if not row.variants:
        return (_offer(row.id, row.price or 0, row.sale_price, row.stock, {}),)
    return tuple(_variant(row, variant) for variant in row.variants)


def _variant(row: ProductRow, variant: VariantRow) -> Variant:
    """A variant with what it does not state taken from the product: price, stock, and the sale at the same price."""
    price = variant.price if variant.price is not None else row.price or 0
    sale = variant.sale_price
    if "sale_price" not in variant.model_fields_set and price == row.price:
        sale = row.sale_price
    stock = variant.stock if "stock" in variant.model_fields_set else row.stock
    return replace(_offer(variant.id, price, sale, stock, variant.attributes), image=variant.image)


def _offer(variant_id: str, price: int, sale: int | None, stock: int | None, attributes: Attributes) -> Variant:
    on_sale = sale is not None and sale < price
    return Variant(variant_id, sale if on_sale and sale else price, price if on_sale else None, stock, attributes)


def _divide(attributes: Attributes, variants: Sequence[Variant]) -> tuple[Attributes, tuple[Variant, ...]]:
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


def _translations(row: ProductRow) -> dict[str, Translation]:
    words = {"en": (row.title_en, row.description_en), "zh": (row.title_zh, row.description_zh)}
    return {
        code: Translation(title or row.title, description)
        for code, (title, description) in words.items()
        if title or description
    }


def _reviews(row: ProductRow, mapping: Mapping) -> tuple[tuple[Review, ...], tuple[Fault, ...]]:
    taken: dict[str, Review] = {}
    faults: list[Fault] = []
    for n, cells in enumerate(row.reviews):
        named = {"language": mapping.language} | present(cells) | {"product_id": row.id}
        review, wrong = validate(ReviewRow, named, mapping)
        if review is None:
            faults.extend(fault._replace(field=f"reviews.{n}.{fault.field}") for fault in wrong)
        elif review.id in taken:
            faults.append(Fault(f"reviews.{n}.id", review.id, "repeats the id of another review of this product"))
        else:
            taken[review.id] = Review(**review.model_dump())
    return tuple(taken.values()), tuple(faults)
