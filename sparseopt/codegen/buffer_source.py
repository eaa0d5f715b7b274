"""Fixed functions between the buffers of a kernel and scattered places: gathering and scattering.

All have the signature ``(place, argument, buffer, size)``: the driver of kernels calls them by
address, once for a chunk of instances and for each row that is a buffer.  The argument is a stride,
or the address of index places.
"""

from __future__ import annotations

__all__ = ["buffer_source"]


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
    """Return the sum of a buffer into one place: in lanes, then across them, then the rest."""
    kind = f"<{lanes} x double>"
    total = f"@llvm.vector.reduce.fadd.v{lanes}f64"
    return f"""
declare double {total}(double, {kind})
define void @sum_into({_TO_PLACES}) nounwind {{
entry:
  %whole = and i64 %size, {-lanes}
  %any = icmp sgt i64 %whole, 0
  br i1 %any, label %vector, label %across
vector:
  %i = phi i64 [ 0, %entry ], [ %i.next, %vector ]
  %sum = phi {kind} [ zeroinitializer, %entry ], [ %sum.next, %vector ]
  %from = getelementptr double, ptr %values, i64 %i
  %value = load {kind}, ptr %from, align 8
  %sum.next = fadd {kind} %sum, %value
  %i.next = add nuw nsw i64 %i, {lanes}
  %more = icmp slt i64 %i.next, %whole
  br i1 %more, label %vector, label %across
across:
  %sum.end = phi {kind} [ zeroinitializer, %entry ], [ %sum.next, %vector ]
  %total = call double {total}(double -0.0, {kind} %sum.end)
  %old = load double, ptr %out
  %first = fadd double %old, %total
  %left = icmp slt i64 %whole, %size
  br i1 %left, label %single, label %exit
single:
  %j = phi i64 [ %whole, %across ], [ %j.next, %single ]
  %rest = phi double [ %first, %across ], [ %rest.next, %single ]
  %at = getelementptr double, ptr %values, i64 %j
  %one = load double, ptr %at
  %rest.next = fadd double %rest, %one
  %j.next = add nuw nsw i64 %j, 1
  %j.more = icmp slt i64 %j.next, %size
  br i1 %j.more, label %single, label %exit
exit:
  %result = phi double [ %first, %across ], [ %rest.next, %single ]
  store double %result, ptr %out
  ret void
}}
"""


def _load_loop(name: str, lanes: int, indexed: bool) -> str:
    """Return a loop that gathers whole vectors; the last overlaps the one before.

    A buffer is read in vectors right after, so it is written in vectors: a processor forwards what
    it has just stored only if it is asked for whole.  Fewer places than lanes are read one by one.
    """
    kind = f"<{lanes} x double>"
    lines, vector = [], "poison"
    for k in range(lanes):
        lines += [f"  %i{k} = add i64 %i, {k}", *_load(f"{k}", indexed)]
        lines.append(f"  %vector{k} = insertelement {kind} {vector}, double %value{k}, i64 {k}")
        vector = f"%vector{k}"
    body, single = "\n".join(lines), "\n".join(_load(".one", indexed))
    return f"""
define void @{name}({_FROM_PLACES}) nounwind {{
entry:
{_TABLE}  %last = sub i64 %size, {lanes}
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
        + _scatter_loop("add_indexed", indexed=True, add=True)
        + _scatter_loop("store_indexed", indexed=True, add=False)
        + _sum_loop(lanes)
        + _load_loop("load_strided", width, indexed=False)
        + _load_loop("load_indexed", width, indexed=True)
    )
