"""A proposal for a product's title and description, of nothing but what the catalog states of it.

Comes in: a product, for whom it is to be written, and a language model or none. Goes out: a `Rewrite`. Every word about
the product is a fact of it that code filled in, or a sentence of the shop's own; the shop decides whether to take it.
Knows no session, and changes nothing.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.reasons import stated_of
from assistant.rendering import Dropped, Facts, Renderer
from assistant.writer import TextModel
from assistant.writing.checks.leaks import Told
from assistant.writing.facts import attribute_facts, sayings
from assistant.writing.prompting import LANGUAGE_NAMES, fact_lines
from assistant.writing.wording import display, display_category, fragment, mentioned, sentence_case
from prompts import as_data, load_prompt
from prompts.untrusted import clean
from retrieval.errors import LanguageModelError
from retrieval.text import STOP_WORDS, has_cjk, tokens
from retrieval.types import Product

log = logging.getLogger(__name__)

TITLE_LIMIT = 120
"""Characters; longer proposals are cut back to the title that the product has."""
MAX_ADDED = 3
MAX_SENTENCES = 5
_IN_TITLE = ("feature", "material", "color", "audience", "season")
_FEW = 2
"""A title names no more colours or materials of one product."""
_KEY = "p1"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What is proposed. `written_by`: "model", or "plain" where there is none or nothing of its text was left;
    `dropped` are its sentences that the catalog does not prove."""

    product_id: str
    language: str
    audience: str
    title: str
    description: str
    written_by: str
    dropped: tuple[Dropped, ...] = field(default=())


def rewrite(product: Product, audience: str, language: str, shop: str, model: TextModel | None = None) -> Rewrite:
    """Title and description of `product` for `audience` ("parents of small children"), in "en" or "zh".

    Raises:
        ValueError: the language is none of those that the assistant writes.
    """
    if language not in LANGUAGE_NAMES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGE_NAMES)}, not {language!r}")
    facts = facts_for(product, language)
    dropped: tuple[Dropped, ...] = ()
    if model is not None:
        title, description, dropped = _by_model(model, facts, audience, language, shop)
        if title and description:
            return Rewrite(product.id, language, audience, title, description, "model", dropped)
    title, description = _title(product, audience, language), _description(product, audience, language)
    return Rewrite(product.id, language, audience, title, description, "plain", dropped)


def facts_for(product: Product, language: str) -> Facts:
    """What may be said of the product: its name, brand, kind and attributes, and the shop's own sentences.

    Nothing that changes from day to day (price, stock, rating) is among them.
    """
    values = {"title": clean(product.title_in(language))}
    if product.brand:
        values["brand"] = clean(product.brand)
    if product.category:
        values["category"] = display_category(product.category, language)
    values |= dict(attribute_facts(product, language))
    values |= {f"says{n}": said for n, said in enumerate(sayings(product, language), start=1)}
    claims = {_KEY: stated_of(product)}
    return Facts({f"{_KEY}.{name}": text for name, text in values.items()}, language, claims, mentioned)


def _by_model(
    model: TextModel, facts: Facts, audience: str, language: str, shop: str
) -> tuple[str, str, tuple[Dropped, ...]]:
    """The model's title and description as far as they are proven; empty where nothing is."""
    system = load_prompt("rewrite").render(shop=as_data(shop, 80), language=LANGUAGE_NAMES[language])
    user = load_prompt("rewrite_product").render(audience=as_data(audience), facts=fact_lines(facts))
    rules = Told(f"{system}\n{load_prompt('rewrite_product').text}", audience)
    renderer = Renderer(facts, only_grounded=True, told=rules)
    try:
        text = "".join(renderer.stream(model.stream(system, user)))
    except LanguageModelError as error:
        log.warning("%s; the plain writer proposes", error)
        return "", "", tuple(renderer.dropped)
    title, _, description = text.partition("\n")
    title = title.strip().rstrip(".。")
    named = facts.values[f"{_KEY}.title"]
    if named not in title or len(title) > TITLE_LIMIT:
        title = ""
    return title, " ".join(description.split()), tuple(renderer.dropped)


def _title(product: Product, audience: str, language: str) -> str:
    """The product's own title and up to `MAX_ADDED` facts that it does not hold, what the readers care for first."""
    title = clean(product.title_in(language))
    added: list[str] = []
    for name, values in _facts_in_order(product, audience):
        missing = [value for value in values if not _holds(title, display(name, value, language))]
        text = fragment(name, missing[:2], language) if missing else ""
        if text and len(added) < MAX_ADDED and len(_titled(title, [*added, text], language)) <= TITLE_LIMIT:
            added.append(text)
    return _titled(title, added, language)


def _titled(title: str, added: Sequence[str], language: str) -> str:
    if not added:
        return title
    return f"{title}，{'，'.join(added)}" if language == "zh" else f"{title}, {', '.join(added)}"


def _holds(title: str, text: str) -> bool:
    if has_cjk(text):
        return text.removesuffix("款") in title
    return set(tokens(text)) - STOP_WORDS <= set(tokens(title))


def _facts_in_order(product: Product, audience: str) -> list[tuple[str, list[str]]]:
    """Attributes with their values, those that the readers' words speak of first."""
    wanted = mentioned(audience)
    found = []
    for name in _IN_TITLE:
        values = sorted(product.values(name), key=lambda value: (name, value) not in wanted)
        if values and (name == "feature" or len(values) <= _FEW):
            found.append((name, values))
    return sorted(found, key=lambda fact: (fact[0], fact[1][0]) not in wanted)


def _description(product: Product, audience: str, language: str) -> str:
    """What the catalog states, then the shop's own sentences: first those that share most words with the readers'."""
    words = set(tokens(audience)) - STOP_WORDS
    said = [sentence for sentence in sayings(product, language) if not sentence.startswith(tuple(product.details))]
    shared = {sentence: len(words & set(tokens(sentence))) for sentence in said}
    body = sorted(said, key=lambda sentence: -shared[sentence])[:MAX_SENTENCES]
    gap = "" if language == "zh" else " "
    return gap.join(filter(None, [_stated(product, audience, language), *body]))


def _stated(product: Product, audience: str, language: str) -> str:
    """One sentence of the attributes; empty where none is stated."""
    parts = [fragment(name, values, language) for name, values in _facts_in_order(product, audience)]
    if not parts:
        return ""
    if language == "zh":
        return "；".join(parts) + "。"
    return sentence_case("; ".join(parts)) + "."
