"""The one place where modeling reaches reduced problems.

What makes them is the package `sparseopt.reduction`, which imports modeling and the solvers and
never the other way; it is loaded here by its name, when the first reduction is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.modeling.problem import Problem
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.starting_point import StartingPoint
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["Reduced", "States", "run_reduction"]

FloatArray = NDArray[np.float64]

States = str | TracedArray | Sequence[str | TracedArray]
"""Traced variables or parts of them, and names of either."""

_REDUCTION = "sparseopt.reduction"


class Reduced(Protocol):
    """A problem in the parameters alone: `sparseopt.reduction.ReducedProblem`."""

    full: Problem
    counts: Any
    num_variables: int
    num_constraints: int
    initial_point: FloatArray

    def state(self, p: ArrayLike) -> FloatArray: ...  # noqa: D102
    def objective(self, p: ArrayLike) -> float: ...  # noqa: D102
    def gradient(self, p: ArrayLike) -> FloatArray: ...  # noqa: D102
    def hessian_vector_product(  # noqa: D102
        self,
        p: ArrayLike,
        multipliers: ArrayLike | None,
        vector: ArrayLike,
        objective_weight: float = 1.0,
    ) -> FloatArray: ...
    def taylor_test(  # noqa: D102
        self, p: ArrayLike | None = None, direction: ArrayLike | None = None, *, seed: int = 0
    ) -> Any: ...
    def solve(  # noqa: D102
        self,
        solver: str = "auto",
        options: Mapping[str, Any] | None = None,
        start: StartingPoint | None = None,
        time_limit: float | None = None,
        verbose: bool = False,
        callback: Callable[[Any], bool | None] | None = None,
    ) -> Solution: ...


def run_reduction(
    problem: Problem, states: States, by: str | Sequence[str] | None, **options: Any
) -> Reduced:
    """Return the reduced form of a problem; see `sparseopt.Model.reduce`."""
    package = importlib.import_module(_REDUCTION)
    found: Reduced = package.reduce_problem(problem, states, by, **options)
    return found
