"""Evaluations as schedules of tasks: values, gradients, products, local Jacobians and Hessians.

`Scheduler` writes, for an element form, the tasks of each kind of evaluation:

- values go forward through the stages;
- the pullback (gradient, ``wᵀ J``) goes backward with the adjoints of the stages;
- the pushforward (``J v``) goes forward with their tangents;
- the Hessian-vector product goes forward with tangents and backward with adjoints and their
  tangents (forward over reverse).

Matrices are in ``jacobian`` and ``hessian``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sparseopt.derivatives.layout import Workspace
from sparseopt.derivatives.template_derivatives import TemplateDerivatives
from sparseopt.elements.form import Block, ElementForm, Stage
from sparseopt.elements.tasks import Base, Fill, Kernel, Operand, Schedule, Target, Task
from sparseopt.elements.templates import Leaf
from sparseopt.graph.index import Index, StridedIndex, bounds, selector, shift

__all__ = ["Place", "Scheduler", "rows_are_stored"]

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
            found = self._read_by[id(stage)] = sorted(numbers)
        return found

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

    # ---- pullback
    def pull(
        self, stage: Stage, weights: Place, variables: Place | None, adjoints: Place | None
    ) -> list[Task]:
        """Return the kernels that add a stage's weighted gradient to variables and adjoints."""
        kernels: list[Task] = []
        for block in stage.blocks:
            first = len(block.leaves)
            pairs = [(o, self.pool.leaf(first + q)) for q, o in enumerate(block.outputs)]
            gradient = self.derivatives.weighted_gradient(pairs)
            places = {"x": variables, "z": adjoints}
            wanted = [
                (k, places[block.leaves[k].source])
                for k in block.variable_leaves
                if k in gradient and places[block.leaves[k].source] is not None
            ]
            if wanted:
                kernels.append(
                    Kernel(
                        tuple(gradient[k] for k, _ in wanted),
                        {**self.operands(block.leaves), **self.weights(block, weights)},
                        tuple(_add_to(p, block.leaves[k].index) for k, p in wanted),
                        block.count,
                    )
                )
        return kernels

    def backward(
        self,
        targets: list[tuple[Stage, Place]],
        adjoint_offset: int,
        variables: Place | None,
    ) -> list[list[Task]]:
        """Return the phases that carry weights of the targets back to the variables."""
        stages = self.needed([s for s, _ in targets])
        adjoints = Place(Base.WORK, adjoint_offset)
        phases: list[list[Task]] = []
        if stages:
            phases.append([Fill(Base.WORK, adjoint_offset, self.form.num_intermediates)])
        phases += [self.pull(s, w, variables, adjoints) for s, w in targets]
        for stage in reversed(stages):
            weights = Place(Base.WORK, adjoint_offset + stage.offset)
            phases.append(self.pull(stage, weights, variables, adjoints))
        return [phase for phase in phases if phase]

    def pullback_schedule(self, name: str, targets: list[tuple[Stage, Place]]) -> Schedule:
        """Return the schedule of the gradient of a weighted sum of stages."""
        space = Workspace()
        space.reserve(self.form.num_intermediates)
        adjoints = space.reserve(self.form.num_intermediates)
        phases = self.forward([s for s, _ in targets])
        phases.append([Fill(Base.OUT, 0, self.form.num_variables)])
        phases += self.backward(targets, adjoints, Place(Base.OUT))
        return Schedule(name, self.pool, phases, self.form.num_variables, space.size)

    # ---- pushforward
    def tangents(self, block: Block, offset: int) -> tuple[dict[int, int], dict[int, Operand]]:
        """Return tangent leaves and their operands, numbered after leaves and two weights each."""
        first = len(block.leaves) + 2 * len(block.outputs)
        places = {"x": Place(Base.VECTOR), "z": Place(Base.WORK, offset)}
        terms: dict[int, int] = {}
        operands: dict[int, Operand] = {}
        for k in block.variable_leaves:
            leaf = block.leaves[k]
            place = places[leaf.source]
            assert leaf.index is not None
            terms[k] = self.pool.leaf(first + k)
            operands[first + k] = Operand(place.base, place.at(leaf.index))
        return terms, operands

    def push(self, stage: Stage, offset: int, place: Place) -> list[Task]:
        """Return the kernels that add a stage's directional derivative to a place."""
        kernels: list[Task] = []
        for block in stage.blocks:
            terms, operands = self.tangents(block, offset)
            kernels.append(
                Kernel(
                    tuple(self.derivatives.pushforward(o, terms) for o in block.outputs),
                    {**self.operands(block.leaves), **operands},
                    tuple(_add_to(place, rows) for rows in block.rows),
                    block.count,
                )
            )
        return kernels

    def push_forward(self, targets: Iterable[Stage], offset: int) -> list[list[Task]]:
        """Return the phases that compute the tangents of the needed intermediates."""
        phases: list[list[Task]] = []
        for stage in self.needed(targets):
            place = Place(Base.WORK, offset + stage.offset)
            phases.append([Fill(Base.WORK, place.offset, stage.size)])
            phases.append(self.push(stage, offset, place))
        return phases

    def pushforward_schedule(self, name: str, stage: Stage) -> Schedule:
        """Return the schedule of the directional derivative of a stage."""
        space = Workspace()
        space.reserve(self.form.num_intermediates)
        tangents = space.reserve(self.form.num_intermediates)
        phases = self.forward([stage]) + self.push_forward([stage], tangents)
        phases.append([Fill(Base.OUT, 0, stage.size)])
        phases.append(self.push(stage, tangents, Place(Base.OUT)))
        return Schedule(name, self.pool, phases, stage.size, space.size)

    # ---- Hessian-vector product: forward over reverse
    def pull_tangent(
        self, stage: Stage, weights: Place, rates: Place | None, tangents: int, adjoint_rates: Place
    ) -> list[Task]:
        """Return the kernels that add the tangent of a stage's pullback.

        ``rates`` are the tangents of the weights; None where the weights are fixed.
        """
        kernels: list[Task] = []
        for block in stage.blocks:
            first, outputs = len(block.leaves), len(block.outputs)
            terms, operands = self.tangents(block, tangents)
            operands |= self.operands(block.leaves) | self.weights(block, weights)
            directions = dict(terms)
            if rates is not None:
                for q, rows in enumerate(block.rows):
                    directions[first + q] = self.pool.leaf(first + outputs + q)
                    operands[first + outputs + q] = Operand(rates.base, rates.at(rows))
            pairs = [(o, self.pool.leaf(first + q)) for q, o in enumerate(block.outputs)]
            gradient = self.derivatives.weighted_gradient(pairs)
            places = {"x": Place(Base.OUT), "z": adjoint_rates}
            found = [
                (self.derivatives.pushforward(gradient[k], directions), k)
                for k in block.variable_leaves
                if k in gradient
            ]
            found = [(t, k) for t, k in found if self.pool.value_of(t) != 0.0]
            if found:
                kernels.append(
                    Kernel(
                        tuple(t for t, _ in found),
                        operands,
                        tuple(
                            _add_to(places[block.leaves[k].source], block.leaves[k].index)
                            for _, k in found
                        ),
                        block.count,
                    )
                )
        return kernels

    def product_schedule(self, name: str, targets: list[tuple[Stage, Place]]) -> Schedule:
        """Return the schedule of the Hessian of a weighted sum of stages times a vector."""
        space = Workspace()
        size = self.form.num_intermediates
        space.reserve(size)
        adjoints, tangents, rates = (space.reserve(size) for _ in range(3))
        goals = [s for s, _ in targets]
        stages = self.needed(goals)
        phases = self.forward(goals) + self.push_forward(goals, tangents)
        phases.append([Fill(Base.OUT, 0, self.form.num_variables), Fill(Base.WORK, rates, size)])
        if stages:
            phases += self.backward(targets, adjoints, None)
        adjoint_rates = Place(Base.WORK, rates)
        for stage, weights in targets:
            phases.append(self.pull_tangent(stage, weights, None, tangents, adjoint_rates))
        for stage in reversed(stages):
            weights = Place(Base.WORK, adjoints + stage.offset)
            own = Place(Base.WORK, rates + stage.offset)
            phases.append(self.pull_tangent(stage, weights, own, tangents, adjoint_rates))
        phases = [phase for phase in phases if phase]
        return Schedule(name, self.pool, phases, self.form.num_variables, space.size)


def _stages_of(index: Index, starts: np.ndarray) -> set[int]:
    """Return the numbers of the stages whose values an index map reads."""
    if isinstance(index, StridedIndex):
        first, last = np.searchsorted(starts, bounds(index), side="right") - 1
        return set(range(int(first), int(last) + 1))
    owners = np.searchsorted(starts, index.values, side="right") - 1
    return {int(k) for k in np.unique(owners)}


def _add_to(place: Place | None, index: Index | None) -> Target:
    assert place is not None
    assert index is not None
    return Target(place.base, place.at(index), store=False)
