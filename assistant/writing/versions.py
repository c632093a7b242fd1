"""Which version of a product is spoken of: the one shown last, or those that have what the question asks for.

Comes in: a session, a product and a question. Goes out: variants, and what to call them. Knows no stock and no price.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from assistant.parsing.measures import find_sizes, same_size
from assistant.reasons import variant_values
from assistant.types import Session
from assistant.writing.wording import display, phrases_for
from retrieval.lexicon.matching import fold
from retrieval.types import Attributes, Product, Variant

_WORN = frozenset({"letter", "number"})
_SMALLEST_NAME = 2
"""Characters of a listed size that is recognised without the word "size"."""


def shown_variant(session: Session, product: Product) -> Variant:
    """The variant of the product that the session's cards showed last; without one, the product's offer."""
    for message in reversed(session.messages):
        for product_id, variant_id in zip(message.product_ids, message.variant_ids, strict=False):
            variant = product.variant(variant_id) if product_id == product.id else None
            if variant is not None:
                return variant
    return product.offer


def asked_sizes(product: Product, question: str) -> tuple[str, ...]:
    """The sizes that a question asks for, in the product's own spelling where it lists them.

    A size of another kind than the product's (a 15 inch laptop for an 18 l backpack) is not one of it.

    >>> boot = Product("p", "Boot", "USD", (Variant("v", 9900),), attributes={"size": ("42", "43")})
    >>> asked_sizes(boot, "is it there in 42?"), asked_sizes(boot, "in size 46?"), asked_sizes(boot, "fits 15 inch?")
    (('42',), ('46',), ())
    """
    # Of "sizes" the last letter is no size.
    listed, folded = product.values("size"), re.sub(r"\bsizes\b", "size", fold(question))
    found: dict[str, None] = {}
    for size in find_sizes(folded, [name for name in (product.category, product.department) if name]):
        said = size.text()
        same = [value for value in listed if same_size(said, value)]
        if same or _kind(said) in _kinds(listed):
            found.update(dict.fromkeys(same or [said]))
    if not found:
        found.update(dict.fromkeys(value for value in listed if _is_named(value, folded)))
    return tuple(found)


def _kinds(listed: Sequence[str]) -> frozenset[str]:
    """The kinds of size that a product may have: shoes and clothes are sized by numbers or by letters."""
    kinds = frozenset(_kind(size) for size in listed)
    return kinds | _WORN if kinds <= _WORN else kinds


def _kind(size: str) -> str:
    if re.fullmatch(r"[\d.]+", size):
        return "number"
    return size.partition(" ")[2] if size[:1].isdigit() else "letter"


def _is_named(size: str, folded: str) -> bool:
    named = re.search(rf"(?<![\w.$€£¥]){re.escape(fold(size))}(?![\w.%])", folded)
    return len(size) >= _SMALLEST_NAME and named is not None


def versions(session: Session, product: Product, asked: Attributes) -> tuple[Variant, ...]:
    """The variants that a question speaks of; empty where none has all that it asks for.

    With nothing asked that tells variants apart it is the one shown. Else those that have it and, as far as there are
    any, what the session's conditions ask for besides.
    """
    if not any(product.comes_in_several(name) for name in asked):
        shown = shown_variant(session, product)
        return (shown,) if _has(product, shown, asked) else ()
    able = tuple(variant for variant in product.variants if _has(product, variant, asked))
    wished = {name: values for name, values in session.filters.include.items() if name not in asked}
    narrowed = tuple(variant for variant in able if _has(product, variant, wished))
    return narrowed or able


def _has(product: Product, variant: Variant, wanted: Attributes) -> bool:
    """Whether the variant has, of every attribute, one of the values (of features, all)."""
    for name, values in wanted.items():
        met = [value in variant_values(product, variant, name) for value in values]
        if values and not (all(met) if name == "feature" else any(met)):
            return False
    return True


def name_of(product: Product, variants: Sequence[Variant], language: str) -> str:
    """What tells these variants from the product's others, e.g. "black, size 42"; empty where nothing does.

    >>> black = Variant("v", 9900, attributes={"color": ("black",), "size": ("42",)})
    >>> brown = Variant("w", 9900, attributes={"color": ("brown",), "size": ("42",)})
    >>> name_of(Product("p", "Boot", "USD", (black, brown)), [black], "zh")
    '黑色'
    """
    shared = {
        name: values
        for name, values in variants[0].attributes.items()
        if product.comes_in_several(name) and all(other.attributes.get(name) == values for other in variants)
    }
    return ("，" if language == "zh" else ", ").join(_named(shared, language))


def _named(attributes: Mapping[str, tuple[str, ...]], language: str) -> Iterator[str]:
    for name, values in attributes.items():
        for value in values:
            text = display(name, value, language)
            bare = name == "size" and " " not in value
            yield phrases_for(language).say("variant.size", size=text) if bare else text


def telling(variants: Sequence[Variant]) -> frozenset[str]:
    """The attributes in which these variants differ."""
    names = {name for variant in variants for name in variant.attributes}
    return frozenset(name for name in names if len({variant.attributes.get(name) for variant in variants}) > 1)


def apart(variants: Sequence[Variant], some: Sequence[Variant], language: str) -> list[str]:
    """What some of these variants are called among them, without what all of them share; no name twice."""
    differing, comma = telling(variants), "，" if language == "zh" else ", "
    names = (
        comma.join(_named({name: v for name, v in variant.attributes.items() if name in differing}, language))
        for variant in some
    )
    return [name for name in dict.fromkeys(names) if name]
