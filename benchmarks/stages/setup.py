"""Set-up: from nothing to the first values of f, g, c, J and H, and the memory it takes."""

from __future__ import annotations

import time
from typing import Any

from benchmarks import checks, measure
from benchmarks.tools.interface import KINDS, Tool, load_tool


def run(tool_name: str, problem: str, size: dict[str, Any]) -> tuple[Tool, dict[str, Any]]:
    """Return the tool, ready, and the seconds of its stages; imports are not counted."""
    make = load_tool(tool_name)
    measure.reset_peak()
    resident = measure.resident_megabytes()
    tool = make(problem, size)
    resident = getattr(tool, "resident_megabytes", resident)
    point = checks.points(tool.start, tool.num_constraints, count=1)[0]
    calls = [call for kind in KINDS if (call := tool.bind(kind, point)) is not None]
    started = time.perf_counter()
    for call in calls:
        call.run()
    stages = {**tool.stages, "first_evaluation": time.perf_counter() - started}
    return tool, {
        "seconds": stages,
        "total_seconds": sum(stages.values()),
        "details": tool.details(),
        "peak_megabytes": max(measure.peak_megabytes() - resident, 0.0),
        "process_megabytes": measure.peak_megabytes(),
        "counts": _counts(tool),
    }


def _counts(tool: Tool) -> dict[str, int]:
    return {
        "variables": tool.start.size,
        "constraints": tool.num_constraints,
        "jacobian": int(tool.pattern("jacobian").rows.size),
        "hessian": int(tool.pattern("hessian").rows.size),
    }
