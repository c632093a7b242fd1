"""The lexicon's data files, read once.

In: the TOML files beside this module. Out: plain mappings. Knows nothing of matching.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from opencc import OpenCC


@lru_cache
def load_table(name: str) -> Mapping[str, Any]:
    """The TOML file `name` of this package."""
    return tomllib.loads(resources.files("retrieval.lexicon").joinpath(name).read_text(encoding="utf-8"))


@lru_cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(char: str) -> str:
    """A character in its Simplified form, always one character.

    >>> simplified("壺"), simplified("壶")
    ('壶', '壶')
    """
    converted: str = _converter().convert(char) if "\u3400" <= char <= "\u9fff" else char
    return converted if len(converted) == 1 else char


@lru_cache
def load_traditional() -> Mapping[str, str]:
    """Variants of characters that no table of Traditional characters holds -> the Simplified character."""
    return {pair[0]: pair[1] for pair in load_table("traditional.toml")["pairs"].split()}


@lru_cache
def load_spelling() -> tuple[Mapping[str, str], frozenset[str]]:
    """Spellings that mean the same word, and words whose final s is no plural."""
    table = load_table("spelling.toml")
    return table["same"], frozenset(table["keep"]["words"])
