"""Schedules of tasks for an element form: where its values are, and how they are computed.

Derivatives are in ``sweeps`` (matrix-free: pullback, pushforward, Hessian times vectors),
``direct`` and ``compressed`` (matrices).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from sparseopt.derivatives.additions import count_places
from sparseopt.derivatives.costs import is_transcendental
from sparseopt.derivatives.template_derivatives import TemplateDerivatives
from sparseopt.elements.expressions import ExpressionPool
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

__all__ = ["Place", "Scheduler", "argument_span"]

T = TypeVar("T")
_SOURCES = {"x": Base.X, "p": Base.PARAMETERS, "z": Base.WORK}


def _rows_are_stored(stage: Stage) -> list[list[bool]]:
    """Return, for every output of every block, whether it alone writes its rows."""
    touched = np.zeros(stage.size, np.int32)
    for block in stage.blocks:
        for rows in block.rows:
            count_places(touched, rows)
    return [
        [bool((touched[selector(rows)] == 1).all()) for rows in block.rows]
        for block in stage.blocks
    ]


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
        self._known: dict[int, list[dict[int, Index]]] = {}
        self._stored: dict[int, list[list[bool]]] = {}
        self._made: dict[tuple[str, int], Any] = {}

    def once(self, what: str, stage: Stage, make: Callable[[], T]) -> T:
        """Return what ``make`` returned when it was first called for an intermediate.

        Of objective and constraints there is one matrix each, and nothing is kept.
        """
        if stage is self.form.objective or stage is self.form.constraints:
            return make()
        if (what, id(stage)) not in self._made:
            self._made[what, id(stage)] = make()
        made: T = self._made[what, id(stage)]
        return made

    def operands(self, leaves: Iterable[Leaf]) -> dict[int, Operand]:
        """Return the operands of a block's own leaves; stage values are in the workspace."""
        return {
            k: Operand(None, None, leaf.values)
            if leaf.source == "data"
            else Operand(_SOURCES[leaf.source], leaf.index)
            for k, leaf in enumerate(leaves)
        }

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
    def rows_are_stored(self, stage: Stage) -> list[list[bool]]:
        """Return, for every output of every block, whether it alone writes its rows."""
        found = self._stored.get(id(stage))
        if found is None:
            found = self._stored[id(stage)] = _rows_are_stored(stage)
        return found

    def values(self, stage: Stage, place: Place) -> list[list[Task]]:
        """Return the phases that evaluate one stage to a place."""
        if stage.call is not None:
            out = Span(place.base, place.offset, stage.size)
            return [[Callback(stage.call.function.evaluate, (argument_span(stage.call),), out)]]
        stored = self.rows_are_stored(stage)
        kernels: list[Task] = [
            self._values(block, place, flags)
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

    def _values(self, block: Block, place: Place, flags: list[bool]) -> Kernel:
        """Return the kernel of a block; what its outputs add to one place is added before."""
        terms: dict[Index, int] = {}
        for output, rows in zip(block.outputs, block.rows, strict=True):
            terms[rows] = self.pool.make("add", terms[rows], output) if rows in terms else output
        alone = dict(zip(block.rows, flags, strict=True))
        targets = [Target(place.base, place.at(rows), alone[rows]) for rows in terms]
        return Kernel(
            tuple(terms.values()), self.operands(block.leaves), tuple(targets), block.count
        )

    def known_values(self, stage: Stage) -> list[dict[int, Index]]:
        """Return, for each block, the outputs that are in the workspace, and where.

        Derivatives often contain the value itself, as that of an exponential does: reading it is
        cheaper than computing it again.  Only what costs a transcendental function is listed.
        """
        found = self._known.get(id(stage))
        if found is None:
            inside = any(stage is s for s in self.form.intermediates) and stage.call is None
            found = self._known[id(stage)] = [
                {
                    output: shift(rows, stage.offset)
                    for output, rows, alone in zip(block.outputs, block.rows, flags, strict=True)
                    if inside and alone and is_transcendental(self.pool, output)
                }
                for block, flags in zip(stage.blocks, self.rows_are_stored(stage), strict=True)
            ]
        return found

    @cached_property
    def num_values(self) -> int:
        """Places at the start of the workspace: stage values, then which of them are read."""
        size = self.form.num_intermediates
        return 2 * size if any(s.is_guarded for s in self.form.intermediates) else size

    def after_values(
        self, phases: list[list[Task]], targets: Iterable[Stage] = ()
    ) -> list[list[Task]]:
        """Return phases behind those that evaluate the intermediates which they read.

        Derivatives need fewer values than the function does: those that nonlinear operations read.

        Parameters
        ----------
        phases : list of list of Task
        targets : iterable of Stage
            What is differentiated: guarded values that it does not read at a point are marked.
        """
        masks = self._masks(list(targets))
        phases = masks + phases
        read = self._values_read(phases)
        stages = self.form.intermediates
        needed = {id(s) for s in self.needed([stages[k] for k in read])}
        before: list[list[Task]] = []
        for number, stage in enumerate(stages):
            if number in read or id(stage) in needed:
                before += self.values(stage, Place(Base.WORK, stage.offset))
        return before + phases

    def _masks(self, targets: list[Stage]) -> list[list[Task]]:
        """Return the phases that mark which values of guarded stages are read at the point."""
        stages = self.needed(targets)
        if not any(s.is_guarded for s in stages):
            return []
        size = self.form.num_intermediates
        phases: list[list[Task]] = [[Fill(Base.WORK, size, size)]]
        for stage in [*targets, *reversed(stages)]:
            phases.append([k for block in stage.blocks for k in self._mask(stage, block)])
            if stage.call is not None:
                argument, width = stage.call.argument, stage.call.function.size_in
                phases.append([Fill(Base.WORK, size + argument, width, np.ones(width))])
        return [phase for phase in phases if phase]

    def _mask(self, stage: Stage, block: Block) -> list[Task]:
        """Return the kernel that marks the values which a block reads."""
        live: dict[int, int] = {}
        for output in block.outputs:
            for k, term in self.derivatives.liveness(output).items():
                live[k] = self.pool.make("maximum", live[k], term) if k in live else term
        read = [k for k in live if block.leaves[k].source == "z"]
        if not read:
            return []
        operands = self.operands(block.leaves)
        if stage.is_guarded:
            own = len(block.leaves)
            operands[own] = Operand(Base.WORK, self.mask_places(stage, block.rows[0]))
            live = {k: self.pool.make("multiply", self.pool.leaf(own), live[k]) for k in read}
        size = self.form.num_intermediates
        targets = [Target(Base.WORK, shift(_index(block.leaves[k]), size), False) for k in read]
        return [Kernel(tuple(live[k] for k in read), operands, tuple(targets), block.count)]

    def mask_places(self, stage: Stage, rows: Index) -> Index:
        """Return where the marks of rows of a guarded stage are."""
        return shift(rows, self.form.num_intermediates + stage.offset)

    def _values_read(self, phases: list[list[Task]]) -> set[int]:
        """Return the numbers of the intermediates whose values are read."""
        end, found = self.form.num_intermediates, set[int]()
        for task in {id(t): t for phase in phases for t in phase}.values():
            for index in _work_read(self.pool, task):
                low, high = bounds(index)
                if low < end:
                    assert high < end
                    found |= _stages_of(index, self._starts)
        return found

    def value_schedule(self, name: str, stage: Stage) -> Schedule:
        """Return the schedule that evaluates the objective or the constraints."""
        phases = self.after_values(self.values(stage, Place(Base.OUT)))
        return Schedule(name, self.pool, phases, stage.size, self.form.num_intermediates)


def _work_read(pool: ExpressionPool, task: Task) -> list[Index]:
    """Return where in the workspace a kernel or a callback reads."""
    if isinstance(task, Callback):
        return [
            StridedIndex.of(span.offset, (span.size,), (1,))
            for span in task.reads
            if span.base is Base.WORK and span.size
        ]
    if not isinstance(task, Kernel):
        return []  # products and copies read derivatives
    used = (task.operands[k] for k in pool.leaves(task.terms))
    return [o.index for o in used if o.base is Base.WORK and o.index is not None and o.index.size]


def _index(leaf: Leaf) -> Index:
    assert leaf.index is not None
    return leaf.index


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
