"""LLVM IR for one kernel: load the rows of a chunk, evaluate the template, store the outputs.

The code is vector code from the start: one SIMD lane is one instance, and a function call takes a
whole vector, so that nothing depends on an optimizer's recognizing a loop, and compilation is
little more than instruction selection.  Which instances a chunk holds, gathering what they read
and adding their outputs to their places is the driver's part (`sparseopt.codegen.driver_source`),
so that the code of a kernel is as short as its formulas.  The last vector of a chunk overlaps the
one before: outputs stored to memory are stored twice, and others are added from buffers.

A kernel of one instance is a task's function itself: all that a driver would do is find its rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.formula_source import FormulaWriter
from sparseopt.codegen.lowering import lowered_terms
from sparseopt.codegen.operand_layout import KernelLayout, Row
from sparseopt.codegen.vector_math import VectorMath
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Kernel

__all__ = ["KernelWriter"]

_CHUNK = "i64 %length, ptr %rows, ptr %buffers"
_TASK = "i64 %start, i64 %stop, ptr %bases, ptr %starts, ptr %tables"


class KernelWriter(FormulaWriter):
    """Writes the function of one kernel.

    Parameters
    ----------
    pool, kernel : the kernel and the pool of its expressions
    lanes : int
        Instances computed at once; 1 writes scalar code.
    math : VectorMath
    """

    def __init__(self, pool: ExpressionPool, kernel: Kernel, lanes: int, math: VectorMath) -> None:
        super().__init__(pool, lanes, math)
        self.kernel = kernel
        self.layout = KernelLayout(kernel, lanes)
        self._pointers: dict[Row, str] = {}

    def write(self, name: str) -> str:
        """Return the text of the function ``name(length, rows, buffers)``, or of a task's function.

        The latter is that of one instance, whose table of numbers says where the rows begin.
        """
        terms = lowered_terms(self.pool, self.kernel.terms, self._has_cube_root)
        self.prepare(terms)
        for term, target in zip(terms, self.kernel.targets, strict=True):
            self.compute(term)
            pointer = self._pointer(self.layout.write(target))
            self._output(self.values[term], pointer, target.store)
        is_single = self.kernel.count == 1
        lines = self._straight() if is_single else self._loop()
        header = f"define void @{name}({_TASK if is_single else _CHUNK}) nounwind {{"
        return "\n".join([header, "entry:", *lines, "  ret void", "}\n"])

    def _has_cube_root(self) -> bool:
        return self.math.is_in_vectors("cbrt", self.lanes, 1)

    # ---- rows
    def _pointer(self, row: Row) -> str:
        kind = "buffer" if row.function else "row"
        return self._pointers.setdefault(row, f"%{kind}{len(self._pointers)}")

    def _leaf(self, number: int) -> str:
        row = self.layout.read(self.kernel.operands[number])
        pointer = self._pointer(row)
        if row.is_fixed:
            value = self._emit(self.entry, f"load double, ptr {pointer}")
            return self._splat(self.entry, value)
        place = self._place(pointer)
        return self._emit(self.body, f"load {self.type}, ptr {place}, align 8")

    def _place(self, pointer: str) -> str:
        return self._emit(self.body, f"getelementptr double, ptr {pointer}, i64 %j.at", "a")

    def _table(self, values: NDArray[np.float64]) -> tuple[str, str]:
        table = self._pointer(self.layout.table(values))
        # Tables of one size share it: their places are then the same.
        size = self._pointer(self.layout.number(values.size))
        if size not in self._known:
            self._known[size] = self._emit(self.entry, f"load i64, ptr {size}", "m")
        return table, self._known[size]

    def _output(self, value: str, pointer: str, store: bool) -> None:
        if self.kernel.count > 1:
            place = self._place(pointer)
            self.body.append(f"  store {self.type} {value}, ptr {place}, align 8")
            return
        if not store:
            old = self._emit(self.body, f"load double, ptr {pointer}")
            value = self._emit(self.body, f"fadd double {old}, {value}")
        self.body.append(f"  store double {value}, ptr {pointer}")

    # ---- the function
    def _row_pointers(self) -> list[str]:
        lines = []
        for k, row in enumerate(self.layout.order):
            if row in self._pointers and not row.function:
                name = self._pointers[row]
                lines.append(f"  {name}.at = getelementptr ptr, ptr %rows, i64 {k}")
                lines.append(f"  {name} = load ptr, ptr {name}.at")
        return lines

    def _buffer_pointers(self) -> list[str]:
        room = self.layout.room
        return [
            f"  {name} = getelementptr double, ptr %buffers, i64 {row.buffer * room}"
            for row, name in self._pointers.items()
            if row.function
        ]

    def _straight(self) -> list[str]:
        rows = self.layout.rows
        lines = []
        for base in sorted({row.base for row in rows if row.base >= 0}):
            lines.append(f"  %base{base}.at = getelementptr ptr, ptr %bases, i64 {base}")
            lines.append(f"  %base{base} = load ptr, ptr %base{base}.at")
        for k, row in enumerate(rows):
            lines += self._place_of_row(self._pointers[row], row.base, k)
        return [*lines, *self.entry, *self.body]

    def _place_of_row(self, name: str, base: int, number: int) -> list[str]:
        at = f"  {name}.at = getelementptr i64, ptr %starts, i64 {number}"
        if base < 0:
            return [at, f"  {name} = load ptr, ptr {name}.at"]
        place = f"  {name} = getelementptr i8, ptr %base{base}, i64 {name}.start"
        return [at, f"  {name}.start = load i64, ptr {name}.at", place]

    def _loop(self) -> list[str]:
        return [
            *self._row_pointers(),
            *self.entry,
            f"  %j.end = sub i64 %length, {self.lanes}",
            "  br label %vector",
            "vector:",
            "  %j = phi i64 [ 0, %entry ], [ %j.next, %vector ]",
            "  %j.late = icmp sgt i64 %j, %j.end",
            "  %j.at = select i1 %j.late, i64 %j.end, i64 %j",
            # In the loop, so that the offset of a buffer becomes part of the address.
            *self._buffer_pointers(),
            *self.body,
            f"  %j.next = add i64 %j, {self.lanes}",
            "  %j.more = icmp slt i64 %j.next, %length",
            "  br i1 %j.more, label %vector, label %exit",
            "exit:",
        ]
