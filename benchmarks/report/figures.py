"""The figures of the page: performance profiles, and growth with n."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.report.bars import scaling_values
from benchmarks.report.measurements import OURS, Case, Measurements, competes
from benchmarks.report.statistics import performance_profile
from benchmarks.report.wording import MATRICES

COLORS = {
    "sparseopt": "#D55E00",
    "casadi_mx": "#0072B2",
    "casadi_sx": "#56B4E9",
    "casadi_c": "#004D73",
    "pyoptinterface": "#009E73",
    "jax_asdex": "#CC79A7",
    "pyomo_asl": "#E69F00",
    "cvxpy_dnlp": "#8C6BB1",
    "scipy": "#999999",
    "limit_c": "#000000",
}
LARGE = 10_000
# Text stays text, and names of elements do not change from run to run.
STABLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.size": 9}
GROWS = {"setup": "set-up, seconds", "jacobian": "J, seconds", "hessian": "H, seconds"}
Times = Mapping[str, float]


def write(found: Measurements, folder: Path) -> list[str]:
    """Write all figures that there are measurements for, and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    with mpl.rc_context(STABLE):
        for name, figure in _figures(found):
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            names.append(name)
    return names


def names(found: Measurements) -> list[str]:
    """Return the names of the figures, without drawing them."""
    profiles = [f"profile-{title}" for title, times in profile_times(found).items() if times]
    return [*profiles, *(["scaling"] if found.scaling else [])]


def profile_times(found: Measurements) -> dict[str, list[Times]]:
    """Return times by tool of the cases of each profile, infinite where a tool failed."""
    large = found.at_least(LARGE)
    evaluated = [
        case.with_failures(case.medians(kind), "evaluate") for case in large for kind in MATRICES
    ]
    setup = [case.with_failures(_totals(case.setup()), "setup") for case in large]
    whole = [case.with_failures(_totals(case.whole()), "whole") for case in large]
    every = {"evaluation": evaluated, "setup": setup, "whole": whole}
    return {title: [t for t in times if len(t) > 1] for title, times in every.items()}


def _totals(runs: Mapping[str, Any]) -> dict[str, float]:
    return {tool: run["total_seconds"] for tool, run in runs.items()}


def _figures(found: Measurements) -> Iterator[tuple[str, Figure]]:
    for title, times in profile_times(found).items():
        if times:
            yield f"profile-{title}", _profile(times)
    if found.scaling:
        yield "scaling", _scaling(found.scaling)


def _profile(times: Sequence[Times]) -> Figure:
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for tool in _tools(times):
        factors, shares = performance_profile(times, tool)
        tried = sum(tool in case for case in times)
        if factors:
            steps = [*factors, max(1e3, 2 * factors[-1])]
            label = f"{tool} ({tried})"
            style: Any = {"color": COLORS.get(tool), "linewidth": 2.4 if tool == OURS else 1.4}
            axes.step([1.0, *steps], [0.0, *shares, shares[-1]], where="post", label=label, **style)
    axes.set(xscale="log", xlabel="factor of the fastest tool's time", ylabel="share of cases")
    axes.set(ylim=(0, 1.02), xlim=(1, None))
    axes.legend(loc="lower right", frameon=False)
    axes.grid(alpha=0.3)
    return figure


def _tools(cases: Sequence[Times]) -> list[str]:
    return sorted({tool for case in cases for tool in case}, key=lambda t: (t != OURS, t))


def _scaling(cases: Sequence[Case]) -> Figure:
    """Return a row of plots for each problem: set-up, J, H and memory against n."""
    problems = list(dict.fromkeys(case.problem for case in cases))
    titles = {**GROWS, "memory": "memory, MB"}
    figure = Figure(figsize=(2.8 * len(titles), 2.5 * len(problems)), layout="constrained")
    grid = figure.subplots(len(problems), len(titles), squeeze=False, sharex=True)
    for row, problem in enumerate(problems):
        own = [case for case in cases if case.problem == problem]
        for column, (what, title) in enumerate(titles.items()):
            axes = grid[row][column]
            _growth_lines(axes, own, what)
            axes.set(xscale="log", yscale="log", xlabel="n" if row == len(problems) - 1 else "")
            axes.set_title(title if column else f"{problem}: {title}", fontsize=8)
            axes.tick_params(labelsize=7, which="both")
            axes.grid(alpha=0.3)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=6, frameon=False)
    return figure


def _growth_lines(axes: Any, cases: Sequence[Case], what: str) -> None:
    for tool in dict.fromkeys(tool for case in cases for tool in case.results if competes(tool)):
        values = [(case.variables, scaling_values(case, tool)) for case in cases]
        points = [(n, found[what]) for n, found in values if what in found]
        if points:
            color, width = COLORS.get(tool), 2.2 if tool == OURS else 1.2
            axes.plot(*zip(*points, strict=True), "o-", color=color, label=tool, linewidth=width)
