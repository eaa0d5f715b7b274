"""PyOptInterface: the C callbacks it hands to IPOPT, captured and called directly.

A stand-in for libipopt captures them; the library has no other access to derivative values. Its
LLVM compiler is used, the faster of its two. Constraint values are timed but not compared: its rows
have another order, and other constants moved to their bounds. Solves are passed on to the libipopt
that sparseopt uses.

A problem without a hand-written model is translated: scalar formulas as Python functions, a loop
over rows. Set-up is that loop and PyOptInterface's own work; neither sparseopt's tracing, nor
writing the functions, nor imports count.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np
import pyoptinterface as poi
from numpy.typing import NDArray
from pyoptinterface import ipopt

from benchmarks.limits.compiler import NoCompilerError, compiled
from benchmarks.peers import pyoptinterface_models
from benchmarks.peers.pyoptinterface_idiom import IDIOM
from benchmarks.peers.pyoptinterface_translation import model_of, numbered
from benchmarks.tools.interface import (
    Call,
    Pattern,
    Point,
    Solved,
    ToolUnavailableError,
    native_call,
)
from benchmarks.translation.scalar_rows import ScalarRows
from benchmarks.translation.traced import traced
from sparseopt.solvers.ipopt_library import load_ipopt

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
        ("iterations", Int),
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
    models = pyoptinterface_models.BUILDERS
    _rows: ScalarRows | None = None

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        self.library = _capture_library()
        self.problem = traced(problem, size)
        self.resident_megabytes = self.problem.resident_megabytes
        if problem not in self.models:
            self._translate()
        started = time.perf_counter()
        if self._rows is None:
            self.model = pyoptinterface_models.build(problem, size)
        else:
            self.model = model_of(self.problem, self._rows, self._groups, numbered)
        built = time.perf_counter()
        self.model.optimize()  # compiles, hands over the callbacks, and returns at once
        done = time.perf_counter()
        self.stages = {"build": built - started, "derivatives": done - built}
        self.library.captured_problem.restype = ctypes.POINTER(_Captured)
        self.kept = self.library.captured_problem().contents
        self.captured = _Captured.from_buffer_copy(self.kept)
        self.num_constraints = self.captured.num_constraints
        self.row_of = _numbers(self.captured)
        self.start = self.problem.start
        self.constraint_offset = np.zeros(self.num_constraints)

    def _translate(self) -> None:
        self._rows = ScalarRows(self.problem, IDIOM)
        self._groups = self._rows.nonlinear_groups()

    def bind(self, kind: str, point: Point) -> Call | None:
        """Return the call of the captured callback."""
        kept = self.captured
        n, m = kept.num_variables, kept.num_constraints
        nonzeros = {"jacobian": kept.jacobian_nonzeros, "hessian": kept.hessian_nonzeros}
        sizes = {"objective": 1, "gradient": n, "constraints": m, **nonzeros}
        out, x = np.zeros(sizes[kind]), point.x
        multipliers = np.ascontiguousarray(point.multipliers[self.row_of])
        head = (n, x.ctypes.data, 1)
        tail = (out.ctypes.data, kept.user_data)
        values: tuple[Any, ...] = (*head, *tail)
        if kind == "constraints":
            values = (*head, m, *tail)
        if kind == "jacobian":
            values = (*head, m, out.size, None, None, *tail)
        if kind == "hessian":
            weight, place = point.objective_weight, multipliers.ctypes.data
            values = (*head, weight, m, place, 1, out.size, None, None, *tail)
        arguments = [c_type(v) for c_type, v in zip(FUNCTIONS[kind], values, strict=True)]
        return native_call(getattr(kept, kind), arguments, out, (x, multipliers, self))

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
        """Solve with IPOPT a model with the true bounds, which is built and compiled before.

        Hand-written models serve evaluation only; their problems are solved as translated.
        """
        if self._rows is None:
            self._translate()
        assert self._rows is not None
        lower, upper = (
            self.problem.constraint_lower.tolist(),
            self.problem.constraint_upper.tolist(),
        )
        model = model_of(
            self.problem, self._rows, self._groups, lambda row: (lower[row], upper[row])
        )
        for name, value in {"print_level": 0, "sb": "yes", **self.problem.options}.items():
            model.set_raw_parameter(name, value)
        model.optimize()  # by the stand-in: compiles
        if not self.library.forward_to(load_ipopt().path.encode()):
            raise ToolUnavailableError("the library of IPOPT cannot be loaded")
        try:
            started = time.perf_counter()
            model.optimize()
            seconds = time.perf_counter() - started
            objective = float(model.get_model_attribute(poi.ModelAttribute.ObjectiveValue))
            status = str(model.get_model_attribute(poi.ModelAttribute.RawStatusString))
            del model  # freed by the library that made it
        finally:
            self.library.forward_to(b"")
        return Solved(objective, int(self.kept.iterations), status, seconds)


def _numbers(captured: _Captured) -> NDArray[np.int64]:
    """Return the row of the sparseopt model that each row is: its lower bound."""
    count = captured.num_constraints
    if not count:
        return np.zeros(0, np.int64)
    return np.ctypeslib.as_array(captured.constraint_lower, (count,)).astype(np.int64)
