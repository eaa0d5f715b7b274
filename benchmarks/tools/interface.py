"""What a tool must offer to be measured, and the registry of tools."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.bound_calls import Argument, BoundCall, rounds_in_c
from benchmarks.measure import Rounds, rounds_in_python

Vector = NDArray[np.float64]
KINDS = ("objective", "gradient", "constraints", "jacobian", "hessian")


@dataclass
class Point:
    """Where derivatives are evaluated: variables, multipliers, weight of the objective."""

    x: Vector
    multipliers: Vector
    objective_weight: float


@dataclass
class Call:
    """One evaluation, bound to its point: `run()` writes into `out`, nothing is allocated.

    `native` is the same as a C function with its arguments, where it is one.
    """

    run: Callable[[], object]
    out: Vector
    native: BoundCall | None = None


def native_call(
    address: int, arguments: Sequence[Argument], out: Vector, alive: object = None
) -> Call:
    """Return the evaluation that a C function makes with the arguments."""
    native = BoundCall(address, tuple(arguments), (out, alive))
    return Call(native.plain(), out, native)


def timed_rounds(calls: Sequence[Call]) -> Rounds:
    """Return what is timed of the calls: those of C functions are made from C."""
    native = [call.native for call in calls if call.native is not None]
    if len(native) == len(calls):
        return rounds_in_c(native)
    return rounds_in_python([call.run for call in calls])


@dataclass
class Pattern:
    """Rows and columns of the entries, in the order of the values; the Hessian's is lower."""

    rows: NDArray[np.integer[Any]]
    cols: NDArray[np.integer[Any]]


@dataclass
class Solved:
    """Outcome of a solve; `seconds` is the solver's own share of the time."""

    objective: float
    iterations: int
    status: str
    seconds: float


class Tool(Protocol):
    """A derivative engine at work on one problem; made by `Tool(problem, size)`, which is timed.

    Attributes
    ----------
    compared : tuple of str
        The kinds whose values are compared with other tools'.
    stages : mapping
        Seconds spent in each set-up stage so far: "build" (the model in the tool's expressions),
        "derivatives", "detect" (patterns), "color", "write" (code), "compile", "trace". Imports,
        sparseopt's tracing for a translated model, and generating its source are in none of them.
    start : ndarray
        Start of the model, in the order of its variables.
    num_constraints : int
        Number of rows of the Jacobian.
    constraint_offset : ndarray
        What to subtract from the constraint values to get residuals (finite lower, else upper).
    resident_megabytes : float
        Only where a model was translated: memory of the process when the tool's own work began,
        after sparseopt's tracing; the peak is started anew there, and the tool's share of it is
        what lies above.
    whole : callable
        Only where a user's own lines do less than the set-up here: a class method of problem and
        size that returns seconds of "setup" and "solve", and the outcome.
    """

    compared: tuple[str, ...]
    stages: Mapping[str, float]
    start: Vector
    num_constraints: int
    constraint_offset: Vector

    def bind(self, kind: str, point: Point) -> Call | None:
        """Return the evaluation of one kind at one point; None where the tool has none."""

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern of the "jacobian" or of the lower triangle of the "hessian"."""

    def details(self) -> dict[str, float]:
        """Return seconds of parts of the stages, as the tool itself counts them."""

    def solve(self) -> Solved | None:
        """Solve with IPOPT from the model's start; None where the tool cannot."""


TOOLS = {
    "sparseopt": "benchmarks.tools.sparseopt_tool:SparseoptTool",
    **{
        f"sparseopt_{plan}": f"benchmarks.tools.sparseopt_tool:Sparseopt{plan.title()}"
        for plan in ("direct", "forward", "reverse", "bidirectional", "star", "acyclic")
    },
    "casadi_mx": "benchmarks.tools.casadi_tool:CasadiMx",
    "casadi_sx": "benchmarks.tools.casadi_tool:CasadiSx",
    "casadi_c": "benchmarks.tools.casadi_tool:CasadiC",
    "jax_asdex": "benchmarks.tools.jax_tool:JaxAsdexTool",
    "pyomo_asl": "benchmarks.tools.pyomo_tool:PyomoAslTool",
    "scipy": "benchmarks.tools.scipy_tool:ScipyTool",
    "cvxpy_dnlp": "benchmarks.tools.cvxpy_tool:CvxpyTool",
    "limit_c": "benchmarks.tools.limit_tool:LimitTool",
    "pyoptinterface": "benchmarks.tools.pyoptinterface_tool:PyOptInterfaceTool",
}


OWN_PACKAGES = ("benchmarks", "problems", "sparseopt")


class ToolUnavailableError(RuntimeError):
    """The tool does not serve this problem, or is not installed; the message says which."""


class TimeLimitError(RuntimeError):
    """The tool's set-up took longer than it may; the message says what."""


def settle(tool: Tool) -> None:
    """Wait until evaluations are as fast as they will be; most tools are so at once."""
    wait = getattr(tool, "settle", None)
    if wait is not None:
        wait()


def load_tool(name: str) -> Callable[[str, dict[str, Any]], Tool]:
    """Import a tool's module, and all that it needs, and return its class."""
    module, _, attribute = TOOLS[name].partition(":")
    try:
        tool: Callable[[str, dict[str, Any]], Tool] = getattr(
            importlib.import_module(module), attribute
        )
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OWN_PACKAGES:
            raise
        raise ToolUnavailableError(f"{error.name} is not installed") from error
    return tool
