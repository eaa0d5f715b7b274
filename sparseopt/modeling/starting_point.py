"""Where a solve starts: the declared start, named arrays, or an earlier solution."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.declarations import check_finite, full_array
from sparseopt.modeling.named_vector import NamedVector
from sparseopt.modeling.solution import Solution
from sparseopt.on_demand import on_demand
from sparseopt.tracing.source_lines import describe_where, user_frame

if TYPE_CHECKING:
    from sparseopt.modeling import checkpoint
else:
    checkpoint = on_demand("sparseopt.modeling.checkpoint")

__all__ = ["StartingPoint", "starting_arrays"]

FloatArray = NDArray[np.float64]

StartingPoint = Solution | Mapping[str, ArrayLike] | str | os.PathLike[str]
"""A solution, values by name, or the path of a checkpoint."""


def starting_arrays(problem: CompiledProblem, start: StartingPoint | None) -> dict[str, Any]:
    """Return the point ``x`` and, for a warm start, the multipliers.

    A solution of a problem with other declarations gives the values of the variables that both
    have, with the same shape, and no multipliers.  A checkpoint of another problem is refused.
    """
    if isinstance(start, (str, os.PathLike)):
        loaded = checkpoint.load_checkpoint(start)
        loaded.require(problem, os.fspath(start))
        return loaded.arrays()
    if isinstance(start, Solution):
        return _warm_start(problem, start)
    x = problem.initial_point.copy()
    named = {} if start is None else start
    if not isinstance(named, Mapping):
        raise _no_start(problem, named)
    for name, value in named.items():
        _write(problem, x, name, value)
    return {"x": _completed(problem, x)}


def _no_start(problem: CompiledProblem, start: object) -> ProblemError:
    first = next((array.name for array in problem.variables), "x")
    return ProblemError(
        f"the start is of type {type(start).__name__}",
        where=describe_where(user_frame()),
        why="the values of a start belong to variables by name",
        instead=f'solve(start={{"{first}": values}}), an earlier solution, or a checkpoint\'s path',
    )


def _completed(problem: CompiledProblem, x: FloatArray) -> FloatArray:
    """Return the point with lifted values that belong to its declared variables."""
    if problem.lifting is None:
        return x
    return problem.lifting.completed(x, problem.evaluator.parameters)


def _write(problem: CompiledProblem, x: FloatArray, name: str, value: ArrayLike) -> None:
    lifted = () if problem.lifting is None else problem.lifting.shapes
    if name not in problem.variables or name in lifted:
        known = [array.name for array in problem.variables if array.name not in lifted]
        raise ProblemError(
            f"the start gives a value for {name!r}, which is no variable of {problem.name!r}",
            instead=did_you_mean(name, known),
        )
    where = user_frame()
    place = problem.variables[name]
    values = full_array(value, place.shape, name, "start", where)
    check_finite(name, place.shape, values, "start", where)
    x[place.offset : place.offset + place.size] = values


def _warm_start(problem: CompiledProblem, start: Solution) -> dict[str, Any]:
    outcome, earlier = start.outcome, start.problem
    if earlier is problem or _same_layout(problem, earlier):
        return {
            "x": _completed(problem, outcome.x.copy()),
            "constraint_multipliers": outcome.constraint_multipliers,
            "lower_multipliers": outcome.lower_multipliers,
            "upper_multipliers": outcome.upper_multipliers,
        }
    x = problem.initial_point.copy()
    for array in problem.variables:
        if array.name in earlier.variables and earlier.variables[array.name].shape == array.shape:
            values = np.reshape(start[array.name], -1)
            x[array.offset : array.offset + array.size] = values
    return {"x": _completed(problem, x)}


def _same_layout(first: CompiledProblem, second: CompiledProblem) -> bool:
    def layout(vector: NamedVector) -> list[tuple[str, tuple[int, ...]]]:
        return [(array.name, array.shape) for array in vector]

    return (
        layout(first.variables) == layout(second.variables)
        and layout(first.constraint_rows) == layout(second.constraint_rows)
        and np.array_equal(first.lifted.kept_rows, second.lifted.kept_rows)
    )
