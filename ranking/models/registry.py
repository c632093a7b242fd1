"""Which matchers there are, by name, ours and those that other packages bring.

In: a name and settings. Out: a matcher, not yet fitted. Imports a model only when it is asked for.

A matcher of your own joins by the entry point group `shopping_assistant.matchers`: the name, and a class that meets
`ranking.models.protocol.Matcher` and is made from its settings as keywords.
"""

from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from ranking.models.protocol import Matcher
from retrieval.errors import ModelError

GROUP = "shopping_assistant.matchers"
DEFAULT = "hybrid"
ALWAYS = ("random", "popularity", "cooccurrence")
"""In every table: what does not beat these has learned nothing."""

OURS: Mapping[str, str] = {
    "random": "ranking.models.popularity:RandomMatcher",
    "popularity": "ranking.models.popularity:PopularityMatcher",
    "cooccurrence": "ranking.models.cooccurrence:CooccurrenceMatcher",
    "transitions": "ranking.models.cooccurrence:TransitionsMatcher",
    "content": "ranking.models.content:ContentMatcher",
    "factorisation": "ranking.models.factorisation:FactorisationMatcher",
    "als": "ranking.models.als:AlsMatcher",
    "two-tower": "ranking.models.two_tower:TwoTowerMatcher",
    "sequence": "ranking.models.sequence:SequenceMatcher",
    "cross-scorer": "ranking.models.cross_scorer:CrossScorer",
    "hybrid": "ranking.models.hybrid:HybridMatcher",
}


def names() -> tuple[str, ...]:
    """All matchers that can be made, ours first; one of another package may not take the name of one of ours."""
    theirs = sorted(found.name for found in _theirs() if found.name not in OURS)
    return (*OURS, *theirs)


def make(name: str, settings: Mapping[str, Any] | None = None) -> Matcher:
    """A matcher by its name, with these settings in the place of its defaults.

    Raises:
        ModelError: there is none of that name, it has no such setting, or a package that it needs is not installed.
    """
    made = _class_of(name)
    try:
        return cast(Matcher, made(**dict(settings or {})))
    except TypeError as error:
        known = ", ".join(field.name for field in fields(made().settings))
        raise ModelError(f"{name} cannot be set so ({error}); its settings are {known}") from error


def _class_of(name: str) -> Any:
    if name in OURS:
        module, _, attribute = OURS[name].partition(":")
        return getattr(import_module(module), attribute)
    for found in _theirs():
        if found.name == name:
            try:
                return found.load()
            except (ImportError, AttributeError) as error:
                whose = found.dist.name if found.dist else "another package"
                raise ModelError(f"the matcher {name!r} of {whose} cannot be loaded ({error}): reinstall it") from error
    raise ModelError(f"there is no matcher {name!r}; there are {', '.join(names())}")


def _theirs() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=GROUP))


def parse_settings(name: str, stated: list[str]) -> dict[str, Any]:
    """`key=value` texts as settings of the types that the matcher's defaults have.

    Raises:
        ModelError: a text is not key=value, the key is unknown, or the value is not of its type.
    """
    defaults = {field.name: getattr(make(name).settings, field.name) for field in fields(make(name).settings)}
    found: dict[str, Any] = {}
    for text in stated:
        key, equals, value = text.partition("=")
        if not equals or key not in defaults:
            raise ModelError(f"--set {text!r}: say key=value, with a key among {', '.join(defaults)}")
        found[key] = _typed(key, value, defaults[key])
    return found


def _typed(key: str, value: str, default: Any) -> Any:
    if isinstance(default, bool):
        if value.lower() not in {"true", "false"}:
            raise ModelError(f"--set {key}={value}: it is true or false")
        return value.lower() == "true"
    try:
        return type(default)(value)
    except ValueError as error:
        raise ModelError(f"--set {key}={value}: it must be of the kind of {default!r}") from error
