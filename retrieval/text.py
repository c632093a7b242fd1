"""How words are cut, and the text of a product that is embedded.

In: a product or a string. Out: strings and tokens. Knows no index.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator

import Stemmer

from retrieval.types import Product

STOP_WORDS = frozenset(
    (
        "a an and are as at be but by for from have i if in into is it its me my no not of on or some such "
        "that the their then there these they this to was we will with would you your please want need "
        "looking show find "
    ).split()
)

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_RUN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:\.\d+)?")
_STEMMER = threading.local()


def tokens(text: str) -> list[str]:
    """Words as BM25 counts them: lower case, stemmed, no stop words; Chinese as single characters and bigrams.

    Bigrams need no dictionary, so they work on any shop's vocabulary.

    >>> tokens("The Hiking Boots, 1.7 l")
    ['hike', 'boot', '1.7', 'l']
    >>> tokens("跑步鞋 42")
    ['跑', '步', '鞋', '跑步', '步鞋', '42']
    """
    return list(_tokens(unicodedata.normalize("NFKC", text).lower()))


def _tokens(text: str) -> Iterator[str]:
    for match in _RUN.finditer(text):
        run = match.group()
        if has_cjk(run):
            yield from run
            yield from (run[i : i + 2] for i in range(len(run) - 1))
        elif run not in STOP_WORDS:
            yield stem(run)


def stem(word: str) -> str:
    """The stem of an English word in lower case.

    >>> stem("hiking")
    'hike'
    """
    # A Stemmer is not safe to share between threads.
    if not hasattr(_STEMMER, "english"):
        _STEMMER.english = Stemmer.Stemmer("english")
    return str(_STEMMER.english.stemWord(word))


def has_cjk(text: str) -> bool:
    """Whether the text holds a Chinese, Japanese or Korean character.

    >>> has_cjk("Sony 耳机"), has_cjk("Sony")
    (True, False)
    """
    return re.search(f"[{_CJK}]", text) is not None


def without_cjk(text: str) -> str:
    """The text without Chinese, Japanese and Korean characters.

    >>> without_cjk("Sony 耳机 XM5")
    'Sony XM5'
    """
    return " ".join(re.sub(f"[{_CJK}]+", " ", text).split())


def readable_part(text: str, languages: frozenset[str]) -> str:
    """What an embedder that knows these languages sees of a query; empty where nothing is left.

    >>> readable_part("Sony 耳机", frozenset({"en"})), readable_part("Sony 耳机", frozenset({"en", "zh"}))
    ('Sony', 'Sony 耳机')
    """
    return (text if "zh" in languages else without_cjk(text)).strip()


def embedding_text(product: Product, languages: frozenset[str]) -> str:
    """What the embedder sees of a product: title, brand, category, attributes, description, most telling first.

    Words in a language that the embedder does not know are left out where there are others.
    """
    parts = [*_texts(product, languages, "title"), product.brand or "", product.category or ""]
    parts += _texts(product, languages, "description")
    parts += [value for name in sorted(product.attributes) for value in product.attributes[name]]
    return ". ".join(part for part in parts if part)


def _texts(product: Product, languages: frozenset[str], part: str) -> list[str]:
    texts = [getattr(product, part), *(getattr(other, part) for other in product.translations.values())]
    known = [text for text in texts if text and ("zh" in languages or not has_cjk(text))]
    return known or [text for text in texts if text]
