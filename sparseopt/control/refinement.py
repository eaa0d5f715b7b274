"""Refinement placeholder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparseopt.control.solution import ControlSolution


def refined(
    problem: Any,
    solution: ControlSolution,
    refine: Any,
    tolerance: float,
    most_meshes: int,
    parameters: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> ControlSolution:
    """Return the solution."""
    return solution
