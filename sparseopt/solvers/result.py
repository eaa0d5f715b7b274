"""What a solve starts from, reports on the way, and gives back: plain data without behavior.

Sign rule for multipliers, the same for every solver: the Lagrangian is L = f + λᵀ c, and at a
solution ∇f + Jᵀ λ − z_lower + z_upper = 0 with z_lower, z_upper ≥ 0.  For an equality c(x) = d this
makes λ = −∂f*/∂d; a constraint at its upper bound has λ ≥ 0, one at its lower bound λ ≤ 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.checked_problem import Evaluated
from sparseopt.modeling.solution_check import Verification
from sparseopt.solvers.optimality import OptimalityErrors
from sparseopt.solvers.status import Status

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Start:
    """Where a solve starts; with multipliers it is a warm start.

    Parameters
    ----------
    x : ndarray, shape (num_variables,)
    constraint_multipliers : ndarray, shape (num_constraints,), optional
    lower_multipliers, upper_multipliers : ndarray, shape (num_variables,), optional
        Multipliers of the variables' bounds, nonnegative.
    barrier_parameter : float, optional
        Of an interior-point method that was interrupted here; used with multipliers only.
    """

    x: FloatArray
    constraint_multipliers: FloatArray | None = None
    lower_multipliers: FloatArray | None = None
    upper_multipliers: FloatArray | None = None
    barrier_parameter: float | None = None

    @property
    def has_multipliers(self) -> bool:
        """Whether any multipliers are given."""
        return not (
            self.constraint_multipliers is None
            and self.lower_multipliers is None
            and self.upper_multipliers is None
        )


@dataclass(frozen=True)
class Iteration:
    """What the progress callback sees after each iteration; NaN where a solver does not say.

    ``multipliers`` are λ, z_lower, z_upper where the solver tells them on the way, else None.
    A callback that returns ``False`` or raises ``StopIteration`` ends the solve.
    """

    number: int
    objective: float
    infeasibility: float
    dual_infeasibility: float
    barrier_parameter: float
    step_norm: float
    x: FloatArray
    multipliers: tuple[FloatArray, FloatArray, FloatArray] | None = None


ProgressCallback = Callable[[Iteration], "bool | None"]


@dataclass(frozen=True)
class SolverResult:
    """The best point a solver found, and how the solve went.

    Attributes
    ----------
    x : ndarray, shape (num_variables,)
    objective : float
        Of the minimized objective, at `x`.
    status : Status
    message : str
        The status in a sentence, and what else there is to say.
    iterations : int
    constraint_multipliers, lower_multipliers, upper_multipliers : ndarray
        See the sign rule in the header of this module.
    evaluations : dict of int
        Calls of "objective", "gradient", "constraints", "jacobian", "hessian" and, for matrix-free
        methods, "hessian_vector_product".
    timings : dict of float
        Seconds in the same functions, "callback" (the caller's own), and "total".
    history : dict of ndarray
        One array for each quantity, one entry for each iteration.
    raw_status : int
        The solver's own code.
    optimality : OptimalityErrors or None
        The errors in the optimality conditions, recomputed here rather than reported by the solver;
        None where the functions cannot be evaluated at `x`.
    solver : str
        Name and version of what ran.
    options : dict
        Every option that was set.
    linear_systems : str
        How the solver was told to order its linear systems, and why; empty where it was not.
    verification : Verification or None
        The check of the point against the formulas in plain NumPy; None where there was none.
    constraint_values : ndarray or None, shape (num_constraints,)
        At `x`; None where the functions cannot be evaluated.
    evaluated : Evaluated or None
        Values and derivatives at `x`, from an adapter to the check, which drops them.
    """

    x: FloatArray
    objective: float
    status: Status
    message: str
    iterations: int
    constraint_multipliers: FloatArray
    lower_multipliers: FloatArray
    upper_multipliers: FloatArray
    evaluations: Mapping[str, int]
    timings: Mapping[str, float]
    history: Mapping[str, NDArray[Any]]
    raw_status: int
    optimality: OptimalityErrors | None = None
    solver: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    linear_systems: str = ""
    verification: Verification | None = None
    constraint_values: FloatArray | None = None
    evaluated: Evaluated | None = field(default=None, repr=False)

    @property
    def success(self) -> bool:
        """Whether the point is a verified, feasible solution."""
        return self.status.success

    def unverified(self) -> SolverResult:
        """Return the result without what only a check needs."""
        return self.with_check(None, self.timings)

    def with_check(
        self, verification: Verification | None, timings: Mapping[str, float]
    ) -> SolverResult:
        """Return the result with its check, and without what only that needs."""
        checked = object.__new__(SolverResult)  # by `replace` it takes ten times as long
        vars(checked).update(vars(self), verification=verification, timings=timings, evaluated=None)
        return checked
