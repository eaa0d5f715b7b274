"""Solvers behind one function: `solve(problem, solver="ipopt")` gives a `SolverResult`.

An adapter sees a problem's numbers and functions only through the `GuardedOracle`; whatever a
solver does with exceptions, NaN or Ctrl-C, the caller gets the original exception or a `Status`,
and always the best point.
"""

from sparseopt.solvers.registry import (
    automatic_solver,
    expect,
    ipopt_problem,
    load_solver,
    scipy_arguments,
    solve,
    solver_names,
    start_compiling,
    takes_constraints,
)
from sparseopt.solvers.result import Iteration, SolverResult, Start
from sparseopt.solvers.status import Status

__all__ = [
    "Iteration",
    "SolverResult",
    "Start",
    "Status",
    "automatic_solver",
    "expect",
    "ipopt_problem",
    "load_solver",
    "scipy_arguments",
    "solve",
    "solver_names",
    "start_compiling",
    "takes_constraints",
]
