"""Evaluation of f, g, c, J and H at points that change with every call."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks import checks
from benchmarks.measure import time_calls, time_rounds
from benchmarks.tools.interface import KINDS, Tool, Vector, settle, timed_rounds

MATRICES = ("jacobian", "hessian")
SHARE_OF_VECTORS = 0.25


def run(tool: Tool, budget: float) -> dict[str, Any]:
    """Return seconds of one call for each kind, and of a plain copy of the values of J and H.

    "calls" says that those of C functions were made from C.
    """
    settle(tool)
    points = checks.points(tool.start, tool.num_constraints)
    seconds = {}
    for kind in KINDS:
        calls = [call for point in points if (call := tool.bind(kind, point)) is not None]
        share = budget if kind in MATRICES else SHARE_OF_VECTORS * budget
        if calls and calls[0].out.size:
            seconds[kind] = time_rounds(timed_rounds(calls), len(calls), share)
            if kind in MATRICES:
                copied = _time_copy(calls[0].out, SHARE_OF_VECTORS * budget)
                seconds[f"{kind}_copy"] = copied
    checksums = checks.checksums(tool, points[0])
    return {"seconds": seconds, "checksums": checksums, "calls": "from C"}


def _time_copy(values: Vector, budget: float) -> dict[str, float]:
    target = np.zeros_like(values)
    return time_calls([functools.partial(np.copyto, target, values)], budget)
