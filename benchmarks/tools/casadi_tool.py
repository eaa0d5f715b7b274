"""CasADi: the functions its own IPOPT plugin calls, evaluated as `Function.buffer()` does.

Only the output that is asked for is bound; CasADi skips writing the others. A problem without a
hand-written model is translated from what sparseopt traced: whole-array formulas, node by node.
Set-up is CasADi's own work, its expressions, derivatives and compiling; neither sparseopt's tracing
nor imports count.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
import time
from ctypes import c_char_p, py_object
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np

from benchmarks.limits.compiler import NoCompilerError, compiler
from benchmarks.peers import casadi_models
from benchmarks.tools.interface import (
    KINDS,
    Call,
    Pattern,
    Point,
    Solved,
    TimeLimitError,
    ToolUnavailableError,
    native_call,
)
from benchmarks.translation.casadi_arrays import casadi_model
from benchmarks.translation.traced import OPTIONS, traced
from problems import registry

FUNCTIONS = {
    "objective": ("nlp_f", 0),
    "gradient": ("nlp_grad_f", 1),
    "constraints": ("nlp_g", 0),
    "jacobian": ("nlp_jac_g", 1),
    "hessian": ("nlp_hess_l", 0),
}
GENERATED = ("nlp_f", "nlp_g", "nlp_grad", "nlp_grad_f", "nlp_jac_g", "nlp_hess_l")
QUIET: dict[str, Any] = {"print_time": False, "ipopt.print_level": 0, "ipopt.sb": "yes"}
COMPILE_SECONDS = 300.0
COMPILE_FLAGS = ("-O3", "-fPIC", "-shared")


class CasadiTool:
    """One problem in CasADi symbols of the class's kind."""

    compared = KINDS
    symbol = "MX"
    models = casadi_models.BUILDERS

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        options = {**OPTIONS, **registry.get(problem).options}
        self.options = {**QUIET, **{f"ipopt.{name}": value for name, value in options.items()}}
        self.stages: dict[str, float] = {}
        self.model = self._model(problem, size)
        model, built = self.model, time.perf_counter()
        program: Any = {"x": model.x, "f": model.objective, "g": model.constraints}
        self.solver: Any = ca.nlpsol("solver", "ipopt", program, self.options)
        self.stages["derivatives"] = time.perf_counter() - built
        self.start = model.start
        self.num_constraints = len(model.constraint_lower)
        lower, upper = model.constraint_lower, model.constraint_upper
        self.constraint_offset = np.where(np.isfinite(lower), lower, upper)

    def _model(self, problem: str, size: dict[str, Any]) -> casadi_models.CasadiModel:
        translated = None if problem in self.models else traced(problem, size)
        data = registry.get(problem).data
        if data is not None:  # kept by the problem: a model that is written by hand reads them
            data(**size)
        started = time.perf_counter()
        if translated is None:
            model = casadi_models.build(problem, size, self.symbol)
        else:
            self.resident_megabytes = translated.resident_megabytes
            model = casadi_model(translated, self.symbol)
        self.stages["build"] = time.perf_counter() - started
        return model

    def bind(self, kind: str, point: Point) -> Call:
        """Return the evaluation, with CasADi's memory bound to NumPy arrays."""
        name, output = FUNCTIONS[kind]
        function = self.solver.get_function(name)
        out = np.zeros(max(function.nnz_out(output), 1))
        buffer, _ = function.buffer()
        arguments = [point.x, np.zeros(0), np.array([point.objective_weight]), point.multipliers]
        for index in range(function.n_in()):
            if arguments[index].size:
                buffer.set_arg(index, memoryview(arguments[index].data))
        buffer.set_res(output, memoryview(out.data))
        evaluate, given = _trigger(buffer)
        alive = (function, buffer, arguments, out)
        return native_call(evaluate, (given,), out[: function.nnz_out(output)], alive)

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern; CasADi's Hessian is the upper triangle, so its indices swap."""
        name, output = FUNCTIONS[kind]
        rows, cols = self.solver.get_function(name).sparsity_out(output).get_triplet()
        rows, cols = np.array(rows, np.int64), np.array(cols, np.int64)
        return Pattern(cols, rows) if kind == "hessian" else Pattern(rows, cols)

    def details(self) -> dict[str, float]:
        """Return nothing: the tool does not count parts of its set-up."""
        return {}

    def solve(self) -> Solved:
        """Solve with the IPOPT inside CasADi's wheel, by `nlpsol`."""
        model, started = self.model, time.perf_counter()
        solution = self.solver(
            x0=model.start,
            lbx=model.lower,
            ubx=model.upper,
            lbg=model.constraint_lower,
            ubg=model.constraint_upper,
        )
        seconds, stats = time.perf_counter() - started, self.solver.stats()
        return Solved(float(solution["f"]), stats["iter_count"], stats["return_status"], seconds)


def _trigger(buffer: Any) -> tuple[int, ctypes.c_void_p]:
    """Return the address of the C function that the trigger of a buffer calls, and its argument."""
    library = ctypes.CDLL(ca._casadi.__file__)  # looks in what it is linked to, too
    function = ctypes.cast(library["_ZN6casadi21_function_buffer_evalEPv"], ctypes.c_void_p)
    capsule, api = buffer._self(), ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = c_char_p, [py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [py_object, c_char_p]
    pointer = api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))
    return function.value or 0, ctypes.c_void_p(pointer)


class CasadiMx(CasadiTool):
    """CasADi with matrix graphs."""

    symbol = "MX"


class CasadiSx(CasadiTool):
    """CasADi with scalar graphs."""

    symbol = "SX"


class CasadiC(CasadiTool):
    """CasADi's generated C of the functions of matrix graphs, compiled and loaded by `nlpsol`."""

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        super().__init__(problem, size)
        try:
            command = compiler()
        except NoCompilerError as error:
            raise ToolUnavailableError(str(error)) from error
        with tempfile.TemporaryDirectory() as directory:  # once loaded, a library may go
            self._compile(command, Path(directory) / "nlp.c")

    def _compile(self, command: str, source: Path) -> None:
        started = time.perf_counter()
        generator = ca.CodeGenerator(source.name)
        for function in (self.solver.oracle(), *map(self.solver.get_function, GENERATED)):
            generator.add(function)
        generator.generate(f"{source.parent}/")
        written = time.perf_counter()
        library = _compile(command, source)
        self.solver = ca.nlpsol("solver", "ipopt", str(library), self.options)
        done = time.perf_counter()
        self.stages |= {"write": written - started, "compile": done - written}


def _compile(command: str, source: Path) -> Path:
    library = source.with_suffix(".so")
    arguments = [command, *COMPILE_FLAGS, str(source), "-o", str(library), "-lm"]
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, check=False, timeout=COMPILE_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise TimeLimitError(f"the compiler was not done after {COMPILE_SECONDS:g} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise RuntimeError(f"{command} failed: {lines[-1] if lines else done.returncode}")
    return library
