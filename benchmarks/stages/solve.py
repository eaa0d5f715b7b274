"""A whole solve with IPOPT, from the model's start."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.tools.interface import Tool

BUDGET = 0.5
MOST_REPEATS = 20


def run(tool: Tool) -> dict[str, Any] | None:
    """Return outcome, seconds of the first solve and median seconds of later ones.

    The first solve loads libraries and may compile; later ones, of short solves only, are what a
    loop over solves costs. None where the tool has no solver.
    """
    first = tool.solve()
    if first is None:
        return None
    repeated = [first.seconds]
    while len(repeated) < MOST_REPEATS and sum(repeated) < BUDGET:
        again = tool.solve()
        repeated.append(again.seconds if again else first.seconds)
    warm = float(np.median(repeated[1:])) if len(repeated) > 1 else None
    return {**asdict(first), "warm_seconds": warm}
