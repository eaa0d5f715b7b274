"""The results as a table: one row for each problem, size and tool."""

from __future__ import annotations

from collections.abc import Iterator
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
    "first solve s",
    "later solves s",
    "iterations",
    "status",
    "objective",
)
HEADINGS_WHOLE = (
    "problem",
    "tool",
    "cache",
    "total s",
    "set-up s",
    "solve s",
    "iterations",
    "status",
    "objective",
)


def show(results: list[dict[str, Any]], console: Console) -> None:
    """Print medians in milliseconds with their spread, solves, and what is missing and why."""
    if any("setup" in result for result in results):
        console.print(_evaluation_table(results))
    if any(result.get("solve") for result in results):
        console.print(_solve_table(results))
    if any(result.get("whole") for result in results):
        console.print(_whole_table(results))
    for result in results:
        for kind, sentence in _thread_sentences(result.get("threads", {})):
            console.print(f"{_label(result)} {kind}: {sentence}")
    _show_missing(results, console)


def _thread_sentences(runs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield seconds with one and with more threads, and whether the bits are the same."""
    one = runs.get("1", {"seconds": {}, "digests": {}})
    for threads in sorted(runs.keys() - {"1"}):
        more = runs[threads]
        for kind in one["digests"]:
            times = [run["seconds"][kind]["median"] for run in (one, more)]
            same = "same bits" if one["digests"][kind] == more["digests"][kind] else "OTHER BITS"
            text = f"{times[0] * 1e3:.3g} ms, {threads} threads {times[1] * 1e3:.3g} ms, {same}"
            yield kind, text


def _evaluation_table(results: list[dict[str, Any]]) -> Table:
    table = Table(
        title="f, g, c, J, H: median milliseconds of one evaluation ± interquartile range",
        caption="J/copy, H/copy: how often their values could be copied in that time",
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
        skipped = {"": result["skipped"]} if "skipped" in result else {}
        for stage, reason in (skipped | result.get("failures", {})).items():
            title = " ".join(filter(None, [result["tool"], stage]))
            reasons.setdefault(f"{title}: {reason}", []).append(_label(result))
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
        f"{_cold(result)['peak_megabytes']:.0f}",
        *(_milliseconds(seconds.get(kind)) for kind in KINDS),
        *(_ratio(seconds, kind) for kind in ("jacobian", "hessian")),
    ]


def _cold(result: dict[str, Any]) -> dict[str, Any]:
    setup = result["setup"]
    found: dict[str, Any] = setup.get("cold") or setup["warm"]
    return found


def _setup(result: dict[str, Any]) -> str:
    cold, warm = f"{_cold(result)['total_seconds']:.3g}", result["setup"].get("warm")
    return f"{cold} (warm {warm['total_seconds']:.3g})" if warm else cold


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
    table = Table(title="solve with IPOPT, set-up done")
    for heading in HEADINGS_SOLVE:
        table.add_column(heading)
    for result in results:
        solve = result.get("solve")
        if solve:
            later = solve["warm_seconds"]
            seconds = (f"{solve['seconds']:.3g}", "" if later is None else f"{later:.3g}")
            table.add_row(_label(result), result["tool"], *seconds, *_outcome(solve))
    return table


def _whole_table(results: list[dict[str, Any]]) -> Table:
    table = Table(title="whole time, from the user's code to the answer of IPOPT")
    for heading in HEADINGS_WHOLE:
        table.add_column(heading)
    for result in results:
        for label, whole in result.get("whole", {}).items():
            parts = whole["seconds"]
            seconds = (whole["total_seconds"], parts["setup"], parts["solve"])
            cells = (f"{value:.3g}" for value in seconds)
            table.add_row(_label(result), result["tool"], label, *cells, *_outcome(whole))
    return table


def _outcome(solved: dict[str, Any]) -> tuple[str, str, str]:
    return str(solved["iterations"]), solved["status"], f"{solved['objective']:.10g}"
