"""Splitting the phases of a schedule into parts that threads can run.

The parts depend on the schedule alone, never on the number of threads, and so do the results to
the last bit:

- Parts are contiguous ranges of instances.  Parts that are not neighbors must not write to the same
  place: then all even parts can run at once, and after them all odd ones.  Banded, chained and
  grid problems pass this test; a phase that does not is one part.
- What many instances add to one place (an objective, the gradient of a shared parameter) is summed
  by each part into a place of its own; these partial sums are added in the order of the parts.
- The zeros or constants that a phase adds to are written by its parts too, each where it is the
  first to come, and are still in the cache then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.operand_layout import KernelLayout
from sparseopt.codegen.written_places import Span, index_spans, owners
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import (
    Base,
    Callback,
    Copy,
    Fill,
    Kernel,
    Product,
    Substitution,
    Target,
    Task,
)
from sparseopt.graph.index import ArrayIndex, Index, StridedIndex

__all__ = ["Partition", "Range", "partitions"]

LEAST_PARTS = 32
"""Enough for sixteen threads, or for a few that are not equally fast."""
MOST_PARTS = 256
PART_ACCESSES = 256 * 1024
"""Memory accesses of a part: what it writes should stay in the L2 cache."""
MIN_WORK = 12_000_000
"""Operations and memory accesses of a phase that is split: about half a millisecond or more."""
MOST_TABLE_PARTS = 1000
"""Parts of index tables that are looked at place by place, and not from end to end only."""
MIN_FILL = 250_000
"""Places from which on constants are written by parts."""


@dataclass(frozen=True)
class Range:
    """Consecutive places that a part overwrites with data, or with zeros, before its tasks run."""

    base: Base
    offset: int
    size: int
    values: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Partition:
    """A phase, ready to be run in parts.

    ``sums`` are the places that each part sums into on its own; in the tasks, place k of
    ``Base.PARTIALS`` stands for the k-th of them.  ``ranges`` has a list for each part.  Of two
    ``halves`` the even parts come first; one holds all parts, which do not meet anywhere.
    """

    tasks: list[Task]
    rounds: int
    parts: int = 1
    sums: tuple[tuple[Base, int], ...] = ()
    ranges: tuple[tuple[Range, ...], ...] = ((),)
    halves: int = 2


def partitions(
    pool: ExpressionPool, phases: Sequence[tuple[list[Task], int]], lanes: int
) -> list[Partition]:
    """Return the phases in parts, where they are large and their parts do not disturb each other.

    Parameters
    ----------
    pool : ExpressionPool
    phases : sequence of (list of Task, int)
        Phases in order, and the number of rounds each is to have.
    lanes : int
        Instances that vector code computes at once.
    """
    found: list[Partition] = []
    known: dict[int, Partition] = {}
    for phase, rounds in phases:
        if id(phase) not in known:
            known[id(phase)] = _partition(pool, phase, rounds, lanes)
        found.append(known[id(phase)])
    if len(known) == len(phases):
        return _with_fills(found, lanes)
    return found


def _partition(pool: ExpressionPool, phase: list[Task], rounds: int, lanes: int) -> Partition:
    whole = Partition(phase, rounds)
    if any(isinstance(t, Callback | Substitution) for t in phase):
        return whole
    if sum(_work(pool, t) for t in phase) < MIN_WORK:
        return whole
    parts = _num_parts(phase)
    rounds = max(1, math.ceil(rounds / parts)) * parts
    split = [t for t in phase if _is_split(t, rounds, lanes)]
    if sum(_work(pool, t) for t in split) < MIN_WORK:
        return whole
    sums: dict[tuple[Base, int], int] = {}
    tasks = [_with_partial_sums(t, sums) for t in phase]
    result = Partition(tasks, rounds, parts, tuple(sums), ((),) * parts)
    added = _spans(result, lanes, stores=False)
    if not added:
        return replace(result, halves=1)
    return whole if owners(added) is None else result


def _num_parts(phase: list[Task]) -> int:
    accesses = sum(_accesses(t) for t in phase)
    multiple = math.ceil(accesses / PART_ACCESSES / LEAST_PARTS)
    return min(multiple * LEAST_PARTS, MOST_PARTS)


def _accesses(task: Task) -> int:
    if isinstance(task, Kernel):
        return task.count * (len(task.operands) + len(task.targets))
    if isinstance(task, Product):
        return task.places.size * (1 + len(task.factors))
    if isinstance(task, Copy):
        return 2 * task.places.size
    return task.size if isinstance(task, Fill) else 0


def _work(pool: ExpressionPool, task: Task) -> int:
    operations = task.count * pool.num_operations(task.terms) if isinstance(task, Kernel) else 0
    return operations + _accesses(task)


def _units(task: Task, lanes: int) -> tuple[int, int]:
    """Return the number of units of a task, and the least of them that a round takes."""
    if isinstance(task, Kernel):
        lanes = lanes if task.count >= lanes else 1
        layout = KernelLayout(task, lanes)
        return layout.units, 1 if layout.is_nested else 2 * lanes
    if isinstance(task, Fill):
        return task.size, 1
    assert isinstance(task, Product | Copy)
    return task.places.size, 1


def _is_split(task: Task, rounds: int, lanes: int) -> bool:
    units, grain = _units(task, lanes)
    return units >= grain * rounds


def _with_partial_sums(task: Task, sums: dict[tuple[Base, int], int]) -> Task:
    if not isinstance(task, Kernel) or task.count == 1:
        return task

    def redirected(target: Target) -> Target:
        index = target.index
        if target.store or not isinstance(index, StridedIndex) or index.strides != (0,):
            return target
        number = sums.setdefault((target.base, index.offset), len(sums))
        partial = StridedIndex(number, index.shape, index.strides)
        return replace(target, base=Base.PARTIALS, index=partial)

    return replace(task, targets=tuple(map(redirected, task.targets)))


# ---- what the parts write to
def _spans(phase: Partition, lanes: int, *, stores: bool) -> list[Span]:
    """Return the places that the parts add to and, if asked for, overwrite."""
    written = [(task, _written(task, stores)) for task in phase.tasks]
    tables = sum(isinstance(index, ArrayIndex) for _, places in written for _, index in places)
    is_close = tables * phase.parts <= MOST_TABLE_PARTS
    found: list[Span] = []
    for task, places in written:
        ends = _ends(task, phase, lanes)
        for base, index in places:
            found += [Span(base, *span) for span in index_spans(index, ends, is_close)]
    return found


def _written(task: Task, stores: bool) -> list[tuple[Base, Index]]:
    if isinstance(task, Kernel):
        shared = (t for t in task.targets if t.base != Base.PARTIALS)
        return [(t.base, t.index) for t in shared if stores or not t.store]
    if isinstance(task, Product):
        return [(task.base, ArrayIndex(task.places))]
    if isinstance(task, Copy | Fill) and stores:
        size = task.places.size if isinstance(task, Copy) else task.size
        return [(task.base, StridedIndex(task.offset, (size,), (1,)))]
    return []


def _ends(task: Task, phase: Partition, lanes: int) -> NDArray[np.int64]:
    """Return where the instances of each part begin, and where the last one ends."""
    units, _ = _units(task, lanes)
    count = task.count if isinstance(task, Kernel) else units
    if not _is_split(task, phase.rounds, lanes):  # all of it runs in the first round
        return np.array([0] + [count] * phase.parts)
    rounds = np.arange(phase.parts + 1) * (phase.rounds // phase.parts)
    return units * rounds // phase.rounds * (count // units)


# ---- what they first overwrite
def _with_fills(phases: list[Partition], lanes: int) -> list[Partition]:
    """Return the phases without those that only fill what the next one, in parts, adds to."""
    found: list[Partition] = []
    for phase in phases:
        if found and phase.parts > 1 and _is_fill(found[-1]):
            filling = _filling(found[-1], phase, lanes)
            if filling is not None:
                found[-1] = filling
                continue
        found.append(phase)
    return found


def _is_fill(phase: Partition) -> bool:
    fills = [t for t in phase.tasks if isinstance(t, Fill)]
    return len(fills) == len(phase.tasks) and sum(t.size for t in fills) >= MIN_FILL


def _filling(fills: Partition, phase: Partition, lanes: int) -> Partition | None:
    """Return the phase with the fills before it, or None if its parts do not allow that."""
    found = owners(_spans(phase, lanes, stores=True))
    if found is None:
        return None
    ranges: list[list[Range]] = [[] for _ in range(phase.parts)]
    for task in fills.tasks:
        assert isinstance(task, Fill)
        for first, last, part in found.pieces(task.base, task.offset, task.offset + task.size):
            values = task.values
            if values is not None:
                values = values[first - task.offset : last + 1 - task.offset]
            ranges[part].append(Range(task.base, first, last + 1 - first, values))
    # Ranges may reach over places of other parts: those come in the other half.
    return replace(phase, ranges=tuple(map(tuple, ranges)), halves=2)
