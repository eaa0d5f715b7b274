"""What an evaluation does, step by step: the vocabulary between derivatives and execution.

A `Schedule` is a list of phases; the tasks of one phase do not depend on each other and may be run
chunk by chunk in turn.  Tasks read and write a few memory bases; everything intermediate lives in
one workspace.  Both the NumPy and the compiled execution run the same schedules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.graph.index import Index

__all__ = [
    "Base",
    "Callback",
    "Copy",
    "Fill",
    "Kernel",
    "Operand",
    "Product",
    "Schedule",
    "Span",
    "Substitution",
    "Target",
    "Task",
]


class Base(IntEnum):
    """Memory that tasks read and write; a part of a split phase has partial sums of its own."""

    X = 0
    PARAMETERS = 1
    WORK = 2
    MULTIPLIERS = 3
    WEIGHT = 4
    VECTOR = 5
    OUT = 6
    COLORS = 7
    PARTIALS = 8


@dataclass(frozen=True, eq=False)
class Operand:
    """Where a kernel's leaf is read: an element of a base for each instance, or its data."""

    base: Base | None
    index: Index | None
    values: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Target:
    """Where a kernel's output goes.

    ``store`` says that no other value goes to these places: they are overwritten, not added to.
    """

    base: Base
    index: Index
    store: bool


@dataclass(frozen=True, eq=False)
class Kernel:
    """Evaluate expressions for every instance and scatter them."""

    terms: tuple[int, ...]
    operands: dict[int, Operand]
    targets: tuple[Target, ...]
    count: int


@dataclass(frozen=True, eq=False)
class Fill:
    """Copy data (or zero, if None) to ``size`` places of a base from ``offset`` on."""

    base: Base
    offset: int
    size: int
    values: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Product:
    """``target[t] += product of source_k[i_k]`` over equally long index arrays.

    ``factors`` are (base, index array) pairs; entries are summed in order.
    """

    factors: tuple[tuple[Base, NDArray[np.int32]], ...]
    base: Base
    places: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Copy:
    """``target[offset + k] = source[places[k]]``: one gather to consecutive places."""

    source: Base
    places: NDArray[np.int32]
    base: Base
    offset: int


@dataclass(frozen=True, eq=False)
class Substitution:
    """``base[targets[k]] -= base[sources[k]]``, in order: later steps read earlier results."""

    base: Base
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]


@dataclass(frozen=True)
class Span:
    """Consecutive places of a base."""

    base: Base
    offset: int
    size: int


@dataclass(frozen=True, eq=False)
class Callback:
    """Run Python: ``function(*arrays)``, an array for each span that is read, and then ``out``.

    The arrays are views of the memory; the function overwrites the last one, or adds to it.
    """

    function: Callable[..., None]
    reads: tuple[Span, ...]
    out: Span


Task = Kernel | Fill | Product | Copy | Substitution | Callback


@dataclass(frozen=True, eq=False)
class Schedule:
    """An evaluation: phases of independent tasks, run in order.

    Parameters
    ----------
    name : str
    pool : ExpressionPool
    phases : list of list of Task
        The same phase object may stand at several places: it is compiled once.
    out_size, work_size : int
        Lengths of the output and of the workspace.
    colors : float array, optional
        What the base of colors holds: data, the same at every evaluation.
    """

    name: str
    pool: ExpressionPool
    phases: list[list[Task]]
    out_size: int
    work_size: int
    colors: NDArray[np.float64] | None = None

    def kernels(self) -> list[Kernel]:
        """Return the kernels of all phases."""
        return [t for phase in self.phases for t in phase if isinstance(t, Kernel)]

    def num_operations(self) -> int:
        """Return the number of scalar operations of one run."""
        known: dict[int, int] = {}
        for task in (t for phase in self.phases for t in phase):
            known.setdefault(id(task), self._operations(task))
        return sum(known[id(t)] for phase in self.phases for t in phase)

    def _operations(self, task: Task) -> int:
        if isinstance(task, Kernel):
            return task.count * self.pool.num_operations(task.terms)
        if isinstance(task, Product):
            return len(task.factors) * task.places.size
        return task.targets.size if isinstance(task, Substitution) else 0
