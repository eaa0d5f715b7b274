"""Schedules of tasks for an element form: where its values are, and how they are computed.

Derivatives are in ``sweeps`` (matrix-free: pullback, pushforward, Hessian times vectors),
``direct`` and ``compressed`` (matrices).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sparseopt.derivatives.template_derivatives import TemplateDerivatives
from sparseopt.elements.form import Block, ElementForm, Stage, StageCall
from sparseopt.elements.tasks import (
    Base,
    Callback,
    Fill,
    Kernel,
    Operand,
    Schedule,
    Span,
    Target,
    Task,
)
from sparseopt.elements.templates import Leaf
from sparseopt.graph.index import Index, StridedIndex, bounds, selector, shift

__all__ = ["Place", "Scheduler", "argument_span", "rows_are_stored"]

_SOURCES = {"x": Base.X, "p": Base.PARAMETERS, "z": Base.WORK}


def rows_are_stored(stage: Stage) -> list[list[bool]]:
    """Return, for every output of every block, whether it alone writes its rows."""
    touched = np.zeros(stage.size, np.int32)
    for block in stage.blocks:
        for rows in block.rows:
            _count(touched, rows)
    return [
        [bool((touched[selector(rows)] == 1).all()) for rows in block.rows]
        for block in stage.blocks
    ]


def _count(touched: np.ndarray, rows: Index) -> None:
    places = selector(rows)
    if isinstance(places, slice):
        touched[places] += 1
    else:
        touched += np.bincount(places, minlength=touched.size).astype(np.int32)


class Place:
    """Where a stage's values (or adjoints, or tangents) are: a base and an offset."""

    def __init__(self, base: Base, offset: int = 0) -> None:
        self.base = base
        self.offset = offset

    def at(self, index: Index) -> Index:
        """Return an index map of the stage, moved to this place."""
        return shift(index, self.offset) if self.offset else index


class Scheduler:
    """Writes the schedules of an element form; workspace places start with the stage values."""

    def __init__(self, form: ElementForm) -> None:
        self.form = form
        self.pool = form.pool
        self.derivatives = TemplateDerivatives(form.pool)
        self._starts = np.array([s.offset for s in form.intermediates], np.int64)
        self._read_by: dict[int, list[int]] = {}

    def operands(self, leaves: Iterable[Leaf]) -> dict[int, Operand]:
        """Return the operands of a block's own leaves; stage values are in the workspace."""
        return {
            k: Operand(None, None, leaf.values)
            if leaf.source == "data"
            else Operand(_SOURCES[leaf.source], leaf.index)
            for k, leaf in enumerate(leaves)
        }

    def weights(self, block: Block, place: Place) -> dict[int, Operand]:
        """Return operands for the weights of a block's outputs, numbered after its leaves."""
        first = len(block.leaves)
        return {first + q: Operand(place.base, place.at(rows)) for q, rows in enumerate(block.rows)}

    def _reads(self, stage: Stage) -> list[int]:
        """Return the numbers of the intermediates that a stage's blocks read."""
        found = self._read_by.get(id(stage))
        if found is None:
            starts = self._starts
            numbers: set[int] = set()
            for leaf in (leaf for b in stage.blocks for leaf in b.leaves):
                if leaf.source == "z" and leaf.index is not None:
                    numbers.update(_stages_of(leaf.index, starts))
            if stage.call is not None and stage.call.function.size_in:
                numbers.add(int(np.searchsorted(starts, stage.call.argument, side="right")) - 1)
            found = self._read_by[id(stage)] = sorted(numbers)
        return found

    def read_by(self, stage: Stage) -> list[Stage]:
        """Return the intermediates that a stage's blocks read, in order of evaluation."""
        return [self.form.intermediates[k] for k in self._reads(stage)]

    def needed(self, targets: Iterable[Stage]) -> list[Stage]:
        """Return the intermediates that the targets depend on, in order of evaluation."""
        stages = self.form.intermediates
        pending = {k for stage in targets for k in self._reads(stage)}
        found: set[int] = set()
        while pending:
            number = pending.pop()
            found.add(number)
            pending.update(k for k in self._reads(stages[number]) if k not in found)
        return [stages[k] for k in sorted(found)]

    # ---- values
    def values(self, stage: Stage, place: Place) -> list[list[Task]]:
        """Return the phases that evaluate one stage to a place."""
        if stage.call is not None:
            out = Span(place.base, place.offset, stage.size)
            return [[Callback(stage.call.function.evaluate, (argument_span(stage.call),), out)]]
        stored = rows_are_stored(stage)
        kernels: list[Task] = [
            Kernel(
                block.outputs,
                self.operands(block.leaves),
                tuple(
                    Target(place.base, place.at(rows), alone)
                    for rows, alone in zip(block.rows, flags, strict=True)
                ),
                block.count,
            )
            for block, flags in zip(stage.blocks, stored, strict=True)
        ]
        covered = sum(
            rows.size
            for block, flags in zip(stage.blocks, stored, strict=True)
            for rows, alone in zip(block.rows, flags, strict=True)
            if alone
        )
        if covered == stage.size:
            return [kernels]
        return [[Fill(place.base, place.offset, stage.size)], kernels]

    def forward(self, targets: Iterable[Stage]) -> list[list[Task]]:
        """Return the phases that evaluate the intermediates that the targets need."""
        phases: list[list[Task]] = []
        for stage in self.needed(targets):
            phases += self.values(stage, Place(Base.WORK, stage.offset))
        return phases

    def value_schedule(self, name: str, stage: Stage) -> Schedule:
        """Return the schedule that evaluates the objective or the constraints."""
        phases = self.forward([stage]) + self.values(stage, Place(Base.OUT))
        return Schedule(name, self.pool, phases, stage.size, self.form.num_intermediates)


def argument_span(call: StageCall) -> Span:
    """Return where the argument of a call is."""
    return Span(Base.WORK, call.argument, call.function.size_in)


def _stages_of(index: Index, starts: np.ndarray) -> set[int]:
    """Return the numbers of the stages whose values an index map reads."""
    if isinstance(index, StridedIndex):
        first, last = np.searchsorted(starts, bounds(index), side="right") - 1
        return set(range(int(first), int(last) + 1))
    owners = np.searchsorted(starts, index.values, side="right") - 1
    return {int(k) for k in np.unique(owners)}
