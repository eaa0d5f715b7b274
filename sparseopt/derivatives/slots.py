"""Slots: the local first and second derivatives of blocks, and the kernels that compute them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.assembly import Assembly, assemble
from sparseopt.derivatives.bundles import KernelLeaves
from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.elements.evaluate import evaluate_terms
from sparseopt.elements.form import Block, Stage
from sparseopt.elements.tasks import Fill, Kernel, Target, Task
from sparseopt.elements.templates import Leaf
from sparseopt.graph.index import Index, StridedIndex, index_of, selector, shift

__all__ = ["Slot", "SlotMatrix", "hessian_slots", "jacobian_slots", "slot_matrix"]

_GLANCE = 64
"""Elements that tell of most index maps that they are not affine."""


@dataclass(frozen=True, eq=False)
class Slot:
    """One local derivative: its expression, and its entry for every instance.

    ``is_constant`` says that it reads data only; ``is_fixed`` that it depends on neither variables
    nor multipliers, but perhaps on parameters.
    """

    block: int
    term: int
    entry: EntryMap
    is_constant: bool
    is_fixed: bool
    is_constant_up_to_weight: bool
    leaves: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SlotMatrix:
    """A sparse matrix that slots add up to: entries, and the tasks that compute the values."""

    slots: list[Slot]
    assembly: Assembly
    phases: list[list[Task]]


def column_index(leaf: Leaf, num_variables: int) -> Index:
    """Return the column of a leaf: variables first, stage values after them."""
    assert leaf.index is not None
    return leaf.index if leaf.source == "x" else shift(leaf.index, num_variables)


def jacobian_slots(scheduler: Scheduler, stage: Stage) -> list[Slot]:
    """Return the slots of a stage's derivative by variables and earlier stage values."""
    slots: list[Slot] = []
    for number, block in enumerate(stage.blocks):
        variables = block.variable_leaves
        for output, rows in zip(block.outputs, block.rows, strict=True):
            gradient = scheduler.derivatives.gradient(output, block.variable_bits)
            for k in variables:
                if k in gradient:
                    cols = column_index(block.leaves[k], scheduler.form.num_variables)
                    slots.append(
                        _slot(scheduler, number, block, gradient[k], EntryMap(rows, cols), (k,))
                    )
    return slots


def hessian_slots(scheduler: Scheduler, stage: Stage) -> list[Slot]:
    """Return the slots of a stage's weighted second derivatives, in the lower triangle."""
    slots: list[Slot] = []
    for number, block in enumerate(stage.blocks):
        first = len(block.leaves)
        pairs = [(o, scheduler.pool.leaf(first + q)) for q, o in enumerate(block.outputs)]
        second = scheduler.derivatives.hessian(pairs, block.variable_leaves)
        for (i, j), term in second.items():
            maps = [column_index(block.leaves[k], scheduler.form.num_variables) for k in (i, j)]
            slots.append(_slot(scheduler, number, block, term, _lower(*maps), (i, j)))
    return slots


def _slot(
    scheduler: Scheduler,
    number: int,
    block: Block,
    term: int,
    entry: EntryMap,
    leaves: tuple[int, ...],
) -> Slot:
    mask = scheduler.pool.leaf_masks[term]
    flat = not mask & block.variable_bits
    fixed = flat and not mask >> len(block.leaves)  # no weights, whose leaves follow
    constant = fixed and not mask & block.parameter_bits
    entry = EntryMap(entry.first, entry.second, constant, entry.is_folded)
    return Slot(number, term, entry, constant, fixed, flat, leaves)


def _lower(first: Index, second: Index) -> EntryMap:
    """Return the entry (larger, smaller) of two maps, for every instance."""
    if first is second or first == second:
        return EntryMap(first, second)
    if isinstance(first, StridedIndex) and isinstance(second, StridedIndex):
        same = (first.shape, first.strides) == (second.shape, second.strides)
        if same:
            is_lower = first.offset >= second.offset
            return EntryMap(first, second) if is_lower else EntryMap(second, first)
    one, other = first.materialize(), second.materialize()
    if (one >= other).all():
        return EntryMap(first, second)
    if (one <= other).all():
        return EntryMap(second, first)
    folded = EntryMap(first, second, is_folded=True)
    return EntryMap(folded.rows, folded.cols) if _may_be_affine(one, other) else folded


def _may_be_affine(one: NDArray[np.integer], other: NDArray[np.integer]) -> bool:
    """Whether the larger or the smaller elements begin like an affine map."""
    head, other_head = one[:_GLANCE], other[:_GLANCE]
    ends = (np.maximum(head, other_head), np.minimum(head, other_head))
    return any(isinstance(index_of(end), StridedIndex) for end in ends)


def slot_matrix(
    scheduler: Scheduler,
    stage_slots: Sequence[tuple[Stage, Place | None, list[Slot]]],
    assembly: Assembly | tuple[int, int],
    target: Place,
) -> SlotMatrix:
    """Return the matrix that the slots of several stages add up to.

    Parameters
    ----------
    stage_slots : list of (stage, weights, slots)
        ``weights`` is where the weights of the stage's rows are, for second derivatives.
    assembly : Assembly or (int, int)
        Of the slots; or the shape of the matrix, and they are assembled.
    target : Place
        Where the values go.
    """
    slots = [slot for _, _, own in stage_slots for slot in own]
    if not isinstance(assembly, Assembly):
        assembly = assemble([slot.entry for slot in slots], assembly)
    start = _initial_values(scheduler, stage_slots, assembly)
    fills: list[Task] = []
    if assembly.num_shared:
        fills.append(Fill(target.base, target.offset, assembly.num_shared, start))
    kernels: list[Task] = []
    first = 0
    for stage, weights, own in stage_slots:
        kernels += _kernels(scheduler, stage, weights, own, assembly, first, target)
        first += len(own)
    return SlotMatrix(slots, assembly, [p for p in (fills, kernels) if p])


def _initial_values(
    scheduler: Scheduler,
    stage_slots: Sequence[tuple[Stage, Place | None, list[Slot]]],
    assembly: Assembly,
) -> NDArray[np.float64] | None:
    """Return what constant slots add up to, or None where that is zero."""
    start: NDArray[np.float64] | None = None
    number = 0
    for stage, _, own in stage_slots:
        for slot in own:
            if slot.is_constant:
                if start is None:
                    start = np.zeros(assembly.num_shared)
                block = stage.blocks[slot.block]
                values = _constant_values(scheduler, block, slot.term)
                _add_at(start, assembly.places[number], values)
            number += 1
    return start


def _add_at(total: NDArray[np.float64], place: Index, values: NDArray[np.float64]) -> None:
    places = selector(place)
    if isinstance(places, slice):
        total[places] += values
    else:
        np.add.at(total, places, np.broadcast_to(values, (place.size,)))


def _constant_values(scheduler: Scheduler, block: Block, term: int) -> NDArray[np.float64]:
    data = {k: leaf.values for k, leaf in enumerate(block.leaves) if leaf.values is not None}
    return evaluate_terms(scheduler.pool, [term], data)[0]


def _kernels(
    scheduler: Scheduler,
    stage: Stage,
    weights: Place | None,
    slots: list[Slot],
    assembly: Assembly,
    first: int,
    target: Place,
) -> list[Task]:
    kernels: list[Task] = []
    known = scheduler.known_values(stage)
    for number, block in enumerate(stage.blocks):
        chosen = [
            (slot, first + k)
            for k, slot in enumerate(slots)
            if slot.block == number and not slot.is_constant
        ]
        if not chosen:
            continue
        leaves = KernelLeaves(scheduler, block)
        if weights is not None:
            # Slots name the weights of outputs by the numbers after the block's own leaves.
            for rows in block.rows:
                leaves.read(weights.base, weights.at(rows))
        targets = tuple(
            Target(target.base, target.at(assembly.places[k]), assembly.exclusive[k])
            for _, k in chosen
        )
        terms = leaves.reusing(known[number], tuple(slot.term for slot, _ in chosen))
        terms = leaves.guarded(scheduler, stage, block, terms)
        kernels.append(Kernel(terms, leaves.operands, targets, block.count))
    return kernels
