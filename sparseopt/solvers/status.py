"""How a solve ended, in one vocabulary for every solver.

`Status` is what a person and a program read; an adapter translates its solver's own codes into it
and keeps the original as `SolverResult.raw_status`.
"""

from __future__ import annotations

import enum


class Status(enum.Enum):
    """The outcome of a solve; `sentence` says it in words, `success` whether to use the point.

    Examples
    --------
    >>> Status.ITERATION_LIMIT.success
    False
    >>> print(Status.TIME_LIMIT.sentence)
    The time limit was reached before the solver converged.
    """

    OPTIMAL = "optimal"
    ACCEPTABLE = "acceptable"
    INFEASIBLE = "infeasible"
    STALLED = "stalled"
    DIVERGING = "diverging"
    STOPPED = "stopped"
    ITERATION_LIMIT = "iteration_limit"
    RESTORATION_FAILED = "restoration_failed"
    STEP_ERROR = "step_error"
    TIME_LIMIT = "time_limit"
    TOO_FEW_DEGREES_OF_FREEDOM = "too_few_degrees_of_freedom"
    INVALID_PROBLEM = "invalid_problem"
    INVALID_OPTION = "invalid_option"
    INVALID_NUMBER = "invalid_number"
    SOLVER_ERROR = "solver_error"
    OUT_OF_MEMORY = "out_of_memory"
    WRONG_DERIVATIVE = "wrong_derivative"
    WRONG_VALUE = "wrong_value"

    @property
    def success(self) -> bool:
        """Whether the point satisfies the optimality conditions to a tolerance."""
        return self in (Status.OPTIMAL, Status.ACCEPTABLE)

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.OPTIMAL: "A local optimum was found to the requested tolerance.",
    Status.ACCEPTABLE: "A local optimum was found to the looser, acceptable tolerance.",
    Status.INFEASIBLE: (
        "The constraint violation cannot be reduced any further nearby: "
        "the problem may have no feasible point."
    ),
    Status.STALLED: "The solver makes no more progress, and the point is not optimal.",
    Status.DIVERGING: "The variables grow without limit: the problem may be unbounded.",
    Status.STOPPED: "The solve was stopped by the user.",
    Status.ITERATION_LIMIT: "The iteration limit was reached before the solver converged.",
    Status.RESTORATION_FAILED: "The solver failed while trying to regain feasibility.",
    Status.STEP_ERROR: "The solver could not compute a search direction.",
    Status.TIME_LIMIT: "The time limit was reached before the solver converged.",
    Status.TOO_FEW_DEGREES_OF_FREEDOM: ("There are more equality constraints than free variables."),
    Status.INVALID_PROBLEM: "The solver refused the problem as inconsistent.",
    Status.INVALID_OPTION: "The solver refused an option or could not load what it names.",
    Status.INVALID_NUMBER: "A function or derivative was NaN or infinite.",
    Status.SOLVER_ERROR: "The solver failed for an internal reason.",
    Status.OUT_OF_MEMORY: "The solver ran out of memory.",
    Status.WRONG_DERIVATIVE: (
        "A derivative that the solver was given is wrong: "
        "the point is no solution that can be trusted."
    ),
    Status.WRONG_VALUE: (
        "A value that the solver was given differs from the formulas: "
        "the point is no solution that can be trusted."
    ),
}
