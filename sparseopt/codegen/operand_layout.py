"""How a kernel's index maps become offsets, strides and tables that generated code reads.

The code depends only on the *kind* of each map (one place, consecutive, strided, a table), so that
one piece of code serves every size of a problem; offsets, strides and table addresses are data.
A kernel whose maps are boxes with one common inner length runs over *runs* of that length.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.tasks import Kernel
from sparseopt.graph.index import Index, StridedIndex

__all__ = ["Access", "KernelLayout", "layout_kernel"]

AccessKind = Literal["fixed", "consecutive", "strided", "table"]


@dataclass(frozen=True)
class Access:
    """How instance i of a run reaches its place.

    ``fixed``: start; ``consecutive``: start + i; ``strided``: start + stride i; ``table``:
    start + table[i].  In a kernel over runs the start of run o is ``starts[o]`` (``run_table``) or
    ``meta[offset] + run_stride o`` (``meta[offset + 1]``); otherwise ``meta[offset]``.
    """

    kind: AccessKind
    meta: int
    stride_meta: int = -1
    table: int = -1
    run_table: int = -1
    run_stride_meta: int = -1


class KernelLayout:
    """Data that a kernel's code reads: numbers (``meta``), tables, and the access of each map."""

    def __init__(self, kernel: Kernel, lanes: int) -> None:
        self.kernel = kernel
        self.meta: list[int] = []
        self.tables: list[NDArray[np.generic]] = []
        self.run_length = _run_length(kernel, lanes)
        self._known: dict[object, int] = {}
        if self.run_length:
            self._number(self.run_length)

    @property
    def is_nested(self) -> bool:
        """Whether the kernel runs over runs of instances."""
        return self.run_length > 0

    @property
    def units(self) -> int:
        """Number of runs, or of instances."""
        return self.kernel.count // self.run_length if self.is_nested else self.kernel.count

    def _number(self, value: int) -> int:
        self.meta.append(value)
        return len(self.meta) - 1

    def table(self, values: NDArray[np.generic], key: object) -> int:
        """Return the number of a table, the same for the same key."""
        if key not in self._known:
            self._known[key] = len(self.tables)
            self.tables.append(values)
        return self._known[key]

    def data(self, values: NDArray[np.float64]) -> int:
        """Return the number of a table of one value for each instance."""
        return self.table(np.ascontiguousarray(values, np.float64), ("data", id(values)))

    def lookup(self, values: NDArray[np.float64], key: object) -> tuple[int, int]:
        """Return the numbers of a function's table, and of its size in ``meta``."""
        size = ("size", values.size)
        if size not in self._known:  # tables of one size share it: their places are then the same
            self._known[size] = self._number(values.size)
        return self.table(values, ("lookup", key)), self._known[size]

    def access(self, index: Index) -> Access:
        """Return how the places of an index map are reached."""
        if isinstance(index, StridedIndex):
            if index.is_line:
                return self._line(index)
            if self.is_nested and index.shape[-1] == self.run_length:
                return self._box(index)
        return self._table(index.materialize())

    def _line(self, index: StridedIndex) -> Access:
        stride = index.strides[0] if index.size > 1 else 0
        start = self._number(index.offset)
        run = self._number(stride * self.run_length) if self.is_nested else -1
        return self._inner(stride, start, run_stride_meta=run)

    def _inner(
        self, stride: int, start: int, *, run_table: int = -1, run_stride_meta: int = -1
    ) -> Access:
        if stride in (0, 1):
            kind: AccessKind = "consecutive" if stride else "fixed"
            return Access(kind, start, -1, -1, run_table, run_stride_meta)
        return Access("strided", start, self._number(stride), -1, run_table, run_stride_meta)

    def _box(self, index: StridedIndex) -> Access:
        outer = StridedIndex.of(index.offset, index.shape[:-1], index.strides[:-1])
        starts = outer.materialize().astype(np.int64)
        table = self.table(starts, ("starts", outer))
        return self._inner(index.strides[-1], self._number(0), run_table=table)

    def _table(self, places: NDArray[np.integer]) -> Access:
        # Maps that differ by a constant share one table.
        first = int(places[0])
        relative = (places - first).astype(np.int32)
        digest = hashlib.blake2b(relative.data, digest_size=16).digest()
        return Access("table", self._number(first), table=self.table(relative, digest))


def _run_length(kernel: Kernel, lanes: int) -> int:
    """Return the common inner length of the kernel's boxes, or 0 to run over instances."""
    maps = [o.index for o in kernel.operands.values()] + [t.index for t in kernel.targets]
    lengths = Counter(m.shape[-1] for m in maps if isinstance(m, StridedIndex) and not m.is_line)
    if not lengths:
        return 0
    length = lengths.most_common(1)[0][0]
    return length if length >= 2 * lanes and kernel.count % length == 0 else 0


def layout_kernel(kernel: Kernel, lanes: int) -> KernelLayout:
    """Return an empty layout for a kernel; accesses are added as code is written."""
    return KernelLayout(kernel, lanes)
