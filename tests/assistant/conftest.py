import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from assistant import ShoppingAssistant


@pytest.fixture(scope="session")
def untouched_demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo shop as it is made, embedded; to be copied only, since to make it takes much longer.

    All processes that share the tests share it: the first that needs it makes it.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "untouched-demo"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            half_made = folder.with_suffix(".part")
            ShoppingAssistant.open(half_made).close()
            half_made.rename(folder)
    return folder


@pytest.fixture(scope="session")
def demo_dir(untouched_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds the demo shop, where all tests chat."""
    return shutil.copytree(untouched_demo, tmp_path_factory.mktemp("demo-shop") / "shop")


@pytest.fixture
def own_demo(untouched_demo: Path, tmp_path: Path) -> Path:
    """A demo shop that the test may change."""
    return shutil.copytree(untouched_demo, tmp_path / "own-demo")


@pytest.fixture(scope="module")
def demo(demo_dir: Path) -> Iterator[ShoppingAssistant]:
    """The demo shop, every part the real one."""
    with ShoppingAssistant.open(demo_dir) as assistant:
        yield assistant
