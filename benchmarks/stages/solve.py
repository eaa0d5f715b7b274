"""A whole solve with IPOPT, from the model's start."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchmarks.tools.interface import Tool


def run(tool: Tool) -> dict[str, Any] | None:
    """Return objective, iterations, status and seconds; None where the tool has no solver."""
    solved = tool.solve()
    return None if solved is None else asdict(solved)
