"""Points to evaluate at, and checksums that compare values across tools whatever their order.

A checksum of a matrix weighs each entry by a function of its row and column: the order of the
values and explicit zeros do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def groups(results: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return tools and checksums of the results that have values, by problem and size."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for result in results:
        if "evaluate" in result:
            entry = {"tool": result["tool"], "checksums": result["evaluate"]["checksums"]}
            found.setdefault((result["problem"], result["size_name"]), []).append(entry)
    return found


def disagreements(entries: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each checksum that differs from what most tools have."""
    return [
        f"{kind} of {entry['tool']} differs from {reference or 'every other tool'}: "
        f"{entry['checksums'][kind]}"
        for entry, kind, reference in _different(entries)
    ]


def wrong_kinds(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return the (tool, kind) whose values differ from what most tools have."""
    return {(entry["tool"], kind) for entry, kind, _ in _different(entries)}


def _different(entries: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield entry, kind and the tool it differs from; where no side has more tools, all differ."""
    for kind in {kind: None for entry in entries for kind in entry["checksums"]}:
        having = [entry for entry in entries if kind in entry["checksums"]]
        sides = [[o for o in having if _same(e, o, kind)] for e in having]
        largest = max(sides, key=len)
        rivals = [side for side in sides if len(side) == len(largest) and side[0] not in largest]
        for entry in having:
            if rivals or entry not in largest:
                yield entry, kind, "" if rivals else largest[0]["tool"]


def _same(first: dict[str, Any], second: dict[str, Any], kind: str) -> bool:
    return first is second or _agree(first["checksums"][kind], second["checksums"][kind])


def _agree(first: dict[str, float], second: dict[str, float]) -> bool:
    scale = max(first["norm"], second["norm"], 1e-300)
    return all(abs(first[key] - second[key]) <= TOLERANCE * scale for key in first)
