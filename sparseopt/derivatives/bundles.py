"""Bundles: several values for every element of a vector, one for each direction of a sweep.

A sweep through the stages carries one or more directions at once, so that values and partials are
computed once for all of them.  Tangents and adjoints of stages are stored, direction by direction;
the seeds of a compressed matrix are not: the seed of direction c at element i is whether i has
color c, and a vector of colors is all that is kept of an n × c seed matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.elements.form import Block, Stage
from sparseopt.elements.tasks import Base, Operand, Span, Target
from sparseopt.graph.index import Index, StridedIndex, shift

__all__ = ["Bundle", "KernelLeaves", "One", "Seeds", "Stored"]


class KernelLeaves:
    """The leaves of one kernel: those of its block, then whatever else it reads."""

    def __init__(self, scheduler: Scheduler, block: Block) -> None:
        self.pool = scheduler.pool
        self.operands = scheduler.operands(block.leaves)
        self._count = block.count
        self._next = len(block.leaves)
        self._fixed: dict[tuple[Base, int], int] = {}

    def read(self, base: Base, index: Index) -> int:
        """Return a new leaf that reads ``index`` of a base."""
        number, self._next = self._next, self._next + 1
        self.operands[number] = Operand(base, index)
        return self.pool.leaf(number)

    def read_fixed(self, place: Place) -> int:
        """Return the leaf that reads one place for all instances."""
        key = (place.base, place.offset)
        if key not in self._fixed:
            index = StridedIndex.of(place.offset, (self._count,), (0,))
            self._fixed[key] = self.read(place.base, index)
        return self._fixed[key]

    def guarded(
        self, scheduler: Scheduler, stage: Stage, block: Block, terms: Sequence[int]
    ) -> tuple[int, ...]:
        """Return terms that are zero where no branch taken reads the row of a guarded stage."""
        if not stage.is_guarded:
            return tuple(terms)
        mark = self.read(Base.WORK, scheduler.mask_places(stage, block.rows[0]))
        is_read = self.pool.make("not_equal", mark, self.pool.literal(0.0))
        zero = self.pool.literal(0.0)
        return tuple(self.pool.make("where", is_read, term, zero) for term in terms)

    def reusing(self, known: Mapping[int, Index], terms: tuple[int, ...]) -> tuple[int, ...]:
        """Return terms that read known values of the workspace where they contain them."""
        inside = known.keys() & self.pool.reachable(terms) if known else ()
        if not inside:
            return terms
        leaves = {term: self.read(Base.WORK, known[term]) for term in sorted(inside)}
        return tuple(self.pool.replace(terms, leaves))


class Bundle(Protocol):
    """Values of ``count`` directions for every element of a vector."""

    @property
    def count(self) -> int:
        """Number of directions."""

    def read(self, leaves: KernelLeaves, index: Index) -> list[int]:
        """Return one term for each direction: the values at ``index``."""


@dataclass(frozen=True)
class One:
    """The number one for every element: the weight of an objective by itself."""

    count: int = 1

    def read(self, leaves: KernelLeaves, index: Index) -> list[int]:
        """Return the term of the number."""
        return [leaves.pool.literal(1.0)]


@dataclass(frozen=True)
class Stored:
    """Vectors in memory, one after another.

    Parameters
    ----------
    place : Place
        Of the first element of the first vector.
    stride : int
        Distance between vectors.
    count : int
        Number of vectors.
    """

    place: Place
    stride: int = 0
    count: int = 1

    def _at(self, index: Index, direction: int) -> Index:
        distance = self.place.offset + direction * self.stride
        return shift(index, distance) if distance else index

    def read(self, leaves: KernelLeaves, index: Index) -> list[int]:
        """Return the terms that read every vector at ``index``."""
        return [leaves.read(self.place.base, self._at(index, d)) for d in range(self.count)]

    def target(self, index: Index, direction: int, *, store: bool = False) -> Target:
        """Return ``index`` of one vector as a target."""
        return Target(self.place.base, self._at(index, direction), store)

    def span(self, direction: int, size: int) -> Span:
        """Return the first ``size`` elements of one vector."""
        return Span(self.place.base, self.place.offset + direction * self.stride, size)

    def part(self, offset: int) -> Stored:
        """Return the vectors that begin ``offset`` later, such as those of one stage."""
        return Stored(Place(self.place.base, self.place.offset + offset), self.stride, self.count)


@dataclass(frozen=True)
class Seeds:
    """Columns of a seed matrix: direction d is one where the color is ``first + d``, else zero.

    Parameters
    ----------
    colors : Place
        Of the color of the first element, as a floating-point number.
    first : Place
        Of the color that the first direction stands for.
    count : int
        Number of directions.
    """

    colors: Place
    first: Place
    count: int

    def read(self, leaves: KernelLeaves, index: Index) -> list[int]:
        """Return the terms of the seeds at ``index``."""
        pool = leaves.pool
        color = leaves.read(self.colors.base, self.colors.at(index))
        distance = pool.make("subtract", color, leaves.read_fixed(self.first))
        literals = (pool.literal(float(d)) for d in range(self.count))
        return [pool.make("equal", distance, literal) for literal in literals]
