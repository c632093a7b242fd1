"""The staging file: what goes in comes out in the catalog, repeats are found, and leftovers go."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from catalog_examples import BOOTS, LAMP, POLICIES, REVIEWS, products
from hypothesis import given, settings
from sqlalchemy import Engine

from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.errors import CatalogError
from retrieval.staging import Place, Staging, remove_leftovers
from retrieval.types import Product, Review, Variant


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    engine: Engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    return Catalog(engine)


def test_what_is_staged_arrives(tmp_path: Path, catalog: Catalog) -> None:
    with Staging(tmp_path) as staging:
        staging.put_product(BOOTS)
        staging.put_product(LAMP)
        assert [staging.add_review(review) for review in (*REVIEWS, REVIEWS[0])] == [True, True, True, False]
        assert [staging.add_policy(policy) for policy in (*POLICIES, POLICIES[0])] == [True, True, False]
        assert (staging.n_products, staging.n_reviews, staging.n_policies, staging.currency) == (2, 3, 2, "USD")
        assert [staging.review_number(review) for review in REVIEWS] == [1, 2, 3]
        staging.finish()
    applied = catalog.apply(staging.path, whole=True)
    assert (applied.added, applied.revision, applied.version) == (2, 1, catalog.version())
    assert list(catalog.products()) == [LAMP, BOOTS]
    assert (len(list(catalog.reviews())), catalog.policies()) == (3, [POLICIES[1], POLICIES[0]])


def test_an_id_is_claimed_once(tmp_path: Path) -> None:
    with Staging(tmp_path) as staging:
        assert staging.claim("x", Place("a.csv", 2)) is None
        assert staging.claim("X", Place("a.csv", 3)) is None
        assert staging.claim("x", Place("b.csv", 9)) == Place("a.csv", 2)


def test_a_product_that_is_staged_again_is_replaced(tmp_path: Path, catalog: Catalog) -> None:
    later = replace(BOOTS, variants=BOOTS.variants[1:], title="Ridge boots II")
    with Staging(tmp_path) as staging:
        staging.put_product(BOOTS)
        staging.put_product(later)
        assert (staging.n_products, staging.product(BOOTS.id), staging.product("nothing")) == (1, later, None)
        assert (staging.has_product(BOOTS.id), staging.has_product("nothing")) == (True, False)
        staging.finish()
    catalog.apply(staging.path, whole=True)
    assert list(catalog.products()) == [later]


@given(products)
@settings(max_examples=50, deadline=None)
def test_any_product_is_read_back(tmp_path_factory: pytest.TempPathFactory, product: Product) -> None:
    with Staging(tmp_path_factory.mktemp("staging")) as staging:
        staging.put_product(product)
        assert staging.product(product.id) == product


def test_a_second_currency_is_refused(tmp_path: Path) -> None:
    with Staging(tmp_path) as staging:
        staging.put_product(BOOTS)
        with pytest.raises(CatalogError, match="'a-lamp' is priced in CNY, the ones before in USD"):
            staging.put_product(replace(LAMP, currency="CNY"))


def test_what_was_not_finished_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    staging = Staging(tmp_path)
    staging.put_product(LAMP)
    staging.close()
    with pytest.raises(CatalogError, match="import again"):
        catalog.apply(staging.path, whole=True)
    with pytest.raises(CatalogError, match="import again"):
        catalog.apply(tmp_path / "import-gone.staging", whole=True)
    (tmp_path / "import-text.staging").write_text("no database")
    with pytest.raises(CatalogError, match="import again"):
        catalog.apply(tmp_path / "import-text.staging", whole=True)
    assert (catalog.revision(), catalog.upsert([LAMP]).revision) == (0, 1)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"cannot write a staging file into .*gone"):
        Staging(tmp_path / "gone")


def test_leftovers_go_and_what_is_being_written_stays(tmp_path: Path) -> None:
    (tmp_path / "import-1.staging").write_bytes(b"half a page")
    (tmp_path / "import-2.staging").write_bytes(b"")
    (tmp_path / "other.db").write_bytes(b"x")
    with Staging(tmp_path) as writing:
        assert remove_leftovers(tmp_path) == 2
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([writing.path.name, "other.db"])
        writing.put_product(LAMP)
        writing.finish()
    assert remove_leftovers(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["other.db"]


def test_a_killed_process_leaves_a_leftover(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from retrieval.staging import Staging
        from retrieval.types import Product, Variant

        staging = Staging(Path(sys.argv[1]))
        for n in range(2_000):
            staging.put_product(Product(str(n), "x" * 2_000, "USD", (Variant(str(n), 1),)))
        print("halfway", flush=True)
        time.sleep(30)
    """)
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "halfway\n"
        assert remove_leftovers(tmp_path) == 0
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)
    assert remove_leftovers(tmp_path) == 1


def test_a_full_disk_is_told_and_leaves_the_catalog(tmp_path: Path, catalog: Catalog) -> None:
    """The limit on a file's size stands for the disk's."""
    catalog.upsert([LAMP])
    script = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from retrieval.errors import CatalogError
        from retrieval.staging import Staging
        from retrieval.types import Product, Variant

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            with Staging(Path(sys.argv[1])) as staging:
                for n in range(60_000):
                    staging.put_product(Product(str(n), "x" * 2_000, "USD", (Variant(str(n), 1),)))
                staging.finish()
        except CatalogError as error:
            print(error)
    """)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "disk full" in done.stdout
    assert not list(tmp_path.glob("import-*"))
    assert list(catalog.products()) == [LAMP]


def test_ids_that_differ_only_in_case_or_form_are_different(tmp_path: Path, catalog: Catalog) -> None:
    ids = ["a", "A", "\u00e9", "e\u0301", "1", "01", " 1"]
    with Staging(tmp_path) as staging:
        for id_ in ids:
            assert staging.claim(id_, Place("", 0)) is None
            staging.put_product(replace(LAMP, id=id_, variants=(Variant(id_, 5),)))
            staging.add_review(Review("r", id_, "fine"))
        staging.finish()
    assert catalog.apply(staging.path, whole=True).added == len(ids)
    assert set(catalog.get_many(ids)) == set(ids)
    with sqlite3.connect(tmp_path / "shop.db") as database:
        assert database.execute("SELECT count(*) FROM reviews").fetchone() == (len(ids),)
