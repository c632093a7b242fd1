"""Where an import is put down and cleaned before the log sees any of it: a SQLite file beside the shop.

In: acts with pseudonyms in the place of ids, in the order of the files. Out: the table `ready`, as
`EventStore.merge` takes it, and what was left out and why. Memory stays small however long the export is: all sorting
and looking up is SQLite's. Knows no format.

What is looked for, and in this order: times of another unit than the rest of their file, products that the catalog
does not know, shoppers that are machines, acts that came twice. Searches give their query to what their shopper does
next.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ranking.behavior.acts import BOT, DUPLICATE, IMPOSSIBLE_TIME, SEARCH, UNKNOWN_PRODUCT
from ranking.behavior.bots import Machines
from ranking.events import act_key, key_of
from retrieval.feed.report import RejectedRow

QUERY_LASTS_US = 30 * 60 * 1_000_000
"""For so long after a search (half an hour), what its shopper does in the same session counts as done for its query."""

CACHE_KIB = 32_768
SHOWN_TIME = "strftime('%Y-%m-%dT%H:%M:%SZ', time / 1000000, 'unixepoch')"

TABLES = """
CREATE TABLE acts (
    n INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, shopper TEXT NOT NULL, product TEXT,
    other TEXT, type TEXT NOT NULL, time INTEGER NOT NULL, unit TEXT NOT NULL, session TEXT, query TEXT, list TEXT,
    position INTEGER, rating REAL, quantity INTEGER, message TEXT, is_bot INTEGER NOT NULL
);
CREATE TABLE files (file INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE left_out (
    kind TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
    reason TEXT NOT NULL, n_events INTEGER NOT NULL
);
CREATE TABLE items (item TEXT PRIMARY KEY, product TEXT, title TEXT);
CREATE TABLE carried (n INTEGER PRIMARY KEY, query TEXT NOT NULL);
CREATE TABLE machines (shopper TEXT PRIMARY KEY, why TEXT NOT NULL);
"""

ActRow = tuple[int, int, str, str | None, str | None, str, int, str, str | None, str | None, str | None, int | None,
               float | None, int | None, str | None, bool]  # fmt: skip
"""(file, line, shopper, product, other, type, time, unit, session, query, list, position, rating, quantity, message,
is_bot): the columns of `acts` after its number."""


class Staging:
    """The staged import in the file at `path`. Close it before it is merged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._db.execute("PRAGMA temp_store = FILE")
        self._db.create_function("act_key", 4, act_key, deterministic=True)
        self._db.create_function("key_of", -1, key_of, deterministic=True)
        self._db.create_function("same_text", 1, _same_text, deterministic=True)
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def put_file(self, number: int, name: str) -> None:
        """Say what a file is called."""
        self._db.execute("INSERT INTO files VALUES (?, ?)", (number, name))

    def put_acts(self, rows: Iterable[ActRow]) -> None:
        """Stage acts."""
        self._in_one("INSERT INTO acts VALUES (NULL" + ", ?" * 16 + ")", rows)

    def put_left_out(self, rows: Iterable[tuple[str, int, RejectedRow]]) -> None:
        """Note what a reader could not take: the kind of reason, how many events it costs, and where it stands."""
        self._in_one(
            "INSERT INTO left_out VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((kind, row.file, row.line, row.field, row.value, row.reason, n_events) for kind, n_events, row in rows),
        )

    def put_items(self, rows: Iterable[tuple[str, str | None, str | None]]) -> None:
        """Say which product an item of a rating file is: (item, product, title); without a product its title tells."""
        self._in_one("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", rows)

    def clean(self, shop: Path, *, keep_unknown: bool) -> None:
        """Find what cannot be used, and make the table `ready` of the rest.

        Args:
            shop: the shop's database, whose catalog says which products there are.
            keep_unknown: keep acts on products that the catalog does not know.
        """
        self._one_unit_a_file()
        self._db.execute("ATTACH DATABASE ? AS shop", (f"{shop.absolute().as_uri()}?mode=ro",))
        self._resolve_products()
        if not keep_unknown:
            self._leave_out(
                UNKNOWN_PRODUCT, "type != ? AND NOT is_known", (SEARCH,), "product", "product",
                "the catalog has no product and no variant of this id: import the feed first, or use --keep-unknown",
            )  # fmt: skip
        self._find_machines()
        self._merge_lines()
        self._leave_out_repeats()
        self._make_ready()

    def n_known(self) -> int:
        """How many of the acts that are ready the log of the shop already has."""
        return self._count("SELECT count(*) FROM ready WHERE key IN (SELECT key FROM shop.events)")

    def counts_by_type(self) -> dict[str, int]:
        """Type -> how many acts are ready that the log does not have yet."""
        known = "SELECT key FROM shop.events"
        rows = self._db.execute(f"SELECT type, count(*) FROM ready WHERE key NOT IN ({known}) GROUP BY type")  # noqa: S608
        return dict(rows.fetchall())

    def n_shoppers(self) -> int:
        """How many shoppers the ready acts are of."""
        return self._count("SELECT count(DISTINCT shopper_id) FROM ready")

    def counts_left_out(self) -> Counter[str]:
        """Kind of reason -> how many acts (or unreadable records) it cost."""
        return Counter(dict(self._db.execute("SELECT kind, sum(n_events) FROM left_out GROUP BY kind").fetchall()))

    def left_out(self, limit: int = -1) -> Iterator[RejectedRow]:
        """What was left out, by file and line."""
        found = self._db.execute(
            "SELECT file, line, field, value, reason FROM left_out ORDER BY file, line, rowid LIMIT ?", (limit,)
        )
        return (RejectedRow(*row) for row in found)

    def _in_one(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(statement, rows)
        self._db.execute("COMMIT")

    def _count(self, statement: str) -> int:
        return int(self._db.execute(statement).fetchone()[0])

    def _leave_out(
        self, kind: str, condition: str, values: Sequence[object], field: str, shown: str, reason: str
    ) -> None:
        """Move the acts that meet a condition to what was left out; `shown` is the column that the report shows."""
        where = f"SELECT n FROM acts WHERE {condition}"  # noqa: S608  (conditions are ours)
        self._db.execute(f"CREATE TEMP TABLE leaving AS {where}", values)
        self._db.execute(
            f"INSERT INTO left_out SELECT ?, name, line, ?, coalesce({shown}, ''), ?, 1 "  # noqa: S608
            "FROM acts JOIN files USING (file) WHERE n IN (SELECT n FROM leaving) ORDER BY n",
            (kind, field, reason),
        )
        self._db.execute("DELETE FROM acts WHERE n IN (SELECT n FROM leaving)")
        self._db.execute("DROP TABLE leaving")

    def _one_unit_a_file(self) -> None:
        """Of each file, keep the times of the unit that most of them are in."""
        counted = self._db.execute(
            "SELECT file, unit, count(*) FROM acts GROUP BY file, unit ORDER BY 3 DESC, 2"
        ).fetchall()
        main: dict[int, str] = {}
        for file, unit, _ in counted:
            main.setdefault(file, unit)
        for file, unit, _ in counted:
            if unit != main[file]:
                self._leave_out(
                    IMPOSSIBLE_TIME, "file = ? AND unit = ?", (file, unit), "time", SHOWN_TIME,
                    f"is in {unit}, while most times of the file are in {main[file]}",
                )  # fmt: skip

    def _resolve_products(self) -> None:
        """Put the product in the place of the SKU, the variant or the item of a rating file that an act names."""
        self._db.executescript(
            """
            ALTER TABLE acts ADD COLUMN is_known INTEGER NOT NULL DEFAULT 0;
            CREATE TEMP TABLE titles AS SELECT same_text(title) AS title, min(id) AS product FROM shop.products
                WHERE EXISTS (SELECT 1 FROM items WHERE product IS NULL) GROUP BY 1 HAVING count(*) = 1;
            CREATE INDEX temp.by_title ON titles (title);
            UPDATE items SET product = (SELECT product FROM titles WHERE titles.title = same_text(items.title))
                WHERE product IS NULL;
            UPDATE acts SET product = items.product FROM items
                WHERE acts.product = items.item AND items.product IS NOT NULL;
            CREATE TEMP TABLE named AS SELECT DISTINCT product, coalesce(other, '') AS other, NULL AS is_one
                FROM acts WHERE product IS NOT NULL;
            CREATE TEMP TABLE owners AS SELECT id, min(product_id) AS product FROM shop.variants
                WHERE id IN (SELECT product FROM named UNION SELECT other FROM named)
                GROUP BY id HAVING count(DISTINCT product_id) = 1;
            CREATE INDEX temp.by_id ON owners (id);
            UPDATE named SET is_one = coalesce(
                (SELECT id FROM shop.products WHERE id = named.product),
                (SELECT id FROM shop.products WHERE id = named.other),
                (SELECT owners.product FROM owners WHERE id = named.product),
                (SELECT owners.product FROM owners WHERE id = named.other));
            CREATE INDEX temp.by_names ON named (product, other);
            UPDATE acts SET product = named.is_one, is_known = 1 FROM named
                WHERE acts.product = named.product AND coalesce(acts.other, '') = named.other
                AND named.is_one IS NOT NULL;
            """
        )

    def _find_machines(self) -> None:
        """One walk through the acts by shopper and time: who is a machine, and which query an act was done for."""
        machines, carried = Machines(), _Carried()
        walk = self._db.execute(
            "SELECT n, shopper, session, type, time, query, is_bot FROM acts ORDER BY shopper, time, n"
        )
        queries: list[tuple[int, str]] = []
        for n, shopper, session, type_, time_us, query, is_bot in walk:
            machines.see(shopper, time_us, bool(is_bot))
            if (from_search := carried.see(shopper, session, type_, time_us, query)) is not None:
                queries.append((n, from_search))
                if len(queries) >= 5_000:
                    self._db.executemany("INSERT INTO carried VALUES (?, ?)", queries)
                    queries.clear()
        self._db.executemany("INSERT INTO carried VALUES (?, ?)", queries)
        self._db.executemany("INSERT INTO machines VALUES (?, ?)", machines.found())
        self._db.execute(
            "INSERT INTO left_out SELECT ?, name, line, 'shopper', shopper, why, n_events FROM (SELECT min(n) AS n, "
            "count(*) AS n_events, why FROM acts JOIN machines USING (shopper) WHERE type != ? GROUP BY shopper) "
            "JOIN acts USING (n) JOIN files USING (file) ORDER BY n",
            (BOT, SEARCH),
        )
        self._db.execute("DELETE FROM acts WHERE shopper IN (SELECT shopper FROM machines) OR type = ?", (SEARCH,))
        self._db.execute("UPDATE acts SET query = carried.query FROM carried WHERE acts.n = carried.n")

    def _merge_lines(self) -> None:
        """Several lines of one record on one product (two sizes of a shoe) are one act of all their quantities."""
        self._db.executescript(
            """
            CREATE TEMP TABLE lines AS SELECT min(n) AS n, max(n) AS last, sum(coalesce(quantity, 1)) AS quantity, file,
                line, product FROM acts GROUP BY file, line, product HAVING count(*) > 1;
            UPDATE acts SET quantity = lines.quantity FROM lines WHERE acts.n = lines.n AND
                acts.type IN ('purchase', 'refund', 'add_to_cart', 'remove_from_cart');
            CREATE INDEX temp.by_line ON lines (file, line, product);
            DELETE FROM acts WHERE EXISTS (SELECT 1 FROM lines WHERE lines.file = acts.file
                AND lines.line = acts.line AND lines.product = acts.product AND lines.n < acts.n);
            """
        )

    def _leave_out_repeats(self) -> None:
        self._db.execute(
            "CREATE TEMP TABLE repeats AS SELECT n FROM (SELECT n, "
            "row_number() OVER (PARTITION BY shopper, product, type, time ORDER BY n) AS act, "
            "CASE WHEN message IS NULL THEN 1 ELSE row_number() OVER "
            "(PARTITION BY message, shopper, product, type ORDER BY n) END AS sent FROM acts) WHERE act > 1 OR sent > 1"
        )
        self._leave_out(
            DUPLICATE, "n IN (SELECT n FROM repeats)", (), "product", "product",
            "repeats an act of the same shopper, product, type and time, or one of the same message or order",
        )  # fmt: skip

    def _make_ready(self) -> None:
        self._db.execute(
            "CREATE TABLE ready AS SELECT shopper AS shopper_id, product AS product_id, type, time, session AS "
            "session_id, query, list AS list_id, position, rating, quantity, CASE WHEN message IS NULL THEN "
            "act_key(shopper, product, type, time) ELSE key_of('message', message, shopper, product, type) "
            "END AS key FROM acts ORDER BY time, n"
        )


def _same_text(text: str | None) -> str | None:
    """A title as titles are compared."""
    return None if text is None else " ".join(text.split()).casefold()


class _Carried:
    """Which query the last search of a shopper's session was for, on a walk by shopper and time."""

    def __init__(self) -> None:
        self._searches: dict[str | None, tuple[int, str]] = {}
        self._shopper: str | None = None

    def see(self, shopper: str, session: str | None, type_: str, time_us: int, query: str | None) -> str | None:
        """The query of the latest search that an act without one was done for; None where it has one, or none was."""
        if shopper != self._shopper:
            self._shopper = shopper
            self._searches.clear()
        if type_ == SEARCH and query is not None:
            self._searches[session] = (time_us, query)
            return None
        searched = self._searches.get(session)
        if query is not None or searched is None or time_us - searched[0] > QUERY_LASTS_US:
            return None
        return searched[1]
