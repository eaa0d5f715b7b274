"""LLVM IR of one function of a step, on the memory of the loop.

A step of few operations is one piece of scalar code without loops or workspace, which is inlined
into the loop over time.  A larger one is a schedule of kernels, as everywhere else: the function
copies its arguments together, runs the schedule, and copies the results to their places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.addresses import location
from sparseopt.codegen.formula_source import FormulaWriter
from sparseopt.codegen.lowering import lowered_terms
from sparseopt.codegen.native import NativeProgram, run_address
from sparseopt.codegen.vector_math import VectorMath
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Schedule
from sparseopt.loops.derived import Place, StepFunction
from sparseopt.loops.straight_line import straight_line

__all__ = ["StepSource", "step_source"]


@dataclass(frozen=True)
class StepSource:
    """The text of a step's function, and the data that it reads.

    Attributes
    ----------
    text : str
    is_fused : bool
        Whether it is one piece of scalar code.
    meta : int64 array
    tables : list of arrays
    kept : object
        What must stay alive as long as the function may run.
    """

    text: str
    is_fused: bool
    meta: NDArray[np.int64]
    tables: list[NDArray[np.generic]]
    kept: object = None


def step_source(function: StepFunction, arguments: str, math: VectorMath) -> StepSource:
    """Return the source of a function of a step.

    Parameters
    ----------
    function : StepFunction
    arguments : str
        Parameters of the function's text: a pointer for each memory, then ``%meta``, ``%tables``.
    math : VectorMath
        Collects what the module must declare.
    """
    schedule = function.schedule()
    terms = straight_line(schedule)
    header = (
        f"define internal void @{function.name}({arguments}) alwaysinline nounwind {{\nentry:\n"
    )
    if terms is None:
        return _scheduled(function, schedule, header)
    writer = _FusedWriter(schedule.pool, _elements(function.reads), math)
    lines = writer.lines(terms, _elements(function.writes), _flags(function))
    text = header + "\n".join(lines) + "\n  ret void\n}\n"
    return StepSource(text, True, np.array([*writer.meta, 0], np.int64), writer.tables)


def _elements(places: tuple[Place, ...]) -> list[tuple[str, int]]:
    return [(p.memory, p.offset + i) for p in places for i in range(p.size)]


def _flags(function: StepFunction) -> list[bool]:
    pairs = zip(function.writes, function.added, strict=True)
    return [added for place, added in pairs for _ in range(place.size)]


class _FusedWriter(FormulaWriter):
    """Writes formulas of single elements: all are read before any is written."""

    def __init__(
        self, pool: ExpressionPool, elements: list[tuple[str, int]], math: VectorMath
    ) -> None:
        super().__init__(pool, 1, math)
        self._elements = elements
        self.meta: list[int] = []
        self.tables: list[NDArray[np.generic]] = []

    def lines(
        self, terms: list[int], targets: list[tuple[str, int]], added: list[bool]
    ) -> list[str]:
        """Return the instructions that compute the terms and put them to their places."""
        lowered = lowered_terms(self.pool, tuple(terms))
        self.prepare(lowered)
        for term in lowered:
            self.compute(term)
        for term, target, is_sum in zip(lowered, targets, added, strict=True):
            if not (is_sum and self.pool.value_of(term) == 0.0):
                self._write(self.values[term], target, is_sum=is_sum)
        return [*self.entry, *self.body]

    def _leaf(self, number: int) -> str:
        return self._emit(self.body, f"load double, ptr {self._address(*self._elements[number])}")

    def _table(self, values: NDArray[np.float64]) -> tuple[str, str]:
        pointer = self._word("tables", "ptr", self.tables, values, ("table", id(values)))
        return pointer, self._word("meta", "i64", self.meta, values.size, ("size", values.size))

    def _word(self, array: str, kind: str, words: list[Any], word: object, key: object) -> str:
        if key not in self._known:
            place = f"getelementptr {kind}, ptr %{array}, i64 {len(words)}"
            at = self._emit(self.entry, place, "m")
            self._known[key] = self._emit(self.entry, f"load {kind}, ptr {at}", "m")
            words.append(word)
        return self._known[key]

    def _address(self, memory: str, offset: int) -> str:
        return self._emit(self.body, f"getelementptr double, ptr %{memory}, i64 {offset}", "a")

    def _write(self, value: str, target: tuple[str, int], *, is_sum: bool) -> None:
        place = self._address(*target)
        if is_sum:
            old = self._emit(self.body, f"load double, ptr {place}")
            value = self._emit(self.body, f"fadd double {old}, {value}")
        self.body.append(f"  store double {value}, ptr {place}")


# ---- a step of kernels
def _scheduled(function: StepFunction, schedule: Schedule, header: str) -> StepSource:
    program = NativeProgram(schedule, np.zeros(0), least_effort=1)
    arguments = np.zeros(max(1, sum(p.size for p in function.reads)))
    results = np.zeros(max(1, schedule.out_size))
    meta = [program.address, run_address(), location(arguments), location(results)]
    lines = [
        *(f"  %m{k}.at = getelementptr ptr, ptr %meta, i64 {k}" for k in range(4)),
        *(f"  %m{k} = load ptr, ptr %m{k}.at" for k in range(4)),
        *_copies(function.reads, "%m2", "in", to_memory=False),
        "  call void %m1(ptr %m0, ptr %m2, ptr null, double 1.0, ptr %m3)",
        *_results(function),
        "  ret void",
        "}\n",
    ]
    kept = (program, arguments, results)
    return StepSource(header + "\n".join(lines), False, np.array(meta, np.int64), [], kept)


def _copies(places: tuple[Place, ...], buffer: str, tag: str, *, to_memory: bool) -> list[str]:
    lines, start = [], 0
    for k, place in enumerate(places):
        name = f"{tag}{k}"
        lines += _ends(name, buffer, start, place)
        to, source = ("place", "buffer") if to_memory else ("buffer", "place")
        lines.append(
            f"  call void @llvm.memcpy.p0.p0.i64(ptr %{name}.{to}, ptr %{name}.{source}, "
            f"i64 {8 * place.size}, i1 false)"
        )
        start += place.size
    return lines


def _ends(name: str, buffer: str, start: int, place: Place) -> list[str]:
    return [
        f"  %{name}.buffer = getelementptr double, ptr {buffer}, i64 {start}",
        f"  %{name}.place = getelementptr double, ptr %{place.memory}, i64 {place.offset}",
    ]


def _results(function: StepFunction) -> list[str]:
    count = function.added.index(True) if any(function.added) else len(function.added)
    lines = _copies(function.writes[:count], "%m3", "out", to_memory=True)
    start = sum(place.size for place in function.writes[:count])
    for k, place in enumerate(function.writes[count:]):
        lines += _ends(f"sum{k}", "%m3", start, place)
        lines.append(
            f"  call void @add_to(ptr %sum{k}.place, ptr %sum{k}.buffer, i64 {place.size})"
        )
        start += place.size
    return lines
