"""Thresholds that decide what pays, lowered so that small programs pass them.

They never decide what is right.  Random programs are too small to reach most of them, so checks
lower one group after another.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import ModuleType

from sparseopt.derivatives import assembly, compressed
from sparseopt.elements import build, materialization, merging, rolling, sum_chains, templates

__all__ = ["LOWERED", "lowered"]

LOWERED: dict[str, list[tuple[ModuleType, str, int]]] = {
    "as they are": [],
    "every sum is a stage": [(materialization, "MAX_WIDTH", 1), (materialization, "CHEAP", 0)],
    "wide sums are split": [(materialization, "MAX_WIDTH", 1)],
    "every loop is rolled": [(rolling, "MIN_SMALL_NODES", 0)],
    "every chain is a sum": [(sum_chains, "MIN_TERMS", 2), (rolling, "MIN_SMALL_NODES", 0)],
    "templates are small": [(templates, "MAX_OPERATIONS", 6), (templates, "MAX_DEPTH", 4)],
    "nothing merges": [(merging, "SMALL", 0), (merging, "MAX_OUTPUTS", 1)],
    "everything merges": [(merging, "SMALL", 10**9), (merging, "MANY", 0)],
    "entries have names": [(assembly, "FEW", 0)],
    "few directions": [
        (materialization, "MAX_WIDTH", 1),
        (materialization, "CHEAP", 0),
        (compressed, "MAX_DIRECTIONS", 3),
    ],
}
"""Groups of (module, constant, value) by name."""


@contextlib.contextmanager
def lowered(name: str) -> Iterator[None]:
    """Set a group of thresholds for the time of a ``with`` block."""
    changes = [(m, constant, value) for m, constant, value in LOWERED[name]]
    changes += [(build, c, v) for m, c, v in changes if hasattr(build, c) and m is not build]
    before = [getattr(module, constant) for module, constant, _ in changes]
    for module, constant, value in changes:
        setattr(module, constant, value)
    try:
        yield
    finally:
        for (module, constant, _), value in zip(changes, before, strict=True):
            setattr(module, constant, value)
