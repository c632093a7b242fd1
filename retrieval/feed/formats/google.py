"""Google Merchant Center product data: text (TSV, CSV) and XML (RSS 2.0, Atom).

In: one item. Out: a `Member` under Google's attribute names. Items with one `item_group_id` are variants of a product.
Source: Product data specification, https://support.google.com/merchants/answer/7052112.
"""

from retrieval.feed.cells import is_empty, to_text
from retrieval.feed.formats.shape import KIDS, Format, Member, Values, currency_in, first_stated


def google_member(item: Values) -> Member:
    """One item; attribute names may be written "image link", "Image_Link" or "g:image_link".

    >>> google_member({"Item Group ID": "T1", "product type": "Home > Lamps"}).parent
    'T1'
    """
    values = {attribute_name(name): cell for name, cell in item.items()}
    category = first_stated(values, "product_type", "google_product_category")
    # A category may be stated by its number in Google's list, which is no name.
    values["product_type"] = "" if isinstance(category, int) or to_text(category).isdigit() else category
    if to_text(values.get("age_group") or "").lower() in KIDS:
        values["gender"] = ""
    dates = to_text(values.get("sale_price_effective_date") or "")
    values["sale_from"], _, values["sale_to"] = (part.strip() for part in dates.partition("/"))
    values["description"] = first_stated(values, "description", "summary", "content")
    group = values.get("item_group_id")
    return Member(values, parent=None if is_empty(group) else to_text(group))


def attribute_name(name: str) -> str:
    """An attribute's name as the specification writes it.

    >>> attribute_name("g:Image Link")
    'image_link'
    """
    return "_".join(name.strip().lower().removeprefix("g:").replace("_", " ").split())


def _recognises(columns: frozenset[str]) -> bool:
    names = {attribute_name(column) for column in columns}
    return {"id", "title", "price"} <= names and bool({"link", "image_link"} & names) and "availability" in names


GOOGLE = Format("google", _recognises, google_member, currency=lambda values: currency_in(values.get("price")))
