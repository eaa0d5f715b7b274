"""One process of a run: one tool, one problem, one size. Prints its result as one line of JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from benchmarks.stages import evaluate, setup, solve
from benchmarks.tools.interface import ToolUnavailableError


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Run the stages the task asks for."""
    try:
        tool, result = setup.run(task["tool"], task["problem"], task["size"])
    except ToolUnavailableError as reason:
        return {"skipped": str(reason)}
    found: dict[str, Any] = {"setup": result}
    if "evaluate" in task["stages"]:
        found["evaluate"] = evaluate.run(tool, task["budget"])
    if "solve" in task["stages"]:
        found["solve"] = solve.run(tool)
    return found


if __name__ == "__main__":
    # Solvers print to the same stream; the result is the last line.
    print("\n" + json.dumps(main(json.loads(sys.argv[1]))))
