"""How a merchant's own assistant is called, how it sounds, and what else it heeds.

In: `[assistant]` in `shop.toml` and `prompts/house_rules_extra.md` in the shop's directory. Out: a piece of prompt that
stands after the rules that always hold. The merchant is trusted to mean well, and still can take none of those away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prompts import PromptError, as_data, load_prompt, read_prompt
from retrieval.errors import ConfigError

RULES = "house_rules_extra"
RULES_LIMIT, NAME_LIMIT, TONE_LIMIT = 2_000, 40, 200
"""Characters."""
VARIABLES = frozenset({"shop", "language", "assistant"})
"""What the merchant's rules may name, written `<<shop>>`."""
_NONE = "none"


@dataclass(frozen=True, slots=True)
class House:
    """What a merchant adds. `name` and `tone` are texts, or empty; `rules` a text whose variables are `VARIABLES`."""

    name: str = ""
    tone: str = ""
    rules: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the merchant adds nothing."""
        return not (self.name or self.tone or self.rules)

    def added(self, shop: str, language: str) -> str:
        """The piece of prompt; nothing in it can end it, or pass for a placeholder. Empty where nothing is added."""
        if self.is_empty:
            return ""
        values = {"shop": shop, "language": language, "assistant": self.name or shop}
        rules = self.rules
        for name, value in values.items():
            rules = rules.replace(f"<<{name}>>", value)
        lines = [as_data(line, RULES_LIMIT) for line in rules.splitlines()]
        return load_prompt("merchant").render(
            shop=as_data(shop, 80),
            name=as_data(self.name, NAME_LIMIT) or _NONE,
            tone=as_data(self.tone, TONE_LIMIT) or _NONE,
            rules="\n".join(line for line in lines if line) or _NONE,
        )


def house_of(table: Mapping[str, Any], where: str, root: Path) -> House:
    """What the merchant of the shop in `root` adds.

    Raises:
        ConfigError: names what is wrong, or too long, and in which file.
    """
    if unknown := sorted(set(table) - {"name", "tone"}):
        raise ConfigError(f"{where}: unknown setting {unknown[0]!r}; known are name, tone")
    for name, limit in (("name", NAME_LIMIT), ("tone", TONE_LIMIT)):
        stated = table.get(name, "")
        if not isinstance(stated, str) or len(stated) > limit:
            raise ConfigError(f"{where}: {name} must be a text of at most {limit} characters, not {stated!r}")
    file = root / "prompts" / f"{RULES}.md"
    return House(table.get("name", "").strip(), table.get("tone", "").strip(), _rules(file))


def _rules(file: Path) -> str:
    if not file.exists():
        return ""
    try:
        prompt = read_prompt(RULES, file.parent)
    except PromptError as error:
        raise ConfigError(f"{file}: {error}") from error
    if unknown := sorted(prompt.variables - VARIABLES):
        known = ", ".join(f"<<{name}>>" for name in sorted(VARIABLES))
        raise ConfigError(f"{file}: there is no value for <<{unknown[0]}>>; known are {known}")
    if len(prompt.text) > RULES_LIMIT:
        raise ConfigError(f"{file}: {len(prompt.text):,} characters are too many: write at most {RULES_LIMIT:,}")
    return prompt.text
