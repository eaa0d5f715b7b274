"""`reduce_problem`: from a compiled problem to its reduced form, by names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np

from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.reduced_space import States
from sparseopt.reduction.other_rows import bounded_states
from sparseopt.reduction.partition import partition
from sparseopt.reduction.reduced_problem import ReducedProblem, StateBounds

__all__ = ["reduce_problem"]


def reduce_problem(
    problem: Problem,
    states: States,
    by: str | Sequence[str] | None = None,
    *,
    state_bounds: StateBounds = "check",
    factorization: str = "auto",
) -> ReducedProblem:
    """Return the problem in the variables that are no states; see `sparseopt.Model.reduce`."""
    if state_bounds not in get_args(StateBounds):
        raise ProblemError(
            f"state_bounds={state_bounds!r} is no choice",
            instead=did_you_mean(str(state_bounds), get_args(StateBounds)),
        )
    is_imposed = state_bounds == "impose"
    found = partition(problem, states, by, imposed=is_imposed)
    imposed = bounded_states(problem, found) if is_imposed else np.zeros(0, np.int64)
    return ReducedProblem(problem, found, imposed, factorization)
