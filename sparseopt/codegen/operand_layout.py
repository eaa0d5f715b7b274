"""How a kernel's index maps become rows: what its code reads and writes of one chunk of instances.

A kernel's code sees a row for each map: the instances of a chunk, one after the other.  Where the
places of a map are consecutive the row is the memory itself; elsewhere it is a buffer that a fixed
function gathers before, or scatters after.  The code depends only on the formulas and on which rows
are buffers, so that one piece of code serves every size of a problem; where rows begin is data.  A
kernel whose maps are boxes with one common inner length runs over *runs* of that length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.addresses import Word, address_of
from sparseopt.codegen.buffer_source import SUMMED_VECTORS
from sparseopt.codegen.tiers import FunctionAddress
from sparseopt.elements.tasks import Base, Kernel, Operand, Target
from sparseopt.graph.array_table import ArrayTable
from sparseopt.graph.index import Index, StridedIndex

__all__ = ["KernelLayout", "Row"]

CHUNK_BYTES = 32 * 1024
MAX_CHUNK = 512
MOST_LANES = 8
SUMMED_TOGETHER = MOST_LANES * SUMMED_VECTORS
"""Elements that a sum adds at a time, at most."""
LEAST_RUN = 16
"""Length of runs of equal places from which on each run is summed apart, on the average."""
_ABSOLUTE = -1
_DOUBLE = 8
_PLACE = 4


@dataclass(frozen=True, eq=False)
class Row:
    """Where instance i of run o is found: at ``start + step i + run_step o`` bytes of a base.

    Attributes
    ----------
    base : int
        A `Base`, or -1 if ``start`` is an address.
    start, step, run_step : int
    run_starts : int64 array or None
        Bytes to add in each run, instead of ``run_step``.
    function : str
        What moves a chunk between scattered places and the row's buffer; empty if there is none.
    argument : int
        Its second argument: the stride, or the address of the places of instance 0.
    argument_step : int
        What an instance adds to that.
    buffer : int
        Number of the buffer, or -1.
    """

    base: int
    start: int
    step: int = 0
    run_step: int = 0
    run_starts: NDArray[np.int64] | None = None
    function: str = ""
    argument: int = 0
    argument_step: int = 0
    buffer: int = -1

    @property
    def is_fixed(self) -> bool:
        """Whether every instance of a run reads the same place."""
        return not self.function and self.step == 0

    @property
    def is_affine(self) -> bool:
        """Whether the row is memory whose address is affine in run and instance."""
        return not self.function and self.run_starts is None


@dataclass(frozen=True)
class _Places:
    """Places of an index map, in elements: of a run, and of its instances."""

    start: int
    stride: int = 0
    run_stride: int = 0
    run_starts: NDArray[np.int64] | None = None
    table: NDArray[np.int32] | None = None


class KernelLayout:
    """The rows of one kernel, found as its code is written, and the data that the code reads."""

    def __init__(self, kernel: Kernel, lanes: int) -> None:
        self.kernel = kernel
        self.lanes = lanes
        self.rows: list[Row] = []
        self.num_buffers = 0
        self.run_length = _run_length(kernel, lanes)
        self._reads: dict[object, Row] = {}
        self._arrays: dict[object, NDArray[np.generic]] = {}
        self._tables: ArrayTable[NDArray[np.int32]] = ArrayTable()

    @property
    def is_nested(self) -> bool:
        """Whether the kernel runs over runs of instances."""
        return self.run_length > 0

    @property
    def units(self) -> int:
        """Number of runs, or of instances."""
        return self.kernel.count // self.run_length if self.is_nested else self.kernel.count

    @property
    def chunk(self) -> int:
        """Instances of one chunk: its buffers fit into the L1 cache."""
        fitting = CHUNK_BYTES // (_DOUBLE * max(1, self.num_buffers))
        return max(8 * self.lanes, min(MAX_CHUNK, fitting // self.lanes * self.lanes))

    @property
    def room(self) -> int:
        """Elements of a buffer.

        A chunk is never longer than its nominal length; sums write zeros after it.
        """
        return self.chunk + SUMMED_TOGETHER

    # ---- rows
    def read(self, operand: Operand) -> Row:
        """Return the row of an operand, the same one for the same places."""
        if operand.base is None:
            assert operand.values is not None
            return self._data(operand.values)
        assert operand.index is not None
        places = self._places(operand.index)
        key = (operand.base, places.start, places.stride, places.run_stride,
               id(places.run_starts), id(places.table))  # fmt: skip
        if key not in self._reads:
            self._reads[key] = self._row(operand.base, places, "load", places.stride in (0, 1))
        return self._reads[key]

    def write(self, target: Target) -> Row:
        """Return the row of an output."""
        places = self._places(target.index)
        if self.kernel.count == 1:
            return self._row(target.base, places, "", is_memory=True)
        verb = "store" if target.store else "add"
        return self._row(target.base, places, verb, target.store and places.stride == 1)

    def table(self, values: NDArray[np.generic]) -> Row:
        """Return a row that is an array as a whole, or a number if it has one element."""
        key = ("table", id(values))
        if key not in self._reads:
            self._reads[key] = self._added(Row(_ABSOLUTE, address_of(values)))
        return self._reads[key]

    def number(self, value: int) -> Row:
        """Return a row that is one integer."""
        known = self._arrays.setdefault(("number", value), np.array([value], np.int64))
        return self.table(known)

    def _data(self, values: NDArray[np.float64]) -> Row:
        key = ("data", id(values))
        if key not in self._reads:
            values = np.ascontiguousarray(values, np.float64)
            step = _DOUBLE if self.kernel.count > 1 else 0
            run_step = step * self.run_length
            if self.is_nested and _is_constant_in_runs(values, self.run_length):
                values, step, run_step = values[:: self.run_length].copy(), 0, _DOUBLE
            self._reads[key] = self._added(Row(_ABSOLUTE, address_of(values), step, run_step))
        return self._reads[key]

    def _row(self, base: Base, places: _Places, verb: str, is_memory: bool) -> Row:
        start, step, run_step = (
            _DOUBLE * k for k in (places.start, places.stride, places.run_stride)
        )
        runs = None if places.run_starts is None else self._bytes(places.run_starts)
        if is_memory and places.table is None:
            return self._added(Row(base, start, step, run_step, runs))
        self.num_buffers += 1
        buffer = self.num_buffers - 1
        if places.table is not None and verb == "add" and _is_in_runs(places.table):
            address = address_of(self._with_lengths(places.table))
            row = Row(base, start, 0, 0, None, "sum_runs", address, 2 * _PLACE, buffer)
        elif places.table is not None:
            function, address = f"{verb}_indexed", address_of(places.table)
            row = Row(base, start, 0, 0, None, function, address, _PLACE, buffer)
        else:
            function = _function(verb, places.stride)
            row = Row(base, start, step, run_step, runs, function, places.stride, 0, buffer)
        return self._added(row)

    def _added(self, row: Row) -> Row:
        self.rows.append(row)
        return row

    # ---- places
    def _places(self, index: Index) -> _Places:
        if self.kernel.count == 1:
            return _Places(int(index.materialize()[0]))
        if isinstance(index, StridedIndex):
            if index.is_line:
                stride = index.strides[0]
                return _Places(index.offset, stride, stride * self.run_length)
            if self.is_nested and index.shape[-1] == self.run_length:
                outer = StridedIndex.of(index.offset, index.shape[:-1], index.strides[:-1])
                if outer.is_line:
                    return _Places(outer.offset, index.strides[-1], outer.strides[0])
                return _Places(0, index.strides[-1], 0, self._starts(outer))
        return self._table(index.materialize())

    def _starts(self, outer: StridedIndex) -> NDArray[np.int64]:
        if outer not in self._arrays:
            self._arrays[outer] = outer.materialize().astype(np.int64)
        return self._arrays[outer]  # type: ignore[return-value]

    def _table(self, places: NDArray[np.integer]) -> _Places:
        # Maps that differ by a constant share one table.
        first = int(places[0])
        relative = (places - places[0]).astype(np.int32, copy=False)
        return _Places(first, -1, table=self._tables.setdefault(relative, relative))

    def _with_lengths(self, places: NDArray[np.int32]) -> NDArray[np.generic]:
        key = ("lengths", id(places))
        if key not in self._arrays:
            ends = np.append(np.flatnonzero(np.diff(places)) + 1, places.size)
            lengths = np.diff(ends, prepend=0)
            left = np.repeat(ends, lengths) - np.arange(places.size)
            self._arrays[key] = np.stack([places, left.astype(np.int32)], axis=1)
        return self._arrays[key]

    def _bytes(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        key = ("bytes", id(starts))
        if key not in self._arrays:
            self._arrays[key] = _DOUBLE * starts
        return self._arrays[key]  # type: ignore[return-value]

    # ---- what the driver reads
    @property
    def _affine(self) -> list[Row]:
        return [r for r in self.rows if r.is_affine]

    @property
    def _read(self) -> list[Row]:
        return [r for r in self.rows if not r.is_affine and not _is_written(r)]

    @property
    def _written(self) -> list[Row]:
        return [r for r in self.rows if _is_written(r)]

    @property
    def _filling(self) -> list[Row]:
        return [Row(_ABSOLUTE, 0)] * (-len(self._affine) % MOST_LANES)

    @property
    def order(self) -> list[Row]:
        """Rows as the driver takes them: affine memory, filled up to vectors, reads, writes."""
        return [*self._affine, *self._filling, *self._read, *self._written]

    @property
    def starts(self) -> list[Word]:
        """Where the rows are, in bytes of their bases: all that a kernel of one instance reads."""
        return [row.start for row in self.rows]

    def words(
        self, body: FunctionAddress, function: Callable[[str], FunctionAddress]
    ) -> list[Word]:
        """Return the numbers that tell the driver of kernels what to do."""
        affine = [*self._affine, *self._filling]
        counts = [len(affine), len(self._read), len(self._written)]
        size = _DOUBLE * self.room * self.num_buffers
        words: list[Word] = [body, self.chunk, self.run_length, *counts, size]
        for column in zip(*((r.base, r.start, r.step, r.run_step) for r in affine), strict=True):
            words += column
        for row in (*self._read, *self._written):
            words += self._record(row, function(row.function) if row.function else 0)
        return words

    def _record(self, row: Row, function: Word) -> list[Word]:
        starts = 0 if row.run_starts is None else address_of(row.run_starts)
        memory: list[Word] = [row.base, row.start, row.step, row.run_step, starts]
        buffer = _DOUBLE * self.room * max(0, row.buffer)
        return [*memory, function, row.argument, row.argument_step, buffer]


def _is_written(row: Row) -> bool:
    return bool(row.function) and not row.function.startswith("load")


def _is_constant_in_runs(values: NDArray[np.float64], length: int) -> bool:
    bits = values.view(np.int64).reshape(-1, length)  # zeros have signs
    return bool((bits == bits[:, :1]).all())


def _is_in_runs(places: NDArray[np.int32]) -> bool:
    return bool(LEAST_RUN * (np.count_nonzero(np.diff(places)) + 1) <= places.size)


def _function(verb: str, stride: int) -> str:
    if verb == "load" or stride not in (0, 1):
        return f"{verb}_strided"
    return f"{verb}_consecutive" if stride else "sum_into"


def _run_length(kernel: Kernel, lanes: int) -> int:
    """Return the common inner length of the kernel's boxes, or 0 to run over instances."""
    maps = [o.index for o in kernel.operands.values()] + [t.index for t in kernel.targets]
    lengths = Counter(m.shape[-1] for m in maps if isinstance(m, StridedIndex) and not m.is_line)
    if not lengths:
        return 0
    length = lengths.most_common(1)[0][0]
    return length if length >= 2 * lanes and kernel.count % length == 0 else 0
