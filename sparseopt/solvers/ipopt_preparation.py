"""What a solve with Ipopt prepares, and what of it the next solve uses again.

Checks, settings, callbacks and Ipopt's C problem follow from the problem, its bounds and scales,
and the options; to make them takes as long as many a small solve.  So the last ones that ended
cleanly are kept, and used again where a solve asks for exactly the same.  What met an error or an
interrupt is never used again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import ref

from sparseopt.modeling.problem import Problem
from sparseopt.solvers.guard import GuardedOracle, has_compiled_functions
from sparseopt.solvers.ipopt_callbacks import CompiledCallbacks
from sparseopt.solvers.ipopt_handles import IpoptHandle
from sparseopt.solvers.ipopt_library import load_ipopt
from sparseopt.solvers.ipopt_linear_solvers import require_linear_solver
from sparseopt.solvers.ipopt_python_callbacks import PythonCallbacks
from sparseopt.solvers.ipopt_settings import feasibility_tolerance, ipopt_settings
from sparseopt.solvers.problem_checks import check_problem
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import Start

__all__ = ["Preparation", "prepared"]

LARGEST_KEPT = 100_000
"""Variables, constraints and entries up to which it is kept; Ipopt holds some 40 bytes for each."""


def prepared(
    guard: GuardedOracle,
    options: Mapping[str, Any],
    start: Start | None,
    time_limit: float | None,
    *,
    verbose: bool,
) -> Preparation:
    """Return what was kept if it is for this very solve, else a new one; nobody else has it then.

    Parameters
    ----------
    guard : GuardedOracle
        Of the problem.
    options : mapping
        The caller's; ``library`` is the path of the libipopt to use.
    start, time_limit, verbose : as for `sparseopt.solvers.solve`
    """
    library = load_ipopt(options.get("library"))
    warm = None if start is None or not start.has_multipliers else (start.barrier_parameter,)
    # By their text, since 1, 1.0 and True are equal.
    asked = (library.path, repr(options), warm, time_limit, verbose)
    try:
        kept = _kept.pop()
    except IndexError:
        pass
    else:
        if kept.is_for(guard.problem, asked):
            return kept
        del kept  # and its memory, before more is made
    made = Preparation(guard, options, start, time_limit, verbose=verbose)
    if made.serves_many_solves(guard.problem):
        made.keep_for(guard.problem, asked)
    return made


_kept: list[Preparation] = []  # at most one; taken out while in use, so nested solves are safe


class Preparation:
    """What follows from the problem and the options; as a context, one solve with it.

    Attributes
    ----------
    library : IpoptLibrary
    settings : dict
        Every option of Ipopt that is set.
    tolerance : float
        The violation that Ipopt takes for feasible with them.
    callbacks : CompiledCallbacks or PythonCallbacks
    handle : IpoptHandle
    """

    def __init__(
        self,
        guard: GuardedOracle,
        options: Mapping[str, Any],
        start: Start | None,
        time_limit: float | None,
        *,
        verbose: bool,
    ) -> None:
        problem, own = guard.problem, dict(options)
        self.library = load_ipopt(own.pop("library", None))
        check_problem(problem)
        self.settings = ipopt_settings(problem, own, start, time_limit, verbose=verbose)
        require_linear_solver(self.settings)
        self.tolerance = feasibility_tolerance(self.settings)
        self.callbacks = _callbacks(guard)
        self.handle = IpoptHandle(self.library, problem, self.callbacks.addresses, self.settings)
        self._is_for: tuple[Any, ...] | None = None

    def serves_many_solves(self, problem: NonlinearProblem) -> bool:
        """Whether nothing in it ends with this solve, and it is not too large to be kept.

        Python's callbacks end with a solve, and what Ipopt writes to a file is there when it does.
        """
        return (
            isinstance(self.callbacks, CompiledCallbacks)
            and self.handle.num_numbers <= LARGEST_KEPT
            and "output_file" not in self.settings
            and has_compiled_functions(problem)
        )

    def keep_for(self, problem: NonlinearProblem, asked: tuple[Any, ...]) -> None:
        """Have it kept at a clean end, for solves of this problem that ask for the same."""
        self._is_for = (asked, _numbers(problem))
        self._problem = ref(problem)

    def is_for(self, problem: NonlinearProblem, asked: tuple[Any, ...]) -> bool:
        """Whether it was made for this problem as it is now, and for what is asked for."""
        return (
            self._problem() is problem
            and has_compiled_functions(problem)  # still: a caller may replace them
            and self._is_for == (asked, _numbers(problem))
        )

    def __enter__(self) -> Preparation:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.callbacks.end()
        if self._is_for and kind is None and self.handle.ended_cleanly:
            _kept[:] = [self]
        else:
            self.handle.free()


def _callbacks(guard: GuardedOracle) -> CompiledCallbacks | PythonCallbacks:
    problem = guard.problem
    native = getattr(getattr(problem, "evaluator", None), "native", None)
    if native is None or (isinstance(problem, Problem) and not has_compiled_functions(problem)):
        return PythonCallbacks(guard)
    return CompiledCallbacks(problem, native)


def _numbers(problem: Any) -> tuple[bytes | None, ...]:
    """Return the arrays that the settings and the C problem depend on, and a caller may change."""
    arrays = (
        *(problem.variable_lower, problem.variable_upper),
        *(problem.constraint_lower, problem.constraint_upper),
        *(problem.variable_scale, problem.constraint_scale),
    )
    return tuple([None if array is None else array.tobytes() for array in arrays])
