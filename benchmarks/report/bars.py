"""The bars that sparseopt is held against: what is wanted, what was measured, whether it holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.report.comparisons import (
    Labeled,
    Ratio,
    Times,
    is_casadi,
    is_limit,
    is_pyoptinterface,
    matrix_times,
    only_others,
    ratios,
    setup_times,
    vector_times,
    whole_times,
    without_ours,
)
from benchmarks.report.comparisons import beside as beside_tools
from benchmarks.report.measurements import OURS, Case, Measurements, competes, is_rival, succeeded
from benchmarks.report.statistics import geometric_mean, growth_exponent
from benchmarks.report.wording import MATRICES, number, number_beside
from problems import registry

LARGE, HUGE, SMALL = 10_000, 1_000_000, 50
FEWEST_LIMITS = 5
SCALING_FROM = 10_000
LARGEST = ("luksan_vlcek_1", 10_000_000)
SETUP_KINDS = ("cold", "warm")


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes
    ----------
    statement, wanted, measured : str
        What is measured, the bar, and the value with the number of cases behind it.
    held : bool or None
        Whether it holds; None where nothing was measured.
    exceptions : tuple of str
        The cases that miss a bar that asks for every case.
    beside : str
        The tools that sparseopt is compared with, and in how many cases.
    """

    statement: str
    wanted: str
    measured: str
    held: bool | None
    exceptions: tuple[str, ...] = ()
    beside: str = ""


def bars(found: Measurements) -> list[Bar]:
    """Return all bars, in the order of the page."""
    return [
        *_evaluation(found),
        *_setup(found),
        *(bar for cache in SETUP_KINDS for bar in _whole(found, cache)),
        *_against_limit(found),
        *_growth(found),
        *_largest(found),
        *_threads(found),
        *_small(found),
    ]


# ---- comparisons with rivals
def _cases(count: int, word: str = "case") -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _lost(times: Labeled) -> list[str]:
    return [f"{label}: no time of sparseopt counts" for label in without_ours(times)]


def _fastest(statement: str, times: list[tuple[str, Times]], missing: list[str]) -> Bar:
    factors = ratios(times, is_rival)
    slower = [f"{r.label}: {number(1 / r.value)}×" for r in factors if r.value < 1]
    total = len(factors) + len(missing)
    measured = f"{total - len(slower) - len(missing)} of {total}"
    held = not slower and not missing if total else None
    exceptions, beside = (*slower, *missing), beside_tools(times, is_rival)
    return Bar(statement, "every case", measured if total else "", held, exceptions, beside)


def _mean(
    statement: str,
    wanted: float,
    times: list[tuple[str, Times]],
    rival: Callable[[str], bool],
) -> Bar:
    factors = ratios(times, rival)
    value = geometric_mean([r.value for r in factors])
    measured = f"{number_beside(value, wanted)}× ({_cases(len(factors))})" if factors else ""
    held = value >= wanted if factors else None
    beside = beside_tools(times, rival)
    return Bar(statement, f"geometric mean ≥ {wanted:g}×", measured, held, beside=beside)


def _evaluation(found: Measurements) -> Iterator[Bar]:
    times = list(matrix_times(found.at_least(LARGE)))
    missing = _lost(times)
    yield _fastest("J and H evaluation, n ≥ 10⁴: fastest of all measured tools", times, missing)
    yield _mean("… faster than PyOptInterface", 5.0, times, is_pyoptinterface)
    yield _mean("… faster than the better CasADi", 20.0, times, is_casadi)


def _setup(found: Measurements) -> Iterator[Bar]:
    times = list(setup_times(found.at_least(LARGE), "cold"))
    missing = _lost(times)
    yield _fastest("set-up, cold, n ≥ 10⁴: fastest of all measured tools", times, missing)
    yield _mean("… faster than the best other tool", 5.0, times, is_rival)


def _whole(found: Measurements, cache: str) -> Iterator[Bar]:
    times = list(whole_times(found.at_least(LARGE), cache))
    ours = [Ratio(r.label, 1 / r.value) for r in ratios(times, is_rival)]
    lost = [Ratio(label, math.inf) for label, own in times if only_others(own)]
    title = f"whole time, compile cache {cache}, n ≥ 10⁴, as a multiple of the best other tool's"
    if not ours:
        yield Bar(title, "geometric mean ≤ 0.75×", "", None)
        return
    mean, every = geometric_mean([r.value for r in ours]), [*ours, *lost]
    fastest = sum(r.value <= 1 for r in every) / len(every)
    worst = max(r.value for r in every)
    over = tuple(f"{r.label}: {number(r.value)}×" for r in every if r.value > 1.2)
    measured = f"{number(mean)}× ({_cases(len(ours))})"
    beside, share = beside_tools(times, is_rival), f"{100 * fastest:.0f} %"
    yield Bar(title, "geometric mean ≤ 0.75×", measured, mean <= 0.75, beside=beside)
    yield Bar("… fastest", "≥ 80 % of cases", share, fastest >= 0.8, beside=beside)
    yield Bar("… slowest case", "≤ 1.2×", f"{number(worst)}×", worst <= 1.2, over, beside)


def _against_limit(found: Measurements) -> Iterator[Bar]:
    for what, times in (("J and H", matrix_times), ("f, g and c", vector_times)):
        factors = ratios(times(found.cases), is_limit)
        names = {r.label.partition(" of ")[2].partition(",")[0] for r in factors}
        value = geometric_mean([1 / r.value for r in factors])
        few = f"at least {FEWEST_LIMITS} problems"
        title = f"{what} evaluation, as a multiple of hand-written C's time ({few})"
        measured = f"{number(value)}× ({_cases(len(factors))}, {_cases(len(names), 'problem')})"
        held = value <= 2 and len(names) >= FEWEST_LIMITS if factors else None
        yield Bar(title, "geometric mean ≤ 2×", measured if factors else "", held)


# ---- growth with n
def scaling_values(case: Case, tool: str) -> dict[str, float]:
    """Return what grows with n: seconds of set-up, J, H, copying their values, and megabytes."""
    result, kinds = case.results.get(tool, {}), (*MATRICES, *(f"{kind}_copy" for kind in MATRICES))
    found = {kind: case.medians(kind)[tool] for kind in kinds if tool in case.medians(kind)}
    setup = (result.get("setup") or {}).get("cold")
    if setup:
        found |= {"setup": setup["total_seconds"], "memory": setup["peak_megabytes"]}
    return found


def exponents(found: Measurements, tool: str) -> dict[str, dict[str, float]]:
    """Return fitted exponents from n = 10^4 on, by problem and by what grows."""
    table: dict[str, dict[str, float]] = {}
    for problem in dict.fromkeys(case.problem for case in found.scaling):
        points: dict[str, list[tuple[int, float]]] = {}
        for case in found.scaling:
            if case.problem == problem and case.variables >= 0.9 * SCALING_FROM:
                for what, value in scaling_values(case, tool).items():
                    points.setdefault(what, []).append((case.variables, value))
        fits = {w: growth_exponent(*zip(*p, strict=True)) for w, p in points.items() if len(p) > 1}
        table[problem] = fits
    return table


def _growth(found: Measurements) -> Iterator[Bar]:
    fitted = exponents(found, OURS)
    titles = (("setup", "set-up, cold"), ("jacobian", "J"), ("hessian", "H"), ("memory", "memory"))
    for what, title in titles:
        own = {problem: fits for problem, fits in fitted.items() if what in fits}
        statement = f"growth of {title} with n, from 10⁴"
        if not own:
            yield Bar(statement, "exponent ≤ 1.05", "", None)
            continue
        measured = ", ".join(f"{problem} {_exponent(fits, what)}" for problem, fits in own.items())
        held = all(round(fits[what], 2) <= 1.05 for fits in own.values())
        yield Bar(statement, "exponent ≤ 1.05", measured, held)


def _exponent(fits: dict[str, float], what: str) -> str:
    """Return an exponent, with that of memory itself: arrays that leave the caches grow faster."""
    copy = fits.get(f"{what}_copy")
    return f"{fits[what]:.2f}" + (f" (copying the values {copy:.2f})" if copy else "")


def _largest(found: Measurements) -> Iterator[Bar]:
    problem, variables = LARGEST
    statement = f"{problem} with n = {variables:,}"
    sizes = [c for c in found.scaling if (c.problem, c.variables) == LARGEST]
    setup = sizes[0].setup().get(OURS) if sizes else None
    if setup is None:
        yield Bar(f"{statement}: set-up", "≤ 20 s, ≤ 8 GB", "", None)
        return
    seconds, gigabytes = setup["total_seconds"], setup["process_megabytes"] / 1024
    measured = f"{number(seconds)} s, {number(gigabytes)} GB"
    held = seconds <= 20 and gigabytes <= 8
    yield Bar(f"{statement}: set-up, cold", "≤ 20 s, ≤ 8 GB", measured, held)


# ---- threads, small problems
@dataclass(frozen=True)
class Speedup:
    """What a second thread does for an evaluation, and for a copy of its values.

    Attributes
    ----------
    factor : Ratio
        Seconds with one thread over those with two.
    copy : float or None
        The same of copying the values; None where that was not measured.
    same_bits : bool
        Whether the values are equal to the last bit.
    """

    factor: Ratio
    copy: float | None
    same_bits: bool


def speedups(case: Case) -> dict[str, Speedup]:
    """Return what a second thread does for J and H, by kind."""
    runs = case.results.get(OURS, {}).get("threads", {})
    if not {"1", "2"} <= runs.keys():
        return {}
    one, two = runs["1"], runs["2"]
    found = {}
    for kind, symbol in MATRICES.items():
        factors = [
            one["seconds"][name]["median"] / two["seconds"][name]["median"]
            for name in (kind, f"{kind}_copy")
            if name in one["seconds"] and name in two["seconds"]
        ]
        if factors:
            same = one["digests"][kind] == two["digests"][kind]
            copy = factors[1] if len(factors) > 1 else None
            found[kind] = Speedup(Ratio(f"{symbol} of {case.label}", factors[0]), copy, same)
    return found


def _threads(found: Measurements) -> Iterator[Bar]:
    measured = [s for case in found.at_least(HUGE) for s in speedups(case).values()]
    statement = "two threads against one, J and H, n ≥ 10⁶"
    if not measured:
        yield Bar(statement, "≥ 1.7×, same bits", "", None)
        return
    same = all(s.same_bits for s in measured)
    slow = tuple(_too_slow(s) for s in measured if s.factor.value < 1.7)
    words = [_least_and_mean([s.factor.value for s in measured])]
    words.append("same bits" if same else "bits differ")
    copies = [s.copy for s in measured if s.copy is not None]
    if copies:
        words.append(f"copying the values: {_least_and_mean(copies)}")
    yield Bar(statement, "≥ 1.7×, same bits", ", ".join(words), not slow and same, slow)


def _least_and_mean(factors: list[float]) -> str:
    return f"least {number(min(factors))}×, mean {number(geometric_mean(factors))}×"


def _too_slow(speedup: Speedup) -> str:
    copy = "" if speedup.copy is None else f" (copying the values {number(speedup.copy)}×)"
    return f"{speedup.factor.label}: {number(speedup.factor.value)}×{copy}"


def _small(found: Measurements) -> Iterator[Bar]:
    cases = [
        case
        for case in found.cases
        if case.variables < SMALL and _is_hock_schittkowski(case.problem)
    ]
    kinds = (
        *((f"set-up and solve, cache {c}", list(whole_times(cases, c))) for c in SETUP_KINDS),
        ("solve alone, repeated", [(case.label, _later_solves(case)) for case in cases]),
    )
    for title, times in kinds:
        factors = [1 / r.value for r in ratios(times, is_casadi)]
        subject = f"problems of Hock and Schittkowski, n < {SMALL}, as a multiple of CasADi's time"
        statement = f"{subject}: {title}"
        value = geometric_mean(factors)
        measured = f"{number(value)}× ({_cases(len(factors))})" if factors else ""
        held = value <= 1.2 if factors else None
        beside = beside_tools(times, is_casadi)
        yield Bar(statement, "geometric mean ≤ 1.2×", measured, held, beside=beside)


def _is_hock_schittkowski(problem: str) -> bool:
    names = registry.names()
    return problem in names and registry.collection(problem) == "hock_schittkowski"


def _later_solves(case: Case) -> Times:
    solves = {tool: result.get("solve") for tool, result in case.results.items()}
    good = {tool: solve for tool, solve in solves.items() if solve and succeeded(solve)}
    later = {tool: solve["warm_seconds"] for tool, solve in good.items()}
    return {t: s for t, s in later.items() if competes(t) and s is not None and math.isfinite(s)}
