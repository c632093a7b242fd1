"""The OpenAI product feed of the Agentic Commerce Protocol: JSONL, CSV and TSV.

In: one row. Out: a `Member` under the names of the published reference. Rows with one `group_id` are variants, told
apart by `variant_dict`. Source: Products, https://developers.openai.com/commerce/specs/file-upload/products.
"""

import re
from typing import Any

from retrieval.feed.cells import is_empty, to_text
from retrieval.feed.formats.shape import KIDS, Format, Member, Values, attribute_name, currency_in, first_stated
from retrieval.feed.mapping import STATED
from retrieval.feed.readers.json_rows import parsed_cell

ALIASES = {"item_id": ("id", "sku"), "group_id": ("item_group_id",), "url": ("link",), "image_url": ("image_link",)}
OLD_OPTION = re.compile(r"custom_variant(\d)_category", re.IGNORECASE)


def acp_member(row: Values) -> Member:
    """One row; the aliases that the reference still accepts are accepted here.

    >>> acp_member({"id": "M1", "group_id": "M", "variant_dict": '{"Colour": "Blue"}'}).values["[attributes]"]
    {'color': ['Blue']}
    """
    values = {name.strip(): cell for name, cell in row.items()}
    for name, others in ALIASES.items():
        values[name] = first_stated(values, name, *others)
    if values.get("availability") in ("in_stock", "", None) and not is_empty(values.get("inventory_quantity")):
        values["availability"] = values["inventory_quantity"]
    if to_text(values.get("age_group") or "").lower() in KIDS:
        values["gender"] = ""
    if options := _options(values):
        values[STATED] = options
        # The same options may stand in columns of their own.
        for name in options.keys() - ALIASES.keys():
            values.pop(name, None)
    group, item = to_text(values["group_id"]), to_text(values["item_id"])
    return Member(values, parent=group if group and group != item else None)


def _options(values: Values) -> dict[str, list[str]]:
    stated = values.get("variant_dict")
    if isinstance(stated, str) and stated.strip():
        stated = parsed_cell(stated)
    if not isinstance(stated, dict):
        stated = _old_options(values)
    return {attribute_name(name): [to_text(said)] for name, said in stated.items() if not is_empty(said)}


def _old_options(values: Values) -> dict[str, Any]:
    lower = {name.lower(): cell for name, cell in values.items()}
    return {
        to_text(cell): lower.get(f"custom_variant{found[1]}_option")
        for name, cell in lower.items()
        if (found := OLD_OPTION.fullmatch(name)) and not is_empty(cell)
    }


def _recognises(columns: frozenset[str]) -> bool:
    flags = {"is_eligible_search", "enable_search", "is_eligible_checkout", "enable_checkout", "variant_dict"}
    own = {"item_id", "image_url", "availability"} <= columns
    return {"title", "price"} <= columns and (own or bool(flags & columns))


ACP = Format("acp", _recognises, acp_member, currency=lambda values: currency_in(values.get("price")))
