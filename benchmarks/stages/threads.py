"""Evaluation of J and H with as many threads as SPARSEOPT_THREADS says, and the bits they give."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from benchmarks import checks
from benchmarks.measure import time_calls
from benchmarks.tools.interface import Tool, settle, timed_runs

KINDS = ("jacobian", "hessian")


def run(tool: Tool, budget: float) -> dict[str, Any]:
    """Return seconds of one call of J and of H, and digests of the values at every point."""
    settle(tool)
    points = checks.points(tool.start, tool.num_constraints)
    seconds, digests = {}, {}
    for kind in KINDS:
        calls = [call for point in points if (call := tool.bind(kind, point)) is not None]
        if calls and calls[0].out.size:
            seconds[kind] = time_calls(timed_runs(calls), budget)
            bits = b"".join(call.out.tobytes() for call in calls)
            digests[kind] = hashlib.sha256(bits).hexdigest()
    return {"threads": os.environ["SPARSEOPT_THREADS"], "seconds": seconds, "digests": digests}
