"""The patterns of derivative matrices as boolean products of the stages' local patterns.

No values are computed and nothing is scheduled: this is what compressed plans are colored by, and
what tells how many products the direct plan would need.

A function whose own matrices are dense and too large to be formed gets one value in between, its
*hub*, which reads what the function reads and is all that the function reads.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.boolean_products import congruence, ones, product
from sparseopt.derivatives.calls import first_entries, second_entries
from sparseopt.derivatives.pattern_sizes import (
    require_call_fits,
    require_hessian_fits,
    require_jacobian_fits,
)
from sparseopt.derivatives.plans import Targets
from sparseopt.derivatives.schedules import Scheduler
from sparseopt.derivatives.slots import Slot, hessian_slots, jacobian_slots
from sparseopt.elements.form import ElementForm, Stage
from sparseopt.graph.opaque import is_linear, is_matrix_free, read_elements
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["Structure"]

StageSlots = list[tuple[Stage, list[Slot]]]


def _boolean(
    rows: NDArray[np.integer], cols: NDArray[np.integer], shape: tuple[int, int]
) -> sp.csr_array:
    values = np.ones(rows.size, np.float32)
    return ones(sp.csr_array(sp.coo_array((values, (rows, cols)), shape=shape)))


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
        self._hubs = _hubs(scheduler.form)
        self._size = scheduler.form.num_intermediates + len(self._hubs)

    def _local(self, stage: Stage, slots: list[Slot]) -> sp.csr_array:
        shape = (stage.size, self._n + self._size)
        if id(stage) in self._hubs:
            rows = np.arange(stage.size)
            return _boolean(rows, np.full_like(rows, self._place(self._hubs[id(stage)])), shape)
        if stage.call is not None:
            return _boolean(*first_entries(self._scheduler, stage), shape)
        return _boolean(*_entries(slots), shape)

    def _place(self, stage: Stage) -> int:
        return self._n + stage.offset

    def _of_hub(self, stage: Stage) -> sp.csr_array:
        """Return what the hub of a call's stage reads."""
        assert stage.call is not None
        cols = read_elements(stage.call.function) + self._n + stage.call.argument
        return _boolean(np.zeros_like(cols), cols, (1, self._n + self._size))

    def _total(
        self, local: sp.csr_array, reads: list[Stage], known: dict[int, sp.csr_array]
    ) -> sp.csr_array:
        """Return the derivative by the variables: intermediates, known so far, substituted."""
        columns = sp.csc_array(local)
        total = sp.csr_array(columns[:, : self._n])
        for inner in reads:
            start = self._place(inner)
            part = sp.csr_array(columns[:, start : start + inner.size])
            total = total + product(part, known[id(inner)])
        return ones(sp.csr_array(total))

    def _reads(self, stage: Stage) -> list[Stage]:
        hub = self._hubs.get(id(stage))
        return self._scheduler.read_by(stage) if hub is None else [hub]

    def _locals(self, stages: list[Stage]) -> list[tuple[Stage, sp.csr_array]]:
        """Return where stages, and the hubs before them, read variables and intermediates."""
        found: list[tuple[Stage, sp.csr_array]] = []
        for stage in stages:
            if id(stage) in self._hubs:
                found.append((self._hubs[id(stage)], self._of_hub(stage)))
            found.append((stage, self._local(stage, jacobian_slots(self._scheduler, stage))))
        return found

    def _known(
        self, stages: list[tuple[Stage, sp.csr_array]], what: Literal["Jacobian", "Hessian"]
    ) -> dict[int, sp.csr_array]:
        """Return the patterns of the derivatives of stages by the variables, by ``id``."""
        known: dict[int, sp.csr_array] = {}
        owners = {id(hub): stage for stage, hub in self._owners()}
        for stage, local in stages:
            owner = owners.get(id(stage))
            reads = self._reads(stage) if owner is None else self._scheduler.read_by(owner)
            known[id(stage)] = self._total(local, reads, known)
            if owner is not None:
                require_call_fits(owner, what, owner.size * known[id(stage)].nnz)
        return known

    def _owners(self) -> list[tuple[Stage, Stage]]:
        """Return the stages of calls that have hubs, and these."""
        stages = self._scheduler.form.intermediates
        return [(s, self._hubs[id(s)]) for s in stages if id(s) in self._hubs]

    def jacobian(self, stage: Stage) -> tuple[SparsityPattern, StageSlots]:
        """Return the pattern of a stage's Jacobian, and the local derivatives behind it."""
        stages = self._scheduler.needed([stage])
        slots = [(s, jacobian_slots(self._scheduler, s)) for s in (*stages, stage)]
        local = self._local(stage, slots[-1][1])
        inner = self._locals(stages)
        require_jacobian_fits(inner, local, self._n)
        total = self._total(local, self._reads(stage), self._known(inner, "Jacobian"))
        rows, cols = sp.coo_array(total).coords
        return SparsityPattern(rows, cols, (stage.size, self._n), check=False), slots

    def hessian(self, targets: Targets) -> tuple[SparsityPattern, StageSlots]:
        """Return the pattern of the Hessian of a weighted sum of stages, lower triangle."""
        stages = self._scheduler.needed([s for s, _ in targets])
        owners = [*(s for s, _ in targets), *stages]
        slots = [(s, hessian_slots(self._scheduler, s)) for s in owners]
        pairs = [_entries([slot for _, own in slots for slot in own])]
        pairs += [self._second_entries(stage) for stage in stages]
        rows, cols = (np.concatenate(part) for part in zip(*pairs, strict=True))
        total = self._n + self._size
        curved = _boolean(
            np.concatenate([rows, cols]), np.concatenate([cols, rows]), (total, total)
        )
        locals_ = self._locals(stages)
        require_hessian_fits(locals_, curved, self._n)
        inner = self._inner(locals_)
        for stage in stages:
            self._require_call_fits(stage, inner)
        rows, cols = sp.coo_array(congruence(inner, curved)).coords
        square = (self._n, self._n)
        return SparsityPattern(rows, cols, square, symmetric=True, check=False), slots

    def _require_call_fits(self, stage: Stage, inner: sp.csr_array) -> None:
        for place in self._second_entries(stage)[0] if id(stage) in self._hubs else ():
            num_read = int(inner.indptr[place + 1] - inner.indptr[place])
            require_call_fits(stage, "Hessian", num_read * (num_read + 1) // 2)

    def _second_entries(self, stage: Stage) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        hub = self._hubs.get(id(stage))
        if hub is None:
            return second_entries(self._scheduler, stage)
        assert stage.call is not None
        place = np.array([] if is_linear(stage.call.function) else [self._place(hub)], np.int64)
        return place, place

    def _inner(self, local: list[tuple[Stage, sp.csr_array]]) -> sp.csr_array:
        """Return the derivative of (variables, stage values) by the variables."""
        known = self._known(local, "Hessian")
        parts = [sp.eye_array(self._n, dtype=np.float32, format="csr")]
        for stage in (*self._scheduler.form.intermediates, *(hub for _, hub in self._owners())):
            if id(stage) in known:
                parts.append(known[id(stage)])
            else:
                none = np.zeros(0, np.int32)
                parts.append(_boolean(none, none, (stage.size, self._n)))
        return sp.csr_array(sp.vstack(parts, format="csr"))


def _hubs(form: ElementForm) -> dict[int, Stage]:
    """Return the hubs of the stages that are calls of matrix-free functions, by ``id``."""
    stages = [s for s in form.intermediates if s.call and is_matrix_free(s.call.function)]
    places = range(form.num_intermediates, form.num_intermediates + len(stages))
    return {
        id(stage): Stage(f"hub of {stage.name}", 1, place, (), stage.where)
        for stage, place in zip(stages, places, strict=True)
    }
