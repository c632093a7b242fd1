"""The plain writer's sentences: TOML files, one per language, several variants per move.

Comes in: a language. Goes out: `Phrases`, which picks a variant and fills its `{name}` variables. A missing or unused
variable is an error that names it. Knows nothing of what is said when.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from prompts.loader import PROMPTS, PromptError, check_names

_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language: `variants["recommend.open"]` holds the ways to say that."""

    language: str
    variants: Mapping[str, tuple[str, ...]]

    def say(self, move: str, seed: str = "", /, **values: str) -> str:
        """One way of saying `move`, filled in. The same seed gives the same variant.

        >>> Phrases("en", {"hello": ("Hello, {name}.",)}).say("hello", name="{name}")
        'Hello, {name}.'

        Raises:
            PromptError: there is no such move, or a variable of it is missing or unused.
        """
        if move not in self.variants:
            raise PromptError(
                f"the {self.language} phrases have no move {move!r}: add it to plain/{self.language}.toml"
            )
        variants = self.variants[move]
        digest = hashlib.sha256(f"{seed}|{move}".encode()).digest()
        text = variants[digest[0] % len(variants)]
        check_names(f"phrase {move!r} ({self.language})", frozenset(_VARIABLE.findall(text)), values)
        return _VARIABLE.sub(lambda found: values[found[1]], text)

    def variables(self, move: str) -> frozenset[str]:
        """The variables that a move is filled with.

        >>> sorted(Phrases("en", {"hello": ("Hello, {name}.",)}).variables("hello"))
        ['name']
        """
        return frozenset(_VARIABLE.findall(self.variants[move][0]))

    def words(self, move: str) -> tuple[str, ...]:
        """All entries of a list that is looked up instead of said; empty when there is no such list."""
        return self.variants.get(move, ())


@lru_cache(maxsize=8)
def load_phrases(language: str, directory: Path = PROMPTS) -> Phrases:
    """Read the sentences of `language` from `plain/<language>.toml`.

    Raises:
        PromptError: the file is missing or broken, or the variants of one move want different variables.
    """
    path = directory / "plain" / f"{language}.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PromptError(f"cannot read the plain writer's phrases at {path}: {error}") from error
    variants: dict[str, tuple[str, ...]] = {}
    for table, moves in tables.items():
        for move, said in moves.items():
            texts = (said,) if isinstance(said, str) else tuple(said)
            _check(f"{table}.{move}", texts, path)
            variants[f"{table}.{move}"] = texts
    return Phrases(language, variants)


def _check(move: str, texts: tuple[str, ...], path: Path) -> None:
    wanted = {frozenset(_VARIABLE.findall(text)) for text in texts}
    if len(wanted) != 1:
        raise PromptError(f"{path}: the variants of {move} must all use the same variables (and be at least one)")
    if any(re.search(r"[{}]", _VARIABLE.sub("", text)) for text in texts):
        raise PromptError(f"{path}: {move} holds a brace that belongs to no variable: write {{name}}")
