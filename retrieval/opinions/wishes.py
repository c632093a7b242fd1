"""Which aspects of a product a wish asks for, of those that buyers judge.

In: a `Query`. Out: aspects, as `retrieval.opinions.aspects` finds them in reviews. Knows no review.
"""

import tomllib
from functools import lru_cache
from importlib import resources

from retrieval.lexicon.matching import SurfaceIndex, tokenize
from retrieval.opinions.aspects import UNSPOKEN, Aspect
from retrieval.types import Query

WISHES_FILE = "wishes.toml"


def wished(query: Query) -> tuple[Aspect, ...]:
    """The aspects that a wish asks for, each once: by its words, and by the attribute values among its conditions.

    >>> [aspect.name for aspect in wished(Query("comfortable and quiet headphones"))]
    ['comfort', 'noise']
    >>> [aspect.name for aspect in wished(Query("续航好的耳机"))]
    ['battery']
    >>> wished(Query("battery for a camera"))
    ()
    """
    included = {name: values for name, values in query.filters.include.items() if name not in UNSPOKEN}
    found: dict[Aspect, None] = {}
    for text in (query.text, *(value for values in included.values() for value in values)):
        for match in _words().find_all(tokenize(text)):
            found.update(dict.fromkeys(match.payloads))
    found.update((Aspect(value, name), None) for name, values in included.items() for value in values)
    return tuple(found)


@lru_cache
def _words() -> SurfaceIndex[Aspect]:
    """The words of `wishes.toml`, read once."""
    index: SurfaceIndex[Aspect] = SurfaceIndex()
    text = resources.files("retrieval.opinions").joinpath(WISHES_FILE).read_text(encoding="utf-8")
    for name, surfaces in tomllib.loads(text).items():
        for surface in (*surfaces["en"], *surfaces["zh"]):
            index.add(surface, Aspect(name))
    return index
