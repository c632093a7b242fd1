"""How many cores this process may keep busy. In: the operating system's word. Out: a number.

ONNX Runtime and torch start a thread for every core of the machine. In a container that is given two of 64 cores their
threads then wait for one another most of the time. NumPy's linear algebra (BLAS) has threads of its own beside them.
"""

import math
import os
from pathlib import Path

from threadpoolctl import threadpool_limits

CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Linux's quota of the container: microseconds in a period of so many."""


def thread_limit() -> int:
    """How many threads to compute with; 0 where all cores may be used, which the libraries then count themselves."""
    n_cores = os.cpu_count() or 1
    n_bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else n_cores
    try:
        quota = CGROUP_QUOTA.read_text("ascii")
    except OSError:
        quota = ""
    n_allowed = min(n_bound, cores_of_quota(quota) or n_cores)
    return n_allowed if n_allowed < n_cores else 0


def usable_cores() -> int:
    """How many cores this process may keep busy, at least one."""
    return thread_limit() or os.cpu_count() or 1


def one_blas_thread() -> None:
    """Keep NumPy's linear algebra to the thread that asks for it, from now on and in this whole process.

    A turn multiplies small matrices, between steps that torch computes. BLAS threads, which spin for a while after each
    product, then keep torch's from the cores: on two cores one ranking in twenty took 60 to 95 ms instead of 9.
    """
    threadpool_limits(1, "blas")


def cores_of_quota(quota: str) -> int | None:
    """Cores that a quota comes to, at least one; None where there is no limit.

    Source: the Linux kernel's documentation, Control Group v2, cpu.max.

    >>> cores_of_quota("250000 100000"), cores_of_quota("50000 100000"), cores_of_quota("max 100000")
    (3, 1, None)
    """
    match quota.split():
        case [used, period] if used.isdigit() and period.isdigit() and int(period):
            return max(1, math.ceil(int(used) / int(period)))
        case _:
            return None
