"""Fixed functions between the buffers of a kernel and scattered places: gathering and scattering.

All have the signature ``(place, argument, buffer, size)``: the driver of kernels calls them by
address, once for a chunk of instances and for each row that is a buffer.  The argument is a stride,
or the address of index places.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["SUMMED_VECTORS", "buffer_source"]


SUMMED_VECTORS = 4
"""Vectors that are summed at a time: an addition takes about as many cycles."""

_TABLE = "  %table = inttoptr i64 %argument to ptr\n"
_TO_PLACES = "ptr noalias %out, i64 %argument, ptr noalias readonly %values, i64 %size"
_FROM_PLACES = "ptr noalias readonly %source, i64 %argument, ptr noalias %values, i64 %size"


def _place(tag: str, indexed: bool) -> list[str]:
    """Return the code that finds the place of instance ``%i``, with a tag to its names."""
    if not indexed:
        return [f"  %place{tag} = mul i64 %i{tag}, %argument"]
    return [
        f"  %at{tag} = getelementptr i32, ptr %table, i64 %i{tag}",
        f"  %narrow{tag} = load i32, ptr %at{tag}",
        f"  %place{tag} = sext i32 %narrow{tag} to i64",
    ]


def _scatter_loop(name: str, indexed: bool, add: bool) -> str:
    """Return a loop that adds or stores values at scattered places, one by one."""
    place = "\n".join(_place("", indexed))
    combine = "  %old = load double, ptr %to\n  %new = fadd double %old, %value\n" if add else ""
    result = "%new" if add else "%value"
    return f"""
define void @{name}({_TO_PLACES}) nounwind {{
entry:
{_TABLE}  %any = icmp sgt i64 %size, 0
  br i1 %any, label %loop, label %exit
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %from = getelementptr double, ptr %values, i64 %i
  %value = load double, ptr %from
{place}
  %to = getelementptr double, ptr %out, i64 %place
{combine}  store double {result}, ptr %to
  %i.next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %i.next, %size
  br i1 %more, label %loop, label %exit
exit:
  ret void
}}
"""


def _add_indexed(width: int) -> str:
    """Return a loop that adds whole vectors where places are neighbors, and one by one elsewhere.

    Entries are numbered one after the other, but for a few at the borders of what is discretized.
    """
    kind, places = f"<{width} x double>", f"<{width} x i32>"
    numbers = ", ".join(f"i32 {k}" for k in range(width))
    place = "\n".join(_place(".one", indexed=True))
    return f"""
define void @add_indexed({_TO_PLACES}) nounwind {{
entry:
{_TABLE}  br label %next
next:
  %i = phi i64 [ 0, %entry ], [ %end, %vector ], [ %i.next, %single ]
  %end = add i64 %i, {width}
  %is.whole = icmp sle i64 %end, %size
  br i1 %is.whole, label %look, label %rest
look:
  %at = getelementptr i32, ptr %table, i64 %i
  %places = load {places}, ptr %at, align 4
  %first = extractelement {places} %places, i64 0
  %first.one = insertelement {places} poison, i32 %first, i64 0
  %first.all = shufflevector {places} %first.one, {places} poison, {places} zeroinitializer
  %neighbors = add {places} %first.all, <{numbers}>
  %others = icmp ne {places} %places, %neighbors
  %scattered = call i1 @llvm.vector.reduce.or.v{width}i1(<{width} x i1> %others)
  br i1 %scattered, label %single, label %vector
vector:
  %whole.from = getelementptr double, ptr %values, i64 %i
  %whole = load {kind}, ptr %whole.from, align 8
  %first.place = sext i32 %first to i64
  %whole.to = getelementptr double, ptr %out, i64 %first.place
  %whole.old = load {kind}, ptr %whole.to, align 8
  %whole.new = fadd {kind} %whole.old, %whole
  store {kind} %whole.new, ptr %whole.to, align 8
  br label %next
rest:
  %some = icmp slt i64 %i, %size
  br i1 %some, label %single, label %exit
single:
  %i.one = phi i64 [ %i, %look ], [ %i, %rest ], [ %i.next, %single ]
  %stop = phi i64 [ %end, %look ], [ %size, %rest ], [ %stop, %single ]
{place}
  %to = getelementptr double, ptr %out, i64 %place.one
  %from = getelementptr double, ptr %values, i64 %i.one
  %value = load double, ptr %from
  %old = load double, ptr %to
  %new = fadd double %old, %value
  store double %new, ptr %to
  %i.next = add nuw nsw i64 %i.one, 1
  %more = icmp slt i64 %i.next, %stop
  br i1 %more, label %single, label %next
exit:
  ret void
}}
"""


_SUM_RUNS = f"""
; table: of each instance, its place and how many of the same follow, itself included
define void @sum_runs({_TO_PLACES}) nounwind {{
entry:
{_TABLE}  br label %run
run:
  %i = phi i64 [ 0, %entry ], [ %i.next, %run ]
  %at = getelementptr i64, ptr %table, i64 %i
  %narrow = load i32, ptr %at
  %place = sext i32 %narrow to i64
  %length.at = getelementptr i32, ptr %at, i64 1
  %length = load i32, ptr %length.at
  %all = zext i32 %length to i64
  %left = sub i64 %size, %i
  %ends = icmp slt i64 %all, %left
  %count = select i1 %ends, i64 %all, i64 %left
  %to = getelementptr double, ptr %out, i64 %place
  %from = getelementptr double, ptr %values, i64 %i
  call void @sum_into(ptr %to, i64 0, ptr %from, i64 %count)
  %i.next = add i64 %i, %count
  br i1 %ends, label %run, label %exit
exit:
  ret void
}}
"""


def _add_consecutive(lanes: int) -> str:
    """Return a consecutive loop over whole vectors, then over single values."""

    def step(tag: str, width: int, values: str) -> str:
        return (
            f"  %from.{tag} = getelementptr double, ptr %values, i64 %i.{tag}\n"
            f"  %value.{tag} = load {values}, ptr %from.{tag}, align 8\n"
            f"  %to.{tag} = getelementptr double, ptr %out, i64 %i.{tag}\n"
            f"  %old.{tag} = load {values}, ptr %to.{tag}, align 8\n"
            f"  %new.{tag} = fadd {values} %old.{tag}, %value.{tag}\n"
            f"  store {values} %new.{tag}, ptr %to.{tag}, align 8\n"
            f"  %next.{tag} = add nuw nsw i64 %i.{tag}, {width}\n"
        )

    return f"""
define void @add_consecutive({_TO_PLACES}) nounwind {{
entry:
  %whole = and i64 %size, {-lanes}
  %any = icmp sgt i64 %whole, 0
  br i1 %any, label %vector, label %rest
vector:
  %i.v = phi i64 [ 0, %entry ], [ %next.v, %vector ]
{step("v", lanes, f"<{lanes} x double>")}  %more.v = icmp slt i64 %next.v, %whole
  br i1 %more.v, label %vector, label %rest
rest:
  %left = icmp slt i64 %whole, %size
  br i1 %left, label %single, label %exit
single:
  %i.s = phi i64 [ %whole, %rest ], [ %next.s, %single ]
{step("s", 1, "double")}  %more.s = icmp slt i64 %next.s, %size
  br i1 %more.s, label %single, label %exit
exit:
  ret void
}}
"""


def _sum_loop(lanes: int) -> str:
    """Return the sum of a buffer into one place, in vectors that do not wait for each other.

    What the last group reads beyond the buffer's end counts as zero: a buffer has room for it
    (`sparseopt.codegen.operand_layout.KernelLayout.room`).
    """
    group = lanes * SUMMED_VECTORS
    kind, whole = f"<{lanes} x double>", f"<{lanes} x i64>"
    numbers = range(SUMMED_VECTORS)

    def phis(name: str, *sources: tuple[str, str]) -> str:
        return _lines(
            f"  %{name}{k} = phi {kind} "
            + ", ".join(f"[ {value.format(k=k)}, %{block} ]" for value, block in sources)
            for k in numbers
        )

    def loads(tag: str) -> str:
        return _lines(
            f"  %{tag}.at{k} = getelementptr {kind}, ptr %{tag}.from, i64 {k}\n"
            f"  %{tag}.value{k} = load {kind}, ptr %{tag}.at{k}, align 8"
            for k in numbers
        )

    added = _lines(f"  %next{k} = fadd {kind} %sum{k}, %loop.value{k}" for k in numbers)
    counted = _lines(
        f"  %counts{k} = icmp sgt {whole} %count.all, {_numbers(k * lanes, lanes)}\n"
        f"  %counted{k} = select <{lanes} x i1> %counts{k}, {kind} %rest.value{k}, "
        f"{kind} zeroinitializer\n"
        f"  %all{k} = fadd {kind} %most{k}, %counted{k}"
        for k in numbers
    )
    return f"""
define void @sum_into({_TO_PLACES}) nounwind {{
entry:
  %whole = and i64 %size, {-group}
  %any = icmp sgt i64 %whole, 0
  br i1 %any, label %loop, label %most
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
{phis("sum", ("zeroinitializer", "entry"), ("%next{k}", "loop"))}
  %loop.from = getelementptr double, ptr %values, i64 %i
{loads("loop")}
{added}
  %i.next = add nuw nsw i64 %i, {group}
  %more = icmp slt i64 %i.next, %whole
  br i1 %more, label %loop, label %most
most:
{phis("most", ("zeroinitializer", "entry"), ("%next{k}", "loop"))}
  %left = icmp slt i64 %whole, %size
  br i1 %left, label %rest, label %across
rest:
  %rest.from = getelementptr double, ptr %values, i64 %whole
{loads("rest")}
  %count = sub i64 %size, %whole
  %count.one = insertelement {whole} poison, i64 %count, i64 0
  %count.all = shufflevector {whole} %count.one, {whole} poison, <{lanes} x i32> zeroinitializer
{counted}
  br label %across
across:
{phis("total", ("%most{k}", "most"), ("%all{k}", "rest"))}
{_lines(_total(lanes))}
  %old = load double, ptr %out
  %result = fadd double %old, %total
  store double %result, ptr %out
  ret void
}}
"""


def _numbers(first: int, count: int) -> str:
    return "<" + ", ".join(f"i64 {first + k}" for k in range(count)) + ">"


def _total(lanes: int) -> list[str]:
    """Return the sum of the totals of a group: its second half is added to its first, and so on."""
    vectors = [f"%total{k}" for k in range(SUMMED_VECTORS)]
    lines = []
    while len(vectors) > 1:
        middle = len(vectors) // 2
        pairs = list(zip(vectors[:middle], vectors[middle:], strict=True))
        vectors = [f"{left}.and" for left, _ in pairs]
        lines += [
            f"  {left}.and = fadd <{lanes} x double> {left}, {right}" for left, right in pairs
        ]
    (total,) = vectors
    while lanes > 1:
        half = lanes // 2
        for name, first in (("low", 0), ("high", half)):
            places = ", ".join(f"i32 {first + k}" for k in range(half))
            lines.append(
                f"  %{name}{lanes} = shufflevector <{lanes} x double> {total}, "
                f"<{lanes} x double> poison, <{half} x i32> <{places}>"
            )
        total = f"%half{lanes}"
        lines.append(f"  {total} = fadd <{half} x double> %low{lanes}, %high{lanes}")
        lanes = half
    return [*lines, f"  %total = extractelement <1 x double> {total}, i64 0"]


def _short_sum(lanes: int) -> str:
    """Return the same sum, to the last bit, with less code: the totals of a group in memory."""
    group = lanes * SUMMED_VECTORS
    return f"""
define void @sum_into({_TO_PLACES}) nounwind {{
entry:
  %totals = alloca [{group} x double], align 64
  call void @llvm.memset.p0.i64(ptr %totals, i8 0, i64 {8 * group}, i1 false)
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %add ]
  %more = icmp slt i64 %i, %size
  br i1 %more, label %add, label %half
add:
  %from = getelementptr double, ptr %values, i64 %i
  %value = load double, ptr %from
  %k = and i64 %i, {group - 1}
  %at = getelementptr double, ptr %totals, i64 %k
  %before = load double, ptr %at
  %after = fadd double %before, %value
  store double %after, ptr %at
  %i.next = add i64 %i, 1
  br label %loop
half:
  %width = phi i64 [ {group // 2}, %loop ], [ %narrow, %fold ]
  %folds = icmp sgt i64 %width, 0
  br i1 %folds, label %fold, label %across
fold:
  %j = phi i64 [ 0, %half ], [ %j.next, %fold ]
  %low.at = getelementptr double, ptr %totals, i64 %j
  %high.at = getelementptr double, ptr %low.at, i64 %width
  %low = load double, ptr %low.at
  %high = load double, ptr %high.at
  %both = fadd double %low, %high
  store double %both, ptr %low.at
  %j.next = add i64 %j, 1
  %narrow = lshr i64 %width, 1
  %j.more = icmp slt i64 %j.next, %width
  br i1 %j.more, label %fold, label %half
across:
  %total = load double, ptr %totals
  %old = load double, ptr %out
  %result = fadd double %old, %total
  store double %result, ptr %out
  ret void
}}
"""


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _load_loop(name: str, lanes: int, indexed: bool) -> str:
    """Return a loop that gathers whole vectors; the last overlaps the one before.

    A buffer is read in vectors right after, so it is written in vectors: a processor forwards what
    it has just stored only if it is asked for whole.  Fewer places than lanes are read one by one.
    """
    kind = f"<{lanes} x double>"
    lines, vector = [], "poison"
    # A multiplication for each place would take longer than all else.
    skips = [] if indexed else [f"  %skip{k} = mul i64 %argument, {k}\n" for k in range(1, lanes)]
    for k in range(lanes):
        if k and skips:
            lines.append(f"  %from{k} = getelementptr double, ptr %from0, i64 %skip{k}")
            lines.append(f"  %value{k} = load double, ptr %from{k}")
        else:
            lines += [f"  %i{k} = add i64 %i, {k}", *_load(f"{k}", indexed)]
        lines.append(f"  %vector{k} = insertelement {kind} {vector}, double %value{k}, i64 {k}")
        vector = f"%vector{k}"
    body, single = "\n".join(lines), "\n".join(_load(".one", indexed))
    return f"""
define void @{name}({_FROM_PLACES}) nounwind {{
entry:
{_TABLE}{"".join(skips)}  %last = sub i64 %size, {lanes}
  %few = icmp slt i64 %last, 0
  br i1 %few, label %single, label %loop
loop:
  %j = phi i64 [ 0, %entry ], [ %j.next, %loop ]
  %late = icmp sgt i64 %j, %last
  %i = select i1 %late, i64 %last, i64 %j
{body}
  %to = getelementptr double, ptr %values, i64 %i
  store {kind} {vector}, ptr %to, align 8
  %j.next = add i64 %j, {lanes}
  %more = icmp slt i64 %j.next, %size
  br i1 %more, label %loop, label %exit
single:
  %i.one = phi i64 [ 0, %entry ], [ %one.next, %single ]
{single}
  %to.one = getelementptr double, ptr %values, i64 %i.one
  store double %value.one, ptr %to.one
  %one.next = add i64 %i.one, 1
  %one.more = icmp slt i64 %one.next, %size
  br i1 %one.more, label %single, label %exit
exit:
  ret void
}}
"""


def _load(tag: str, indexed: bool) -> list[str]:
    return [
        *_place(tag, indexed),
        f"  %from{tag} = getelementptr double, ptr %source, i64 %place{tag}",
        f"  %value{tag} = load double, ptr %from{tag}",
    ]


def buffer_source(lanes: int, width: int) -> str:
    """Return the functions for a processor with ``lanes`` doubles to a vector.

    What is moved is moved in vectors of ``width`` doubles, with the same results for any; code for
    1 is compiled sooner.  Sums depend on ``lanes``.
    """
    return (
        _add_consecutive(width)
        + _scatter_loop("add_strided", indexed=False, add=True)
        + _scatter_loop("store_strided", indexed=False, add=False)
        + (_add_indexed(width) if width > 1 else _scatter_loop("add_indexed", True, add=True))
        + _scatter_loop("store_indexed", indexed=True, add=False)
        + (_sum_loop(lanes) if width > 1 else _short_sum(lanes))
        + _SUM_RUNS
        + _load_loop("load_strided", width, indexed=False)
        + _load_loop("load_indexed", width, indexed=True)
    )
