"""Whole time: from the user's code to the answer, in a process that has done nothing else.

It is the sum of the tool's set-up stages, which begin with the first line of the model, and of its
solve. The start of the interpreter, imports of the tool, of what it needs and of the problem's
module, and the translation of a model that nobody wrote by hand for the tool, are not in it.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from benchmarks.tools.interface import load_tool
from problems import registry


def run(tool_name: str, problem: str, size: dict[str, Any]) -> dict[str, Any] | None:
    """Return seconds of all, of set-up, of the solve, and its outcome; None without a solver."""
    begun = time.perf_counter()
    make, _ = load_tool(tool_name), registry.get(problem)
    imports = time.perf_counter() - begun
    tool = make(problem, size)
    setup = sum(tool.stages.values())
    solved = tool.solve()
    if solved is None:
        return None
    seconds = {"imports": imports, "setup": setup, "solve": solved.seconds}
    return {**asdict(solved), "seconds": seconds, "total_seconds": setup + solved.seconds}
