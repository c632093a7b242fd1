"""Size charts: which size is made for which body, by category, brand and audience.

In: `size_charts.toml` of the shop, and the general charts that come with the assistant. Out: `SizeChart`s. Knows no
product and no shopper.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

from assistant.sizing.values import KINDS
from retrieval.errors import ConfigError
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import fold, norms

CHARTS_FILE = "size_charts.toml"
AUDIENCES = ("women", "men", "unisex", "kids")
LENGTHS: Mapping[str, Decimal] = {"cm": Decimal(1), "mm": Decimal("0.1"), "in": Decimal("2.54")}
WEIGHTS: Mapping[str, Decimal] = {"kg": Decimal(1), "lb": Decimal("0.45359237")}
"""Units that a chart may be written in, in centimetres and kilograms."""

MAX_FILE_BYTES = 1_000_000
_CHART_KEYS = frozenset({"name", "categories", "brand", "audience", "length", "weight", "sizes"})
_ROW_KEYS = frozenset({"size", "also", *KINDS})

Range = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class SizeRow:
    """One size. `fits`: kind of measure -> [from, below), in cm or kg; `also`: the size in other systems."""

    size: str
    fits: Mapping[str, Range]
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What the size may be called, folded: "42", "uk 8", and the bare number of a mondopoint size.

        >>> SizeRow("42", {}, {"UK": "8", "CN": "260"}).names
        ('42', 'eu 42', 'uk 8', 'cn 260', '260')
        """
        own = fold(self.size)
        number = (f"eu {own}",) if own.replace(".", "").isdigit() else ()
        systems = tuple(f"{fold(system)} {fold(size)}" for system, size in self.also.items())
        return (own, *number, *systems, *(size for system, size in self.also.items() if system == "CN"))


@dataclass(frozen=True, slots=True)
class SizeChart:
    """The sizes of some categories, smallest first. `brand` (folded) and `audience` None = any."""

    name: Mapping[str, str]
    categories: tuple[str, ...]
    rows: tuple[SizeRow, ...]
    brand: str | None = None
    audience: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The measures that it goes by."""
        return tuple(self.rows[0].fits)


@dataclass(frozen=True, slots=True)
class SizeCharts:
    """The charts of a shop; those before others count first."""

    charts: tuple[SizeChart, ...] = ()

    def for_product(
        self, category: str | None, department: str | None, brand: str | None, audience: str | None
    ) -> SizeChart | None:
        """The chart that fits best: one of the brand before one of any, one of the category before its department's.

        Args:
            category: as the catalog has it.
            department: as the catalog has it.
            brand: the product's.
            audience: "women", "men", "kids" or "unisex"; None = not known, which counts as unisex.
        """
        best: tuple[int, SizeChart] | None = None
        for chart in self.charts:
            nearness = _nearness(chart, category, department)
            if not nearness or chart.brand not in (None, fold(brand) if brand else None):
                continue
            if chart.audience not in (None, audience or "unisex"):
                continue
            points = nearness + 4 * (chart.brand is not None) + (chart.audience is not None)
            if best is None or points > best[0]:
                best = (points, chart)
        return best[1] if best else None

    def for_measures(self, kinds: Sequence[str], audience: str | None) -> SizeChart | None:
        """The first chart of no brand that goes by one of these measures; where nothing tells what it is for."""
        fitting = [chart for chart in self.charts if chart.brand is None and set(kinds) & set(chart.kinds)]
        exact = [chart for chart in fitting if chart.audience == (audience or "unisex")]
        return next(iter([*exact, *(chart for chart in fitting if chart.audience is None)]), None)


def _nearness(chart: SizeChart, category: str | None, department: str | None) -> int:
    """2 where the chart is for the category, 1 where it is for its department, else 0."""
    if category and _names_of("category", category) & _folded(chart.categories):
        return 2
    return 1 if department and _names_of("department", department) & _folded(chart.categories) else 0


@lru_cache(maxsize=512)
def _folded(names: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(norms(name) for name in names)


@lru_cache(maxsize=2048)
def _names_of(kind: str, name: str) -> frozenset[tuple[str, ...]]:
    """What a chart may call a category: its own name, the lexicon's, and its last word (Women's Shoes)."""
    canonical = load_lexicon().canonical(kind, name)
    own = norms(name)
    return frozenset(filter(None, (own, norms(canonical) if canonical else (), own[-1:])))


def load_size_charts(shop_dir: Path) -> SizeCharts:
    """The shop's own charts, where it has `size_charts.toml`, before the general ones.

    Raises:
        ConfigError: the file is not TOML, or a chart in it cannot be used; names line, chart, size and field.
    """
    file = shop_dir / CHARTS_FILE
    if not file.is_file():
        return default_charts()
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError(f"{file} is larger than {MAX_FILE_BYTES:,} bytes: leave out charts that nobody needs")
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read ({error}): save it as UTF-8 text") from error
    return SizeCharts((*parse_charts(text, str(file)), *default_charts().charts))


@lru_cache
def default_charts() -> SizeCharts:
    """The general charts that come with the assistant."""
    text = resources.files("assistant.sizing").joinpath("default_charts.toml").read_text("utf-8")
    return SizeCharts(parse_charts(text, "default_charts.toml"))


def parse_charts(text: str, where: str) -> tuple[SizeChart, ...]:
    """The charts of a TOML text.

    Args:
        text: the file's content.
        where: what the file is called in errors.

    Raises:
        ConfigError: as `load_size_charts`.
    """
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}") from error
    charts = content.get("chart", [])
    if set(content) - {"chart"} or not isinstance(charts, list) or not all(isinstance(one, dict) for one in charts):
        raise ConfigError(f"{where}: it holds [[chart]] tables and nothing else; see docs/size-advice.md")
    return tuple(_Reader(text, where, number).chart(table) for number, table in enumerate(charts, 1))


@dataclass(slots=True)
class _Reader:
    """Reads one chart, and knows where it stands."""

    text: str
    where: str
    number: int

    def chart(self, table: Mapping[str, Any]) -> SizeChart:
        if unknown := sorted(set(table) - _CHART_KEYS):
            self.refuse(f"unknown field {unknown[0]!r}; known are {', '.join(sorted(_CHART_KEYS))}", unknown[0])
        audience, brand = table.get("audience"), table.get("brand")
        if audience is not None and audience not in AUDIENCES:
            self.refuse(f"audience must be one of {', '.join(AUDIENCES)}, not {audience!r}", "audience")
        if brand is not None and not _is_text(brand):
            self.refuse(f"brand must be a text, not {brand!r}", "brand")
        categories = table.get("categories")
        if not isinstance(categories, list) or not categories or not all(map(_is_text, categories)):
            self.refuse('categories must be a list of names, as in ["shirts", "jackets"]', "categories")
        return SizeChart(
            self._name(table.get("name")),
            tuple(categories),
            self._rows(table),
            fold(brand) if brand else None,
            audience,
        )

    def _name(self, stated: Any) -> Mapping[str, str]:
        if _is_text(stated):
            return {"en": stated, "zh": stated}
        if isinstance(stated, dict) and set(stated) == {"en", "zh"} and all(map(_is_text, stated.values())):
            return stated
        self.refuse('name must be a text, or { en = "…", zh = "…" }: replies say which chart was used', "name")

    def _rows(self, table: Mapping[str, Any]) -> tuple[SizeRow, ...]:
        for key, units in (("length", LENGTHS), ("weight", WEIGHTS)):
            if table.get(key, next(iter(units))) not in units:
                self.refuse(f"{key} must be one of {', '.join(units)}, not {table[key]!r}", key)
        length, weight = LENGTHS[table.get("length", "cm")], WEIGHTS[table.get("weight", "kg")]
        sizes = table.get("sizes")
        if not isinstance(sizes, list) or not sizes or not all(isinstance(row, dict) for row in sizes):
            self.refuse('sizes must be a list, as in [{ size = "m", height = [170, 175] }]', "sizes")
        rows = tuple(self._row(row, length, weight) for row in sizes)
        for before, after in pairwise(rows):
            self._check_order(before, after)
        if len({fold(row.size) for row in rows}) < len(rows):
            self.refuse("a size stands there twice", "sizes")
        return rows

    def _row(self, row: Mapping[str, Any], length: Decimal, weight: Decimal) -> SizeRow:
        size = row.get("size")
        if not _is_text(size):
            self.refuse(f'size must be a text, as in size = "m", not {size!r}', "sizes")
        if unknown := sorted(set(row) - _ROW_KEYS):
            self.refuse(f"unknown field {unknown[0]!r}; known are {', '.join(sorted(_ROW_KEYS))}", unknown[0], size)
        also = row.get("also", {})
        if not isinstance(also, dict) or not all(map(_is_text, also.values())):
            self.refuse('also must be sizes by system, as in { UK = "8", US = "9" }', "also", size)
        fits = {
            kind: self._range(row[kind], kind, weight if kind == "weight" else length, size)
            for kind in KINDS
            if kind in row
        }
        if not fits:
            self.refuse(f"it needs at least one of {', '.join(KINDS)}", "size", size)
        return SizeRow(size, fits, also)

    def _range(self, stated: Any, kind: str, factor: Decimal, size: str) -> Range:
        numbers = stated if isinstance(stated, list) else []
        if len(numbers) != 2 or not all(isinstance(n, (int, Decimal)) and not isinstance(n, bool) for n in numbers):
            self.refuse(f"{kind} must be two numbers, from and below, as in [170, 175], not {stated!r}", kind, size)
        low, high = (Decimal(number) * factor for number in numbers)
        unit, least, most = KINDS[kind]
        if not (low.is_finite() and high.is_finite() and least <= low < high <= most):
            self.refuse(f"{kind} must rise, between {least} and {most} {unit}, not {stated!r}", kind, size)
        return low, high

    def _check_order(self, before: SizeRow, after: SizeRow) -> None:
        if set(before.fits) != set(after.fits):
            self.refuse("all sizes of a chart must go by the same measures", "size", after.size)
        for kind in before.fits:
            if after.fits[kind][0] < before.fits[kind][1]:
                self.refuse(
                    f"{kind} overlaps with size {before.size!r}: write sizes from small to large", kind, after.size
                )

    def refuse(self, what: str, key: str, size: str | None = None) -> NoReturn:
        which = f", size {size!r}" if size is not None else ""
        raise ConfigError(f"{self.where}, line {self._line(key, size)}, chart {self.number}{which}: {what}")

    def _line(self, key: str, size: str | None) -> int:
        """The line of the size, else of the field, else of the chart."""
        starts = [found.start() for found in re.finditer(r"(?m)^\s*\[\[\s*chart\s*\]\]", self.text)]
        if self.number > len(starts):
            return 1
        start = starts[self.number - 1]
        end = starts[self.number] if self.number < len(starts) else len(self.text)
        wanted = rf"size\s*=\s*[\"']{re.escape(size)}[\"']" if size is not None else rf"(?m)^\s*{re.escape(key)}\s*="
        found = re.compile(wanted).search(self.text, start, end)
        place = found.end() if found else self.text.index("[", start)
        return self.text.count("\n", 0, place) + 1


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())
