"""Operations as a program is written, and as it is run: `python -m benchmarks.operation_counts`.

*As written* is what NumPy does when the plain function is called.  *As run* is what the schedules
do: `Schedule.num_operations`, and one addition for each value that is added to a place others add
to.  The table of docs/optimizing-compiler.md is what this prints, and a test compares them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparseopt.elements.tasks import Schedule
from sparseopt.evaluation import Evaluator
from sparseopt.graph.nodes import Input
from sparseopt.graph.program import Program
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.trace import input_array

__all__ = [
    "CASES",
    "Case",
    "calls_run",
    "evaluator_of",
    "operations_run",
    "operations_written",
    "table",
]

Vector = Any
"""An array while the plain function runs, a traced array while it is recorded."""

_RANDOM = np.random.default_rng(0)
_WEIGHTS = _RANDOM.uniform(0.1, 0.9, 400)
_LAYER = _RANDOM.standard_normal((6, 6))
_WIDE_LAYER = _RANDOM.standard_normal((30, 30)) / 6
_SCORES = _RANDOM.standard_normal((100, 20))


def log_loss(z: Vector) -> Vector:
    """Return softmax with log-loss, as in a textbook."""
    p = np.exp(z) / np.sum(np.exp(z))
    return -np.sum(_WEIGHTS[: len(z)] * np.log(p))


def shifted_log_loss(z: Vector) -> Vector:
    """Return the same with the largest score subtracted."""
    e = np.exp(z - np.max(z))
    return -np.sum(_WEIGHTS[: len(z)] * np.log(e / np.sum(e)))


def linear_log_loss(x: Vector) -> Vector:
    """Return softmax with log-loss of a linear model's scores."""
    return log_loss(_SCORES @ x)


def normalized(x: Vector) -> Vector:
    """Return a vector of length one; the loop computes the norm for each element."""
    return np.stack([x[i] / np.sqrt(np.sum(x**2)) for i in range(len(x))])


def normalized_loss(x: Vector) -> Vector:
    """Return a function of the carelessly normalized vector."""
    return np.sum(_WEIGHTS[: len(x)] * np.sin(normalized(x)))


def layer_on_rows(x: Vector) -> Vector:
    """Apply one small layer to many rows in a loop."""
    total = 0.0
    for row in x.reshape(-1, 6):
        total = total + np.sum(np.tanh(_LAYER @ row + 0.1) ** 2)
    return total


def layer_on_itself(x: Vector, times: int = 50) -> Vector:
    """Apply one layer to its own output."""
    for _ in range(times):
        x = np.tanh(_WIDE_LAYER @ x)
    return np.sum(x**2)


def linear(x: Vector) -> Vector:
    """Return a linear function."""
    return _WEIGHTS[: len(x)] @ x


def sines(x: Vector) -> Vector:
    """Return a sum of sines."""
    return np.sum(np.sin(x))


def constant_branch(x: Vector) -> Vector:
    """Return sines and exponentials, chosen by data."""
    return np.sum(np.where(np.arange(len(x)) < 50, np.sin(x), np.exp(x)))


def unused(x: Vector) -> Vector:
    """Return a sum of squares, and throw away what else is computed."""
    _ = np.exp(np.sin(x)) * np.sum(np.cos(x))
    return np.sum(x**2)


def invariant(x: Vector) -> Vector:
    """Return a sum by a loop in which the exponential does not change."""
    total = 0.0
    for i in range(1, len(x)):
        total = total + np.exp(x[0]) * x[i] ** 2
    return total


def differences(x: Vector) -> Vector:
    """Return a function of one difference, written both ways round."""
    a, b = x[1:], x[:-1]
    return np.sum(np.exp((a - b) ** 2) * np.cos((b - a) * (b - a)))


def sine_and_cosine(x: Vector) -> Vector:
    """Return sine times cosine of one product, operands in either order."""
    a, b = x[1:], x[:-1]
    return np.sum(np.sin(a * b) * np.cos(b * a))


@dataclass(frozen=True)
class Case:
    """One function and the number of variables it is counted for."""

    name: str
    function: Callable[[Vector], Vector]
    num_variables: int = 100


CASES = (
    Case("softmax with log-loss", log_loss),
    Case("softmax with log-loss, largest score subtracted", shifted_log_loss),
    Case("softmax with log-loss of 100 linear scores", linear_log_loss, 20),
    Case("norm recomputed for each element", normalized_loss),
    Case("6 × 6 layer on 40 rows, in a loop", layer_on_rows, 240),
    Case("30 × 30 layer on its own output, 50 times", layer_on_itself, 30),
    Case("linear function", linear),
    Case("sum of sines", sines),
    Case("branches chosen by data", constant_branch),
    Case("unused results", unused),
    Case("exponential that a loop does not change", invariant),
    Case("difference written both ways", differences),
    Case("sine and cosine of one product", sine_and_cosine),
)


def evaluator_of(function: Callable[[Vector], Vector], num_variables: int) -> Evaluator:
    """Return the evaluator of a function as the objective, and its values, if many, as constraints.

    Runs without a compiler: counts do not depend on it.
    """
    variable = Input("x", num_variables)
    x = input_array(variable, (num_variables,))
    output = as_traced(function(x)).node
    rest = as_traced(x[:0]).node
    outputs = (output, rest) if output.size == 1 else (as_traced(0.0 * x[0]).node, output)
    return Evaluator(Program((variable,), (), outputs), "numpy")


class _Counting(np.ndarray):
    """An array that counts the operations NumPy carries out on it."""

    operations = 0

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(super().__getitem__(key)).view(_Counting)  # also where it is a scalar

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        result = super().__array_function__(func, types, args, kwargs)
        return result.view(_Counting) if isinstance(result, np.ndarray) else result

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(value) for value in inputs]
        result = np.asarray(getattr(ufunc, method)(*plain, **options))
        if ufunc is np.matmul:
            _Counting.operations += result.size * (2 * plain[0].shape[-1] - 1)
        elif method == "reduce":
            _Counting.operations += plain[0].size - result.size
        else:
            _Counting.operations += result.size
        return result.view(_Counting)


def operations_written(function: Callable[[Vector], Vector], num_variables: int) -> int:
    """Return how many scalar operations NumPy carries out when the function is called."""
    _Counting.operations = 0
    function(np.linspace(0.1, 0.9, num_variables).view(_Counting))
    return _Counting.operations


def operations_run(schedule: Schedule) -> int:
    """Return how many scalar operations a run carries out, additions to shared places included."""
    additions = sum(
        kernel.count for kernel in schedule.kernels() for t in kernel.targets if not t.store
    )
    return schedule.num_operations() + additions


def calls_run(schedule: Schedule) -> Counter[str]:
    """Return how often a run applies each scalar function."""
    calls: Counter[str] = Counter()
    for kernel in schedule.kernels():
        for term in schedule.pool.reachable(kernel.terms):
            name = schedule.pool.call_of(term)[0]
            if name:
                calls[name] += kernel.count
    return calls


def table() -> str:
    """Return the table of the page, in Markdown."""
    lines = [
        "| program | variables | as written | value | gradient | Hessian times vector | kernels | "
        "workspace |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for case in CASES:
        n = case.num_variables
        evaluator = evaluator_of(case.function, n)
        value, gradient, product = (
            evaluator.schedule(kind) for kind in ("objective", "gradient", "hessian_vector_product")
        )
        numbers = [
            n,
            operations_written(case.function, n),
            *map(operations_run, (value, gradient, product)),
            len(gradient.kernels()),
            gradient.work_size,
        ]
        lines.append(f"| {case.name} | " + " | ".join(str(k) for k in numbers) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
