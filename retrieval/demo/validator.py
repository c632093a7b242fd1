"""Checks that the demo shop's files hold what its schema says.

In: a folder. Out: a list of problems, empty when all is well. Knows no database. Run it: `python -m
retrieval.demo.validator [FOLDER]`; the exit status is 1 when something is wrong.
"""

import json
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from retrieval.demo import (
    DEMO_FOLDER,
    MAPPING_FILE,
    POLICIES_FILE,
    PRODUCTS_FILE,
    REVIEWS_FILE,
    SHOP_FILE,
    SIZE_CHARTS_FILE,
)
from retrieval.demo.problems import Problem, Row, is_language, is_number, read_rows, repeated_ids
from retrieval.demo.product_checks import check_product, variants_of
from retrieval.demo.schema import (
    ATTRIBUTES,
    CATEGORIES,
    EU_SIZES,
    LANGUAGES,
    LETTER_SIZES,
    N_PER_CATEGORY,
    N_QUESTIONS,
    N_REVIEWS_SHIPPED,
    POLICY_TOPICS,
    PRODUCT_FIELDS,
    QUESTION_TOPICS,
    REQUIRED_CURRENCIES,
    SIZE_MEASURES,
)

REVIEW_FIELDS = ("id", "product_id", "rating", "language", "title", "text")
POLICY_FIELDS = ("id", "topic", "language", "title", "text", "kind")
CHEAP_TO_DEAR = 1.5
"""In each category the dearest product costs at least so many times the cheapest."""


def validate(folder: Path = DEMO_FOLDER) -> list[Problem]:
    """Everything that is wrong with the demo shop in `folder`, file by file and line by line."""
    products, problems = read_rows(folder / PRODUCTS_FILE)
    problems += [problem for row in products for problem in check_product(row)]
    problems += _check_catalog(products)
    reviews, unreadable = read_rows(folder / REVIEWS_FILE)
    problems += unreadable + list(_check_reviews(reviews, products))
    policies, unreadable = read_rows(folder / POLICIES_FILE)
    problems += unreadable + list(_check_policies(policies))
    for name, parse, check in (
        (SIZE_CHARTS_FILE, json.loads, _check_size_charts),
        (MAPPING_FILE, tomllib.loads, _check_mapping),
        (SHOP_FILE, tomllib.loads, _check_shop),
    ):
        problems += _check_document(folder / name, parse, check)
    return problems


def _whole(file: str, field: str, value: object, reason: str) -> Problem:
    return Problem(file, 0, field, str(value), reason)


def _check_catalog(rows: list[Row]) -> list[Problem]:
    problems = repeated_ids(rows)
    variant_ids = Counter(str(variant.get("id")) for row in rows for variant in variants_of(row))
    problems += [
        _whole(PRODUCTS_FILE, "variants", identifier, "several variants have this id")
        for identifier, n in variant_ids.items()
        if n > 1
    ]
    by_category: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_category[str(row.data.get("category"))].append(row)
    for name in CATEGORIES:
        problems += _check_category(name, by_category.get(name, []))
    n_on_sale = sum("sale_price" in row.data for row in rows)
    if 5 * n_on_sale < len(rows):
        problems.append(_whole(PRODUCTS_FILE, "sale_price", n_on_sale, "fewer than a fifth are on sale"))
    return problems


def _check_category(name: str, rows: list[Row]) -> Iterator[Problem]:
    if len(rows) != N_PER_CATEGORY:
        yield _whole(PRODUCTS_FILE, "category", name, f"{len(rows)} products, not {N_PER_CATEGORY}")
        return
    if not any(is_number(row.data.get("stock"), 1) for row in rows):
        yield _whole(PRODUCTS_FILE, "stock", name, "all of the category is out of stock")
    stated = [row.data.get("sale_price", row.data.get("price")) for row in rows]
    prices = [float(price) for price in stated if price is not None and is_number(price, 0)]
    if prices and max(prices) < CHEAP_TO_DEAR * min(prices):
        yield _whole(PRODUCTS_FILE, "price", name, "no cheap and dear product in the category")


def _missing_fields(row: Row, fields: Iterable[str]) -> list[Problem]:
    return [row.problem(name, "missing") for name in fields if not row.data.get(name)]


def _check_reviews(rows: list[Row], products: list[Row]) -> Iterator[Problem]:
    yield from repeated_ids(rows)
    known = [str(row.data["id"]) for row in products if row.data.get("id")]
    counts = Counter(str(row.data.get("product_id")) for row in rows)
    for row in rows:
        if missing := _missing_fields(row, REVIEW_FIELDS):
            yield from missing
            continue
        if row.data["product_id"] not in known:
            yield row.problem("product_id", "no product has this id")
        if not isinstance(row.data["rating"], int) or not is_number(row.data["rating"], 1, 5):
            yield row.problem("rating", "not a whole number from 1 to 5")
        yield from _check_language(row)
    for identifier in dict.fromkeys(known):
        if counts[identifier] != N_REVIEWS_SHIPPED:
            yield _whole(REVIEWS_FILE, "product_id", identifier, f"has {counts[identifier]} reviews, not three")


def _check_language(row: Row) -> Iterator[Problem]:
    language = row.data["language"]
    if language not in LANGUAGES:
        yield row.problem("language", "neither en nor zh")
        return
    for name in ("title", "text"):
        if not is_language(str(row.data[name]), language):
            yield row.problem(name, f"not in the language {language}")


def _check_policies(rows: list[Row]) -> Iterator[Problem]:
    yield from repeated_ids(rows)
    found: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        if missing := _missing_fields(row, POLICY_FIELDS):
            yield from missing
            continue
        kind, topic = row.data["kind"], row.data["topic"]
        if kind not in ("policy", "faq"):
            yield row.problem("kind", "neither policy nor faq")
        elif topic not in (POLICY_TOPICS if kind == "policy" else QUESTION_TOPICS):
            yield row.problem("topic", f"not a topic of a {kind}")
        yield from _check_language(row)
        found[str(kind), str(topic), str(row.data["language"])] += 1
    yield from _check_policy_languages(rows, found)


def _check_policy_languages(rows: list[Row], found: Counter[tuple[str, str, str]]) -> Iterator[Problem]:
    for topic in POLICY_TOPICS:
        for language in LANGUAGES:
            if not found["policy", topic, language]:
                yield _whole(POLICIES_FILE, "topic", topic, f"no passage in the language {language}")
    for language in LANGUAGES:
        n_questions = sum(n for (kind, _, of), n in found.items() if (kind, of) == ("faq", language))
        if n_questions < N_QUESTIONS:
            yield _whole(POLICIES_FILE, "kind", n_questions, f"fewer than {N_QUESTIONS} questions in {language}")
    ids = {str(row.data.get("id")) for row in rows}
    for row in rows:
        stem, _, language = str(row.data.get("id")).rpartition("-")
        other = f"{stem}-{'zh' if language == 'en' else 'en'}"
        if language != row.data.get("language") or other not in ids:
            yield row.problem("id", f"ends in another language than its row's, or {other} is missing")


def _check_document(
    path: Path, parse: Callable[[str], Any], check: Callable[[dict[str, Any]], Iterator[Problem]]
) -> list[Problem]:
    if not path.is_file():
        return [_whole(path.name, "", "", "the file is missing")]
    try:
        document = parse(path.read_text("utf-8"))
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        return [_whole(path.name, "", "", f"cannot be read: {error}")]
    if not isinstance(document, dict):
        return [_whole(path.name, "", "", "not a table")]
    return list(check(document))


def _check_size_charts(charts: dict[str, Any]) -> Iterator[Problem]:
    for audience in ("women", "men", "unisex"):
        chart = charts.get("apparel", {}).get(audience, [])
        yield from _check_chart(f"apparel.{audience}", chart, LETTER_SIZES, SIZE_MEASURES)
    yield from _check_chart("shoes", charts.get("shoes", []), EU_SIZES, ("foot_length_mm",))


def _check_chart(
    field: str, chart: list[dict[str, Any]], sizes: tuple[str, ...], measures: tuple[str, ...]
) -> Iterator[Problem]:
    if tuple(row.get("size") for row in chart) != sizes:
        yield _whole(SIZE_CHARTS_FILE, field, [row.get("size") for row in chart], "not every size in order")
        return
    for measure in measures:
        bounds = [row.get(measure) for row in chart]
        if not all(isinstance(pair, list) and len(pair) == 2 and pair[0] < pair[1] for pair in bounds):
            yield _whole(SIZE_CHARTS_FILE, f"{field}.{measure}", bounds, "not a lower and an upper bound each")
            continue
        pairs = [pair for pair in bounds if pair is not None]
        if any(low[1] != high[0] for low, high in pairwise(pairs)):
            yield _whole(SIZE_CHARTS_FILE, f"{field}.{measure}", bounds, "sizes leave a gap or overlap")


def _check_mapping(mapping: dict[str, Any]) -> Iterator[Problem]:
    if (mapping.get("currency"), mapping.get("price_unit")) != ("USD", "major"):
        yield _whole(MAPPING_FILE, "currency", mapping.get("currency"), "not USD in major units")
    for name in sorted(PRODUCT_FIELDS | {"sale_price", "variants"}):
        if mapping.get("fields", {}).get(name) != name:
            yield _whole(MAPPING_FILE, f"fields.{name}", mapping.get("fields", {}).get(name), "not mapped to itself")
    for name in sorted({"size", *ATTRIBUTES}):
        if mapping.get("attributes", {}).get(name) != [name]:
            columns = mapping.get("attributes", {}).get(name)
            yield _whole(MAPPING_FILE, f"attributes.{name}", columns, "not mapped to itself")


def _check_shop(settings: dict[str, Any]) -> Iterator[Problem]:
    shop, exchange = settings.get("shop", {}), settings.get("exchange_rates", {})
    for language in LANGUAGES:
        name = shop.get("name", {}).get(language, "")
        if not is_language(name, language):
            yield _whole(SHOP_FILE, f"shop.name.{language}", name, f"not in the language {language}")
    if exchange.get("base") != "USD":
        yield _whole(SHOP_FILE, "exchange_rates.base", exchange.get("base"), "not USD, the currency of the products")
    if not isinstance(exchange.get("as_of"), date):
        yield _whole(SHOP_FILE, "exchange_rates.as_of", exchange.get("as_of"), "not a date")
    for currency in REQUIRED_CURRENCIES:
        rate = exchange.get("rates", {}).get(currency)
        if not is_number(rate, 0.0001):
            yield _whole(SHOP_FILE, f"exchange_rates.rates.{currency}", rate, "not a positive rate")


def main(arguments: list[str]) -> int:
    """Validate the folder named on the command line, or the shipped one; print what is wrong."""
    problems = validate(Path(arguments[0]) if arguments else DEMO_FOLDER)
    for problem in problems:
        print(f"{problem.file}:{problem.line}: {problem.field} = {problem.value!r}: {problem.reason}")
    print(f"{len(problems)} problems" if problems else "the demo shop is as its schema says")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
