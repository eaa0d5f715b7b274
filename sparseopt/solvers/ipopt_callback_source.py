"""The LLVM IR of Ipopt's callbacks, with exactly the C signatures of ``IpStdCInterface.h``.

Each callback calls ``run(schedule, x, multipliers, objective_weight, out)`` through addresses kept
in a table of 64-bit words, which Ipopt hands back as ``user_data``; checks every output for NaN and
infinity; and keeps counts and times in the same table.  The intermediate callback writes a row of
numbers and the iterate to a buffer, and calls Python only where that is full or time has passed.
"""

from __future__ import annotations

import sys

# Positions in the table of words that `user_data` points to; five words, one for each kind in the
# order of KINDS, start at SCHEDULES, COUNTS and NANOSECONDS.
RUN, SCHEDULES, STRUCTURES, COUNTS, NANOSECONDS = 0, 1, 6, 10, 15
BAD_KIND, BAD_INDEX, BAD_BITS, BAD_POINT, HALT = 20, 21, 22, 23, 24
ITERATE, NUM_VARIABLES = 25, 26
# The rows of the intermediate callback: buffer, iterates beside it, how many there are and fit in,
# the function that empties them, when it last did, and after how many nanoseconds it does so again.
ROWS, ITERATES, NUM_ROWS, MOST_ROWS, EMPTY, EMPTIED, PATIENCE = 27, 28, 29, 30, 31, 32, 33
NUM_WORDS = 34

ROW_LENGTH = 11
"""Numbers of a row: the arguments of Ipopt's intermediate callback."""

CALLBACK_NAMES = ("eval_f", "eval_grad_f", "eval_g", "eval_jac_g", "eval_h", "intermediate")

_CLOCK_MONOTONIC = 6 if sys.platform == "darwin" else 1

_CLOCK = (
    "define internal i64 @now() {\n  ret i64 0\n}\n"
    if sys.platform == "win32"  # no clock_gettime there: callbacks go untimed
    else f"""
declare i32 @clock_gettime(i32, ptr)
define internal i64 @now() {{
  %time = alloca {{ i64, i64 }}
  %code = call i32 @clock_gettime(i32 {_CLOCK_MONOTONIC}, ptr %time)
  %seconds = load i64, ptr %time
  %rest = getelementptr i64, ptr %time, i64 1
  %nanoseconds = load i64, ptr %rest
  %scaled = mul i64 %seconds, 1000000000
  %total = add i64 %scaled, %nanoseconds
  ret i64 %total
}}
"""
)

# A double is NaN or infinite exactly if all bits of its exponent are set.  The first loop is
# written in vectors: the module is compiled without the optimizer, and every value is read.
_FIRST_NON_FINITE = """
define internal i64 @first_non_finite(ptr readonly %values, i64 %size) {
entry:
  %whole = and i64 %size, -8
  %vectors = icmp sgt i64 %whole, 0
  br i1 %vectors, label %scan, label %search
scan:
  %i = phi i64 [ 0, %entry ], [ %i.next, %scan ]
  %sum = phi <8 x double> [ zeroinitializer, %entry ], [ %sum.next, %scan ]
  %at = getelementptr double, ptr %values, i64 %i
  %value = load <8 x double>, ptr %at, align 8
  ; zero, or NaN where the value is not finite
  %zero = fmul <8 x double> %value, zeroinitializer
  %sum.next = fadd <8 x double> %sum, %zero
  %i.next = add nuw i64 %i, 8
  %more = icmp ult i64 %i.next, %whole
  br i1 %more, label %scan, label %scanned
scanned:
  %bad = fcmp uno <8 x double> %sum.next, zeroinitializer
  %lanes = bitcast <8 x i1> %bad to i8
  %clean = icmp eq i8 %lanes, 0
  %first = select i1 %clean, i64 %whole, i64 0
  br label %search
search:
  %j = phi i64 [ 0, %entry ], [ %first, %scanned ], [ %j.next, %look ]
  %left = icmp slt i64 %j, %size
  br i1 %left, label %look, label %finite
look:
  %there = getelementptr i64, ptr %values, i64 %j
  %word = load i64, ptr %there
  %power = and i64 %word, 9218868437227405312
  %found = icmp eq i64 %power, 9218868437227405312
  %j.next = add nuw i64 %j, 1
  br i1 %found, label %done, label %search
finite:
  ret i64 -1
done:
  ret i64 %j
}
"""

_EVALUATE = f"""
define internal zeroext i1 @evaluate(ptr %table, i64 %kind, ptr %x, i64 %n, ptr %multipliers,
                                     double %weight, ptr %out, i64 %size) {{
entry:
  %halt.at = getelementptr i64, ptr %table, i64 {HALT}
  %halt = load i64, ptr %halt.at
  %halted = icmp ne i64 %halt, 0
  br i1 %halted, label %refuse, label %running
running:
  %empty = icmp eq i64 %size, 0
  br i1 %empty, label %accept, label %call
call:
  %start = call i64 @now()
  %run = load ptr, ptr %table
  %schedule.slot = add i64 %kind, {SCHEDULES}
  %schedule.at = getelementptr i64, ptr %table, i64 %schedule.slot
  %schedule = load ptr, ptr %schedule.at
  call void %run(ptr %schedule, ptr %x, ptr %multipliers, double %weight, ptr %out)
  %bad = call i64 @first_non_finite(ptr %out, i64 %size)
  %end = call i64 @now()
  %elapsed = sub i64 %end, %start
  %count.slot = add i64 %kind, {COUNTS}
  call void @increase(ptr %table, i64 %count.slot, i64 1)
  %time.slot = add i64 %kind, {NANOSECONDS}
  call void @increase(ptr %table, i64 %time.slot, i64 %elapsed)
  %finite = icmp slt i64 %bad, 0
  br i1 %finite, label %accept, label %record
record:
  %kind.at = getelementptr i64, ptr %table, i64 {BAD_KIND}
  %kind.one = add i64 %kind, 1
  store i64 %kind.one, ptr %kind.at
  %index.at = getelementptr i64, ptr %table, i64 {BAD_INDEX}
  store i64 %bad, ptr %index.at
  %value.at = getelementptr i64, ptr %out, i64 %bad
  %value = load i64, ptr %value.at
  %bits.at = getelementptr i64, ptr %table, i64 {BAD_BITS}
  store i64 %value, ptr %bits.at
  %point.at = getelementptr i64, ptr %table, i64 {BAD_POINT}
  %point = load ptr, ptr %point.at
  %bytes = shl i64 %n, 3
  call void @llvm.memcpy.p0.p0.i64(ptr %point, ptr %x, i64 %bytes, i1 false)
  br label %refuse
accept:
  ret i1 true
refuse:
  ret i1 false
}}

define internal void @increase(ptr %table, i64 %slot, i64 %amount) {{
  %at = getelementptr i64, ptr %table, i64 %slot
  %old = load i64, ptr %at
  %new = add i64 %old, %amount
  store i64 %new, ptr %at
  ret void
}}

define internal void @copy_structure(ptr %table, i64 %slot, ptr %rows, ptr %cols, i64 %size) {{
  %bytes = shl i64 %size, 2
  %rows.at = getelementptr i64, ptr %table, i64 %slot
  %rows.from = load ptr, ptr %rows.at
  call void @llvm.memcpy.p0.p0.i64(ptr %rows, ptr %rows.from, i64 %bytes, i1 false)
  %cols.at = getelementptr ptr, ptr %rows.at, i64 1
  %cols.from = load ptr, ptr %cols.at
  call void @llvm.memcpy.p0.p0.i64(ptr %cols, ptr %cols.from, i64 %bytes, i1 false)
  ret void
}}

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""

_EVALUATE_CALL = (
    "call zeroext i1 @evaluate(ptr %table, i64 {kind}, ptr %x, i64 %length, "
    "ptr {multipliers}, double {weight}, ptr {out}, i64 {size})"
)


# Ipopt asks for the gradient where it stands; its own account of that costs ten times as much.
_KEEP_ITERATE = f"""
  %iterate.at = getelementptr i64, ptr %table, i64 {ITERATE}
  %iterate = load ptr, ptr %iterate.at
  %bytes = shl i64 %length, 3
  call void @llvm.memcpy.p0.p0.i64(ptr %iterate, ptr %x, i64 %bytes, i1 false)"""


def _values_callback(name: str, kind: int, count: str, size: str, first: str = "") -> str:
    """Return a callback for a vector; `count` is an extra argument of its C signature."""
    call = _EVALUATE_CALL.format(
        kind=kind, multipliers="null", weight="1.0", out="%out", size="%size"
    )
    return f"""
define zeroext i1 @{name}(i32 %n, ptr %x, i1 zeroext %new_x, {count}ptr %out, ptr %table) {{
  %length = sext i32 %n to i64
  %size = sext i32 {size} to i64{first}
  %ok = {call}
  ret i1 %ok
}}
"""


def _matrix_callback(name: str, kind: int, arguments: str, weighting: tuple[str, str]) -> str:
    """Return a callback that gives the structure if `values` is null, else the values."""
    call = _EVALUATE_CALL.format(
        kind=kind, multipliers=weighting[0], weight=weighting[1], out="%values", size="%size"
    )
    return f"""
define zeroext i1 @{name}(i32 %n, ptr %x, i1 zeroext %new_x, {arguments},
                          i32 %entries, ptr %rows, ptr %cols, ptr %values, ptr %table) {{
  %length = sext i32 %n to i64
  %size = sext i32 %entries to i64
  %structure = icmp eq ptr %values, null
  br i1 %structure, label %copy, label %compute
copy:
  call void @copy_structure(ptr %table, i64 {STRUCTURES + 2 * (kind - 3)}, ptr %rows, ptr %cols,
                            i64 %size)
  ret i1 true
compute:
  %ok = {call}
  ret i1 %ok
}}
"""


_ROW_ARGUMENTS = (
    *(("mode", "i32"), ("iteration", "i32")),
    *((f"number{k}", "double") for k in range(8)),
    ("trials", "i32"),
)


def _load_word(name: str, word: int, kind: str = "i64") -> str:
    return (
        f"  %{name}.at = getelementptr i64, ptr %table, i64 {word}\n"
        f"  %{name} = load {kind}, ptr %{name}.at\n"
    )


def _store_row() -> str:
    lines = []
    for k, (name, kind) in enumerate(_ROW_ARGUMENTS):
        value = f"%{name}"
        if kind == "i32":
            lines.append(f"  %{name}.real = sitofp i32 %{name} to double")
            value += ".real"
        lines.append(f"  %{name}.at = getelementptr double, ptr %row, i64 {k}")
        lines.append(f"  store double {value}, ptr %{name}.at")
    return "\n".join(lines)


def _intermediate_callback() -> str:
    """Return the intermediate callback: note the row, and go on unless Python says otherwise."""
    arguments = ", ".join(f"{kind} %{name}" for name, kind in _ROW_ARGUMENTS)
    return f"""
define zeroext i1 @intermediate({arguments}, ptr %table) {{
entry:
{_load_word("rows", ROWS, "ptr")}{_load_word("count", NUM_ROWS)}{_load_word("most", MOST_ROWS)}
{_load_word("iterates", ITERATES, "ptr")}{_load_word("iterate", ITERATE, "ptr")}
{_load_word("n", NUM_VARIABLES)}{_load_word("halt", HALT)}{_load_word("emptied", EMPTIED)}
{_load_word("empty", EMPTY, "ptr")}{_load_word("patience", PATIENCE)}
  %row.offset = mul i64 %count, {ROW_LENGTH}
  %row = getelementptr double, ptr %rows, i64 %row.offset
{_store_row()}
  %place.offset = mul i64 %count, %n
  %place = getelementptr double, ptr %iterates, i64 %place.offset
  %bytes = shl i64 %n, 3
  call void @llvm.memcpy.p0.p0.i64(ptr %place, ptr %iterate, i64 %bytes, i1 false)
  %counted = add i64 %count, 1
  store i64 %counted, ptr %count.at
  %halted = icmp ne i64 %halt, 0
  br i1 %halted, label %stop, label %running
running:
  %time = call i64 @now()
  %first = icmp eq i64 %emptied, 0
  %since = select i1 %first, i64 %time, i64 %emptied
  store i64 %since, ptr %emptied.at
  %waited = sub i64 %time, %since
  %late = icmp sgt i64 %waited, %patience
  %full = icmp sge i64 %counted, %most
  %python = or i1 %late, %full
  br i1 %python, label %call, label %go
call:
  %ok = call zeroext i1 %empty()
  %returned = call i64 @now()
  store i64 %returned, ptr %emptied.at
  ret i1 %ok
go:
  ret i1 true
stop:
  ret i1 false
}}
"""


def callback_ir() -> str:
    """Return the LLVM IR of all six callbacks."""
    hessian_arguments = "double %weight, i32 %m, ptr %multipliers, i1 zeroext %new_multipliers"
    return "".join(
        [
            _CLOCK,
            _FIRST_NON_FINITE,
            _EVALUATE,
            _values_callback("eval_f", 0, count="", size="1"),
            _values_callback("eval_grad_f", 1, count="", size="%n", first=_KEEP_ITERATE),
            _values_callback("eval_g", 2, count="i32 %m, ", size="%m"),
            _matrix_callback("eval_jac_g", 3, "i32 %m", ("null", "1.0")),
            _matrix_callback("eval_h", 4, hessian_arguments, ("%multipliers", "%weight")),
            _intermediate_callback(),
        ]
    )
