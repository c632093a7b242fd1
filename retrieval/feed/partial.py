"""Rows that say only what changes, merged with the products that the catalog holds.

In: records of a partial feed, its `Mapping`, and the catalog. Out: whole products again. Writes nothing.

A row of a known product changes what it states; absent columns and empty cells leave the product as it is, and a sale
price of 0 ends the sale. A row whose id is a variant's changes that variant's price, sale and stock. A row of an
unknown id must be a whole product.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from retrieval.batches import batches
from retrieval.catalog import Catalog
from retrieval.feed.cells import SURROGATE, is_empty, pick, to_text
from retrieval.feed.formats import CANONICAL, ready_mapping
from retrieval.feed.importer import FeedResult, FeedRow, feed_row, repeated_id, without_derived
from retrieval.feed.mapping import Mapping as FeedMapping
from retrieval.feed.reader import Record
from retrieval.feed.report import RejectedRow
from retrieval.feed.row_models import OfferRow, ProductRow, Title, VariantRow
from retrieval.feed.rows import (
    SALE_FIELDS,
    Fault,
    Row,
    RowParser,
    as_stated,
    currency_faults,
    make_offer,
    move_to_variants,
    read_translations,
    sale_faults,
    take_reviews,
    validate,
)
from retrieval.types import Product, Review, Translation, Variant

PRICE_FIELDS = SALE_FIELDS | {"price"}
PLAIN_FIELDS = ("title", "description", "brand", "rating", "n_reviews", "image", "url", "date_added")
LOWER_FIELDS = ("category", "department")

Earlier = Callable[[str], Product | None]
"""What rows before have made of a product, or None where none spoke of it."""


class PartialRow(ProductRow):
    """What one row states of a product that is known."""

    title: Title | None = None  # type: ignore[assignment]


class Merger:
    """Makes whole products of partial rows."""

    def __init__(self, catalog: Catalog, mapping: FeedMapping, earlier: Earlier, now: datetime | None = None) -> None:
        self._catalog = catalog
        self._mapping = mapping
        self._earlier = earlier
        self._now = now or datetime.now(UTC)
        self._whole = RowParser(mapping, self._now)
        # A constant of the mapping completes new products; of a known one it would change what no row speaks of.
        self._partial = RowParser(mapping.model_copy(update={"defaults": {}}), self._now)

    def rows(self, records: Iterable[Record]) -> Iterator[tuple[str, FeedRow]]:
        """Each record's id with the product that it makes; take a row in before asking for the next one."""
        for batch in batches(records):
            yield from self._batch(batch)

    def _batch(self, records: Sequence[Record]) -> Iterator[tuple[str, FeedRow]]:
        ids = [self._id(record.values) for record in records]
        known = self._catalog.get_many(ids)
        owners = self._catalog.products_with_variants([id_ for id_ in ids if id_ and id_ not in known])
        known |= self._catalog.get_many(owner for some in owners.values() for owner in some)
        for record, id_ in zip(records, ids, strict=True):
            row = self._merge(record, id_, known, owners.get(id_, ()))
            yield id_, feed_row(record, row, self._mapping)

    def _stated_id(self, values: Mapping[str, Any]) -> Any:
        return pick(values, self._mapping.fields["id"])

    def _id(self, values: Mapping[str, Any]) -> str:
        cell = self._stated_id(values)
        text = "" if cell is None else str(cell).strip() if isinstance(cell, str) else to_text(cell)
        # No database could look it up; the row is refused when it is parsed as a whole.
        return "" if SURROGATE.search(text) else text

    def _merge(self, record: Record, id_: str, known: Mapping[str, Product], owners: Sequence[str]) -> Row:
        if record.problem is not None:
            return Row(None)
        if any(not is_empty(pick(record.values, column)) for column in self._mapping.only_if) and (
            left_out := self._whole.left_out(record.values)
        ):
            return Row(None, faults=(left_out,), is_left_out=True)
        if product := self._earlier(id_) or known.get(id_):
            return self._changed(product, record.values)
        if not owners:
            return _unknown(self._stated_id(record.values), self._whole.parse(record.values))
        if len(owners) > 1:
            named = ", ".join(map(repr, owners))
            return Row(
                None,
                faults=(Fault("id", self._stated_id(record.values), f"is a variant of several products: {named}"),),
            )
        return self._changed_variant(self._earlier(owners[0]) or known[owners[0]], id_, record.values)

    def _changed(self, product: Product, values: Mapping[str, Any]) -> Row:
        row, faults = self._stated(values)
        if row is None:
            return Row(None, faults=faults)
        merged, faults = merge_product(product, row, self._mapping, self._now)
        if merged is None:
            return Row(None, faults=as_stated(faults, self._partial.select(values)))
        reviews, faults = take_reviews(row, self._mapping)
        return Row(merged, reviews, faults)

    def _changed_variant(self, product: Product, variant_id: str, values: Mapping[str, Any]) -> Row:
        row, faults = self._stated(values)
        if row is None:
            return Row(None, faults=faults)
        variants = [
            _with_offer(variant, row, self._mapping, self._now) if variant.id == variant_id else variant
            for variant in product.variants
        ]
        if wrong := sale_faults("", row, row.price or _ordinary(product.variant(variant_id)), self._now):
            return Row(None, faults=as_stated(wrong, self._partial.select(values)))
        return Row(replace(product, variants=tuple(variants)))

    def _stated(self, values: Mapping[str, Any]) -> tuple[PartialRow | None, tuple[Fault, ...]]:
        cells = self._partial.select(values)
        row, faults = validate(PartialRow, cells, self._mapping)
        if row is not None and (faults := as_stated(currency_faults(row, self._mapping), cells)):
            return None, faults
        return row, faults


def merge_rows(
    catalog: Catalog, rows: Iterable[Mapping[str, Any]], mapping: FeedMapping | None = None, name: str = "rows"
) -> FeedResult:
    """A few rows merged with the catalog, as products to be taken in with `Catalog.upsert`.

    Args:
        catalog: what the rows change.
        rows: one mapping of cells per product or variant.
        mapping: which key is which field; None: the keys are our names, prices in units of the catalog's currency.
        name: what faults call the rows; their lines count from 1.
    """
    chosen = mapping or ready_mapping(CANONICAL, catalog.currency() or "USD")
    merged: dict[str, Product] = {}
    reviews: list[Review] = []
    faults: list[RejectedRow] = []
    lines: dict[str, int] = {}
    n_rejected = 0
    records = [Record(name, line, dict(values)) for line, values in enumerate(rows, start=1)]
    for id_, row in Merger(catalog, chosen, merged.get).rows(records):
        if row.product is not None and lines.setdefault(id_, row.line) != row.line:
            faults.append(repeated_id(row, name, lines[id_]))
            n_rejected += 1
            continue
        faults.extend(row.faults)
        n_rejected += row.n_rejected
        if row.product is not None:
            merged[row.product.id] = row.product
            reviews.extend(row.reviews)
    return FeedResult(tuple(merged.values()), tuple(reviews), tuple(faults), len(records), n_rejected)


def merge_product(
    product: Product, row: PartialRow, mapping: FeedMapping, now: datetime
) -> tuple[Product | None, tuple[Fault, ...]]:
    """A product with what a row states of it, or None and why the row cannot be taken."""
    base = without_derived(product)
    variants, faults = _merged_variants(base, row, mapping, now)
    if faults:
        return None, tuple(faults)
    changed: dict[str, Any] = {name: getattr(row, name) for name in PLAIN_FIELDS if name in row.model_fields_set}
    changed |= {name: getattr(row, name).lower() for name in LOWER_FIELDS if getattr(row, name)}
    changed["attributes"], changed["variants"] = _merged_attributes(base, row, variants)
    changed["details"] = {**base.details, **row.details}
    changed["translations"] = _merged_translations(base, row)
    return replace(base, **changed), ()


def _merged_variants(
    product: Product, row: PartialRow, mapping: FeedMapping, now: datetime
) -> tuple[tuple[Variant, ...], list[Fault]]:
    if row.variants:
        return _with_stated_variants(product, row, mapping, now)
    if not row.model_fields_set & (PRICE_FIELDS | {"stock"}):
        return product.variants, []
    if faults := [*_ambiguous(product, row), *sale_faults("", row, row.price or _common_price(product), now)]:
        return (), faults
    return tuple(_with_offer(variant, row, mapping, now) for variant in product.variants), []


def _with_stated_variants(
    product: Product, row: PartialRow, mapping: FeedMapping, now: datetime
) -> tuple[tuple[Variant, ...], list[Fault]]:
    """The product's variants, those that the row names changed, and new ones added."""
    merged = {variant.id: variant for variant in product.variants}
    if list(merged) == [product.id] and product.id not in {variant.id for variant in row.variants}:
        # It was sold as such, without variants, until now.
        merged = {}
    faults: list[Fault] = []
    for n, stated in enumerate(row.variants):
        known = merged.get(stated.id)
        price = next(filter(None, (stated.price, _ordinary(known), row.price, _common_price(product))), None)
        faults.extend(sale_faults(f"variants.{n}.", stated, price, now))
        if price is None:
            faults.append(Fault(f"variants.{n}.price", None, "is missing"))
            continue
        merged[stated.id] = _with_variant(known or Variant(stated.id, price, stock=row.stock), stated, mapping, now)
    return tuple(merged.values()), faults


def _with_variant(variant: Variant, stated: VariantRow, mapping: FeedMapping, now: datetime) -> Variant:
    return replace(
        _with_offer(variant, stated, mapping, now),
        attributes={**variant.attributes, **stated.attributes},
        image=stated.image or variant.image,
    )


def _with_offer(variant: Variant, row: OfferRow, mapping: FeedMapping, now: datetime) -> Variant:
    """A variant at the price, with the sale and the stock that a row states."""
    stated = row.model_fields_set
    if "stock" in stated:
        variant = replace(variant, stock=row.stock)
    if not stated & PRICE_FIELDS:
        return variant
    price, list_price = row.price, variant.list_price_minor
    if stated & SALE_FIELDS:
        states_effective = "sale_price" not in stated and "list_price" in stated
        price = price or (variant.price_minor if states_effective else list_price or variant.price_minor)
        offer = make_offer(row, row, price, variant.stock, now, variant.attributes)
        return replace(variant, price_minor=offer.price_minor, list_price_minor=offer.list_price_minor)
    assert price is not None, "a row that states no sale states a price"
    if _prices_are_effective(mapping):
        return replace(
            variant, price_minor=price, list_price_minor=list_price if list_price and list_price > price else None
        )
    on_sale = list_price is not None and variant.price_minor < price
    return replace(
        variant,
        price_minor=variant.price_minor if on_sale else price,
        list_price_minor=price if on_sale else None,
    )


def _prices_are_effective(mapping: FeedMapping) -> bool:
    """Whether the feed's price is what a shopper pays and another column the old one."""
    return "list_price" in mapping.fields and "sale_price" not in mapping.fields


def _ambiguous(product: Product, row: PartialRow) -> Iterator[Fault]:
    """Faults of a row that gives several variants one price or stock where each has its own."""
    prices = {(variant.price_minor, variant.list_price_minor) for variant in product.variants}
    stocks = {variant.stock for variant in product.variants}
    stated = row.model_fields_set
    example = product.variants[0].id
    for names, values in ((PRICE_FIELDS, prices), ({"stock"}, stocks)):
        if len(values) > 1 and (field := next(iter(sorted(stated & names)), None)):
            yield Fault(
                field,
                None,
                f"cannot be told of the whole product, its {len(product.variants)} variants differ in it: "
                f"give the id of the variant, such as {example!r}",
            )


def _merged_attributes(
    product: Product, row: PartialRow, variants: tuple[Variant, ...]
) -> tuple[Mapping[str, tuple[str, ...]], tuple[Variant, ...]]:
    """The product's attributes with those that the row states; what variants state of themselves stays theirs."""
    own = {name for variant in variants for name in variant.attributes}
    of_product = {name: values for name, values in row.attributes.items() if name not in own}
    if len(variants) == 1:
        of_variant = {name: values for name, values in row.attributes.items() if name in own}
        variants = (replace(variants[0], attributes={**variants[0].attributes, **of_variant}),)
    return move_to_variants({**product.attributes, **of_product}, variants)


def _merged_translations(product: Product, row: PartialRow) -> Mapping[str, Translation]:
    merged = dict(product.translations)
    for code, words in read_translations(row).items():
        before = merged.get(code, Translation(row.title or product.title))
        title = getattr(row, f"title_{code}") or before.title
        merged[code] = Translation(title, words.description or before.description)
    return merged


def _common_price(product: Product) -> int | None:
    """The ordinary price of all variants; None where they differ."""
    prices = {_ordinary(variant) for variant in product.variants}
    return prices.pop() if len(prices) == 1 else None


def _ordinary(variant: Variant | None) -> int | None:
    return (variant.list_price_minor or variant.price_minor) if variant else None


def _unknown(stated_id: object, row: Row) -> Row:
    """A row of an unknown id that is no whole product, told as such."""
    missing = [fault.field for fault in row.faults if fault.reason == "is missing"]
    if row.product is not None or not missing or is_empty(stated_id):
        return row
    reason = f"is no product or variant on sale; a new product needs {', '.join(missing)} as well"
    others = (fault for fault in row.faults if fault.reason != "is missing")
    return Row(None, faults=(Fault("id", stated_id, reason), *others))
