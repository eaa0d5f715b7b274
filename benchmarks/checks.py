"""Points to evaluate at, and checksums that compare values across tools whatever their order.

A checksum of a matrix weighs each entry by a function of its row and column: the order of the
values and explicit zeros do not matter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tools.interface import Point, Tool, Vector

PERTURBATION = 0.01
OBJECTIVE_WEIGHT = 0.7
TOLERANCE = 1e-8


def points(start: Vector, num_constraints: int, count: int = 2) -> list[Point]:
    """Return points near the start, the same for every tool."""
    index, rows = np.arange(start.size), np.arange(num_constraints)
    return [
        Point(
            x=start + PERTURBATION * np.sin(1.0 + 0.7 * index + k),
            multipliers=np.cos(1.0 + 0.3 * rows + k),
            objective_weight=OBJECTIVE_WEIGHT,
        )
        for k in range(count)
    ]


def checksums(tool: Tool, point: Point) -> dict[str, dict[str, float]]:
    """Return weighted sum and norm of each kind of value at the point."""
    found = {}
    for kind in tool.compared:
        call = tool.bind(kind, point)
        if call is not None:
            call.run()
            found[kind] = _checksum(tool, kind, call.out)
    return found


def _checksum(tool: Tool, kind: str, values: Vector) -> dict[str, float]:
    if kind == "constraints":
        values = values - tool.constraint_offset
    if kind in ("jacobian", "hessian"):
        pattern = tool.pattern(kind)
        weights = _weights(pattern.rows, pattern.cols)
    else:
        weights = _weights(np.arange(values.size), np.zeros(values.size, np.int64))
    return {"sum": float(weights @ values), "norm": float(np.linalg.norm(values))}


def _weights(rows: NDArray[Any], cols: NDArray[Any]) -> Vector:
    return np.cos(0.754877666 * rows + 0.569840291 * cols)


def disagreements(results: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each checksum that differs from the first tool's that has it."""
    sentences = []
    first: dict[str, tuple[str, dict[str, float]]] = {}
    for result in results:
        for kind, value in result["checksums"].items():
            tool, reference = first.setdefault(kind, (result["tool"], value))
            if not _agree(reference, value):
                sentences.append(
                    f"{kind} of {result['tool']} differs from {tool}: {value} against {reference}"
                )
    return sentences


def _agree(first: dict[str, float], second: dict[str, float]) -> bool:
    scale = max(first["norm"], second["norm"], 1e-300)
    return all(abs(first[key] - second[key]) <= TOLERANCE * scale for key in first)
