"""PyOptInterface: the C callbacks it hands to IPOPT, captured and called directly.

A stand-in for libipopt captures them; the library has no other access to derivative values. Its
LLVM compiler is used, the faster of its two. Constraint values are timed but not compared: its rows
have another order, and other constants moved to their bounds.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np
from pyoptinterface import ipopt

from benchmarks.limits.compiler import NoCompilerError, compiled
from benchmarks.peers import pyoptinterface_models
from benchmarks.tools.interface import Call, Pattern, Point, Solved, ToolUnavailableError
from problems import registry

Pointer, Int, Double = ctypes.c_void_p, ctypes.c_int, ctypes.c_double
FUNCTIONS = {
    "objective": (Int, Pointer, Int, Pointer, Pointer),
    "gradient": (Int, Pointer, Int, Pointer, Pointer),
    "constraints": (Int, Pointer, Int, Int, Pointer, Pointer),
    "jacobian": (Int, Pointer, Int, Int, Int, Pointer, Pointer, Pointer, Pointer),
    "hessian": (
        *(Int, Pointer, Int, Double, Int, Pointer, Int, Int),
        *(Pointer, Pointer, Pointer, Pointer),
    ),
}


class _Captured(ctypes.Structure):
    """What the stand-in keeps; the fields of `peers/ipopt_capture.c`."""

    _fields_ = (
        ("num_variables", Int),
        ("num_constraints", Int),
        ("jacobian_nonzeros", Int),
        ("hessian_nonzeros", Int),
        ("index_base", Int),
        ("constraint_lower", ctypes.POINTER(Double)),
        ("objective", Pointer),
        ("constraints", Pointer),
        ("gradient", Pointer),
        ("jacobian", Pointer),
        ("hessian", Pointer),
        ("user_data", Pointer),
    )


def _capture_library() -> ctypes.CDLL:
    try:
        with compiled("peers/ipopt_capture") as path:
            ipopt.load_library(str(path))
            return ctypes.CDLL(str(path))
    except NoCompilerError as error:
        raise ToolUnavailableError(str(error)) from error


class PyOptInterfaceTool:
    """One problem in PyOptInterface; its rows are put in the order of the sparseopt model."""

    compared = ("objective", "gradient", "jacobian", "hessian")

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        if problem not in pyoptinterface_models.BUILDERS:
            raise ToolUnavailableError(f"there is no PyOptInterface model of {problem}")
        library = _capture_library()
        started = time.perf_counter()
        self.model = pyoptinterface_models.build(problem, size)
        built = time.perf_counter()
        self.model.optimize()  # compiles, hands over the callbacks, and returns at once
        done = time.perf_counter()
        self.stages = {"build": built - started, "derivatives": done - built}
        library.captured_problem.restype = ctypes.POINTER(_Captured)
        self.captured = library.captured_problem().contents
        self.num_constraints = self.captured.num_constraints
        self.row_of = np.ctypeslib.as_array(
            self.captured.constraint_lower, (self.num_constraints,)
        ).astype(np.int64)
        self.start = np.array(registry.get(problem).build(**size).problem().initial_point)
        self.constraint_offset = np.zeros(self.num_constraints)

    def bind(self, kind: str, point: Point) -> Call | None:
        """Return the call of the captured callback."""
        kept, prototype = self.captured, ctypes.CFUNCTYPE(Int, *FUNCTIONS[kind])
        function = prototype(getattr(kept, kind))
        n, m = kept.num_variables, kept.num_constraints
        nonzeros = {"jacobian": kept.jacobian_nonzeros, "hessian": kept.hessian_nonzeros}
        sizes = {"objective": 1, "gradient": n, "constraints": m, **nonzeros}
        out, x = np.zeros(sizes[kind]), point.x
        multipliers = np.ascontiguousarray(point.multipliers[self.row_of])
        head = (n, x.ctypes.data, 1)
        tail = (out.ctypes.data, kept.user_data)
        arguments: tuple[Any, ...] = (*head, *tail)
        if kind == "constraints":
            arguments = (*head, m, *tail)
        if kind == "jacobian":
            arguments = (*head, m, out.size, None, None, *tail)
        if kind == "hessian":
            weight, place = point.objective_weight, multipliers.ctypes.data
            arguments = (*head, weight, m, place, 1, out.size, None, None, *tail)

        def run() -> None:
            function(*arguments)

        run.alive = (x, multipliers, out)  # type: ignore[attr-defined]
        return Call(run, out)

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern with rows and triangle as in sparseopt."""
        kept = self.captured
        n, m, base = kept.num_variables, kept.num_constraints, kept.index_base
        size = getattr(kept, f"{kind}_nonzeros")
        rows, cols = np.zeros(size, np.int32), np.zeros(size, np.int32)
        function = ctypes.CFUNCTYPE(Int, *FUNCTIONS[kind])(getattr(kept, kind))
        places = (rows.ctypes.data, cols.ctypes.data, None, kept.user_data)
        if kind == "jacobian":
            function(n, None, 1, m, size, *places)
            return Pattern(self.row_of[rows - base], cols - base)
        function(n, None, 1, 1.0, m, None, 1, size, *places)
        return Pattern(np.maximum(rows, cols) - base, np.minimum(rows, cols) - base)

    def details(self) -> dict[str, float]:
        """Return nothing: the tool does not count parts of its set-up."""
        return {}

    def solve(self) -> Solved | None:
        """Return nothing: the stand-in does not solve."""
        return None
