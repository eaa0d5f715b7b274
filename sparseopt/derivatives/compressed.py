"""Compressed plans: a matrix from its products with the seeds of a coloring.

``forward`` and ``reverse`` Jacobians, both of them together (``bidirectional``), and Hessians by
forward over reverse with a ``star`` coloring (direct recovery) or an ``acyclic`` one (recovery by
substitution).  Gebremedhin, Manne and Pothen 2005, doi:10.1137/S0036144504444711.

Colors are worked through in chunks of a few directions: the same phases run for every chunk, a
cell of the workspace says with which color it begins, and what a chunk yields is copied to the
output before the next one overwrites it.  No seed matrix and no compressed matrix is ever stored.
Values are in the order in which the chunks yield them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.coloring import Coloring
from sparseopt.coloring.decompression import Recovery
from sparseopt.derivatives.bundles import Seeds, Stored
from sparseopt.derivatives.layout import Workspace
from sparseopt.derivatives.plans import MatrixPlan, PlanName, Targets
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.derivatives.structure import StageSlots
from sparseopt.derivatives.sweeps import (
    Vectors,
    adjoints_of,
    products,
    pull_back,
    push,
    push_forward,
)
from sparseopt.elements.form import Stage
from sparseopt.elements.tasks import Base, Copy, Fill, Schedule, Substitution, Task
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["compressed_hessian", "compressed_jacobian"]

MAX_DIRECTIONS = 8
"""Directions of one chunk: more share values and partials, and take more registers and code."""
MAX_OPERATIONS = 4000
"""Operations of one formula times directions: larger functions take long to compile."""


@dataclass(frozen=True)
class _Chunks:
    """Consecutive colors ``first … first + total - 1``, ``count`` at a time."""

    first: int
    total: int
    count: int

    @property
    def number(self) -> int:
        return -(-self.total // self.count)

    def starts(self) -> range:
        return range(self.first, self.first + self.number * self.count, self.count)


def _chunks(scheduler: Scheduler, stages: list[Stage], first: int, total: int) -> _Chunks:
    pool = scheduler.pool
    sizes = [pool.num_operations(b.outputs) for stage in stages for b in stage.blocks]
    widest = min(MAX_DIRECTIONS, max(1, MAX_OPERATIONS // max([1, *sizes])))
    number = max(1, -(-total // widest))
    return _Chunks(first, total, -(-total // number))


class _Compression:
    """Writes the phases of a compressed plan and collects the order of its values."""

    def __init__(self, scheduler: Scheduler, coloring: Coloring) -> None:
        self.coloring = coloring
        self.recovery: Recovery = coloring.recovery
        self.num_variables = scheduler.form.num_variables
        self.space = Workspace()
        self.space.reserve(scheduler.num_values)
        self.cell = Place(Base.WORK, self.space.reserve(1))
        self.phases: list[list[Task]] = []
        self._order: list[NDArray[np.integer]] = []
        self._offset = 0

    def seeds(self, chunks: _Chunks, colors: int) -> Seeds:
        """Return the seeds of a chunk; ``colors`` is where the colors of the elements begin."""
        return Seeds(Place(Base.COLORS, colors), self.cell, chunks.count)

    def vectors(self, chunks: _Chunks, size: int) -> Stored:
        """Return new workspace for a vector of each direction."""
        return Stored(Place(Base.WORK, self.space.reserve(chunks.count * size)), size, chunks.count)

    def run(self, chunks: _Chunks, body: list[list[Task]], out: Stored) -> None:
        """Run ``body``, which leaves its products in ``out``, for every chunk."""
        for start in chunks.starts():
            first = np.array([float(start)])
            self.phases.append([Fill(Base.WORK, self.cell.offset, 1, first)])
            self.phases += body
            self._copy_out(start, min(start + chunks.count, chunks.first + chunks.total), out)

    def _copy_out(self, start: int, stop: int, out: Stored) -> None:
        bounds = np.array([start, stop], np.int32)  # of another width, all colors were converted
        low, high = np.searchsorted(self._by_color[0], bounds)
        entries = self._by_color[1][low:high]
        distance = self.recovery.color[entries].astype(np.int64) - start
        places = out.place.offset + distance * out.stride + self.recovery.vertex[entries]
        copy = Copy(Base.WORK, places.astype(np.int32), Base.OUT, self._offset)
        self.phases.append([copy])
        self._order.append(entries)
        self._offset += entries.size

    @cached_property
    def _by_color(self) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return colors, ascending, and entries in that order: by color, then by vertex."""
        recovery = self.recovery
        order = np.lexsort((recovery.vertex, recovery.color))
        return recovery.color[order], order

    def plan(
        self,
        scheduler: Scheduler,
        targets: list[Stage],
        plan: PlanName,
        name: str,
        slots: StageSlots,
    ) -> MatrixPlan:
        """Return the finished plan."""
        entries = np.concatenate([np.zeros(0, np.intp), *self._order])
        if self.recovery.update_vertex is not None:
            self.phases.append([self._substitution(entries)])
        old = self.coloring.pattern
        values = self.recovery.value[entries]
        pattern = SparsityPattern(
            old.rows[values], old.cols[values], old.shape, symmetric=old.symmetric, check=False
        )
        phases, size = scheduler.after_values(self.phases, targets), self.space.size
        schedule = Schedule(name, scheduler.pool, phases, pattern.nnz, size, self._colors())
        is_chained = scheduler.form.num_intermediates > 0
        return MatrixPlan(plan, pattern, schedule, slots, is_chained, self.coloring)

    def _colors(self) -> NDArray[np.float64]:
        """Return the colors of columns, then those of rows, numbered after each other."""
        coloring = self.coloring
        parts = [np.zeros(0)]
        if coloring.column_colors is not None:
            parts.append(coloring.column_colors.astype(np.float64))
        if coloring.row_colors is not None:
            rows = coloring.row_colors.astype(np.float64)
            parts.append(np.where(rows < 0, rows, rows + coloring.num_column_colors))
        return np.concatenate(parts)

    def _substitution(self, entries: NDArray[np.intp]) -> Substitution:
        """Return the sweep that subtracts each value from the sums it is part of."""
        recovery = self.recovery
        assert recovery.update_vertex is not None
        assert recovery.update_color is not None
        place = np.empty(entries.size, np.int64)
        place[entries] = np.arange(entries.size)
        number = self.coloring.num_colors
        keys = recovery.vertex.astype(np.int64) * number + recovery.color
        wanted = recovery.update_vertex.astype(np.int64) * number + recovery.update_color
        order = np.argsort(keys)
        found = order[np.minimum(np.searchsorted(keys[order], wanted), max(keys.size - 1, 0))]
        # A sum that no entry is read from needs no subtraction.
        used = np.flatnonzero((recovery.update_vertex >= 0) & (keys[found] == wanted))
        sources, targets = place[used], place[found[used]]
        return Substitution(Base.OUT, sources.astype(np.int32), targets.astype(np.int32))


def compressed_jacobian(
    scheduler: Scheduler,
    stage: Stage,
    plan: PlanName,
    coloring: Coloring,
    slots: StageSlots,
    name: str = "jacobian",
) -> MatrixPlan:
    """Return the plan of a Jacobian compressed by the colors of its columns, rows, or both."""
    compression = _Compression(scheduler, coloring)
    involved = [*scheduler.needed([stage]), stage]
    columns, rows = coloring.num_column_colors, coloring.num_row_colors
    if columns:
        _column_products(scheduler, stage, compression, _chunks(scheduler, involved, 0, columns))
    if rows:
        _row_products(scheduler, stage, compression, _chunks(scheduler, involved, columns, rows))
    return compression.plan(scheduler, [stage], plan, name, slots)


def _column_products(
    scheduler: Scheduler, stage: Stage, compression: _Compression, chunks: _Chunks
) -> None:
    tangents = compression.vectors(chunks, scheduler.form.num_intermediates)
    out = compression.vectors(chunks, stage.size)
    along = Vectors(compression.seeds(chunks, 0), tangents)
    body = push_forward(scheduler, [stage], along) + push(scheduler, stage, along, out)
    compression.run(chunks, body, out)


def _row_products(
    scheduler: Scheduler, stage: Stage, compression: _Compression, chunks: _Chunks
) -> None:
    n = compression.num_variables
    adjoints = compression.vectors(chunks, scheduler.form.num_intermediates)
    out = compression.vectors(chunks, n)
    has_columns = compression.coloring.column_colors is not None
    weights = compression.seeds(chunks, n if has_columns else 0)
    zeros: list[Task] = [Fill(Base.WORK, out.place.offset, chunks.count * n)]
    body = [zeros, *pull_back(scheduler, [(stage, weights)], Vectors(out, adjoints))]
    compression.run(chunks, body, out)


def compressed_hessian(
    scheduler: Scheduler,
    targets: Targets,
    plan: PlanName,
    coloring: Coloring,
    slots: StageSlots,
    name: str = "hessian",
) -> MatrixPlan:
    """Return the plan of a Hessian compressed by a star or an acyclic coloring."""
    compression = _Compression(scheduler, coloring)
    goals = [s for s, _ in targets]
    weighted = [(s, Stored(place)) for s, place in targets]
    adjoints, backward = adjoints_of(scheduler, weighted, compression.space)
    compression.phases += backward
    involved = [*scheduler.needed(goals), *goals]
    chunks = _chunks(scheduler, involved, 0, coloring.num_colors)
    if coloring.num_colors:
        out = compression.vectors(chunks, compression.num_variables)
        seeds = compression.seeds(chunks, 0)
        body = products(scheduler, weighted, adjoints, seeds, out, compression.space)
        compression.run(chunks, body, out)
    return compression.plan(scheduler, goals, plan, name, slots)
