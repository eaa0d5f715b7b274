"""The functions that docs/sparse-differentiation.md looks at, as its code blocks write them."""

from __future__ import annotations

from typing import Any

import numpy as np


def flow(x: Any) -> Any:
    """Return six numbers of eight: the running example."""
    current = x[1:] * np.sin(x[:-1])
    return np.diff(current) + x[1:-1] ** 2


def energy(x: Any) -> Any:
    """Return a number: neighbors interact, and all of them with the first."""
    return np.sum(x[1:] ** 2 * x[:-1]) + x[0] * np.sum(x[1:] ** 3)


def hub(x: Any) -> Any:
    """Return a function whose Jacobian has a full row, a full column and a diagonal."""
    head = np.sum(x**2).reshape(1)
    return np.concatenate([head, x[1:] * x[0]])
