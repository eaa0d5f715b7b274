"""Comparisons with other tools: ratios of times, case by case, and the tools behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from benchmarks.report.measurements import OURS, Case, is_rival
from benchmarks.report.wording import MATRICES, SYMBOLS, code

VECTORS = {kind: symbol for kind, symbol in SYMBOLS.items() if kind not in MATRICES}
Times = dict[str, float]
Labeled = Iterable[tuple[str, Times]]


@dataclass(frozen=True)
class Ratio:
    """The best rival's seconds over ours, in one case."""

    label: str
    value: float


def ratios(cases: Labeled, rival: Callable[[str], bool]) -> list[Ratio]:
    """Return the ratios of the cases in which both sides have a time."""
    found = []
    for label, times in cases:
        others = [seconds for tool, seconds in times.items() if rival(tool)]
        if OURS in times and others:
            found.append(Ratio(label, min(others) / times[OURS]))
    return found


def beside(times: Labeled, rival: Callable[[str], bool]) -> str:
    """Return the rivals with the numbers of cases in which they have a time beside ours."""
    both = [own for _, own in times if OURS in own]
    counts = Counter(tool for own in both for tool in own if rival(tool))
    return ", ".join(f"{code(tool)} {counts[tool]}" for tool in sorted(counts))


def matrix_times(cases: Iterable[Case]) -> Iterator[tuple[str, Times]]:
    """Yield the seconds of one evaluation of J and of H, by tool."""
    return _evaluation_times(cases, MATRICES)


def vector_times(cases: Iterable[Case]) -> Iterator[tuple[str, Times]]:
    """Yield the seconds of one evaluation of f, of g and of c, by tool."""
    return _evaluation_times(cases, VECTORS)


def _evaluation_times(cases: Iterable[Case], kinds: dict[str, str]) -> Iterator[tuple[str, Times]]:
    for case in cases:
        for kind, symbol in kinds.items():
            yield f"{symbol} of {case.label}", case.medians(kind)


def setup_times(cases: Iterable[Case], cache: str) -> Iterator[tuple[str, Times]]:
    """Yield the seconds of set-up, by tool; `cache` is sparseopt's, "cold" or "warm"."""
    for case in cases:
        runs = case.setup(cache)
        yield case.label, {tool: run["total_seconds"] for tool, run in runs.items()}


def whole_times(cases: Iterable[Case], cache: str) -> Iterator[tuple[str, Times]]:
    """Yield the seconds from the user's code to the answer, by tool; see `setup_times`."""
    for case in cases:
        runs = case.whole(cache)
        yield case.label, {tool: run["total_seconds"] for tool, run in runs.items()}


def is_casadi(tool: str) -> bool:
    """Whether a tool is one of CasADi's."""
    return tool.startswith("casadi")


def is_pyoptinterface(tool: str) -> bool:
    """Whether a tool is PyOptInterface."""
    return tool == "pyoptinterface"


def is_limit(tool: str) -> bool:
    """Whether it is hand-written C."""
    return tool == "limit_c"


def without_ours(times: Labeled) -> list[str]:
    """Return cases where others have a time and sparseopt has none that counts."""
    return [label for label, own in times if only_others(own)]


def only_others(times: Times) -> bool:
    """Whether others have a time and sparseopt has none that counts."""
    return OURS not in times and any(map(is_rival, times))
