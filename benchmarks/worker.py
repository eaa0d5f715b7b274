"""One process of a run: one tool, one problem, one size. Prints its result as one line of JSON."""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from typing import Any

from benchmarks.stages import evaluate, setup, solve, threads, whole
from benchmarks.tools.interface import ToolUnavailableError, load_tool


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Run the stages the task asks for; `whole` wants a process of its own."""
    try:
        load_tool(task["tool"])
        _limit_memory(task["limits"]["memory"])
        return _stages(task)
    except ToolUnavailableError as reason:
        return {"skipped": str(reason)}


def _stages(task: dict[str, Any]) -> dict[str, Any]:
    named, stages = (task["tool"], task["problem"], task["size"]), task["stages"]
    if "whole" in stages:
        return {"whole": whole.run(*named)}
    tool, result = setup.run(*named)
    found: dict[str, Any] = {"setup": result}
    if "evaluate" in stages:
        found["evaluate"] = evaluate.run(tool, task["limits"]["budget"])
    if "threads" in stages:
        found["threads"] = threads.run(tool, task["limits"]["budget"])
    if "solve" in stages:
        found["solve"] = solve.run(tool)
    return found


def _limit_memory(gigabytes: float) -> None:
    """Let allocations fail beyond the limit; what only reserves addresses does not count."""
    # macOS refuses such limits.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (int(gigabytes * 2**30),) * 2)


if __name__ == "__main__":
    # Solvers print to the same stream; the result is the last line.
    print("\n" + json.dumps(main(json.loads(sys.argv[1]))))
