"""A scalar function compiled, with the counts of what its inner systems cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.evaluation import compile_program
from sparseopt.graph.nodes import Call, Constant
from sparseopt.implicit_functions.solved_function import SolvedFunction
from sparseopt.tracing.trace import trace


class Counted:
    """Values and derivatives of f, and the solves since the last look."""

    def __init__(self, f: Callable[..., Any], size: int) -> None:
        program, _ = trace(f, (size,))
        self.evaluator = compile_program(
            program.with_outputs((program.outputs[0], Constant(np.zeros(0))))
        )
        self.functions: list[Any] = [
            node.function
            for node in program.nodes()
            if isinstance(node, Call) and isinstance(node.function, SolvedFunction)
        ]
        self._before = self._total()

    def _total(self) -> NDArray[np.int64]:
        solves = [[*f.num_solves.values(), f.num_factorizations] for f in self.functions]
        return np.sum(solves, axis=0)

    def since(self) -> tuple[int, int, int]:
        """Return solves, transposed solves and factorizations since the last call."""
        total = self._total()
        found = total - self._before
        self._before = total
        return tuple(int(k) for k in found)

    def value(self, x: NDArray[np.float64]) -> float:
        return self.evaluator.objective(x)

    def gradient(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.evaluator.gradient(x)

    def product(self, x: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.evaluator.hessian_vector_product(x, np.zeros(0), v)


def taylor_rates(f: Counted, x: NDArray[np.float64], v: NDArray[np.float64]) -> tuple[float, float]:
    """Return the orders at which first and second remainders of f fall along v."""
    value, slope, curvature = f.value(x), f.gradient(x) @ v, v @ f.product(x, v)
    steps = np.array([4e-2, 2e-2, 1e-2])
    change = np.array([f.value(x + t * v) - value for t in steps])
    first = np.abs(change - steps * slope)
    second = np.abs(change - steps * slope - 0.5 * steps**2 * curvature)
    rates = [np.polyfit(np.log(steps), np.log(r), 1)[0] for r in (first, second)]
    return rates[0], rates[1]
