"""``solver="cyipopt"``: the same problem through the package cyipopt, with Python callbacks.

What cyipopt does badly is kept from it: an exception in the Hessian (it is swallowed, and Ipopt
goes on with stale memory), arrays of a wrong length, options that are not exactly of the wanted
type, a second solve of a problem that failed once, and ``close``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cyipopt
import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, SolverError
from sparseopt.evaluation import kept_exceptions
from sparseopt.solvers.guard import GuardedOracle, HaltSolve, raise_non_finite
from sparseopt.solvers.ipopt_iterations import Iterate, IterationLog
from sparseopt.solvers.ipopt_linear_solvers import require_linear_solver
from sparseopt.solvers.ipopt_settings import (
    INVALID_NUMBER,
    IPOPT_STATUSES,
    STOPPED_BY_USER,
    IpoptSettings,
    failure_note,
    feasibility_tolerance,
    ipopt_settings,
    user_scaling,
)
from sparseopt.solvers.problem_checks import check_problem, starting_arrays
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import ProgressCallback, SolverResult, Start
from sparseopt.solvers.status import Status
from sparseopt.solvers.verdict import Outcome, conclude

FloatArray = NDArray[np.float64]


def solve_with_cyipopt(
    problem: NonlinearProblem,
    *,
    options: Mapping[str, Any],
    start: Start | None = None,
    time_limit: float | None = None,
    callback: ProgressCallback | None = None,
    verbose: bool = False,
) -> SolverResult:
    """Solve `problem` with cyipopt; see `sparseopt.solvers.solve`."""
    check_problem(problem)
    x, rows, lower, upper = starting_arrays(problem, start)
    settings = ipopt_settings(problem, options, start, time_limit, verbose=verbose)
    require_linear_solver(settings)
    guard = GuardedOracle(problem, time_limit)
    nlp = GuardedProblem(problem, settings, guard, callback)
    x, info = nlp.run(x, rows, lower, upper)
    outcome = Outcome(
        x=x,
        status=IPOPT_STATUSES.get(info["status"], Status.SOLVER_ERROR),
        raw_status=info["status"],
        iterations=nlp.log.iterations,
        solver=f"Ipopt {'.'.join(map(str, cyipopt.IPOPT_VERSION))} (cyipopt)",
        constraint_multipliers=info["mult_g"],
        lower_multipliers=info["mult_x_L"],
        upper_multipliers=info["mult_x_U"],
        history=nlp.log.history(),
        note=failure_note(info["status"], guard.non_finite),
        options=settings,
        linear_systems=settings.note,
    )
    result = conclude(guard, outcome, feasibility_tolerance(settings))
    guard.raise_pending(result)
    if guard.non_finite is not None and result.raw_status == INVALID_NUMBER:
        raise_non_finite(problem, guard.non_finite, result)
    return result


def ipopt_problem(problem: NonlinearProblem) -> GuardedProblem:
    """Return a ready ``cyipopt.Problem`` with our default options set."""
    check_problem(problem)
    return GuardedProblem(problem, ipopt_settings(problem, {}))


class GuardedProblem(cyipopt.Problem):  # type: ignore[misc]
    """A ``cyipopt.Problem`` that raises what its functions raised, whichever they are."""

    def __init__(
        self,
        problem: NonlinearProblem,
        settings: IpoptSettings,
        guard: GuardedOracle | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        self._guard = guard or GuardedOracle(problem)
        self._oracle = _Oracle(self._guard)
        self._progress = progress
        self.log = IterationLog(self._guard, None)
        super().__init__(
            n=int(problem.num_variables),
            m=int(problem.num_constraints),
            problem_obj=self._oracle,
            lb=problem.variable_lower,
            ub=problem.variable_upper,
            cl=problem.constraint_lower,
            cu=problem.constraint_upper,
        )
        for name, value in settings.items():
            self._set_option(name, value, name in settings.advice)
        scaling = user_scaling(problem)
        if scaling is not None:
            self.set_problem_scaling(1.0, *scaling)

    def _set_option(self, name: str, value: Any, is_advice: bool) -> None:
        try:
            self.add_option(name, value)
        except TypeError as error:
            if is_advice:
                return
            raise SolverError(f"cyipopt refuses the option {name} = {value!r}") from error

    def run(self, x: FloatArray, *multipliers: FloatArray) -> tuple[FloatArray, dict[str, Any]]:
        """Solve from `x` and multipliers λ, z_lower, z_upper; exceptions stay in the guard."""
        guard = self._guard
        guard.reset()
        self.log = IterationLog(guard, self._current, self._progress)
        self._oracle.record = self.log.record
        try:
            with kept_exceptions(guard.keep):
                return super().solve(x, *multipliers)  # type: ignore[no-any-return]
        except BaseException as error:  # a signal came while no function of ours was running
            guard.keep(error)
        finally:
            self.log.release()
            self._oracle.record = _go_on
        rows, lower, upper = multipliers
        info = {"mult_g": rows, "mult_x_L": lower, "mult_x_U": upper, "status": STOPPED_BY_USER}
        return x, info

    def solve(
        self, x: FloatArray, lagrange: Any = (), zl: Any = (), zu: Any = ()
    ) -> tuple[FloatArray, dict[str, Any]]:
        """Solve as ``cyipopt.Problem.solve`` does; raise the first exception of any function."""
        n, m = self._guard.problem.num_variables, self._guard.problem.num_constraints
        given = [
            np.asarray(values, np.float64) if len(values) else np.zeros(size)
            for values, size in ((lagrange, m), (zl, n), (zu, n))
        ]
        x, info = self.run(np.array(x, np.float64), *given)
        if self._guard.error is not None:
            raise self._guard.error
        return x, info

    def _current(self) -> Iterate:
        values = self.get_current_iterate()
        return values["x"], values["mult_x_L"], values["mult_x_U"], values["mult_g"]


def _go_on(*values: Any) -> bool:
    return True


class _Oracle:
    """The object with the method names that cyipopt looks for.

    The only exception cyipopt ever sees is its own `CyIpoptEvaluationError`.
    """

    def __init__(self, guard: GuardedOracle) -> None:
        self._guard = guard
        self.record: Callable[..., bool] = _go_on
        problem = guard.problem
        self._jacobian_structure = problem.jacobian_pattern.rows, problem.jacobian_pattern.cols
        self._hessian_structure = problem.hessian_pattern.rows, problem.hessian_pattern.cols

    def objective(self, x: FloatArray) -> float:
        return self._answer(self._guard.objective, x)  # type: ignore[no-any-return]

    def gradient(self, x: FloatArray) -> Any:
        return self._answer(self._guard.gradient, x)

    def constraints(self, x: FloatArray) -> Any:
        if not self._guard.problem.num_constraints:
            return np.empty(0)
        return self._answer(self._guard.constraints, x)

    def jacobian(self, x: FloatArray) -> Any:
        if not self._jacobian_structure[0].size:
            return np.empty(0)
        return self._answer(self._guard.jacobian_values, x)

    def hessian(self, x: FloatArray, multipliers: FloatArray, weight: float) -> Any:
        return self._answer(self._guard.hessian_values, x, multipliers, weight)

    def jacobianstructure(self) -> Any:
        return self._jacobian_structure

    def hessianstructure(self) -> Any:
        return self._hessian_structure

    def intermediate(self, *values: Any) -> bool:
        return self.record(*values)

    def _answer(self, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except (HaltSolve, NonFiniteError):
            pass
        except BaseException as error:  # a fault of ours must not be lost either
            self._guard.keep(error)
        raise cyipopt.CyIpoptEvaluationError
