"""The results as a table: one row for each problem, size and tool."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.tools.interface import KINDS

HEADINGS = (
    "problem",
    "tool",
    "set-up s",
    "peak MB",
    "f",
    "g",
    "c",
    "J",
    "H",
    "J/copy",
    "H/copy",
)
NUMBER_COLUMNS = 2
HEADINGS_SOLVE = (
    "problem",
    "tool",
    "set-up + first solve s",
    "later solves s",
    "iterations",
    "status",
    "objective",
)


def show(results: list[dict[str, Any]], console: Console) -> None:
    """Print medians in milliseconds with their spread, solves, and what is missing and why."""
    console.print(_evaluation_table(results))
    if any(result.get("solve") for result in results):
        console.print(_solve_table(results))
    _show_missing(results, console)


def _evaluation_table(results: list[dict[str, Any]]) -> Table:
    table = Table(
        title="f, g, c, J, H: median milliseconds of one evaluation ± interquartile range"
    )
    for index, heading in enumerate(HEADINGS):
        is_text = index < NUMBER_COLUMNS
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    previous = None
    for result in results:
        group = (result["problem"], result["size_name"])
        if previous not in (None, group):
            table.add_section()
        previous = group
        if "setup" in result:
            table.add_row(*_evaluation_row(result))
    return table


def _show_missing(results: list[dict[str, Any]], console: Console) -> None:
    reasons: dict[str, list[str]] = {}
    for result in results:
        reason = result.get("skipped") or result.get("failed")
        if reason:
            reasons.setdefault(f"{result['tool']}: {reason}", []).append(_label(result))
    for reason, labels in reasons.items():
        console.print(f"{reason} ({'; '.join(labels)})", style="yellow")


def _label(result: dict[str, Any]) -> str:
    size = ", ".join(str(value) for value in result["size"].values())
    return f"{result['problem']} {size}".strip()


def _evaluation_row(result: dict[str, Any]) -> list[str]:
    seconds = result.get("evaluate", {}).get("seconds", {})
    return [
        _label(result),
        result["tool"],
        _setup(result),
        f"{result['setup']['peak_megabytes']:.0f}",
        *(_milliseconds(seconds.get(kind)) for kind in KINDS),
        *(_ratio(seconds, kind) for kind in ("jacobian", "hessian")),
    ]


def _setup(result: dict[str, Any]) -> str:
    warm = f"{result['setup']['total_seconds']:.3g}"
    cold = result.get("setup_cold")
    return f"{cold['total_seconds']:.3g} (warm {warm})" if cold else warm


def _milliseconds(times: dict[str, float] | None) -> str:
    if times is None:
        return ""
    spread = (times["upper_quartile"] - times["lower_quartile"]) / times["median"]
    return f"{times['median'] * 1e3:.3g} ±{spread:.0%}"


def _ratio(seconds: dict[str, dict[str, float]], kind: str) -> str:
    if kind not in seconds or f"{kind}_copy" not in seconds:
        return ""
    return f"{seconds[kind]['median'] / seconds[f'{kind}_copy']['median']:.3g}"


def _solve_table(results: list[dict[str, Any]]) -> Table:
    table = Table(title="whole solve with IPOPT")
    for heading in HEADINGS_SOLVE:
        table.add_column(heading)
    for result in results:
        solve = result.get("solve")
        if solve:
            setup = result.get("setup_cold", result["setup"])["total_seconds"]
            warm = solve["warm_seconds"]
            later = "" if warm is None else f"{warm:.3g}"
            seconds = (
                f"{setup:.3g} + {solve['seconds']:.3g} = {setup + solve['seconds']:.3g}",
                later,
            )
            outcome = (str(solve["iterations"]), solve["status"], f"{solve['objective']:.10g}")
            table.add_row(_label(result), result["tool"], *seconds, *outcome)
    return table
