"""Evaluation of J and H with as many threads as SPARSEOPT_THREADS says, and the bits they give.

Beside it, a plain copy of the values by as many threads: what the memory allows.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np

from benchmarks import checks
from benchmarks.measure import time_calls, time_rounds
from benchmarks.tools.interface import Tool, Vector, settle, timed_rounds

KINDS = ("jacobian", "hessian")
SHARE_OF_COPIES = 0.25
# To wake a thread takes tens of microseconds: one waking for several copies.
COPIES_A_CALL = 10


def run(tool: Tool, budget: float) -> dict[str, Any]:
    """Return seconds of one call of J and of H, of copies, and digests of the values."""
    settle(tool)
    points = checks.points(tool.start, tool.num_constraints)
    threads, seconds, digests = os.environ["SPARSEOPT_THREADS"], {}, {}
    for kind in KINDS:
        calls = [call for point in points if (call := tool.bind(kind, point)) is not None]
        if calls and calls[0].out.size:
            seconds[kind] = time_rounds(timed_rounds(calls), len(calls), budget)
            bits = b"".join(call.out.tobytes() for call in calls)
            digests[kind] = hashlib.sha256(bits).hexdigest()
            seconds[f"{kind}_copy"] = _time_copy(calls[0].out, int(threads), budget)
    return {"threads": threads, "seconds": seconds, "digests": digests}


def _time_copy(values: Vector, threads: int, budget: float) -> dict[str, float]:
    target = np.zeros_like(values)
    with ThreadPoolExecutor(threads) as pool:

        def run() -> None:
            copy(values, target, threads, pool)

        times = time_calls([run], SHARE_OF_COPIES * budget)
    return {name: t if name == "samples" else t / COPIES_A_CALL for name, t in times.items()}


def copy(values: Vector, target: Vector, threads: int, pool: Executor) -> None:
    """Copy the values COPIES_A_CALL times, each thread its own part of them."""
    parts = zip(np.array_split(target, threads), np.array_split(values, threads), strict=True)
    for done in [pool.submit(_copy_part, to, of) for to, of in parts]:
        done.result()


def _copy_part(target: Vector, values: Vector) -> None:
    for _ in range(COPIES_A_CALL):
        np.copyto(target, values)  # without the interpreter's lock
