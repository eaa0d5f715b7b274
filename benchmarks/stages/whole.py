"""Whole time: from the user's code to the answer, in a process that has done nothing else.

It is the sum of the tool's set-up stages, which begin with the first line of the model, and of its
solve; of sparseopt, that of the two lines of a user, the model and its `solve`. The start of the
interpreter, imports of the tool, of what it needs and of the problem's module, and the translation
of a model that nobody wrote by hand for the tool, are not in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from benchmarks.tools.interface import Solved, Tool, load_tool
from problems import registry


def run(tool_name: str, problem: str, size: dict[str, Any]) -> dict[str, Any] | None:
    """Return seconds of all, of set-up, of the solve, and its outcome; None without a solver."""
    begun = time.perf_counter()
    make, _ = load_tool(tool_name), registry.get(problem)
    imports = time.perf_counter() - begun
    own = getattr(make, "whole", None)
    found = _whole(make, problem, size) if own is None else own(problem, size)
    if found is None:
        return None
    seconds, solved = found
    total = sum(seconds.values())
    return {**asdict(solved), "seconds": {"imports": imports, **seconds}, "total_seconds": total}


def _whole(
    make: Callable[[str, dict[str, Any]], Tool], problem: str, size: dict[str, Any]
) -> tuple[dict[str, float], Solved] | None:
    tool = make(problem, size)
    setup = sum(tool.stages.values())
    solved = tool.solve()
    return None if solved is None else ({"setup": setup, "solve": solved.seconds}, solved)
