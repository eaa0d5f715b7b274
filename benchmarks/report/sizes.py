"""The head of the page: every comparison over all cases, and over those of each class of sizes.

A mean over all sizes hides what happens at one of them, and a mean hides the worst case.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from benchmarks.report.bars import LARGE, SETUP_KINDS
from benchmarks.report.comparisons import (
    Labeled,
    is_casadi,
    is_limit,
    is_pyoptinterface,
    matrix_times,
    ratios,
    setup_times,
    vector_times,
    whole_times,
    without_ours,
)
from benchmarks.report.measurements import Case, Measurements, is_rival
from benchmarks.report.statistics import geometric_mean
from benchmarks.report.wording import markdown_table, number

BORDER = 50_000
CLASSES = {
    "n ≥ 10⁴": (LARGE, math.inf),
    "10⁴ ≤ n < 5·10⁴": (LARGE, BORDER),
    "n ≥ 5·10⁴": (BORDER, math.inf),
}
OTHERS = "the best other tool"
Cell = Callable[[list[tuple[str, dict[str, float]]]], str]


def size_table(found: Measurements) -> list[str]:
    """Return a row for each comparison, a column for each class of sizes."""
    classes = [_between(found, *limits) for limits in CLASSES.values()]
    rows = [
        (title, *(cell(list(times(cases))) for cases in classes))
        for title, times, cell in _comparisons()
    ]
    cases = [
        f"{name}: {len(own)} case{'s' * (len(own) != 1)}"
        for name, own in zip(CLASSES, classes, strict=True)
    ]
    return markdown_table(("mean, worst (cases)", *cases), rows)


def _between(found: Measurements, low: float, high: float) -> list[Case]:
    raced = [case for case in found.cases if any(map(is_rival, case.results))]
    return [case for case in raced if low <= case.variables < high]


def _comparisons() -> Iterator[tuple[str, Callable[[list[Case]], Labeled], Cell]]:
    """Yield title, times of the cases, and what is said of them."""
    yield "J and H evaluation: sparseopt fastest in", matrix_times, _fastest
    yield f"… faster than {OTHERS}", matrix_times, _faster(is_rival)
    yield "… faster than PyOptInterface", matrix_times, _faster(is_pyoptinterface)
    yield "… faster than the better CasADi", matrix_times, _faster(is_casadi)
    yield "… slower than hand-written C", matrix_times, _slower
    yield "f, g and c evaluation: sparseopt fastest in", vector_times, _fastest
    yield f"… faster than {OTHERS}", vector_times, _faster(is_rival)
    yield "… slower than hand-written C", vector_times, _slower
    for title, times in (("set-up", setup_times), ("whole time", whole_times)):
        for cache in SETUP_KINDS:
            timed = _with_cache(times, cache)
            yield f"{title}, compile cache {cache}: sparseopt fastest in", timed, _fastest
            yield f"… faster than {OTHERS}", timed, _faster(is_rival)


def _with_cache(
    times: Callable[[list[Case], str], Labeled], cache: str
) -> Callable[[list[Case]], Labeled]:
    return lambda cases: times(cases, cache)


def _fastest(times: list[tuple[str, dict[str, float]]]) -> str:
    """Return in how many cases sparseopt is the fastest; one without its time is lost."""
    factors, lost = ratios(times, is_rival), without_ours(times)
    first = sum(factor.value >= 1 for factor in factors)
    total = len(factors) + len(lost)
    return f"{first} of {total}" if total else "—"


def _faster(rival: Callable[[str], bool]) -> Cell:
    def cell(times: list[tuple[str, dict[str, float]]]) -> str:
        factors = [factor.value for factor in ratios(times, rival)]
        return _mean_and(min, factors) if factors else "—"

    return cell


def _slower(times: list[tuple[str, dict[str, float]]]) -> str:
    factors = [1 / factor.value for factor in ratios(times, is_limit)]
    return _mean_and(max, factors) if factors else "—"


def _mean_and(worst: Callable[[list[float]], float], factors: list[float]) -> str:
    mean = number(geometric_mean(factors))
    return f"**{mean}×**, {number(worst(factors))}× ({len(factors)})"
