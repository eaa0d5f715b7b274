"""The driver of kernels: which instances a chunk holds, and where its rows are.

A kernel's table of numbers (`sparseopt.codegen.operand_layout.KernelLayout.words`):

    body, chunk, run length or 0, affine rows, rows read, rows written, bytes of buffers
    base, start, step and run step of the affine rows: four columns
    of each row read, then written: base, start, step, run step, run starts or 0,
    function or 0, argument, argument step, buffer

Affine rows are memory whose address is affine in run and instance, which is found for several rows
at once.  Other rows that are read are memory too, or gathered into buffers; rows that are written
are buffers that are scattered after the kernel's code has run.  Chunks of a run are of nearly equal
length, so that none is shorter than a vector.
"""

from __future__ import annotations

__all__ = ["driver_source"]

_ROW_FIELDS = (
    "base", "start", "step", "run", "runs", "function", "argument", "argument_step", "buffer"
)  # fmt: skip
_HEADER = ("chunk", "length", "affine", "read", "written", "bytes")


def driver_source(width: int) -> str:
    """Return ``run_kernel``, a task's function, that finds rows in vectors of so many."""
    kind = f"<{width} x i64>"
    splats = "\n".join(
        f"  %{name}.one = insertelement {kind} poison, i64 %{name}, i64 0\n"
        f"  %{name}.all = shufflevector {kind} %{name}.one, {kind} poison, "
        f"<{width} x i32> zeroinitializer"
        for name in ("low", "o")
    )
    fields = "\n".join(_loaded(name, "%row", k) for k, name in enumerate(_ROW_FIELDS))
    header = "\n".join(_loaded(name, "%meta", k + 1) for k, name in enumerate(_HEADER))
    return (
        _MOVE.format(fields=fields, words=len(_ROW_FIELDS))
        + _PROLOGUE.format(header=header, first=1 + len(_HEADER))
        + _CHUNKS.format(kind=kind, width=width, splats=splats, words=len(_ROW_FIELDS))
    )


def _loaded(name: str, table: str, position: int) -> str:
    at = f"  %{name}.at = getelementptr i64, ptr {table}, i64 {position}"
    return f"{at}\n  %{name} = load i64, ptr %{name}.at"


_MOVE = """
define void @move_rows(i64 %count, ptr %first, ptr %rows, ptr %bases, ptr %buffers, i64 %o,
                       i64 %low, i64 %g.low, i64 %size) nounwind {{
entry:
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %next, label %exit
next:
  %r = phi i64 [ 0, %entry ], [ %r.next, %done ]
  %r.word = mul i64 %r, {words}
  %row = getelementptr i64, ptr %first, i64 %r.word
{fields}
  %memory.at = getelementptr i64, ptr %bases, i64 %base
  %memory = load i64, ptr %memory.at
  %inner = mul i64 %step, %low
  %outer = mul i64 %run, %o
  %begin = add i64 %memory, %start
  %begin.inner = add i64 %begin, %inner
  %begin.outer = add i64 %begin.inner, %outer
  %listed = icmp ne i64 %runs, 0
  br i1 %listed, label %list, label %found
list:
  %runs.list = inttoptr i64 %runs to ptr
  %item.at = getelementptr i64, ptr %runs.list, i64 %o
  %item = load i64, ptr %item.at
  br label %found
found:
  %skip = phi i64 [ 0, %next ], [ %item, %list ]
  %place = add i64 %begin.outer, %skip
  %place.at = getelementptr i64, ptr %rows, i64 %r
  store i64 %place, ptr %place.at
  %moved = icmp ne i64 %function, 0
  br i1 %moved, label %move, label %done
move:
  %further = mul i64 %argument_step, %g.low
  %given = add i64 %argument, %further
  %store = getelementptr i8, ptr %buffers, i64 %buffer
  %mover = inttoptr i64 %function to ptr
  call void %mover(i64 %place, i64 %given, ptr %store, i64 %size)
  br label %done
done:
  %r.next = add i64 %r, 1
  %more = icmp slt i64 %r.next, %count
  br i1 %more, label %next, label %exit
exit:
  ret void
}}
"""

_PROLOGUE = """
define void @run_kernel(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables) nounwind {{
entry:
  %body = load ptr, ptr %meta
{header}
  %base.column = getelementptr i64, ptr %meta, i64 {first}
  %start.column = getelementptr i64, ptr %base.column, i64 %affine
  %step.column = getelementptr i64, ptr %start.column, i64 %affine
  %run.column = getelementptr i64, ptr %step.column, i64 %affine
  %reads = getelementptr i64, ptr %run.column, i64 %affine
  %others = add i64 %read, %written
  %count = add i64 %affine, %others
  %rows = alloca i64, i64 %count, align 64
  %origins = alloca i64, i64 %affine, align 64
  %buffers = alloca i8, i64 %bytes, align 64
  %rows.read = getelementptr i64, ptr %rows, i64 %affine
  %rows.written = getelementptr i64, ptr %rows.read, i64 %read
  %any.affine = icmp sgt i64 %affine, 0
  br i1 %any.affine, label %origin, label %begin
origin:
  %a = phi i64 [ 0, %entry ], [ %a.next, %origin ]
  %a.base.at = getelementptr i64, ptr %base.column, i64 %a
  %a.base = load i64, ptr %a.base.at
  %a.absolute = icmp slt i64 %a.base, 0
  %a.slot = select i1 %a.absolute, i64 0, i64 %a.base
  %a.memory.at = getelementptr i64, ptr %bases, i64 %a.slot
  %a.memory = load i64, ptr %a.memory.at
  %a.from = select i1 %a.absolute, i64 0, i64 %a.memory
  %a.start.at = getelementptr i64, ptr %start.column, i64 %a
  %a.start = load i64, ptr %a.start.at
  %a.origin = add i64 %a.from, %a.start
  %a.origin.at = getelementptr i64, ptr %origins, i64 %a
  store i64 %a.origin, ptr %a.origin.at
  %a.next = add i64 %a, 1
  %a.more = icmp slt i64 %a.next, %affine
  br i1 %a.more, label %origin, label %begin
"""

_CHUNKS = """begin:
  %nested = icmp sgt i64 %length, 0
  %span = sub i64 %stop, %start
  %total = select i1 %nested, i64 %length, i64 %span
  %from = select i1 %nested, i64 0, i64 %start
  %o.first = select i1 %nested, i64 %start, i64 0
  %o.last = select i1 %nested, i64 %stop, i64 1
  %some.total = icmp sgt i64 %total, 0
  %some.runs = icmp slt i64 %o.first, %o.last
  %some = and i1 %some.total, %some.runs
  br i1 %some, label %measure, label %exit
measure:
  %fits = icmp sle i64 %total, %chunk
  br i1 %fits, label %divided, label %divide
divide:
  %total.up = add i64 %total, %chunk
  %total.most = sub i64 %total.up, 1
  %chunks.several = sdiv i64 %total.most, %chunk
  %least.several = sdiv i64 %total, %chunks.several
  %even = mul i64 %least.several, %chunks.several
  %longer.several = sub i64 %total, %even
  br label %divided
divided:
  ; most tasks of small problems are one chunk: nothing to divide
  %chunks = phi i64 [ 1, %measure ], [ %chunks.several, %divide ]
  %least = phi i64 [ %total, %measure ], [ %least.several, %divide ]
  %longer = phi i64 [ 0, %measure ], [ %longer.several, %divide ]
  %read.words = mul i64 %read, {words}
  %writes = getelementptr i64, ptr %reads, i64 %read.words
  br label %run.begin
run.begin:
  %o = phi i64 [ %o.first, %divided ], [ %o.next, %run.done ]
  %g.run = mul i64 %o, %length
  br label %chunk.begin
chunk.begin:
  %k = phi i64 [ 0, %run.begin ], [ %k.next, %compute ]
  %low = phi i64 [ %from, %run.begin ], [ %low.next, %compute ]
  %is.longer = icmp slt i64 %k, %longer
  %extra = zext i1 %is.longer to i64
  %size = add i64 %least, %extra
  %low.next = add i64 %low, %size
  %g.low = add i64 %low, %g.run
{splats}
  br i1 %any.affine, label %affine.rows, label %compute
affine.rows:
  %v = phi i64 [ 0, %chunk.begin ], [ %v.next, %affine.rows ]
  %v.origin.at = getelementptr i64, ptr %origins, i64 %v
  %v.origin = load {kind}, ptr %v.origin.at, align 8
  %v.step.at = getelementptr i64, ptr %step.column, i64 %v
  %v.step = load {kind}, ptr %v.step.at, align 8
  %v.run.at = getelementptr i64, ptr %run.column, i64 %v
  %v.run = load {kind}, ptr %v.run.at, align 8
  %v.inner = mul {kind} %v.step, %low.all
  %v.outer = mul {kind} %v.run, %o.all
  %v.first = add {kind} %v.origin, %v.inner
  %v.place = add {kind} %v.first, %v.outer
  %v.row = getelementptr i64, ptr %rows, i64 %v
  store {kind} %v.place, ptr %v.row, align 8
  %v.next = add i64 %v, {width}
  %v.more = icmp slt i64 %v.next, %affine
  br i1 %v.more, label %affine.rows, label %compute
compute:
  call void @move_rows(i64 %read, ptr %reads, ptr %rows.read, ptr %bases, ptr %buffers, i64 %o,
                       i64 %low, i64 %g.low, i64 %size)
  call void %body(i64 %size, ptr %rows, ptr %buffers)
  call void @move_rows(i64 %written, ptr %writes, ptr %rows.written, ptr %bases, ptr %buffers,
                       i64 %o, i64 %low, i64 %g.low, i64 %size)
  %k.next = add i64 %k, 1
  %k.more = icmp slt i64 %k.next, %chunks
  br i1 %k.more, label %chunk.begin, label %run.done
run.done:
  %o.next = add i64 %o, 1
  %o.more = icmp slt i64 %o.next, %o.last
  br i1 %o.more, label %run.begin, label %exit
exit:
  ret void
}}
"""
