"""LLVM IR for one kernel: load leaves, evaluate the template, store or scatter the outputs.

The code is vector code from the start: one SIMD lane is one instance, and a function call takes a
whole vector, so that nothing depends on an optimizer's recognizing a loop, and compilation is
little more than instruction selection.  Instances run in chunks whose results stay in the L1 cache;
what several values add to is added from there, one output at a time, because consecutive
overlapping additions would wait for each other's stores.  The last vector of a chunk overlaps the
one before; computing an instance twice is harmless, since only whole chunks are added.
"""

from __future__ import annotations

from sparseopt.codegen.operand_layout import Access, KernelLayout
from sparseopt.codegen.vector_math import VectorMath, literal, vector_type
from sparseopt.elements.expressions import Expression, ExpressionPool
from sparseopt.elements.tasks import Base, Kernel
from sparseopt.graph.functions import FUNCTIONS

__all__ = ["KernelWriter", "lowered_terms"]

CHUNK_BYTES = 24 * 1024
MAX_CHUNK = 512


def lowered_terms(pool: ExpressionPool, terms: tuple[int, ...]) -> tuple[int, ...]:
    """Return the terms with functions that have no spelling written out in others."""
    lowered: dict[int, int] = {}

    def lower(outputs: list[int]) -> list[int]:
        for term in pool.reachable(outputs):
            if term in lowered:
                continue
            name, payload = pool.calls[term]
            if name in ("leaf", "literal"):
                lowered[term] = term
                continue
            args = tuple(lowered[a] for a in payload)
            expand = FUNCTIONS[name].expand
            if expand is None:
                lowered[term] = term if args == payload else pool.make(name, *args)
            else:
                written = expand(pool.functions, *(Expression(pool, a) for a in args))
                lowered[term] = lower([written.term])[0]
        return [lowered[o] for o in outputs]

    return tuple(lower(list(terms)))


class KernelWriter:
    """Writes the function of one kernel.

    Parameters
    ----------
    pool, kernel : the kernel and the pool of its expressions
    lanes : int
        Instances computed at once; 1 writes scalar code.
    math : VectorMath
    """

    def __init__(self, pool: ExpressionPool, kernel: Kernel, lanes: int, math: VectorMath) -> None:
        self.pool = pool
        self.kernel = kernel
        self.lanes = lanes
        self.math = math
        self.layout = KernelLayout(kernel, lanes)
        self.type = vector_type(lanes)
        self.entry: list[str] = []
        self.run: list[str] = []
        self.body: list[str] = []
        self.after: list[str] = []
        self.values: dict[int, str] = {}
        self.flags: dict[int, str] = {}
        self._names = 0
        self._bases: set[Base] = set()
        self._loaded: dict[object, str] = {}
        self.num_buffers = 0

    @property
    def is_single(self) -> bool:
        """Whether there is one instance: no loops are written."""
        return self.kernel.count == 1

    def write(self, name: str) -> str:
        """Return the text of the function ``name(start, stop, bases, meta, tables)``."""
        terms = lowered_terms(self.pool, self.kernel.terms)
        for term, target in zip(terms, self.kernel.targets, strict=True):
            self._compute(term)
            access = self.layout.access(target.index)
            self._output(self.values[term], access, target.base, target.store)
        return self._assemble(name)

    # ---- small pieces
    def _name(self, prefix: str = "t") -> str:
        self._names += 1
        return f"%{prefix}{self._names}"

    def _emit(self, lines: list[str], text: str, prefix: str = "t") -> str:
        name = self._name(prefix)
        lines.append(f"  {name} = {text}")
        return name

    def _meta(self, number: int) -> str:
        key = ("meta", number)
        if key not in self._loaded:
            at = self._emit(self.entry, f"getelementptr i64, ptr %meta, i64 {number}", "m")
            self._loaded[key] = self._emit(self.entry, f"load i64, ptr {at}", "m")
        return self._loaded[key]

    def _table(self, number: int) -> str:
        key = ("table", number)
        if key not in self._loaded:
            at = self._emit(self.entry, f"getelementptr ptr, ptr %tables, i64 {number}", "p")
            self._loaded[key] = self._emit(self.entry, f"load ptr, ptr {at}", "p")
        return self._loaded[key]

    def _base(self, base: Base) -> str:
        if base not in self._bases:
            self._bases.add(base)
            self.entry.append(f"  %at{base} = getelementptr ptr, ptr %bases, i64 {int(base)}")
            self.entry.append(f"  %base{base} = load ptr, ptr %at{base}")
        return f"%base{base}"

    def _start(self, access: Access) -> str:
        """Return the first place of the current run, as an i64."""
        key = ("start", access)
        if key in self._loaded:
            return self._loaded[key]
        start = self._meta(access.meta)
        if self.layout.is_nested and access.kind != "table":
            if access.run_table >= 0:
                table = self._table(access.run_table)
                at = self._emit(self.run, f"getelementptr i64, ptr {table}, i64 %o", "r")
                start = self._emit(self.run, f"load i64, ptr {at}", "r")
            else:
                step = self._emit(
                    self.run, f"mul i64 {self._meta(access.run_stride_meta)}, %o", "r"
                )
                start = self._emit(self.run, f"add i64 {start}, {step}", "r")
        self._loaded[key] = start
        return start

    def _pointer(self, base: Base, access: Access) -> str:
        """Return a pointer to the first place of the current run."""
        key = ("pointer", base, access)
        if key not in self._loaded:
            start, where = self._start(access), self._base(base)
            self._loaded[key] = self._emit(
                self.run, f"getelementptr double, ptr {where}, i64 {start}", "q"
            )
        return self._loaded[key]

    # ---- leaves
    def _leaf(self, number: int) -> str:
        operand = self.kernel.operands[number]
        if operand.base is None:
            assert operand.values is not None
            table = self._table(self.layout.data(operand.values))
            return self._load_vector(table, "%g")
        assert operand.index is not None
        access = self.layout.access(operand.index)
        pointer = self._pointer(operand.base, access)
        if access.kind == "fixed":
            value = self._emit(self.run, f"load double, ptr {pointer}")
            return self._splat(self.run, value)
        if access.kind == "consecutive":
            return self._load_vector(pointer, "%i")
        return self._load_lanes(pointer, access)

    def _load_vector(self, pointer: str, at: str) -> str:
        place = self._emit(self.body, f"getelementptr double, ptr {pointer}, i64 {at}", "a")
        return self._emit(self.body, f"load {self.type}, ptr {place}, align 8")

    def _splat(self, lines: list[str], value: str) -> str:
        if self.lanes == 1:
            return value
        first = self._emit(lines, f"insertelement {self.type} poison, double {value}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self._emit(lines, f"shufflevector {self.type} {first}, {self.type} poison, {zeros}")

    def _places(self, access: Access) -> list[str]:
        """Return the place of every lane, relative to the start of the run."""
        key = ("places", access.kind, access.table, access.stride_meta)
        found = self._loaded.get(key)
        if found is None:
            names = [self._place(access, lane) for lane in range(self.lanes)]
            found = self._loaded[key] = " ".join(names)
        return found.split()

    def _place(self, access: Access, lane: int) -> str:
        origin = "%g" if access.kind == "table" else "%i"
        at = origin if lane == 0 else self._emit(self.body, f"add i64 {origin}, {lane}", "l")
        if access.kind == "strided":
            return self._emit(self.body, f"mul i64 {at}, {self._meta(access.stride_meta)}", "l")
        table = self._table(access.table)
        where = self._emit(self.body, f"getelementptr i32, ptr {table}, i64 {at}", "l")
        narrow = self._emit(self.body, f"load i32, ptr {where}", "l")
        return self._emit(self.body, f"sext i32 {narrow} to i64", "l")

    def _load_lanes(self, pointer: str, access: Access) -> str:
        vector = "poison"
        for lane, place in enumerate(self._places(access)):
            at = self._emit(self.body, f"getelementptr double, ptr {pointer}, i64 {place}", "a")
            value = self._emit(self.body, f"load double, ptr {at}")
            if self.lanes == 1:
                return value
            vector = self._emit(
                self.body, f"insertelement {self.type} {vector}, double {value}, i64 {lane}"
            )
        return vector

    # ---- expressions
    def _compute(self, output: int) -> None:
        """Emit what an output needs right before it, so that few values wait in registers."""
        stack = [output]
        while stack:
            term = stack[-1]
            name, payload = self.pool.calls[term]
            arguments = () if name in ("leaf", "literal") else payload
            missing = [a for a in arguments if a not in self.values]
            if missing:
                stack += reversed(missing)
                continue
            stack.pop()
            if term not in self.values:
                self._term(term)

    def _term(self, term: int) -> None:
        name, payload = self.pool.calls[term]
        if name == "leaf":
            self.values[term] = self._leaf(payload)
        elif name == "literal":
            self.values[term] = literal(payload, self.lanes)
        else:
            self.values[term] = self._call(term, name, payload)

    def _call(self, term: int, name: str, args: tuple[int, ...]) -> str:
        kind, _, spelling = FUNCTIONS[name].llvm.partition(" ")
        operands = [self.values[a] for a in args]
        if kind == "fneg":
            return self._emit(self.body, f"fneg contract {self.type} {operands[0]}")
        if kind in ("fadd", "fsub", "fmul", "fdiv"):
            return self._emit(
                self.body, f"{kind} contract {self.type} {operands[0]}, {operands[1]}"
            )
        if kind == "compare":
            return self._compare(term, spelling, operands)
        if kind == "select":
            return self._select(args, operands)
        if kind in ("search", "lookup"):
            return self._from_table(name, kind, spelling, operands[0])
        return self._function(kind, spelling, operands)

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
        number, size = self.layout.lookup(values, name)
        table = self._table(number)
        if kind == "search":
            lanes = [self._lane(operand, lane) for lane in range(self.lanes)]
            call = f"call double @search_{side}(ptr {table}, i64 {self._meta(size)}, double"
            return self._from_lanes([f"{call} {x})" for x in lanes])
        loads = []
        for place in self._table_places(operand, size):
            at = self._emit(self.body, f"getelementptr double, ptr {table}, i64 {place}", "a")
            loads.append(f"load double, ptr {at}")
        return self._from_lanes(loads)

    def _table_places(self, operand: str, size: int) -> list[str]:
        """Return the place of every lane; NaN and what is outside the table are moved inside."""
        key = ("inside", operand, size)
        if key not in self._loaded:
            last = self._emit(self.entry, f"sub i64 {self._meta(size)}, 1", "m")
            top = self._splat(self.entry, self._emit(self.entry, f"sitofp i64 {last} to double"))
            above = self._function("intrinsic", "maxnum", [operand, literal(0.0, self.lanes)])
            inside = self._function("intrinsic", "minnum", [above, top])
            lanes = [self._lane(inside, lane) for lane in range(self.lanes)]
            names = [self._emit(self.body, f"fptosi double {x} to i64", "l") for x in lanes]
            self._loaded[key] = " ".join(names)
        return self._loaded[key].split()

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

    # ---- outputs
    def _output(self, value: str, access: Access, base: Base, store: bool) -> None:
        pointer = self._pointer(base, access)
        if self.is_single:
            self._single_output(value, pointer, access, store)
        elif store and access.kind == "consecutive":
            place = self._emit(self.body, f"getelementptr double, ptr {pointer}, i64 %i", "a")
            self.body.append(f"  store {self.type} {value}, ptr {place}, align 8")
        else:
            self._buffered_output(value, pointer, access, store)

    def _single_output(self, value: str, pointer: str, access: Access, store: bool) -> None:
        if access.kind == "table":
            raise AssertionError("one instance has one place")
        if not store:
            old = self._emit(self.body, f"load double, ptr {pointer}")
            value = self._emit(self.body, f"fadd double {old}, {value}")
        self.body.append(f"  store double {value}, ptr {pointer}")

    def _buffered_output(self, value: str, pointer: str, access: Access, store: bool) -> None:
        buffer = f"%buffer{self.num_buffers}"
        self.num_buffers += 1
        place = self._emit(self.body, f"getelementptr double, ptr {buffer}, i64 %j.at", "a")
        self.body.append(f"  store {self.type} {value}, ptr {place}, align 8")
        if access.kind == "fixed":
            self.after.append(f"  call void @sum_into(ptr {pointer}, ptr {buffer}, i64 %length)")
            return
        verb = "store" if store else "add"
        if access.kind == "table":
            table = self._table(access.table)
            at = self._emit(self.after, f"getelementptr i32, ptr {table}, i64 %g.low", "a")
            arguments = f"ptr {pointer}, ptr {at}, ptr {buffer}, i64 %length"
        else:
            stride = "1" if access.kind == "consecutive" else self._meta(access.stride_meta)
            skip = self._emit(self.after, f"mul i64 %low, {stride}", "a")
            at = self._emit(self.after, f"getelementptr double, ptr {pointer}, i64 {skip}", "a")
            arguments = f"ptr {at}, i64 {stride}, ptr {buffer}, i64 %length"
        kind = {"table": "indexed", "strided": "strided", "consecutive": "consecutive"}
        self.after.append(f"  call void @{verb}_{kind[access.kind]}({arguments})")

    # ---- the function
    @property
    def chunk(self) -> int:
        """Instances of one chunk: its buffers fit into the L1 cache."""
        fitting = CHUNK_BYTES // (8 * max(1, self.num_buffers))
        return max(2 * self.lanes, min(MAX_CHUNK, fitting // self.lanes * self.lanes))

    def _assemble(self, name: str) -> str:
        if self.is_single:
            first = ["  %i = add i64 0, 0", "  %g = add i64 0, 0"]
            lines = [*first, *self.entry, *self.run, *self.body, "  ret void"]
        elif self.layout.is_nested:
            lines = self._nested_loops()
        else:
            lines = self._flat_loops()
        header = (
            f"define void @{name}(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables) "
            "nounwind {\nentry:\n"
        )
        return header + "\n".join(lines) + "\n}\n"

    def _buffers(self) -> list[str]:
        # A chunk is at least half of its nominal length, but may exceed it by rounding.
        room = self.chunk + self.lanes
        return [
            f"  %buffer{k} = alloca [{room} x double], align 64" for k in range(self.num_buffers)
        ]

    def _flat_loops(self) -> list[str]:
        return [
            *self._buffers(),
            *self.entry,
            *self.run,
            "  %total = sub i64 %stop, %start",
            *self._chunk_loop("%start", "entry", "exit"),
            "exit:",
            "  ret void",
        ]

    def _nested_loops(self) -> list[str]:
        length = self._meta(0)
        return [
            *self._buffers(),
            *self.entry,
            f"  %total = add i64 {length}, 0",
            "  %any = icmp slt i64 %start, %stop",
            "  br i1 %any, label %runs, label %exit",
            "runs:",
            "  %o = phi i64 [ %start, %entry ], [ %o.next, %run.done ]",
            "  %g.run = mul i64 %o, %total",
            *self.run,
            *self._chunk_loop("0", "runs", "run.done"),
            "run.done:",
            "  %o.next = add i64 %o, 1",
            "  %o.more = icmp slt i64 %o.next, %stop",
            "  br i1 %o.more, label %runs, label %exit",
            "exit:",
            "  ret void",
        ]

    def _chunk_loop(self, origin: str, before: str, done: str) -> list[str]:
        """Chunks of nearly equal length over ``origin … origin + total``."""
        global_index = "%g.run" if self.layout.is_nested else "0"
        return [
            f"  %total.up = add i64 %total, {self.chunk - 1}",
            f"  %chunks = sdiv i64 %total.up, {self.chunk}",
            "  %some = icmp sgt i64 %chunks, 0",
            f"  br i1 %some, label %chunk, label %{done}",
            "chunk:",
            f"  %k = phi i64 [ 0, %{before} ], [ %k.next, %chunk.done ]",
            "  %k.next = add i64 %k, 1",
            "  %scaled.low = mul i64 %total, %k",
            "  %scaled.high = mul i64 %total, %k.next",
            "  %first = sdiv i64 %scaled.low, %chunks",
            "  %last = sdiv i64 %scaled.high, %chunks",
            "  %length = sub i64 %last, %first",
            f"  %low = add i64 {origin}, %first",
            f"  %g.low = add i64 %low, {global_index}",
            f"  %j.end = sub i64 %length, {self.lanes}",
            "  br label %vector",
            "vector:",
            "  %j = phi i64 [ 0, %chunk ], [ %j.next, %vector ]",
            "  %j.late = icmp sgt i64 %j, %j.end",
            "  %j.at = select i1 %j.late, i64 %j.end, i64 %j",
            "  %i = add i64 %low, %j.at",
            f"  %g = add i64 %i, {global_index}",
            *self.body,
            f"  %j.next = add i64 %j, {self.lanes}",
            "  %j.more = icmp slt i64 %j.next, %length",
            "  br i1 %j.more, label %vector, label %chunk.done",
            "chunk.done:",
            *self.after,
            "  %k.more = icmp slt i64 %k.next, %chunks",
            f"  br i1 %k.more, label %chunk, label %{done}",
        ]
