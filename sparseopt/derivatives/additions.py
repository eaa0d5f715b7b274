"""Additions that are the only one to their place: they can be stores, and need no zeros before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.tasks import Base, Fill, Kernel, Target, Task
from sparseopt.graph.index import Index, selector

__all__ = ["count_places", "store_single_additions"]

Counts = NDArray[np.int32]


def count_places(touched: Counts, index: Index) -> None:
    """Add one to the count of every place of an index map, as often as it occurs."""
    places = selector(index)
    if isinstance(places, slice):
        touched[places] += 1
    else:
        touched += np.bincount(places, minlength=touched.size).astype(np.int32)


def store_single_additions(phases: list[list[Task]], size: int) -> list[list[Task]]:
    """Return phases that store what is the only addition to its places of the output.

    Parameters
    ----------
    phases : list of list of Task
        Only kernels write to the output, and nothing reads it.
    size : int
        Length of the output.
    """
    targets = [t for phase in phases for task in phase for t in _targets(task)]
    touched = np.zeros(size, np.int32)
    for target in targets:
        count_places(touched, target.index)
    alone = {id(t) for t in targets if (touched[selector(t.index)] == 1).all()}
    stored = sum(t.index.size for t in targets if id(t) in alone)
    changed = [[_storing(task, alone) for task in phase] for phase in phases]
    if stored == size:
        changed = [[t for t in phase if not _fills_output(t)] for phase in changed]
    return [phase for phase in changed if phase]


def _targets(task: Task) -> list[Target]:
    if not isinstance(task, Kernel):
        return []
    return [t for t in task.targets if t.base is Base.OUT]


def _storing(task: Task, alone: set[int]) -> Task:
    if not isinstance(task, Kernel) or not any(id(t) in alone for t in task.targets):
        return task
    targets = tuple(replace(t, store=True) if id(t) in alone else t for t in task.targets)
    return replace(task, targets=targets)


def _fills_output(task: Task) -> bool:
    return isinstance(task, Fill) and task.base is Base.OUT
