"""LLVM IR for formulas: the expressions of a template, on one lane or on several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.vector_math import VectorMath, literal, vector_type
from sparseopt.elements.expressions import ATOMS, ExpressionPool
from sparseopt.graph.functions import FUNCTIONS

__all__ = ["FormulaWriter"]

_ARITHMETIC = ("fadd", "fsub", "fmul", "fdiv", "fneg")
_SUMS = ("add", "subtract")


class FormulaWriter(ABC):
    """Writes formulas; a kind of code says where leaves and the tables of functions are read.

    Parameters
    ----------
    pool : ExpressionPool
    lanes : int
        Instances computed at once; 1 writes scalar code.
    math : VectorMath
        Collects what the module must declare.
    """

    def __init__(self, pool: ExpressionPool, lanes: int, math: VectorMath) -> None:
        self.pool = pool
        self.lanes = lanes
        self.math = math
        self.type = vector_type(lanes)
        self.entry: list[str] = []
        self.body: list[str] = []
        self.values: dict[int, str] = {}
        self.flags: dict[int, str] = {}
        self._fused: dict[int, int] = {}
        self._arguments: dict[int, tuple[int, ...]] = {}
        self._names = 0
        self._known: dict[object, str] = {}

    @abstractmethod
    def _leaf(self, number: int) -> str:
        """Return the value of a leaf."""

    @abstractmethod
    def _table(self, values: NDArray[np.float64]) -> tuple[str, str]:
        """Return a pointer to a function's table, and the number of its values."""

    # ---- small pieces
    def _emit(self, lines: list[str], text: str, prefix: str = "t") -> str:
        self._names += 1
        name = f"%{prefix}{self._names}"
        lines.append(f"  {name} = {text}")
        return name

    def _splat(self, lines: list[str], value: str) -> str:
        if self.lanes == 1:
            return value
        first = self._emit(lines, f"insertelement {self.type} poison, double {value}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self._emit(lines, f"shufflevector {self.type} {first}, {self.type} poison, {zeros}")

    # ---- expressions
    def prepare(self, outputs: Sequence[int]) -> None:
        """Find what each expression is computed from, before the first output is computed.

        Products are added with one rounding where nothing else reads them.  It is decided here, not
        by the code generator, whose choice would depend on its effort.
        """
        calls = self.pool.calls
        reachable = self.pool.reachable(outputs)
        arguments = {t: () if calls[t][0] in ATOMS else calls[t][1] for t in reachable}
        if self.math.has_multiply_add:
            uses = Counter(chain(outputs, *arguments.values()))
            for term in reachable:
                if calls[term][0] in _SUMS:
                    self._fuse(term, calls, uses, arguments)
        self._arguments = arguments

    def _fuse(
        self,
        term: int,
        calls: Sequence[tuple[str, Any]],
        uses: Mapping[int, int],
        arguments: dict[int, tuple[int, ...]],
    ) -> None:
        for position, argument in enumerate(arguments[term]):
            if calls[argument][0] == "multiply" and uses[argument] == 1:
                self._fused[term] = position
                arguments[term] = (*calls[argument][1], arguments[term][1 - position])
                return

    def compute(self, output: int) -> None:
        """Emit what an output needs right before it, so that few values wait in registers."""
        values, arguments = self.values, self._arguments
        stack = [output]
        while stack:
            term = stack[-1]
            missing = [a for a in arguments[term] if a not in values]
            if missing:
                stack += reversed(missing)
                continue
            stack.pop()
            if term not in values:
                values[term] = self._value(term)

    def _value(self, term: int) -> str:
        name, payload = self.pool.calls[term]
        if name == "leaf":
            return self._leaf(payload)
        if name == "literal":
            return literal(payload, self.lanes)
        kind, _, spelling = FUNCTIONS[name].llvm.partition(" ")
        operands = [self.values[a] for a in self._arguments[term]]
        if term in self._fused:
            return self._multiply_add(operands, kind == "fsub", self._fused[term])
        if kind in _ARITHMETIC:
            return self._emit(self.body, f"{kind} {self.type} {', '.join(operands)}")
        if kind == "compare":
            return self._compare(term, spelling, operands)
        if kind == "select":
            return self._select(payload, operands)
        if kind in ("search", "lookup"):
            return self._from_table(name, kind, spelling, operands[0])
        return self._function(kind, spelling, operands)

    def _negative(self, operand: str) -> str:
        return self._emit(self.body, f"fneg {self.type} {operand}")

    def _multiply_add(self, operands: list[str], is_difference: bool, position: int) -> str:
        if is_difference:
            subtracted = 2 if position == 0 else 0
            operands[subtracted] = self._negative(operands[subtracted])
        return self._function("intrinsic", "fma", operands)

    def _function(self, kind: str, name: str, operands: list[str]) -> str:
        if kind == "intrinsic":
            callee: str | None = self.math.intrinsic(name, self.lanes, len(operands))
        elif kind == "call":
            callee = self.math.vector_callee(name, self.lanes, len(operands))
        else:
            callee = None
        if callee is not None:
            arguments = ", ".join(f"{self.type} {o}" for o in operands)
            return self._emit(self.body, f"call {self.type} {callee}({arguments})")
        return self._by_lanes(kind, name, operands)

    def _by_lanes(self, kind: str, name: str, operands: list[str]) -> str:
        callee = self.math.scalar_callee(kind, name, len(operands))
        extra = ", i32 0" if kind == "scipy" else ""
        calls = []
        for lane in range(self.lanes):
            scalars = [self._lane(o, lane) for o in operands]
            arguments = ", ".join(f"double {s}" for s in scalars) + extra
            calls.append(f"call double {callee}({arguments})")
        return self._from_lanes(calls)

    def _lane(self, operand: str, lane: int) -> str:
        if self.lanes == 1:
            return operand
        return self._emit(self.body, f"extractelement {self.type} {operand}, i64 {lane}")

    def _compare(self, term: int, condition: str, operands: list[str]) -> str:
        flag = self._emit(
            self.body, f"fcmp {condition} {self.type} {operands[0]}, {operands[1]}", "c"
        )
        self.flags[term] = flag
        bits = "i1" if self.lanes == 1 else f"<{self.lanes} x i1>"
        return self._emit(self.body, f"uitofp {bits} {flag} to {self.type}")

    def _select(self, args: tuple[int, ...], operands: list[str]) -> str:
        flag = self.flags.get(args[0])
        if flag is None:
            zero = literal(0.0, self.lanes)
            flag = self._emit(self.body, f"fcmp une {self.type} {operands[0]}, {zero}", "c")
        bits = "i1" if self.lanes == 1 else f"<{self.lanes} x i1>"
        return self._emit(
            self.body,
            f"select {bits} {flag}, {self.type} {operands[1]}, {self.type} {operands[2]}",
        )

    # ---- functions of a table
    def _from_table(self, name: str, kind: str, side: str, operand: str) -> str:
        values = FUNCTIONS[name].table
        assert values is not None
        table, size = self._table(values)
        if kind == "search":
            lanes = [self._lane(operand, lane) for lane in range(self.lanes)]
            call = f"call double @search_{side}(ptr {table}, i64 {size}, double"
            return self._from_lanes([f"{call} {x})" for x in lanes])
        loads = []
        for place in self._table_places(operand, size):
            at = self._emit(self.body, f"getelementptr double, ptr {table}, i64 {place}", "a")
            loads.append(f"load double, ptr {at}")
        return self._from_lanes(loads)

    def _table_places(self, operand: str, size: str) -> list[str]:
        """Return the place of every lane; NaN and what is outside the table are moved inside."""
        key = ("inside", operand, size)
        if key not in self._known:
            last = self._emit(self.entry, f"sub i64 {size}, 1", "m")
            top = self._splat(self.entry, self._emit(self.entry, f"sitofp i64 {last} to double"))
            above = self._function("intrinsic", "maxnum", [operand, literal(0.0, self.lanes)])
            inside = self._function("intrinsic", "minnum", [above, top])
            lanes = [self._lane(inside, lane) for lane in range(self.lanes)]
            names = [self._emit(self.body, f"fptosi double {x} to i64", "l") for x in lanes]
            self._known[key] = " ".join(names)
        return self._known[key].split()

    def _from_lanes(self, scalars: list[str]) -> str:
        """Emit an instruction for each lane, and return the vector of their results."""
        vector = "poison"
        for lane, text in enumerate(scalars):
            value = self._emit(self.body, text)
            if self.lanes == 1:
                return value
            vector = self._emit(
                self.body, f"insertelement {self.type} {vector}, double {value}, i64 {lane}"
            )
        return vector
