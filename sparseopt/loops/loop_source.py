"""LLVM IR of the loops over time: forward with checkpoints, and backward through them.

A loop is a table of 64-bit words:

    length, checkpoints, times, repetitions, carries, binomials, columns of the binomials,
    count of forward steps, deepest checkpoint,
    then data and tables of each function of the step, then an address for each memory

``times[d]`` is the time of the carry at depth d, ``repetitions[d]`` how often its steps may be
repeated.  `sparseopt.loops.checkpoints` says what is stored when.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["FUNCTIONS", "HEADER", "loop_source", "parameters"]

FUNCTIONS = ("advance", "emit", "pull")
HEADER = (
    *("length", "stored", "times", "repeated", "carries", "table", "columns", "steps", "deepest"),
)
"""The first words of the table; those of the functions follow."""

_MOST_LOCAL = 64
"""Carries of no more numbers stay in registers from step to step, or on the stack."""

_ADDRESSES = {"times", "repeated", "carries", "table"}

Memory = tuple[str, int]
"""Name, and elements from one step to the next."""


def parameters(memories: Sequence[Memory]) -> str:
    """Return the parameters of a function of a step."""
    names = ["state", *(name for name, _ in memories)]
    return ", ".join([*(f"ptr noalias %{n}" for n in names), "ptr %meta", "ptr %tables"])


def _word(name: str, number: int, kind: str) -> list[str]:
    return [
        f"  %{name}.at = getelementptr i64, ptr %loop, i64 {number}",
        f"  %{name} = load {kind}, ptr %{name}.at",
    ]


def _called(function: str, memories: Sequence[Memory], state: str) -> tuple[list[str], list[str]]:
    """Return how a function of the step is prepared for, and how it is called at time %t."""
    first = len(HEADER) + 2 * FUNCTIONS.index(function)
    before = [*_word("meta", first, "ptr"), *_word("tables", first + 1, "ptr")]
    lines, arguments = [], [f"ptr %{state}"]
    for k, (name, width) in enumerate(memories):
        before += _word(f"{name}.first", len(HEADER) + 2 * len(FUNCTIONS) + k, "ptr")
        lines += [
            f"  %{name}.skip = mul i64 %t, {width}",
            f"  %{name} = getelementptr double, ptr %{name}.first, i64 %{name}.skip",
        ]
        arguments.append(f"ptr %{name}")
    call = ", ".join([*arguments, "ptr %meta", "ptr %tables"])
    return before, [*lines, f"  call void @{function}({call})"]


def _run(function: str, memories: Sequence[Memory]) -> str:
    """Return the function that repeats a function of the step from ``start`` to ``stop``."""
    before, call = _called(function, memories, "state")
    return f"""
define internal void @run_{function}(ptr %loop, ptr %state, i64 %start, i64 %stop) nounwind {{
entry:
{_text(before)}
  br label %step
step:
  %t = phi i64 [ %start, %entry ], [ %t.next, %step ]
{_text(call)}
  %t.next = add nuw nsw i64 %t, 1
  %more = icmp slt i64 %t.next, %stop
  br i1 %more, label %step, label %exit
exit:
  ret void
}}
"""


def _store_all(function: str, memories: Sequence[Memory], size: int) -> str:
    """Return the function that also keeps the carry of every step, one behind the other."""
    before, call = _called(function, memories, "state")
    copy = f"call void @llvm.memcpy.p0.p0.i64(ptr %{{}}, ptr %{{}}, i64 {8 * size}, i1 false)"
    kept = [f"%next = getelementptr double, ptr %last, i64 {size}"]
    if size <= _MOST_LOCAL:
        before += [f"  %state = alloca double, i64 {size}", f"  {copy.format('state', 'from')}"]
        lines = [*kept, *call, copy.format("next", "state")]
    else:
        lines = [*kept, copy.format("next", "last"), "%state = bitcast ptr %next to ptr", *call]
    return f"""
define internal void @store_all_{function}(ptr %loop, ptr %from, i64 %start, i64 %stop) nounwind {{
entry:
{_text(before)}
  br label %step
step:
  %t = phi i64 [ %start, %entry ], [ %t.next, %step ]
  %last = phi ptr [ %from, %entry ], [ %next, %step ]
{_text(lines)}
  %t.next = add nuw nsw i64 %t, 1
  %more = icmp slt i64 %t.next, %stop
  br i1 %more, label %step, label %exit
exit:
  ret void
}}
"""


def _pull_all(memories: Sequence[Memory], size: int) -> str:
    """Return the function that goes back over steps whose carries are all kept."""
    before, call = _called("pull", memories, "state")
    return f"""
define internal void @pull_all(ptr %loop, ptr %last, i64 %start, i64 %stop) nounwind {{
entry:
{_text(before)}
  br label %step
step:
  %after = phi i64 [ %stop, %entry ], [ %t, %step ]
  %state = phi ptr [ %last, %entry ], [ %before, %step ]
  %t = sub nuw nsw i64 %after, 1
  %before = getelementptr double, ptr %state, i64 -{size}
{_text(call)}
  %more = icmp sgt i64 %t, %start
  br i1 %more, label %step, label %exit
exit:
  ret void
}}
"""


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines)


_SPLIT = """
; how far to go before the next carry is stored; repetitions of this depth are brought up to date
define internal i64 @split(ptr %loop, i64 %steps, i64 %depth) nounwind {
entry:
{words}
  %s = sub i64 %stored, %depth
  %row.skip = mul i64 %s, %columns
  %row = getelementptr i64, ptr %table, i64 %row.skip
  %above.skip = sub i64 0, %columns
  %above = getelementptr i64, ptr %row, i64 %above.skip
  %r.at = getelementptr i64, ptr %repeated, i64 %depth
  %r.old = load i64, ptr %r.at
  br label %search
search:
  %r = phi i64 [ %r.old, %entry ], [ %r.less, %search ]
  %r.less = sub i64 %r, 1
  ; column r of the table is that of r - 1 repetitions
  %fewer.at = getelementptr i64, ptr %row, i64 %r
  %fewer = load i64, ptr %fewer.at
  %again = icmp sge i64 %fewer, %steps
  br i1 %again, label %search, label %found
found:
  store i64 %r, ptr %r.at
  %low.at = getelementptr i64, ptr %row, i64 %r.less
  %low = load i64, ptr %low.at
  %r.more = add i64 %r, 1
  %right.at = getelementptr i64, ptr %above, i64 %r.more
  %right = load i64, ptr %right.at
  %least = sub i64 %steps, %right
  %first.is.low = icmp sgt i64 %low, %least
  %first = select i1 %first.is.low, i64 %low, i64 %least
  %some = icmp sgt i64 %first, 1
  %result = select i1 %some, i64 %first, i64 1
  ret i64 %result
}
"""

_STORE = """
; copy the carry at a depth to the next one and go forward from there; returns the next depth
define internal i64 @store_{function}(ptr %loop, i64 %depth, i64 %start, i64 %steps) nounwind {
entry:
{words}
  %next = add i64 %depth, 1
  %from.skip = mul i64 %depth, {size}
  %from = getelementptr double, ptr %carries, i64 %from.skip
  %to.skip = mul i64 %next, {size}
  %to = getelementptr double, ptr %carries, i64 %to.skip
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 {bytes}, i1 false)
  %stop = add i64 %start, %steps
  call void @run_{function}(ptr %loop, ptr %to, i64 %start, i64 %stop)
  %time.at = getelementptr i64, ptr %times, i64 %next
  store i64 %stop, ptr %time.at
  %r.at = getelementptr i64, ptr %repeated, i64 %depth
  %r = load i64, ptr %r.at
  %r.next.at = getelementptr i64, ptr %repeated, i64 %next
  store i64 %r, ptr %r.next.at
  call void @count(ptr %loop, i64 %steps, i64 %next)
  ret i64 %next
}
"""

_COUNT = """
; note forward steps between stored carries, and the depth that they lead to
define internal void @count(ptr %loop, i64 %steps, i64 %depth) nounwind {
entry:
{words}
  %counted = add i64 %steps.word, %steps
  store i64 %counted, ptr %steps.word.at
  %deeper = icmp sgt i64 %depth, %deepest
  %deepest.new = select i1 %deeper, i64 %depth, i64 %deepest
  store i64 %deepest.new, ptr %deepest.at
  ret void
}
"""

_SWEEP = """
; forward from the first carry, storing what the schedule stores and the carries of all last steps;
; returns the depth where these begin, and leaves the final carry behind them
define i64 @sweep_{function}(ptr %loop) nounwind {
entry:
{words}
  br label %look
look:
  %d = phi i64 [ 0, %entry ], [ %d.next, %deeper ]
  %time.at = getelementptr i64, ptr %times, i64 %d
  %time = load i64, ptr %time.at
  %steps = sub i64 %length, %time
  %places = sub i64 %stored, %d
  %all = icmp sle i64 %steps, %places
  %single = icmp eq i64 %steps, 1
  %finished = or i1 %all, %single
  br i1 %finished, label %finish, label %deeper
deeper:
  %far = call i64 @split(ptr %loop, i64 %steps, i64 %d)
  %d.next = call i64 @store_{function}(ptr %loop, i64 %d, i64 %time, i64 %far)
  br label %look
finish:
  %from.skip = mul i64 %d, {size}
  %from = getelementptr double, ptr %carries, i64 %from.skip
  call void @store_all_{function}(ptr %loop, ptr %from, i64 %time, i64 %length)
  %fewer = sub i64 %steps, 1
  %last = add i64 %d, %fewer
  call void @count(ptr %loop, i64 %fewer, i64 %last)
  ret i64 %d
}
"""

_REVERSE = """
; backward through all steps, from the depth that a sweep reached
define void @reverse(ptr %loop, i64 %depth) nounwind {
entry:
{words}
  br label %look
look:
  %d = phi i64 [ %depth, %entry ], [ %d.less, %pulled ], [ %d.next, %deeper ]
  %end = phi i64 [ %length, %entry ], [ %time, %pulled ], [ %end, %deeper ]
  %known = phi i1 [ true, %entry ], [ false, %pulled ], [ false, %deeper ]
  %time.at = getelementptr i64, ptr %times, i64 %d
  %time = load i64, ptr %time.at
  %steps = sub i64 %end, %time
  %fewer = sub i64 %steps, 1
  %last = add i64 %d, %fewer
  %from.skip = mul i64 %d, {size}
  %from = getelementptr double, ptr %carries, i64 %from.skip
  %single = icmp eq i64 %steps, 1
  %ready = or i1 %known, %single
  br i1 %ready, label %pulled, label %compare
compare:
  %places = sub i64 %stored, %d
  %all = icmp sle i64 %steps, %places
  br i1 %all, label %forward, label %deeper
forward:
  %stop = sub i64 %end, 1
  call void @store_all_advance(ptr %loop, ptr %from, i64 %time, i64 %stop)
  call void @count(ptr %loop, i64 %fewer, i64 %last)
  br label %pulled
deeper:
  %far = call i64 @split(ptr %loop, i64 %steps, i64 %d)
  %d.next = call i64 @store_advance(ptr %loop, i64 %d, i64 %time, i64 %far)
  br label %look
pulled:
  %state.skip = mul i64 %last, {size}
  %state = getelementptr double, ptr %carries, i64 %state.skip
  call void @pull_all(ptr %loop, ptr %state, i64 %time, i64 %end)
  %d.less = sub i64 %d, 1
  %done = icmp slt i64 %d.less, 0
  br i1 %done, label %exit, label %look
exit:
  ret void
}
"""

_ADD = """
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define internal void @add_to(ptr noalias %to, ptr noalias %from, i64 %size) nounwind {
entry:
  %any = icmp sgt i64 %size, 0
  br i1 %any, label %loop, label %exit
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %a = getelementptr double, ptr %to, i64 %i
  %b = getelementptr double, ptr %from, i64 %i
  %x = load double, ptr %a
  %y = load double, ptr %b
  %sum = fadd double %x, %y
  store double %sum, ptr %a
  %i.next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %i.next, %size
  br i1 %more, label %loop, label %exit
exit:
  ret void
}
"""


def _filled(text: str, size: int, words: Sequence[str], function: str = "") -> str:
    """Return a text with the sizes and the words that it reads filled in."""
    lines = []
    for name in words:
        kind = "ptr" if name in _ADDRESSES else "i64"
        # "steps" is also what functions call their own number of steps.
        lines += _word("steps.word" if name == "steps" else name, HEADER.index(name), kind)
    values = {"words": _text(lines), "size": str(size), "bytes": str(8 * size)}
    for key, value in {**values, "function": function}.items():
        text = text.replace("{" + key + "}", value)
    return text


def loop_source(size: int, memories: Sequence[Memory]) -> str:
    """Return the loops around functions ``advance``, ``emit`` and ``pull`` of a step.

    Parameters
    ----------
    size : int
        Numbers in a stored carry.
    memories : sequence of (name, width)
        What the functions of the step read and write beside the carry.
    """
    parts = [_ADD, _filled(_COUNT, size, ("steps", "deepest")), _pull_all(memories, size)]
    parts.append(_filled(_SPLIT, size, ("stored", "columns", "table", "repeated")))
    for function in ("advance", "emit"):
        parts += [_run(function, memories), _store_all(function, memories, size)]
        parts.append(_filled(_STORE, size, ("carries", "times", "repeated"), function))
        swept = ("length", "stored", "times", "carries")
        parts.append(_filled(_SWEEP, size, swept, function))
    parts.append(_filled(_REVERSE, size, ("length", "stored", "times", "carries")))
    return "".join(parts)
