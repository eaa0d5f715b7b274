"""The driver that runs a schedule: phases in order, tasks interleaved in rounds, parts in threads.

A schedule is a table of 64-bit words:

    schedule: bases, number of phases, address of the number of threads, then the phases
    phase:    rounds, number of tasks, first task, parts, number of partial sums, their places,
              their memory, words of memory to a part, first range of each part, ranges, halves
    range:    base, offset, bytes, values or null: what a part first overwrites
    task:     function, units, grain, meta, tables

``run`` interleaves the tasks of a phase in rounds, each a proportional part of their units, so that
what they add to is still in the cache when the next one comes.  A phase of several parts (see
`sparseopt.codegen.partition`) is run in two halves: parts of even number do not disturb each other
and are taken by threads as they come, then those of odd number; parts that never add to a place
are taken all at once, as one "half".  Threads are created when a phase
needs them and joined at the end of each half, which costs some ten microseconds; nothing waits in
between, so that a process can be forked at any time.  One thread takes the parts in the same two
halves: results do not depend on the number of threads.
"""

from __future__ import annotations

__all__ = ["MAX_THREADS", "RANGE_WORDS", "TASK_WORDS", "schedule_source"]

TASK_WORDS = 5
RANGE_WORDS = 4
MAX_THREADS = 16

_PART = """
define void @run_part(ptr %phase, ptr %shared, i64 %part) nounwind {
entry:
  %own = alloca [9 x ptr]
  %rounds = load i64, ptr %phase
  %count.at = getelementptr i64, ptr %phase, i64 1
  %count = load i64, ptr %count.at
  %tasks.at = getelementptr i64, ptr %phase, i64 2
  %tasks = load ptr, ptr %tasks.at
  %parts.at = getelementptr i64, ptr %phase, i64 3
  %parts = load i64, ptr %parts.at
  %several = icmp sgt i64 %parts, 1
  br i1 %several, label %prepare, label %begin
prepare:
  call void @llvm.memcpy.p0.p0.i64(ptr %own, ptr %shared, i64 72, i1 false)
  %memory.at = getelementptr i64, ptr %phase, i64 6
  %memory = load ptr, ptr %memory.at
  %width.at = getelementptr i64, ptr %phase, i64 7
  %width = load i64, ptr %width.at
  %skipped = mul i64 %part, %width
  %partials = getelementptr i64, ptr %memory, i64 %skipped
  %bytes = shl i64 %width, 3
  call void @llvm.memset.p0.i64(ptr %partials, i8 0, i64 %bytes, i1 false)
  %slot = getelementptr ptr, ptr %own, i64 8
  store ptr %partials, ptr %slot
  %part.next = add i64 %part, 1
  %r.scaled = mul i64 %rounds, %part
  %r.first = sdiv i64 %r.scaled, %parts
  %r.scaled.next = mul i64 %rounds, %part.next
  %r.last = sdiv i64 %r.scaled.next, %parts
  %starts.at = getelementptr i64, ptr %phase, i64 8
  %starts = load ptr, ptr %starts.at
  %ranges.at = getelementptr i64, ptr %phase, i64 9
  %ranges = load ptr, ptr %ranges.at
  %start.at = getelementptr i64, ptr %starts, i64 %part
  %start = load i64, ptr %start.at
  %stop.at = getelementptr i64, ptr %starts, i64 %part.next
  %stop = load i64, ptr %stop.at
  %filled = icmp slt i64 %start, %stop
  br i1 %filled, label %range, label %begin
range:
  %f = phi i64 [ %start, %prepare ], [ %f.next, %range.done ]
  %f.word = shl i64 %f, 2
  %f.at = getelementptr i64, ptr %ranges, i64 %f.word
  %f.number = load i64, ptr %f.at
  %f.offset.at = getelementptr i64, ptr %f.at, i64 1
  %f.offset = load i64, ptr %f.offset.at
  %f.bytes.at = getelementptr i64, ptr %f.at, i64 2
  %f.bytes = load i64, ptr %f.bytes.at
  %f.values.at = getelementptr i64, ptr %f.at, i64 3
  %f.values = load ptr, ptr %f.values.at
  %f.slot = getelementptr ptr, ptr %own, i64 %f.number
  %f.base = load ptr, ptr %f.slot
  %f.to = getelementptr double, ptr %f.base, i64 %f.offset
  %f.none = icmp eq ptr %f.values, null
  br i1 %f.none, label %zero, label %copy
zero:
  call void @llvm.memset.p0.i64(ptr %f.to, i8 0, i64 %f.bytes, i1 false)
  br label %range.done
copy:
  call void @llvm.memcpy.p0.p0.i64(ptr %f.to, ptr %f.values, i64 %f.bytes, i1 false)
  br label %range.done
range.done:
  %f.next = add i64 %f, 1
  %f.more = icmp slt i64 %f.next, %stop
  br i1 %f.more, label %range, label %begin
begin:
  ; one part works on what all parts share, and has all rounds
  %bases = phi ptr [ %shared, %entry ], [ %own, %prepare ], [ %own, %range.done ]
  %r.low = phi i64 [ 0, %entry ], [ %r.first, %prepare ], [ %r.first, %range.done ]
  %r.high = phi i64 [ %rounds, %entry ], [ %r.last, %prepare ], [ %r.last, %range.done ]
  %in.rounds = icmp sgt i64 %rounds, 1
  %any = icmp slt i64 %r.low, %r.high
  br i1 %any, label %round, label %exit
round:
  %r = phi i64 [ %r.low, %begin ], [ %r.next, %round.done ]
  %r.next = add i64 %r, 1
  br label %task
task:
  %t = phi i64 [ 0, %round ], [ %t.next, %task.done ]
  %t.word = mul i64 %t, 5
  %task.at = getelementptr i64, ptr %tasks, i64 %t.word
  %function = load ptr, ptr %task.at
  %units.at = getelementptr i64, ptr %task.at, i64 1
  %units = load i64, ptr %units.at
  %grain.at = getelementptr i64, ptr %task.at, i64 2
  %grain = load i64, ptr %grain.at
  %meta.at = getelementptr i64, ptr %task.at, i64 3
  %meta = load ptr, ptr %meta.at
  %tables.at = getelementptr i64, ptr %task.at, i64 4
  %tables = load ptr, ptr %tables.at
  %least = mul i64 %grain, %rounds
  %enough = icmp sge i64 %units, %least
  %large = and i1 %enough, %in.rounds
  %first.round = icmp eq i64 %r, 0
  br i1 %large, label %piece, label %whole
piece:
  %low.scaled = mul i64 %units, %r
  %high.scaled = mul i64 %units, %r.next
  %low = sdiv i64 %low.scaled, %rounds
  %high = sdiv i64 %high.scaled, %rounds
  call void %function(i64 %low, i64 %high, ptr %bases, ptr %meta, ptr %tables)
  br label %task.done
whole:
  br i1 %first.round, label %once, label %task.done
once:
  call void %function(i64 0, i64 %units, ptr %bases, ptr %meta, ptr %tables)
  br label %task.done
task.done:
  %t.next = add i64 %t, 1
  %t.more = icmp slt i64 %t.next, %count
  br i1 %t.more, label %task, label %round.done
round.done:
  %r.more = icmp slt i64 %r.next, %r.high
  br i1 %r.more, label %round, label %exit
exit:
  ret void
}
"""

_HALF = """
; work: phase, bases, next part of this half, 0 for the even half or 1
define ptr @work(ptr %work) nounwind {
entry:
  %phase = load ptr, ptr %work
  %bases.at = getelementptr i64, ptr %work, i64 1
  %bases = load ptr, ptr %bases.at
  %next.at = getelementptr i64, ptr %work, i64 2
  %half.at = getelementptr i64, ptr %work, i64 3
  %half = load i64, ptr %half.at
  %parts.at = getelementptr i64, ptr %phase, i64 3
  %parts = load i64, ptr %parts.at
  %halves.at = getelementptr i64, ptr %phase, i64 10
  %halves = load i64, ptr %halves.at
  br label %take
take:
  %taken = atomicrmw add ptr %next.at, i64 1 monotonic
  %skipped = mul i64 %taken, %halves
  %part = add i64 %skipped, %half
  %some = icmp slt i64 %part, %parts
  br i1 %some, label %do, label %exit
do:
  call void @run_part(ptr %phase, ptr %bases, i64 %part)
  br label %take
exit:
  ret ptr null
}
"""

_THREADS = """
declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_join(ptr, ptr)

define void @run_half(ptr %work, i64 %threads) nounwind {
entry:
  %handles = alloca [16 x ptr]
  %others = sub i64 %threads, 1
  %several = icmp sgt i64 %others, 0
  br i1 %several, label %create, label %own
create:
  %k = phi i64 [ 0, %entry ], [ %k.next, %created ]
  %handle = getelementptr ptr, ptr %handles, i64 %k
  %failed = call i32 @pthread_create(ptr %handle, ptr null, ptr @work, ptr %work)
  %k.next = add i64 %k, 1
  %success = icmp eq i32 %failed, 0
  br i1 %success, label %created, label %own
created:
  %more = icmp slt i64 %k.next, %others
  br i1 %more, label %create, label %own
own:
  ; as many as were created: a system that refuses a thread leaves its parts to the others
  %running = phi i64 [ 0, %entry ], [ %k, %create ], [ %k.next, %created ]
  %unused = call ptr @work(ptr %work)
  %waits = icmp sgt i64 %running, 0
  br i1 %waits, label %join, label %exit
join:
  %j = phi i64 [ 0, %own ], [ %j.next, %join ]
  %at = getelementptr ptr, ptr %handles, i64 %j
  %thread = load ptr, ptr %at
  %joined = call i32 @pthread_join(ptr %thread, ptr null)
  %j.next = add i64 %j, 1
  %left = icmp slt i64 %j.next, %running
  br i1 %left, label %join, label %exit
exit:
  ret void
}
"""

_NO_THREADS = """
define void @run_half(ptr %work, i64 %threads) nounwind {
  %unused = call ptr @work(ptr %work)
  ret void
}
"""

_PARALLEL = """
define void @run_parts(ptr %phase, ptr %bases, i64 %threads) nounwind {
entry:
  %work = alloca [4 x i64]
  %bases.at = getelementptr i64, ptr %work, i64 1
  %next.at = getelementptr i64, ptr %work, i64 2
  %half.at = getelementptr i64, ptr %work, i64 3
  store ptr %phase, ptr %work
  store ptr %bases, ptr %bases.at
  store i64 0, ptr %next.at
  store i64 0, ptr %half.at
  call void @run_half(ptr %work, i64 %threads)
  %halves.at = getelementptr i64, ptr %phase, i64 10
  %halves = load i64, ptr %halves.at
  %two = icmp eq i64 %halves, 2
  br i1 %two, label %second, label %joined
second:
  store i64 0, ptr %next.at
  store i64 1, ptr %half.at
  call void @run_half(ptr %work, i64 %threads)
  br label %joined
joined:
  %parts.at = getelementptr i64, ptr %phase, i64 3
  %parts = load i64, ptr %parts.at
  %sums.at = getelementptr i64, ptr %phase, i64 4
  %sums = load i64, ptr %sums.at
  %places.at = getelementptr i64, ptr %phase, i64 5
  %places = load ptr, ptr %places.at
  %memory.at = getelementptr i64, ptr %phase, i64 6
  %memory = load ptr, ptr %memory.at
  %width.at = getelementptr i64, ptr %phase, i64 7
  %width = load i64, ptr %width.at
  %any = icmp sgt i64 %sums, 0
  br i1 %any, label %sum, label %exit
sum:
  %k = phi i64 [ 0, %joined ], [ %k.next, %sum.done ]
  %k.word = shl i64 %k, 1
  %base.at = getelementptr i64, ptr %places, i64 %k.word
  %number = load i64, ptr %base.at
  %offset.at = getelementptr i64, ptr %base.at, i64 1
  %offset = load i64, ptr %offset.at
  %slot = getelementptr ptr, ptr %bases, i64 %number
  %base = load ptr, ptr %slot
  %to = getelementptr double, ptr %base, i64 %offset
  %old = load double, ptr %to
  br label %part
part:
  %p = phi i64 [ 0, %sum ], [ %p.next, %part ]
  %total = phi double [ %old, %sum ], [ %total.next, %part ]
  %row = mul i64 %p, %width
  %column = add i64 %row, %k
  %at = getelementptr double, ptr %memory, i64 %column
  %partial = load double, ptr %at
  %total.next = fadd double %total, %partial
  %p.next = add i64 %p, 1
  %p.more = icmp slt i64 %p.next, %parts
  br i1 %p.more, label %part, label %sum.done
sum.done:
  store double %total.next, ptr %to
  %k.next = add i64 %k, 1
  %k.more = icmp slt i64 %k.next, %sums
  br i1 %k.more, label %sum, label %exit
exit:
  ret void
}
"""

_RUN = """
define void @run(ptr %schedule, ptr %x, ptr %multipliers, double %weight, ptr %out) nounwind {
entry:
  %bases = load ptr, ptr %schedule
  store ptr %x, ptr %bases
  %b3 = getelementptr ptr, ptr %bases, i64 3
  store ptr %multipliers, ptr %b3
  %b4 = getelementptr ptr, ptr %bases, i64 4
  %cell = load ptr, ptr %b4
  store double %weight, ptr %cell
  %b6 = getelementptr ptr, ptr %bases, i64 6
  store ptr %out, ptr %b6
  %s1 = getelementptr i64, ptr %schedule, i64 1
  %phases = load i64, ptr %s1
  %s2 = getelementptr i64, ptr %schedule, i64 2
  %threads.at = load ptr, ptr %s2
  %threads = load i64, ptr %threads.at
  %first = getelementptr i64, ptr %schedule, i64 3
  %some = icmp sgt i64 %phases, 0
  br i1 %some, label %next, label %exit
next:
  %p = phi i64 [ 0, %entry ], [ %p.next, %done ]
  %p.word = mul i64 %p, 11
  %phase = getelementptr i64, ptr %first, i64 %p.word
  %parts.at = getelementptr i64, ptr %phase, i64 3
  %parts = load i64, ptr %parts.at
  %single = icmp eq i64 %parts, 1
  br i1 %single, label %one, label %several
one:
  call void @run_part(ptr %phase, ptr %bases, i64 0)
  br label %done
several:
  call void @run_parts(ptr %phase, ptr %bases, i64 %threads)
  br label %done
done:
  %p.next = add i64 %p, 1
  %p.more = icmp slt i64 %p.next, %phases
  br i1 %p.more, label %next, label %exit
exit:
  ret void
}
"""


def schedule_source(with_threads: bool) -> str:
    """Return the driver's functions; without POSIX threads, one thread does everything."""
    threads = _THREADS if with_threads else _NO_THREADS
    return _PART + _HALF + threads + _PARALLEL + _RUN
