"""What changes in the catalog when staged rows are taken in: the statements, and what they did.

In: a connection that sees the catalog (`main`) and, where something is taken in, the staged rows (`staged`). Out:
counts, and inside a writing transaction the changed catalog. Only rows whose digest differs are touched. Knows no file
and no feed.

`temp.touched` names the products that a change is about: "take" (new, changed or returned), "retire", or "review"
(only their reviews change). The version is the sum of the digests of all that is live, so it moves by the difference
of these products' sums before and after.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from retrieval.errors import CatalogChanged, CatalogError
from retrieval.records import POLICY_COLUMNS, PRODUCT_COLUMNS, REVIEW_COLUMNS, VARIANT_COLUMNS

DEMO = "demo"
"""The origin of a catalog that a merchant's own may replace without being asked."""

MODULUS = 2**256
N_NAMED = 3

LEAVING = "p.retired_at IS NULL AND NOT EXISTS (SELECT 1 FROM staged.products s WHERE s.id = p.id)"
SAME_REVIEW = "r.product_id = s.product_id AND r.id = s.id"
TAKEN = "(SELECT id FROM temp.touched WHERE kind = 'take')"


@dataclass(frozen=True, slots=True)
class Applied:
    """What a change of the catalog did, or would do (then `version` and `revision` are those it has now).

    Of the `changed` products, `reworded` is how many have another search text and so are embedded anew; with the
    others only price, stock, rating, pictures and the like changed. `returned` had been retired before.
    """

    added: int = 0
    changed: int = 0
    reworded: int = 0
    unchanged: int = 0
    returned: int = 0
    retired: int = 0
    version: str = ""
    revision: int = 0

    @property
    def n_products(self) -> int:
        """How many products were to be taken in."""
        return self.added + self.changed + self.unchanged + self.returned


def count_changes(connection: Connection, *, whole: bool) -> Applied:
    """What taking in the staged rows would do; `whole` retires the products that are not among them.

    Raises:
        CatalogError: what was staged is not complete.
    """
    _staged_meta(connection)
    counts = connection.exec_driver_sql(
        """
        SELECT
            count(*) FILTER (WHERE p.id IS NULL),
            count(*) FILTER (WHERE p.retired_at IS NULL AND p.digest <> s.digest),
            count(*) FILTER (WHERE p.retired_at IS NULL AND p.text_digest <> s.text_digest),
            count(*) FILTER (WHERE p.retired_at IS NULL AND p.digest = s.digest),
            count(*) FILTER (WHERE p.retired_at IS NOT NULL)
        FROM staged.products s LEFT JOIN main.products p ON p.id = s.id
        """
    ).one()
    retired = _scalar(connection, f"SELECT count(*) FROM main.products p WHERE {LEAVING}") if whole else 0
    now = _nothing(connection)
    added, changed, reworded, unchanged, returned = counts
    return replace(
        now, added=added, changed=changed, reworded=reworded, unchanged=unchanged, returned=returned, retired=retired
    )


def take_in(connection: Connection, *, whole: bool, max_retired_share: float | None, origin: str | None) -> Applied:
    """Take in the staged rows, as `retrieval.catalog.Catalog.apply` says."""
    staged = _staged_meta(connection)
    counts = count_changes(connection, whole=whole)
    _check(connection, staged, counts, whole=whole, max_retired_share=max_retired_share)
    all_reviews = whole and bool(staged["all_reviews"])
    _touch(connection, "take", _DIFFERING)
    if whole:
        _touch(connection, "retire", f"SELECT id FROM main.products p WHERE {LEAVING}")
    for products in _with_other_reviews(whole=whole, all_reviews=all_reviews):
        _touch(connection, "review", products)
    before = _sum(connection)
    _take_products(connection, counts.revision + 1)
    _retire(connection, counts.revision + 1)
    _take_reviews(connection, whole=whole, all_reviews=all_reviews)
    _take_policies(connection, replaces=whole and bool(staged["all_policies"]))
    _note(connection, "currency", staged["currency"] or None)
    _note(connection, "origin", origin)
    return _finished(connection, before, counts)


def retire(connection: Connection, ids: Iterable[str]) -> Applied:
    """Take the products with these ids off sale; ids that are not on sale are left out."""
    _make_touched(connection)
    live = "SELECT 'retire', id FROM main.products WHERE id = ? AND retired_at IS NULL"
    for product_id in ids:
        connection.exec_driver_sql(f"INSERT OR IGNORE INTO temp.touched (kind, id) {live}", (product_id,))
    counts = replace(_nothing(connection), retired=_scalar(connection, "SELECT count(*) FROM temp.touched"))
    before = _sum(connection)
    _retire(connection, counts.revision + 1)
    return _finished(connection, before, counts)


def forget(connection: Connection, ids: Iterable[str], policy_digests: Iterable[str]) -> Applied:
    """Delete for good the retired ones of these products, with their reviews, and the policies with these digests."""
    _make_touched(connection)
    before = _sum(connection)
    for product_id in ids:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO main.removed_products (id, revision) "
            "SELECT id, revision FROM main.products WHERE id = ? AND retired_at IS NOT NULL",
            (product_id,),
        )
        connection.exec_driver_sql("DELETE FROM main.products WHERE id = ? AND retired_at IS NOT NULL", (product_id,))
    for digest in policy_digests:
        connection.exec_driver_sql("DELETE FROM main.policies WHERE digest = ?", (digest,))
    return _finished(connection, before, _nothing(connection))


def read_meta(connection: Connection) -> dict[str, str]:
    """What is noted about the catalog: version, revision, currency, imported_at, origin."""
    return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT key, value FROM main.catalog_meta")}


def sum_of(digests: Iterable[str]) -> int:
    """The sum of hexadecimal digests, of which a version is made: the order does not count, repeats do.

    >>> sum_of(["0f", "01"])
    16
    """
    return sum(int(digest, 16) for digest in digests) % MODULUS


_DIFFERING = """
SELECT s.id FROM staged.products s LEFT JOIN main.products p ON p.id = s.id
WHERE p.id IS NULL OR p.retired_at IS NOT NULL OR p.digest <> s.digest
"""


def _nothing(connection: Connection) -> Applied:
    """No change of the catalog as it is."""
    meta = read_meta(connection)
    return Applied(version=meta.get("version", ""), revision=int(meta.get("revision", 0)))


def _with_other_reviews(*, whole: bool, all_reviews: bool) -> list[str]:
    """Which products get other reviews: SELECTs of their ids."""
    stated = (
        "SELECT s.product_id FROM staged.reviews s "
        f"LEFT JOIN main.reviews r ON {SAME_REVIEW} WHERE r.id IS NULL OR r.digest <> s.digest"
    )
    if not whole:
        return [stated]
    return [stated, f"SELECT r.product_id FROM main.reviews r WHERE {_is_dropped(all_reviews)}"]


def _is_dropped(all_reviews: bool) -> str:
    """When a whole import drops the review `r`: it states the product's reviews, and this is none of them."""
    spoken_of = "staged.products t WHERE t.id" if all_reviews else "staged.reviews t WHERE t.product_id"
    return (
        f"EXISTS (SELECT 1 FROM {spoken_of} = r.product_id) "
        f"AND NOT EXISTS (SELECT 1 FROM staged.reviews s WHERE {SAME_REVIEW})"
    )


def _staged_meta(connection: Connection) -> dict[str, str]:
    if not _scalar(connection, "SELECT count(*) FROM staged.sqlite_schema WHERE name = 'meta'"):
        raise CatalogError("what was staged is not complete: import again")
    return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT key, value FROM staged.meta")}


def _check(
    connection: Connection,
    staged: dict[str, str],
    counts: Applied,
    *,
    whole: bool,
    max_retired_share: float | None,
) -> None:
    meta = read_meta(connection)
    if whole and not counts.n_products:
        raise CatalogError("the import holds no product; the catalog stays as it was")
    currency = meta.get("currency", "")
    if not whole and currency and staged["currency"] not in ("", currency):
        raise CatalogError(
            f"the products are priced in {staged['currency']}, the catalog in {currency}: a catalog has one currency"
        )
    if staged["revision"]:
        _check_unchanged(connection, int(staged["revision"]))
    _check_reviews(connection, whole=whole)
    n_live = counts.changed + counts.unchanged + counts.retired
    if max_retired_share is not None and meta.get("origin") != DEMO and counts.retired > max_retired_share * n_live:
        _refuse_retiring(connection, counts.retired, n_live)


def _check_unchanged(connection: Connection, revision: int) -> None:
    statement = "SELECT s.id FROM staged.products s JOIN main.products p ON p.id = s.id WHERE p.revision > ? LIMIT 1"
    if changed := connection.exec_driver_sql(statement, (revision,)).first():
        raise CatalogChanged(f"product {changed[0]!r} changed while the import was prepared: import again")


def _check_reviews(connection: Connection, *, whole: bool) -> None:
    known = "SELECT id FROM staged.products" + ("" if whole else " UNION ALL SELECT id FROM main.products")
    orphan = connection.exec_driver_sql(
        f"SELECT r.id, r.product_id FROM staged.reviews r "
        f"WHERE NOT EXISTS (SELECT 1 FROM ({known}) p WHERE p.id = r.product_id) LIMIT 1"
    ).first()
    if orphan:
        which = "this import" if whole else "the catalog"
        raise CatalogError(f"review {orphan[0]!r} is of product {orphan[1]!r}, which {which} does not have")


def _refuse_retiring(connection: Connection, n_retired: int, n_live: int) -> None:
    leaving = connection.exec_driver_sql(
        f"SELECT p.id FROM main.products p WHERE {LEAVING} ORDER BY p.id LIMIT {N_NAMED}"
    )
    named = ", ".join(repr(row[0]) for row in leaving)
    raise CatalogError(
        f"the import would take {n_retired:,} of {n_live:,} products off sale ({n_retired / n_live:.0%}), such as "
        f"{named}; the catalog stays as it was. If they are gone for good, say so with --yes; if the feed holds only "
        "what changed, import it with --partial"
    )


def _make_touched(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS touched (id TEXT PRIMARY KEY, kind TEXT) WITHOUT ROWID")


def _touch(connection: Connection, kind: str, ids: str) -> None:
    _make_touched(connection)
    connection.exec_driver_sql(f"INSERT OR IGNORE INTO temp.touched (id, kind) SELECT *, '{kind}' FROM ({ids})")


def _sum(connection: Connection) -> int:
    """The sum of the digests of the touched products that are live, of their reviews, and of all policies."""
    live = "JOIN main.products p ON p.id = t.id WHERE p.retired_at IS NULL"
    rows = connection.exec_driver_sql(
        f"SELECT p.digest FROM temp.touched t {live} UNION ALL "
        f"SELECT r.digest FROM temp.touched t JOIN main.reviews r ON r.product_id = t.id {live} UNION ALL "
        "SELECT digest FROM main.policies"
    )
    return sum_of(row[0] for row in rows)


def _take_products(connection: Connection, revision: int) -> None:
    columns = ", ".join(PRODUCT_COLUMNS)
    changed = ", ".join(f"{name} = excluded.{name}" for name in (*PRODUCT_COLUMNS[1:], "revision", "retired_at"))
    connection.exec_driver_sql(
        f"INSERT INTO main.products ({columns}, revision, retired_at) "
        f"SELECT {columns}, ?, NULL FROM staged.products WHERE id IN {TAKEN} ORDER BY id "
        f"ON CONFLICT (id) DO UPDATE SET {changed}",
        (revision,),
    )
    columns = ", ".join(VARIANT_COLUMNS)
    connection.exec_driver_sql(f"DELETE FROM main.variants WHERE product_id IN {TAKEN}")
    connection.exec_driver_sql(
        f"INSERT INTO main.variants ({columns}) SELECT {columns} FROM staged.variants "
        f"WHERE product_id IN {TAKEN} ORDER BY product_id, position"
    )
    connection.exec_driver_sql(f"DELETE FROM main.removed_products WHERE id IN {TAKEN}")


def _retire(connection: Connection, revision: int) -> None:
    connection.exec_driver_sql(
        "UPDATE main.products SET retired_at = ?, revision = ? "
        "WHERE id IN (SELECT id FROM temp.touched WHERE kind = 'retire')",
        (f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}", revision),
    )


def _take_reviews(connection: Connection, *, whole: bool, all_reviews: bool) -> None:
    if whole:
        connection.exec_driver_sql(
            "DELETE FROM main.reviews AS r WHERE r.product_id IN (SELECT id FROM temp.touched) "
            f"AND {_is_dropped(all_reviews)}"
        )
    columns = ", ".join(REVIEW_COLUMNS)
    changed = ", ".join(f"{name} = excluded.{name}" for name in REVIEW_COLUMNS[2:])
    connection.exec_driver_sql(
        f"INSERT INTO main.reviews ({columns}) SELECT {columns} FROM staged.reviews s "
        f"WHERE NOT EXISTS (SELECT 1 FROM main.reviews r WHERE {SAME_REVIEW} AND r.digest = s.digest) "
        f"ON CONFLICT (product_id, id) DO UPDATE SET {changed}"
    )


def _take_policies(connection: Connection, *, replaces: bool) -> None:
    if replaces:
        connection.exec_driver_sql("DELETE FROM main.policies")
    columns = ", ".join(POLICY_COLUMNS)
    connection.exec_driver_sql(
        f"INSERT OR REPLACE INTO main.policies ({columns}) SELECT {columns} FROM staged.policies"
    )


def _finished(connection: Connection, before: int, counts: Applied) -> Applied:
    """The new version and revision noted; both stay where nothing changed."""
    after = _sum(connection)
    version = (int(counts.version or "0", 16) - before + after) % MODULUS
    applied = replace(
        counts,
        version=f"{version:064x}" if version else "",
        revision=counts.revision + (after != before),
    )
    connection.exec_driver_sql("DROP TABLE temp.touched")
    _note(connection, "version", applied.version)
    _note(connection, "revision", str(applied.revision))
    _note(connection, "imported_at", datetime.now(UTC).isoformat())
    return applied


def _note(connection: Connection, key: str, value: str | None) -> None:
    if value is not None:
        connection.exec_driver_sql("INSERT OR REPLACE INTO main.catalog_meta (key, value) VALUES (?, ?)", (key, value))


def _scalar(connection: Connection, statement: str) -> int:
    return int(connection.exec_driver_sql(statement).scalar_one())
