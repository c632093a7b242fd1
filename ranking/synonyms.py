"""What shoppers call the things that the catalog calls otherwise, learnt from what they chose after a search.

In: events with queries, and the products. Out: words of queries -> words of the catalog, which search looks for where
the catalog does not have the shopper's word. Knows no index.

A word of queries is learnt only where few of the chosen products say it themselves: search would have found the others
by it anyway. Counted are shoppers, not events, so nobody teaches the shop alone.

Source: Jones et al. 2006, Generating Query Substitutions (likelihood of a term given another's sessions).
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.terms import DocumentTerms, document_terms
from retrieval.text import tokens
from retrieval.types import Product

CHOSEN = frozenset({"click", "add_to_cart", "favorite", "purchase", "like"})

MIN_SHOPPERS = 5
"""So many shoppers must have gone from the word to products that say the other one."""

MIN_SHARE, MIN_LIFT = 0.4, 3.0
"""The share of those who searched with the word that chose a product with the other one in its title, and how many
times the share of such products in the catalog that must be."""

MAX_SAID = 0.2
"""The greatest share of choices whose products say the word themselves."""

MAX_WORDS = 3

Synonyms = Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _Heard:
    """Of one word of queries: who chose after it, how many of their products say it, and who chose what."""

    shoppers: set[str]
    n_choices: int
    n_said: int
    by_term: dict[str, set[str]]


def learn_synonyms(events: Iterable[Event], products: Iterable[Product]) -> Synonyms:
    """Stems of query words -> stems of title words, the surest first."""
    texts = {product.id: document_terms(product) for product in products}
    heard: dict[str, _Heard] = {}
    for event in events:
        text = texts.get(event.product_id)
        if event.query and event.type in CHOSEN and text is not None:
            for word in set(tokens(event.query)):
                _listen(heard.setdefault(word, _Heard(set(), 0, 0, defaultdict(set))), word, text, event.shopper_id)
    in_titles = Counter(term for text in texts.values() for term in text.fields[0])
    learnt = {word: _learnt(what, in_titles, len(texts)) for word, what in heard.items()}
    return {word: terms for word, terms in sorted(learnt.items()) if terms}


def _listen(heard: _Heard, word: str, text: DocumentTerms, shopper_id: str) -> None:
    heard.shoppers.add(shopper_id)
    heard.n_choices += 1
    heard.n_said += any(word in field for field in text.fields)
    for term in text.fields[0]:
        if term != word:
            heard.by_term[term].add(shopper_id)


def _learnt(heard: _Heard, in_titles: Mapping[str, int], n_products: int) -> tuple[str, ...]:
    if len(heard.shoppers) < MIN_SHOPPERS or heard.n_said > MAX_SAID * heard.n_choices:
        return ()
    shares = {
        term: len(who) / len(heard.shoppers)
        for term, who in heard.by_term.items()
        if len(who) >= MIN_SHOPPERS and not term.isdigit()
    }
    lifts = {term: share * n_products / in_titles[term] for term, share in shares.items() if share >= MIN_SHARE}
    sure = [term for term, lift in lifts.items() if lift >= MIN_LIFT]
    return tuple(sorted(sure, key=lambda term: (-shares[term] * min(lifts[term], 100), term))[:MAX_WORDS])


def save_synonyms(path: Path, synonyms: Synonyms) -> None:
    """Write what was learnt, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(synonyms, ensure_ascii=False, indent=1), "utf-8")
    part.replace(path)


def load_synonyms(path: Path) -> Synonyms:
    """What `save_synonyms` wrote; nothing where there is no such file.

    Raises:
        ModelError: the file is damaged.
    """
    try:
        stated = json.loads(path.read_text("utf-8"))
        return {str(word): tuple(map(str, terms)) for word, terms in stated.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(
            f"{path} cannot be read ({error}): delete it, or run `shopping-assistant train` again"
        ) from error
