"""From a point with states to one where Newton's method does not find them at once.

On the line between the parameters, points halfway are solved first; steps that succeed are doubled
and steps that fail are halved (natural-parameter continuation: Allgower and Georg 2003,
*Introduction to Numerical Continuation Methods*, doi:10.1137/1.9780898719154).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, SingularMatrixError

__all__ = ["continued"]

FloatArray = NDArray[np.float64]

_MOST_SOLVES = 12
_SHORTEST = 2.0**-4


def continued(
    solve: Callable[[FloatArray, FloatArray], FloatArray],
    solved: FloatArray,
    begin: FloatArray,
    end: FloatArray,
) -> FloatArray | None:
    """Return the solution at ``end``, None if there is no way there in few steps.

    Parameters
    ----------
    solve : callable
        ``solve(guess, p)`` is a solution at p, or raises.
    solved : ndarray
        The solution at ``begin``.
    begin, end : ndarray
        Parameters.
    """
    done, step = 0.0, 0.5
    for _ in range(_MOST_SOLVES):
        goal = min(done + step, 1.0)
        try:
            solved = solve(solved, begin + goal * (end - begin) if goal < 1.0 else end)
        except (InnerSolveError, SingularMatrixError):
            step /= 2
            if step < _SHORTEST:
                return None
            continue
        if goal == 1.0:
            return solved
        done, step = goal, 2 * step
    return None
