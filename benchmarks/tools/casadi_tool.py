"""CasADi: the functions its own IPOPT plugin calls, evaluated through `Function.buffer()`.

Only the output that is asked for is bound; CasADi skips writing the others.
"""

from __future__ import annotations

import time
from typing import Any

import casadi as ca
import numpy as np

from benchmarks.peers import casadi_models
from benchmarks.tools.interface import KINDS, Call, Pattern, Point, Solved

FUNCTIONS = {
    "objective": ("nlp_f", 0),
    "gradient": ("nlp_grad_f", 1),
    "constraints": ("nlp_g", 0),
    "jacobian": ("nlp_jac_g", 1),
    "hessian": ("nlp_hess_l", 0),
}
OPTIONS: Any = {"print_time": False, "ipopt.print_level": 0, "ipopt.sb": "yes"}


class CasadiTool:
    """One problem in CasADi symbols of the class's kind."""

    compared = KINDS
    symbol = "MX"

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        started = time.perf_counter()
        self.model = casadi_models.build(problem, size, self.symbol)
        built = time.perf_counter()
        model = self.model
        program: Any = {"x": model.x, "f": model.objective, "g": model.constraints}
        self.solver: Any = ca.nlpsol("solver", "ipopt", program, OPTIONS)
        done = time.perf_counter()
        self.stages = {"build": built - started, "derivatives": done - built}
        self.start = model.start
        self.num_constraints = len(model.constraint_lower)
        lower, upper = model.constraint_lower, model.constraint_upper
        self.constraint_offset = np.where(np.isfinite(lower), lower, upper)
        self._alive: list[Any] = []

    def bind(self, kind: str, point: Point) -> Call:
        """Return the evaluation, with CasADi's memory bound to NumPy arrays."""
        name, output = FUNCTIONS[kind]
        function = self.solver.get_function(name)
        out = np.zeros(max(function.nnz_out(output), 1))
        buffer, trigger = function.buffer()
        arguments = [point.x, np.zeros(0), np.array([point.objective_weight]), point.multipliers]
        for index in range(function.n_in()):
            if arguments[index].size:
                buffer.set_arg(index, memoryview(arguments[index].data))
        buffer.set_res(output, memoryview(out.data))
        self._alive.append((function, buffer, arguments, out))
        return Call(trigger, out[: function.nnz_out(output)])

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


class CasadiMx(CasadiTool):
    """CasADi with matrix graphs."""

    symbol = "MX"


class CasadiSx(CasadiTool):
    """CasADi with scalar graphs."""

    symbol = "SX"
