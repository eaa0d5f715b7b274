"""A sparsity pattern that the user gives, verified against the one that is proven.

The proven pattern may hold entries that cancel, which a user can know to be zero.  An entry that
the given pattern leaves out must be zero at several random points, else it is an error: a solver
given a matrix with a missing entry reports success at a wrong point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["GivenPattern", "as_pattern"]

FloatArray = NDArray[np.float64]

_NUM_POINTS = 4


def as_pattern(given: Any, symmetric: bool) -> SparsityPattern:
    """Return a pattern given as a `SparsityPattern` or as a SciPy sparse or dense matrix."""
    if isinstance(given, SparsityPattern):
        return given
    return SparsityPattern.from_scipy(given, symmetric=symmetric)


class GivenPattern:
    """Brings values from the order of the proven pattern into that of the user's pattern."""

    def __init__(self, given: SparsityPattern, proven: SparsityPattern) -> None:
        if given.shape != proven.shape or given.symmetric != proven.symmetric:
            raise PatternError(
                f"the given pattern is {given!r}",
                why=f"the derivative is {proven!r}",
            )
        self.pattern = given
        self._proven = proven
        keys, proven_keys = _keys(given), _keys(proven)
        order = np.argsort(keys)
        places = np.minimum(np.searchsorted(keys[order], proven_keys), max(keys.size - 1, 0))
        kept = keys[order][places] == proven_keys if keys.size else np.zeros(proven_keys.size, bool)
        self._sources = np.flatnonzero(kept)
        self._targets = order[places[kept]] if keys.size else np.zeros(0, np.int64)
        self._left_out = np.flatnonzero(~kept)

    def verify(
        self, values: Callable[[FloatArray], FloatArray], size: int, name: Callable[[int, int], str]
    ) -> None:
        """Raise `PatternError` if an entry that is left out is not zero at random points."""
        if not self._left_out.size:
            return
        random = np.random.default_rng(0)
        for _ in range(_NUM_POINTS):
            found = values(random.uniform(0.5, 1.5, size))[self._left_out]
            wrong = self._left_out[np.flatnonzero(found != 0.0)]
            if wrong.size:
                row, col = int(self._proven.rows[wrong[0]]), int(self._proven.cols[wrong[0]])
                raise PatternError(
                    f"the given pattern lacks the entry ({row}, {col})",
                    where=name(row, col),
                    why=f"it is not zero at a random point, and neither are {wrong.size - 1} others"
                    if wrong.size > 1
                    else "it is not zero at a random point",
                    instead="leave out pattern=; the pattern is found from the code",
                )

    def place(self, values: FloatArray, out: FloatArray | None) -> FloatArray:
        """Return the values in the order of the given pattern."""
        placed = np.zeros(self.pattern.nnz) if out is None else out
        placed[:] = 0.0
        placed[self._targets] = values[self._sources]
        return placed


def _keys(pattern: SparsityPattern) -> NDArray[np.int64]:
    return pattern.rows.astype(np.int64) * pattern.shape[1] + pattern.cols
