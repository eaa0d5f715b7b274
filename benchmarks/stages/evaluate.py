"""Evaluation of f, g, c, J and H at points that change with every call."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks import checks
from benchmarks.measure import time_calls
from benchmarks.tools.interface import KINDS, Tool, Vector


def run(tool: Tool, budget: float) -> dict[str, Any]:
    """Return seconds of one call for each kind, and of a plain copy of the values of J and H."""
    points = checks.points(tool.start, tool.num_constraints)
    seconds = {}
    for kind in KINDS:
        calls = [tool.bind(kind, point) for point in points]
        bound = [call for call in calls if call is not None]
        if bound:
            seconds[kind] = time_calls([call.run for call in bound], budget)
        if bound and kind in ("jacobian", "hessian"):
            seconds[f"{kind}_copy"] = _time_copy(bound[0].out, budget / 2)
    return {"seconds": seconds, "checksums": checks.checksums(tool, points[0])}


def _time_copy(values: Vector, budget: float) -> dict[str, float]:
    target = np.zeros_like(values)
    return time_calls([functools.partial(np.copyto, target, values)], budget)
