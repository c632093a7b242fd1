"""A real server that is killed as native code would kill it: it comes back, and it still ends when it is told to."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.door import is_door_open
from assistant.ownership import Ownership, owner_of
from assistant.supervisor import MAX_CRASHES, supervise
from retrieval.crashes import MARK_FILE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX knows them")


@pytest.fixture
def root(demo_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_dir, tmp_path / "shop"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def serving(root: Path, port: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "assistant.cli", "serve", "--port", str(port), "--shop", str(root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "The shop is open at" in process.stdout.readline()
    return process


def ended(pid: int) -> bool:
    for _ in range(300):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_crash_in_native_code_restarts_the_server(root: Path) -> None:
    port = free_port()
    process = serving(root, port)
    first = owner_of(root).pid
    assert first != process.pid
    assert list((root / "index").rglob(MARK_FILE))
    os.kill(first, signal.SIGSEGV)
    assert "The shop is open at" in process.stdout.readline()
    assert owner_of(root).pid not in (first, process.pid)
    code = [sys.executable, "-m", "assistant.cli", "ask", "hiking boots", "--shop", str(root), "--json"]
    assert json.loads(subprocess.run(code, capture_output=True, text=True, check=True).stdout)["products"]
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert "crashed in native code (SIGSEGV): started again" in told
    assert "Fatal Python error: Segmentation fault" in told
    assert "ended while it used Chroma" in told
    assert process.returncode == 0
    assert not is_door_open(root)
    assert not list((root / "index").rglob(MARK_FILE))
    ownership = Ownership(root)
    assert ownership.take()
    ownership.release()
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.slow
@pytest.mark.enable_socket
def test_the_server_ends_with_its_supervisor(root: Path) -> None:
    process = serving(root, free_port())
    child = owner_of(root).pid
    process.kill()
    process.communicate(timeout=60)
    assert ended(child)
    ownership = Ownership(root)
    assert ownership.take()
    ownership.release()


def test_other_ends_are_passed_on_and_crashes_without_end_are_given_up(
    tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    assert supervise([sys.executable, "-c", "raise SystemExit(3)"]) == 3
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert supervise([sys.executable, "-c", killed]) == 128 + signal.SIGKILL
    note = tmp_path / "runs"
    crashing = f"import os, signal; open({str(note)!r}, 'a').write('x'); os.kill(os.getpid(), signal.SIGSEGV)"
    assert supervise([sys.executable, "-c", crashing]) == 128 + signal.SIGSEGV
    assert note.read_text() == "x" * MAX_CRASHES
    assert "given up" in capfd.readouterr().err
