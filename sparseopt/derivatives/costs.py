"""What a schedule costs: operations, bytes, and an estimate of the time they take.

The estimate adds up what is counted, each kind with a weight in nanoseconds that was fitted to
measured schedules (``python -m benchmarks.plans``, on a processor with eight lanes).  It ranks the
plans of one matrix; it does not predict a time on another machine.  What a function that is not
NumPy takes nobody knows: a callback counts as 50 microseconds, what calling a small one takes.
"""

from __future__ import annotations

from dataclasses import dataclass

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import (
    Callback,
    Copy,
    Fill,
    Kernel,
    Operand,
    Product,
    Schedule,
    Substitution,
    Target,
    Task,
)
from sparseopt.graph.index import Index, StridedIndex

__all__ = ["Cost", "cost_of", "is_transcendental"]

_NANOSECONDS = {
    "operation": 0.023,
    "division": 0.15,
    "transcendental": 0.5,
    "consecutive": 0.04,
    "strided": 0.16,
    "table": 0.35,
    "scatter": 0.3,
    "product": 0.25,
    "copy": 0.27,
    "fill": 0.055,
    "substitution": 0.8,
    "task": 11.0,
    "callback": 50_000.0,
}

_CACHE_BYTES = 2**20
_STREAMED = 0.01
"""Nanoseconds a byte of tasks that touch more than the cache holds."""

_DIVISIONS = {"divide", "sqrt", "reciprocal"}
_CHEAP = {
    "add", "subtract", "multiply", "negative", "square", "absolute", "minimum", "maximum", "where",
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "sign", "floor", "ceil",
    "logical_and", "logical_or", "logical_not", "copysign", "fmin", "fmax", "positive",
}  # fmt: skip


def is_transcendental(pool: ExpressionPool, term: int) -> bool:
    """Return whether an expression contains a function that takes many operations."""
    names = (pool.calls[t][0] for t in pool.reachable([term]))
    return any(n not in _CHEAP and n not in _DIVISIONS | {"leaf", "literal"} for n in names)


@dataclass(frozen=True)
class Cost:
    """Operations and bytes of one evaluation, and an estimate of its time.

    Parameters
    ----------
    operations : int
        Scalar function applications and products.
    bytes : int
        Read and written by all tasks, index tables included.
    seconds : float
    """

    operations: int
    bytes: int
    seconds: float

    def __add__(self, other: Cost) -> Cost:
        """Return the cost of both."""
        return Cost(
            self.operations + other.operations,
            self.bytes + other.bytes,
            self.seconds + other.seconds,
        )

    def times(self, number: int) -> Cost:
        """Return the cost of ``number`` repetitions."""
        return Cost(self.operations * number, self.bytes * number, self.seconds * number)


def _cost(operations: int, size: int, **counts: float) -> Cost:
    time = sum(_NANOSECONDS[kind] * count for kind, count in counts.items())
    return Cost(operations, size, 1e-9 * time)


def _kind(index: Index | None) -> str:
    """Return how an index map's places are reached; "" if there is one place for all."""
    if index is None:
        return "consecutive"
    if isinstance(index, StridedIndex):
        steps = index.strides[-1]
        return {0: "", 1: "consecutive"}.get(steps, "strided")
    return "table"


def _reading(operand: Operand, count: int) -> tuple[int, float]:
    """Return bytes and seconds."""
    kind = _kind(operand.index)
    if not kind:
        return 0, 0.0
    return count * (12 if kind == "table" else 8), 1e-9 * (_NANOSECONDS[kind] * count)


def _writing(target: Target, count: int) -> tuple[int, float]:
    """Return bytes and seconds."""
    kind = _kind(target.index) or "consecutive"
    accesses = count if target.store else 2 * count
    size = 8 * accesses + (4 * count if kind == "table" else 0)
    return size, 1e-9 * (_NANOSECONDS["scatter" if kind == "table" else kind] * accesses)


def _arithmetic(pool: ExpressionPool, terms: tuple[int, ...], count: int) -> Cost:
    kinds = {"operation": 0.023, "division": 0.15, "transcendental": 0.0}
    for term in pool.reachable(terms):
        name = pool.calls[term][0]
        if name in ("leaf", "literal"):
            continue
        cheap = "division" if name in _DIVISIONS else "transcendental"
        kinds["operation" if name in _CHEAP else cheap] += count
    return _cost(int(sum(kinds.values())), 0, **kinds)


def _kernel_cost(pool: ExpressionPool, task: Kernel) -> Cost:
    total = _arithmetic(pool, task.terms, task.count) + _cost(0, 0, task=1)
    size, seconds = total.bytes, total.seconds
    used = set(pool.leaves(task.terms))
    accesses = [_reading(o, task.count) for k, o in task.operands.items() if k in used]
    accesses += [_writing(target, task.count) for target in task.targets]
    for part, time in accesses:
        size, seconds = size + part, seconds + time
    return Cost(total.operations, size, seconds)


def _task_cost(pool: ExpressionPool, task: Task) -> Cost:
    if isinstance(task, Kernel):
        return _kernel_cost(pool, task)
    if isinstance(task, Fill):
        return _cost(0, 8 * task.size, fill=task.size, task=1)
    if isinstance(task, Product):
        size, factors = task.places.size, len(task.factors)
        reads = size * (factors + 1)
        return _cost(size * factors, 12 * reads, product=reads, task=1)
    if isinstance(task, Copy):
        return _cost(0, 20 * task.places.size, copy=task.places.size, task=1)
    if isinstance(task, Substitution):
        size = task.targets.size
        return _cost(size, 32 * size, substitution=size, task=1)
    assert isinstance(task, Callback)
    return _cost(0, 8 * sum(span.size for span in (*task.reads, task.out)), task=1, callback=1)


def cost_of(schedule: Schedule) -> Cost:
    """Return what one run of a schedule costs."""
    numbers: dict[int, int] = {}
    phases: dict[int, list[Task]] = {}
    for phase in schedule.phases:
        numbers[id(phase)] = numbers.get(id(phase), 0) + 1
        phases[id(phase)] = phase
    total = Cost(0, 0, 0.0)
    for key, phase in phases.items():
        for task in phase:
            total += _streamed(_task_cost(schedule.pool, task)).times(numbers[key])
    return total


def _streamed(cost: Cost) -> Cost:
    if cost.bytes <= _CACHE_BYTES:
        return cost
    return Cost(cost.operations, cost.bytes, cost.seconds + 1e-9 * _STREAMED * cost.bytes)
