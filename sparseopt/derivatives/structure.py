"""The patterns of derivative matrices as boolean products of the stages' local patterns.

No values are computed and nothing is scheduled: this is what compressed plans are colored by, and
what tells how many products the direct plan would need.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.calls import first_entries, second_entries
from sparseopt.derivatives.pattern_sizes import require_hessian_fits, require_jacobian_fits
from sparseopt.derivatives.plans import Targets
from sparseopt.derivatives.schedules import Scheduler
from sparseopt.derivatives.slots import Slot, hessian_slots, jacobian_slots
from sparseopt.elements.form import Stage
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["Structure"]

StageSlots = list[tuple[Stage, list[Slot]]]


def _boolean(
    rows: NDArray[np.integer], cols: NDArray[np.integer], shape: tuple[int, int]
) -> sp.csr_array:
    ones = np.ones(rows.size, np.float32)
    return _ones(sp.csr_array(sp.coo_array((ones, (rows, cols)), shape=shape)))


def _ones(matrix: sp.csr_array) -> sp.csr_array:
    """Return the matrix with ones for values: sums of positive numbers never vanish."""
    matrix.sum_duplicates()
    matrix.data = np.ones(matrix.nnz, np.float32)
    return matrix


def _entries(slots: list[Slot]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    nothing: list[NDArray[np.integer]] = [np.zeros(0, np.int32)]
    rows = nothing + [slot.entry.rows.materialize() for slot in slots]
    cols = nothing + [slot.entry.cols.materialize() for slot in slots]
    return np.concatenate(rows), np.concatenate(cols)


class Structure:
    """Patterns of the derivatives of stages by the variables."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._n = scheduler.form.num_variables
        self._size = scheduler.form.num_intermediates

    def _local(self, stage: Stage, slots: list[Slot]) -> sp.csr_array:
        shape = (stage.size, self._n + self._size)
        if stage.call is not None:
            return _boolean(*first_entries(self._scheduler, stage), shape)
        return _boolean(*_entries(slots), shape)

    def _total(
        self, local: sp.csr_array, stage: Stage, known: dict[int, sp.csr_array]
    ) -> sp.csr_array:
        """Return the derivative by the variables: intermediates, known so far, substituted."""
        columns = sp.csc_array(local)
        total = sp.csr_array(columns[:, : self._n])
        for inner in self._scheduler.read_by(stage):
            start = self._n + inner.offset
            total = total + sp.csr_array(columns[:, start : start + inner.size]) @ known[id(inner)]
        return _ones(sp.csr_array(total))

    def _locals(self, stages: list[Stage]) -> list[tuple[Stage, sp.csr_array]]:
        """Return where stages read variables and intermediates."""
        return [(s, self._local(s, jacobian_slots(self._scheduler, s))) for s in stages]

    def _known(self, stages: list[tuple[Stage, sp.csr_array]]) -> dict[int, sp.csr_array]:
        """Return the patterns of the derivatives of stages by the variables, by ``id``."""
        known: dict[int, sp.csr_array] = {}
        for stage, local in stages:
            known[id(stage)] = self._total(local, stage, known)
        return known

    def jacobian(self, stage: Stage) -> tuple[SparsityPattern, StageSlots]:
        """Return the pattern of a stage's Jacobian, and the local derivatives behind it."""
        stages = self._scheduler.needed([stage])
        slots = [(s, jacobian_slots(self._scheduler, s)) for s in (*stages, stage)]
        local = self._local(stage, slots[-1][1])
        inner = self._locals(stages)
        require_jacobian_fits(inner, local, self._n)
        total = self._total(local, stage, self._known(inner))
        rows, cols = sp.coo_array(total).coords
        return SparsityPattern(rows, cols, (stage.size, self._n), check=False), slots

    def hessian(self, targets: Targets) -> tuple[SparsityPattern, StageSlots]:
        """Return the pattern of the Hessian of a weighted sum of stages, lower triangle."""
        stages = self._scheduler.needed([s for s, _ in targets])
        owners = [*(s for s, _ in targets), *stages]
        slots = [(s, hessian_slots(self._scheduler, s)) for s in owners]
        pairs = [_entries([slot for _, own in slots for slot in own])]
        pairs += [second_entries(self._scheduler, stage) for stage in stages]
        rows, cols = (np.concatenate(part) for part in zip(*pairs, strict=True))
        total = self._n + self._size
        curved = _boolean(
            np.concatenate([rows, cols]), np.concatenate([cols, rows]), (total, total)
        )
        locals_ = self._locals(stages)
        require_hessian_fits(locals_, curved, self._n)
        inner = self._inner(locals_)
        rows, cols = sp.coo_array(sp.tril(inner.T @ (curved @ inner))).coords
        square = (self._n, self._n)
        return SparsityPattern(rows, cols, square, symmetric=True, check=False), slots

    def _inner(self, local: list[tuple[Stage, sp.csr_array]]) -> sp.csr_array:
        """Return the derivative of (variables, stage values) by the variables."""
        known = self._known(local)
        parts = [sp.eye_array(self._n, dtype=np.float32, format="csr")]
        for stage in self._scheduler.form.intermediates:
            if id(stage) in known:
                parts.append(known[id(stage)])
            else:
                none = np.zeros(0, np.int32)
                parts.append(_boolean(none, none, (stage.size, self._n)))
        return sp.csr_array(sp.vstack(parts, format="csr"))
