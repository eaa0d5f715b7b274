"""The fixed part of generated code that searches sorted tables."""

from __future__ import annotations

__all__ = ["SEARCH_DECLARATIONS", "SEARCH_NAMES", "search_source"]

SEARCH_NAMES = ("search_left", "search_right")

SEARCH_DECLARATIONS = "".join(
    f"declare double @{name}(ptr, i64, double) nounwind willreturn memory(argmem: read)\n"
    for name in SEARCH_NAMES
)


def search_source() -> str:
    """Return functions that count the knots below a number: binary search without branches.

    NaN is above all knots, as in NumPy: the comparisons are the unordered ones.
    """
    return _search("search_left", "ult") + _search("search_right", "ule")


def _search(name: str, below: str) -> str:
    return f"""
define double @{name}(ptr %knots, i64 %size, double %x) nounwind {{
entry:
  %any = icmp sgt i64 %size, 0
  br i1 %any, label %loop, label %exit
loop:
  %low = phi i64 [ 0, %entry ], [ %low.next, %loop ]
  %left = phi i64 [ %size, %entry ], [ %left.next, %loop ]
  %half = lshr i64 %left, 1
  %middle = add i64 %low, %half
  %at = getelementptr double, ptr %knots, i64 %middle
  %knot = load double, ptr %at
  %is.below = fcmp {below} double %knot, %x
  %after = add i64 %middle, 1
  %low.next = select i1 %is.below, i64 %after, i64 %low
  %upper = sub i64 %left, %half
  %upper.rest = sub i64 %upper, 1
  %left.next = select i1 %is.below, i64 %upper.rest, i64 %half
  %more = icmp sgt i64 %left.next, 0
  br i1 %more, label %loop, label %exit
exit:
  %found = phi i64 [ 0, %entry ], [ %low.next, %loop ]
  %result = sitofp i64 %found to double
  ret double %result
}}
"""
