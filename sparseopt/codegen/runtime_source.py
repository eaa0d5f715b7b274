"""The fixed part of generated code: tasks of a schedule that no formula is needed for."""

from __future__ import annotations

__all__ = ["fill_source", "gather_source"]

_BASE = """\
  %number = load i64, ptr %meta
  %m1 = getelementptr i64, ptr %meta, i64 1
  %offset = load i64, ptr %m1
  %slot = getelementptr ptr, ptr %bases, i64 %number
  %base = load ptr, ptr %slot"""

_FILL = """
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
; meta: base, offset; tables: values or null
define void @fill(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables) nounwind {{
entry:
{base}
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
}}
"""

_REPEAT = """
; meta: base, offset; tables: the value
define void @repeat(i64 %start, i64 %stop, ptr %bases, ptr %meta, ptr %tables) nounwind {{
entry:
{base}
  %to = getelementptr double, ptr %base, i64 %offset
  %value.at = load ptr, ptr %tables
  %value = load double, ptr %value.at
  %one = insertelement <{lanes} x double> poison, double %value, i64 0
  %all = shufflevector <{lanes} x double> %one, <{lanes} x double> poison,
                       <{lanes} x i32> zeroinitializer
  %whole = sub i64 %stop, {lanes}
  %any = icmp sle i64 %start, %whole
  br i1 %any, label %vector, label %rest
vector:
  %i = phi i64 [ %start, %entry ], [ %i.next, %vector ]
  %at = getelementptr double, ptr %to, i64 %i
  store <{lanes} x double> %all, ptr %at, align 8
  %i.next = add i64 %i, {lanes}
  %more = icmp sle i64 %i.next, %whole
  br i1 %more, label %vector, label %rest
rest:
  %k = phi i64 [ %start, %entry ], [ %i.next, %vector ], [ %k.next, %single ]
  %left = icmp slt i64 %k, %stop
  br i1 %left, label %single, label %exit
single:
  %k.at = getelementptr double, ptr %to, i64 %k
  store double %value, ptr %k.at
  %k.next = add i64 %k, 1
  br label %rest
exit:
  ret void
}}
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
        f"  %sum = fadd double %v0, {product}",
        "  store double %sum, ptr %q0",
        "  %i.next = add nuw nsw i64 %i, 1",
        "  %more = icmp slt i64 %i.next, %stop",
        "  br i1 %more, label %loop, label %exit",
        "exit:",
        "  ret void",
        "}",
    ]
    return "\n".join(lines) + "\n"


def fill_source(lanes: int) -> str:
    """Return the functions of fills: with data or zeros, and with one number in vectors."""
    return _FILL.format(base=_BASE) + _REPEAT.format(base=_BASE, lanes=lanes)


def gather_source() -> str:
    """Return the functions of copies, substitutions and products."""
    return _COPY + _SUBSTITUTE + "".join(_product(k) for k in (1, 2, 3))
