"""Why a KKT matrix is singular, by name: what nothing determines, and rows that are dependent."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from sparseopt.errors import DegenerateSolutionError
from sparseopt.fitting.kkt_system import KKTSystem
from sparseopt.fitting.solved_point import SolvedPoint, listed

__all__ = ["Combination", "combination_text", "confusion_text", "degenerate", "readable_basis"]

FloatArray = NDArray[np.float64]

Combination = dict[str, float]
"""How far each variable moves, by name, along a direction."""

_SHOWN = 1e-3
_MOST_TERMS = 6


def readable_basis(vectors: FloatArray) -> FloatArray:
    """Return a basis of the same space in which each vector has an element of its own that is 1.

    Examples
    --------
    >>> readable_basis(np.array([[1.0, 1.0], [1.0, -1.0], [2.0, 0.0]])).round(3) + 0.0
    array([[ 1., -1.],
           [ 0.,  1.],
           [ 1.,  0.]])
    """
    if not vectors.size:
        return vectors
    pivots = scipy.linalg.qr(vectors.T, mode="r", pivoting=True)[1][: vectors.shape[1]]
    return np.asarray(np.linalg.solve(vectors[pivots].T, vectors.T).T, np.float64)


def combination_text(combination: Combination) -> str:
    """Return a direction as text, its largest parts first.

    Examples
    --------
    >>> combination_text({"a": 1.0, "b": -2.0})
    'a moves by 1, b by -2'
    """
    terms = [f"{name} by {step:.3g}" for name, step in combination.items()]
    more = f", and {len(terms) - _MOST_TERMS} more" if len(terms) > _MOST_TERMS else ""
    return (", ".join(terms[:_MOST_TERMS]) + more).replace(" by ", " moves by ", 1)


def confusion_text(combination: Combination) -> str:
    """Return what data cannot tell apart, and how it could move unseen.

    Examples
    --------
    >>> confusion_text({"a": 1.0, "b": -2.0})
    'the data cannot tell a from b: no residual changes while a moves by 1, b by -2'
    """
    names = list(combination)
    if len(names) == 1:
        what = f"the data say nothing of {names[0]}"
    elif len(names) == 2:
        what = f"the data cannot tell {names[0]} from {names[1]}"
    else:
        what = f"the data cannot tell {listed(names)} apart"
    return f"{what}: no residual changes while {combination_text(combination)}"


def named_combination(point: SolvedPoint, scaled: FloatArray, vector: FloatArray) -> Combination:
    """Return the parts of a direction that matter, the largest in scaled variables first."""
    size = np.round(np.abs(scaled) / np.abs(scaled).max(), 6)  # equal parts in declared order
    shown = np.flatnonzero(size > _SHOWN)
    order = shown[np.argsort(-size[shown], kind="stable")]
    pivot = vector[order[0]]
    return {point.problem.variable_name(int(k)): float(vector[k] / pivot) for k in order}


def degenerate(
    point: SolvedPoint, system: KKTSystem, of: str
) -> tuple[DegenerateSolutionError, list[Combination], FloatArray]:
    """Return the error for a singular KKT matrix, and the directions nothing determines.

    These by name, and as columns in the scaled variables.

    Parameters
    ----------
    point : SolvedPoint
    system : KKTSystem
        That could not be factored.
    of : str
        What does not exist, such as "the derivatives of the solution".
    """
    columns, rows = system.null_vectors()
    dependent = readable_basis(_own_part(rows, columns))
    if dependent.shape[1]:
        part = np.flatnonzero(np.abs(dependent).max(axis=1) > _SHOWN)
        names = [point.problem.constraint_name(int(k)) for k in part]
        return (
            DegenerateSolutionError(
                f"{of} are not determined: the active constraints {listed(names)} are dependent",
                names=names,
                where=point.problem.constraint_source(int(part[-1])),
                why="their gradients are linearly dependent at the solution: multipliers are not "
                "unique, and some changes have no solution nearby",
                instead="leave out constraints that follow from the others; solution.diagnose() "
                "says which",
            ),
            [],
            columns[:, :0],
        )
    basis = readable_basis(columns)
    own = system.unscaled(basis)
    free = [named_combination(point, basis[:, k], own[:, k]) for k in range(basis.shape[1])]
    text = "; or ".join(combination_text(c) for c in free) or "it cannot be found"
    error = DegenerateSolutionError(
        f"{of} are not determined: nothing changes, to second order, while {text}",
        names=dict.fromkeys(name for combination in free for name in combination),
        why="the Hessian of the Lagrangian is singular along it, within the active constraints",
        instead="fix one of them, or add a term to the objective that prefers a value",
    )
    return error, free, basis


def _own_part(part: FloatArray, other: FloatArray) -> FloatArray:
    """Return the directions of a null space that lie in one part of the vector alone."""
    if not part.shape[1]:
        return part
    _, sizes, turn = np.linalg.svd(other, full_matrices=False)
    alone = turn[np.flatnonzero(sizes < _SHOWN)].T
    missing = part.shape[1] - sizes.size
    if missing > 0:  # fewer rows than vectors: svd leaves directions out
        alone = scipy.linalg.null_space(other, rcond=_SHOWN)
    return np.asarray(part @ alone, np.float64)
