"""Running schedules with NumPy alone: the reference of compiled code, and the fallback for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.evaluate import evaluate_terms
from sparseopt.elements.tasks import (
    Base,
    Callback,
    Copy,
    Fill,
    Kernel,
    Operand,
    Product,
    Schedule,
    Span,
    Substitution,
    Task,
)
from sparseopt.graph.index import selector

__all__ = ["NumpyProgram", "run_schedule"]

Bases = dict[Base, NDArray[np.float64]]


def _read(operand: Operand, bases: Bases) -> NDArray[np.float64]:
    if operand.base is None:
        assert operand.values is not None
        return operand.values
    assert operand.index is not None
    return bases[operand.base][selector(operand.index)]


def _kernel(schedule: Schedule, task: Kernel, bases: Bases) -> None:
    used = schedule.pool.leaves(task.terms)
    leaves = {k: _read(task.operands[k], bases) for k in used}
    results = evaluate_terms(schedule.pool, task.terms, leaves)
    for target, values in zip(task.targets, results, strict=True):
        out = bases[target.base]
        whole = np.broadcast_to(values, (task.count,))
        if target.store:
            out[selector(target.index)] = whole
        else:
            places = target.index.materialize()
            out += np.bincount(places, weights=whole, minlength=out.size)[: out.size]


def _fill(task: Fill, bases: Bases) -> None:
    part = bases[task.base][task.offset : task.offset + task.size]
    part[:] = 0.0 if task.values is None else task.values


def _product(task: Product, bases: Bases) -> None:
    total = np.ones(task.places.size)
    for base, places in task.factors:
        total = total * bases[base][places]
    np.add.at(bases[task.base], task.places, total)


def _substitute(task: Substitution, bases: Bases) -> None:
    # Every step reads what earlier ones left: there is nothing to vectorize.
    values = bases[task.base].tolist()
    for source, target in zip(task.sources.tolist(), task.targets.tolist(), strict=True):
        values[target] -= values[source]
    bases[task.base][:] = values


def _view(span: Span, bases: Bases) -> NDArray[np.float64]:
    return bases[span.base][span.offset : span.offset + span.size]


def _call(task: Callback, bases: Bases) -> None:
    task.function(*(_view(span, bases) for span in task.reads), _view(task.out, bases))


def run_schedule(schedule: Schedule, bases: Bases) -> None:
    """Run a schedule on NumPy arrays; ``bases`` must hold every base that it reads or writes."""
    with np.errstate(all="ignore"):
        for phase in schedule.phases:
            for task in phase:
                _run_task(schedule, task, bases)


def _run_task(schedule: Schedule, task: Task, bases: Bases) -> None:
    if isinstance(task, Kernel):
        _kernel(schedule, task, bases)
    elif isinstance(task, Fill):
        _fill(task, bases)
    elif isinstance(task, Product):
        _product(task, bases)
    elif isinstance(task, Copy):
        stop = task.offset + task.places.size
        bases[task.base][task.offset : stop] = bases[task.source][task.places]
    elif isinstance(task, Callback):
        _call(task, bases)
    else:
        _substitute(task, bases)


class NumpyProgram:
    """A schedule ready to run with NumPy, with its own workspace."""

    def __init__(self, schedule: Schedule, parameters: NDArray[np.float64]) -> None:
        self.schedule = schedule
        self._bases: Bases = {
            Base.PARAMETERS: parameters,
            Base.WORK: np.zeros(schedule.work_size),
        }
        if schedule.colors is not None:
            self._bases[Base.COLORS] = schedule.colors

    def run(
        self,
        x: NDArray[np.float64],
        out: NDArray[np.float64],
        multipliers: NDArray[np.float64] | None = None,
        weight: float = 1.0,
        vector: NDArray[np.float64] | None = None,
    ) -> None:
        """Evaluate the schedule at ``x`` into ``out``."""
        bases = self._bases | {Base.X: x, Base.OUT: out, Base.WEIGHT: np.array([weight])}
        if multipliers is not None:
            bases[Base.MULTIPLIERS] = multipliers
        if vector is not None:
            bases[Base.VECTOR] = vector
        run_schedule(self.schedule, bases)

    def link(self) -> None:
        """Do nothing: there is no compiler to wait for."""

    @property
    def source(self) -> str:
        """A note instead of generated code: there is none."""
        return "; evaluated with NumPy: no code is generated\n"
