"""The processes that a load test starts, and what they use of the machine.

In: a shop directory. Out: the address of the server that a user would start, and of the scripted model; the memory and
the processor time of each with its children. Knows no HTTP.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

GOODBYE_S = 30
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Usage:
    """Resident memory of a process and all its children in MiB, and the processor time that they had in seconds."""

    rss_mb: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Started:
    """A process that answers at `address`; what it logs goes to the file `log`."""

    address: str
    pid: int
    log: Path

    def usage(self) -> Usage:
        """What it uses now."""
        return usage_of(self.pid)

    def n_logged(self) -> int:
        """How many lines it has logged."""
        return len(self.log.read_text("utf-8", "replace").splitlines())


def usage_of(pid: int) -> Usage:
    """Of the process `pid` and its children; what ended meanwhile counts nothing."""
    rss, cpu = 0, 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            rss += process.memory_info().rss
            cpu += times.user + times.system
    return Usage(rss / 2**20, cpu)


def write_llm_settings(shop_dir: Path, base_url: str) -> None:
    """Make the shop's `[llm]` the scripted model at `base_url`, in place of whatever stood there."""
    file = shop_dir / "shop.toml"
    kept: list[str] = []
    table = ""
    for line in file.read_text("utf-8").splitlines() if file.is_file() else ():
        if line.lstrip().startswith("["):
            table = line.strip().strip("[]").split(".")[0].strip()
        if table != "llm":
            kept.append(line)
    kept += ["", "[llm]", 'model = "openai:scripted"', f'base_url = "{base_url}"', ""]
    file.write_text("\n".join(kept), "utf-8")


@contextmanager
def scripted_model(folder: Path) -> Iterator[Started]:
    """The model of `benchmarks.load_model` in a process of its own."""
    with _started([sys.executable, "-m", "benchmarks.load_model"], folder / "model.log") as started:
        yield started


@contextmanager
def serving(shop_dir: Path, folder: Path, port: int = 0) -> Iterator[Started]:
    """`shopping-assistant serve` as a user would start it; `port` 0: a free one."""
    command = [sys.executable, "-m", "assistant.cli", "serve", "--port", str(port), "--shop", str(shop_dir)]
    with _started(command, folder / "server.log") as started:
        yield started


@contextmanager
def _started(command: Sequence[str], log: Path) -> Iterator[Started]:
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 our own command line
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            yield Started(_address(process, log), process.pid, log)
        finally:
            process.terminate()
            try:
                process.wait(GOODBYE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    said: IO[str] | None = process.stdout
    for line in said or ():
        if found := _ADDRESS.search(line):
            return found[0].rstrip("/")
    raise RuntimeError(f"the process ended before it answered: {log.read_text('utf-8', 'replace')[-2000:]}")
