"""The parser's data files, read once.

In: the TOML files beside this module. Out: plain mappings. Knows nothing of what they mean.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache
def load_grammar() -> Mapping[str, Any]:
    """Words that build sentences: money, measures, negation, corrections, fillers."""
    return _load("grammar.toml")


@lru_cache
def load_cues() -> Mapping[str, Any]:
    """Words that speak for an intent or a sentiment, with weights."""
    return _load("cues.toml")


def _load(name: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files("assistant.parsing").joinpath(name).read_text(encoding="utf-8"))


@lru_cache
def load_fillers() -> tuple[frozenset[str], tuple[str, ...]]:
    """English and Chinese words that carry no wish of their own; the Chinese ones longest first."""
    table = _load("fillers.toml")
    return frozenset(table["en"].split()), tuple(sorted(table["zh"], key=len, reverse=True))


@lru_cache
def load_preferences() -> Mapping[str, Any]:
    """How shoppers speak of what they like, wear and spend, and of whom a thing is for."""
    return _load("preferences.toml")


@lru_cache
def load_stances() -> Mapping[str, Any]:
    """The words by which people take a lasting stance towards things."""
    return _load("stances.toml")


@lru_cache
def load_body() -> Mapping[str, Any]:
    """How shoppers speak of their bodies and ask for their size."""
    return _load("body.toml")


@lru_cache
def load_cart() -> Mapping[str, Any]:
    """Words for the cart."""
    return _load("cart.toml")
