"""The fixed part of generated code: scatter loops, which kernels call by name, and other tasks.

Each group is a module of its own, compiled when something needs it.
"""

from __future__ import annotations

__all__ = [
    "SCATTER_DECLARATIONS",
    "SCATTER_NAMES",
    "fill_source",
    "gather_source",
    "scatter_source",
]


def _loop(name: str, arguments: str, places: str, place: str, add: bool) -> str:
    combine = "  %old = load double, ptr %to\n  %new = fadd double %old, %value\n" if add else ""
    result = "%new" if add else "%value"
    return f"""
define void @{name}({arguments}) nounwind {{
entry:
  %any = icmp sgt i64 %size, 0
  br i1 %any, label %loop, label %exit
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %from = getelementptr double, ptr %values, i64 %i
  %value = load double, ptr %from
{places}  %to = getelementptr double, ptr %out, i64 {place}
{combine}  store double {result}, ptr %to
  %i.next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %i.next, %size
  br i1 %more, label %loop, label %exit
exit:
  ret void
}}
"""


_INDEXED = (
    "  %at = getelementptr i32, ptr %places, i64 %i\n"
    "  %narrow = load i32, ptr %at\n"
    "  %place = sext i32 %narrow to i64\n"
)
_STRIDED = "  %place = mul i64 %i, %stride\n"
_BUFFER = "ptr noalias readonly %values, i64 %size"


def _vector_loop(name: str, lanes: int, add: bool) -> str:
    """Return a consecutive loop over whole vectors, then over single values."""
    kind = f"<{lanes} x double>"

    def step(tag: str, width: int, values: str) -> str:
        combine = f"  %old.{tag} = load {values}, ptr %to.{tag}, align 8\n" if add else ""
        if add:
            combine += f"  %new.{tag} = fadd {values} %old.{tag}, %value.{tag}\n"
        result = "new" if add else "value"
        return (
            f"  %from.{tag} = getelementptr double, ptr %values, i64 %i.{tag}\n"
            f"  %value.{tag} = load {values}, ptr %from.{tag}, align 8\n"
            f"  %to.{tag} = getelementptr double, ptr %out, i64 %i.{tag}\n"
            f"{combine}  store {values} %{result}.{tag}, ptr %to.{tag}, align 8\n"
            f"  %next.{tag} = add nuw nsw i64 %i.{tag}, {width}\n"
        )

    return f"""
define void @{name}(ptr noalias %out, i64 %stride, {_BUFFER}) nounwind {{
entry:
  %whole = and i64 %size, {-lanes}
  %any = icmp sgt i64 %whole, 0
  br i1 %any, label %vector, label %rest
vector:
  %i.v = phi i64 [ 0, %entry ], [ %next.v, %vector ]
{step("v", lanes, kind)}  %more.v = icmp slt i64 %next.v, %whole
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
    parts = [f"  %lane{k} = extractelement {kind} %sum.end, i64 {k}" for k in range(lanes)]
    total = "%lane0"
    for k in range(1, lanes):
        parts.append(f"  %total{k} = fadd double {total}, %lane{k}")
        total = f"%total{k}"
    across = "\n".join(parts)
    return f"""
define void @sum_into(ptr %out, {_BUFFER}) nounwind {{
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
{across}
  %old = load double, ptr %out
  %first = fadd double %old, {total}
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


def scatter_source(lanes: int) -> str:
    """Return the scatter loops for a processor with ``lanes`` doubles to a vector."""
    strided = f"ptr noalias %out, i64 %stride, {_BUFFER}"
    indexed = f"ptr noalias %out, ptr noalias readonly %places, {_BUFFER}"
    return (
        _vector_loop("add_consecutive", lanes, add=True)
        + _vector_loop("store_consecutive", lanes, add=False)
        + _loop("add_strided", strided, _STRIDED, "%place", True)
        + _loop("store_strided", strided, _STRIDED, "%place", False)
        + _loop("add_indexed", indexed, _INDEXED, "%place", True)
        + _loop("store_indexed", indexed, _INDEXED, "%place", False)
        + _sum_loop(lanes)
    )


_FILL = """
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
; meta: base, offset; tables: values or null
define void @fill(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables) nounwind {
entry:
  %number = load i64, ptr %meta
  %m1 = getelementptr i64, ptr %meta, i64 1
  %offset = load i64, ptr %m1
  %slot = getelementptr ptr, ptr %bases, i64 %number
  %base = load ptr, ptr %slot
  %first = add i64 %offset, %start
  %to = getelementptr double, ptr %base, i64 %first
  %size = sub i64 %stop, %start
  %bytes = shl i64 %size, 3
  %values = load ptr, ptr %tables
  %none = icmp eq ptr %values, null
  br i1 %none, label %zero, label %copy
zero:
  call void @llvm.memset.p0.i64(ptr %to, i8 0, i64 %bytes, i1 false)
  ret void
copy:
  %from = getelementptr double, ptr %values, i64 %start
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)
  ret void
}
"""


_COPY = """
; meta: base read, base written, offset; tables: places
define void @copy(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables) nounwind {
entry:
  %n0 = load i64, ptr %meta
  %m1 = getelementptr i64, ptr %meta, i64 1
  %n1 = load i64, ptr %m1
  %m2 = getelementptr i64, ptr %meta, i64 2
  %offset = load i64, ptr %m2
  %s0 = getelementptr ptr, ptr %bases, i64 %n0
  %b0 = load ptr, ptr %s0
  %s1 = getelementptr ptr, ptr %bases, i64 %n1
  %b1 = load ptr, ptr %s1
  %out = getelementptr double, ptr %b1, i64 %offset
  %places = load ptr, ptr %tables
  %any = icmp slt i64 %start, %stop
  br i1 %any, label %loop, label %exit
loop:
  %i = phi i64 [ %start, %entry ], [ %i.next, %loop ]
  %at = getelementptr i32, ptr %places, i64 %i
  %narrow = load i32, ptr %at
  %place = sext i32 %narrow to i64
  %from = getelementptr double, ptr %b0, i64 %place
  %value = load double, ptr %from
  %to = getelementptr double, ptr %out, i64 %i
  store double %value, ptr %to
  %i.next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %i.next, %stop
  br i1 %more, label %loop, label %exit
exit:
  ret void
}
"""

_SUBSTITUTE = """
; meta: base; tables: places read, places written
define void @substitute(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables) nounwind {
entry:
  %number = load i64, ptr %meta
  %slot = getelementptr ptr, ptr %bases, i64 %number
  %base = load ptr, ptr %slot
  %sources = load ptr, ptr %tables
  %t1 = getelementptr ptr, ptr %tables, i64 1
  %targets = load ptr, ptr %t1
  %any = icmp slt i64 %start, %stop
  br i1 %any, label %loop, label %exit
loop:
  %i = phi i64 [ %start, %entry ], [ %i.next, %loop ]
  %source.at = getelementptr i32, ptr %sources, i64 %i
  %source.narrow = load i32, ptr %source.at
  %source = sext i32 %source.narrow to i64
  %from = getelementptr double, ptr %base, i64 %source
  %value = load double, ptr %from
  %target.at = getelementptr i32, ptr %targets, i64 %i
  %target.narrow = load i32, ptr %target.at
  %target = sext i32 %target.narrow to i64
  %to = getelementptr double, ptr %base, i64 %target
  %old = load double, ptr %to
  %new = fsub double %old, %value
  store double %new, ptr %to
  %i.next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %i.next, %stop
  br i1 %more, label %loop, label %exit
exit:
  ret void
}
"""


def _product(count: int) -> str:
    """Return the function that adds products of ``count`` gathered factors.

    meta: base of the output, base of each factor; tables: places, index array of each factor.
    """
    lines = [
        f"define void @product{count}(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables)"
        " nounwind {",
        "entry:",
    ]
    for k in range(count + 1):
        lines += [
            f"  %m{k} = getelementptr i64, ptr %meta, i64 {k}",
            f"  %n{k} = load i64, ptr %m{k}",
            f"  %s{k} = getelementptr ptr, ptr %bases, i64 %n{k}",
            f"  %b{k} = load ptr, ptr %s{k}",
            f"  %p{k} = getelementptr ptr, ptr %tables, i64 {k}",
            f"  %t{k} = load ptr, ptr %p{k}",
        ]
    lines += [
        "  %any = icmp slt i64 %start, %stop",
        "  br i1 %any, label %loop, label %exit",
        "loop:",
        "  %i = phi i64 [ %start, %entry ], [ %i.next, %loop ]",
    ]
    for k in range(count + 1):
        lines += [
            f"  %a{k} = getelementptr i32, ptr %t{k}, i64 %i",
            f"  %w{k} = load i32, ptr %a{k}",
            f"  %x{k} = sext i32 %w{k} to i64",
            f"  %q{k} = getelementptr double, ptr %b{k}, i64 %x{k}",
            f"  %v{k} = load double, ptr %q{k}",
        ]
    product = "%v1"
    for k in range(2, count + 1):
        lines.append(f"  %y{k} = fmul double {product}, %v{k}")
        product = f"%y{k}"
    lines += [
        f"  %sum = fadd contract double %v0, {product}",
        "  store double %sum, ptr %q0",
        "  %i.next = add nuw nsw i64 %i, 1",
        "  %more = icmp slt i64 %i.next, %stop",
        "  br i1 %more, label %loop, label %exit",
        "exit:",
        "  ret void",
        "}",
    ]
    return "\n".join(lines) + "\n"


SCATTER_NAMES = (
    *(
        f"{verb}_{kind}"
        for verb in ("add", "store")
        for kind in ("consecutive", "strided", "indexed")
    ),
    "sum_into",
)


def _declaration(name: str) -> str:
    places = {"consecutive": "i64, ", "strided": "i64, ", "indexed": "ptr, ", "into": ""}
    return f"declare void @{name}(ptr, {places[name.split('_')[1]]}ptr, i64) nounwind\n"


SCATTER_DECLARATIONS = "".join(_declaration(name) for name in SCATTER_NAMES)


def fill_source() -> str:
    """Return the function of fills."""
    return _FILL


def gather_source() -> str:
    """Return the functions of copies, substitutions and products."""
    return _COPY + _SUBSTITUTE + "".join(_product(k) for k in (1, 2, 3))
