"""The catalog as a data frame, for a merchant's own analysis.

In: a catalog. Out: a pandas DataFrame. Knows no shopper.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from retrieval.catalog import Catalog
from retrieval.types import Product

if TYPE_CHECKING:
    import pandas as pd

PRODUCT_FIELDS = tuple(field.name for field in fields(Product) if field.name not in ("variants", "attribute_sources"))
OFFER_COLUMNS = ("price_minor", "list_price_minor", "price_max_minor", "stock", "in_stock", "n_variants", "variant_ids")
WHOLE_NUMBERS = ("price_minor", "list_price_minor", "price_max_minor", "stock", "n_variants", "n_reviews")


def products_frame(catalog: Catalog, *, include_retired: bool = False) -> "pd.DataFrame":
    """One row per product in order of id, the fields of `Product` as columns.

    Prices are in minor units of `currency`. `price_minor` and `list_price_minor` are those of the cheapest variant in
    stock (else the cheapest), `price_max_minor` the dearest variant's; `stock` is the sum over the variants, missing
    where one of them does not state it. `attributes` hold the values of all variants. With `include_retired` also what
    is no longer sold, told apart by `is_retired`.
    """
    # Importing pandas takes half a second, which a shop that only serves should not wait for.
    import pandas as pd

    live = catalog.text_digests().keys() if include_retired else None
    rows = (
        _row(product, is_retired=live is not None and product.id not in live)
        for product in catalog.products(include_retired=include_retired)
    )
    frame = pd.DataFrame.from_records(list(rows), columns=[*PRODUCT_FIELDS, *OFFER_COLUMNS, "is_retired"])
    whole = {name: frame[name].astype("Int64") for name in WHOLE_NUMBERS}
    dates = pd.to_datetime(frame["date_added"])
    return frame.assign(**whole, rating=frame["rating"].astype("float64"), date_added=dates)


def _row(product: Product, *, is_retired: bool) -> dict[str, Any]:
    stocks = [variant.stock for variant in product.variants]
    names = dict.fromkeys([*product.attributes, *(name for variant in product.variants for name in variant.attributes)])
    return {name: getattr(product, name) for name in PRODUCT_FIELDS} | {
        "attributes": {name: product.values(name) for name in names},
        "price_minor": product.price_minor,
        "list_price_minor": product.list_price_minor,
        "price_max_minor": max(variant.price_minor for variant in product.variants),
        "stock": None if None in stocks else sum(stock for stock in stocks if stock is not None),
        "in_stock": product.in_stock,
        "n_variants": len(product.variants),
        "variant_ids": tuple(variant.id for variant in product.variants),
        "is_retired": is_retired,
    }
