"""Starts the server once more when native code takes it down.

In: the command line of a server. Out: its exit status. Knows nothing of shops, and imports nothing heavy.

Libraries in C++ and Rust (the vector index, the networks) can end the whole process at a damaged file or a bug. The
server therefore runs as a child of this small process. What it finds after a crash is not this module's: the next
process sees that the last one did not close Chroma, and searches exactly until that is known to be sound.
"""

import faulthandler
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

SUPERVISED = "SHOPPING_ASSISTANT_SUPERVISED"
"""Set in the environment of the child, whose standard input then ends with its parent."""

CRASHES = {
    -number: number.name
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, getattr(signal, "SIGBUS", None))
    if number is not None
}
MAX_CRASHES, WITHIN_S = 5, 600.0
"""So many crashes in so short a time, and it is not started again."""


def is_supervised() -> bool:
    """Whether this process is the child."""
    return SUPERVISED in os.environ


def supervise(command: Sequence[str]) -> int:
    """Run `command` until it ends by itself or is told to; start it again after each crash.

    Interrupting or terminating this process ends the child in the same way.

    Returns:
        The exit status of the last child; 128 + the signal's number where a signal ended it.
    """
    crashed_at: list[float] = []
    while True:
        code, was_told = _run(command)
        if was_told or code not in CRASHES:
            return code if code >= 0 else 128 - code
        now = time.monotonic()
        crashed_at = [*(at for at in crashed_at if now - at < WITHIN_S), now]
        if len(crashed_at) >= MAX_CRASHES:
            _say(f"the server crashed {MAX_CRASHES} times within {WITHIN_S:.0f} s ({CRASHES[code]}): given up")
            return 128 - code
        _say(f"the server crashed in native code ({CRASHES[code]}): started again, with exact search at first")
        # The page is open already.
        command = ["--no-open" if argument == "--open" else argument for argument in command]


def end_with_parent() -> None:
    """In the child: end as if terminated when the parent is gone, however that ended; a crash says where it was."""
    faulthandler.enable()

    def wait() -> None:
        # Not through `sys.stdin`, whose lock a thread that reads would still hold when the interpreter ends.
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()


def _run(command: Sequence[str]) -> tuple[int, bool]:
    """The child's return code, and whether this process was told to end it."""
    environment = {**os.environ, SUPERVISED: "1"}
    # In a group of its own, so that a terminal interrupts this process alone, which passes it on once.
    child = subprocess.Popen(  # noqa: S603 our own command line
        command, env=environment, stdin=subprocess.PIPE, process_group=0 if os.name == "posix" else None
    )
    told: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        told.append(number)
        child.send_signal(number)

    former = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return child.wait(), bool(told)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        if child.stdin is not None:
            child.stdin.close()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
