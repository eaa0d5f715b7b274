"""The tables of the page, one for each stage; each returns lines of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.report.bars import Bar, exponents, scaling_values, speedups
from benchmarks.report.measurements import OURS, Case, Measurements, succeeded
from benchmarks.report.wording import MATRICES, SYMBOLS, code, markdown_table, number, spread
from benchmarks.selection import STAGES
from benchmarks.tools.interface import TOOLS

MILLI = 1e3
NO_CLOSED_FORM = "has no closed form"
DETAILS = ("build", "derivatives", "elements", "patterns", "compile", "first_evaluation")
HELD = {True: "**yes**", False: "no", None: "not measured"}
GROWS = {"setup": "set-up s", "jacobian": "J ms", "hessian": "H ms", "memory": "memory MB"}


def bar_table(bars: Sequence[Bar]) -> list[str]:
    """Return all bars, and below them the cases that miss one."""
    rows = [(b.statement, b.wanted, b.measured or "—", HELD[b.held], b.beside) for b in bars]
    head = ("bar", "wanted", "measured", "held", "beside (cases)")
    lines = markdown_table(head, rows, texts=5)
    for name, bar in _named(bars):
        if bar.exceptions:
            lines += ["", f"Not {bar.wanted} in “{name}”: {'; '.join(bar.exceptions)}."]
    return lines


def verdict(bars: Sequence[Bar]) -> list[str]:
    """Return how many bars hold, and those that do not."""
    measured = [bar for bar in bars if bar.held is not None]
    if not measured:
        return ["Not measured."]
    held = sum(bar.held is True for bar in measured)
    missed = [
        f"- {name}: {bar.measured}, wanted {bar.wanted}"
        for name, bar in _named(bars)
        if bar.held is False
    ]
    first = f"{held} of {len(measured)} measured [bars](#bars) hold"
    return [f"{first}; these do not:", "", *missed] if missed else [f"{first}."]


def _named(bars: Sequence[Bar]) -> Iterator[tuple[str, Bar]]:
    """Yield the bars with names that can stand alone: parts begin with what they are part of."""
    subject = ""
    for bar in bars:
        is_part = bar.statement.startswith("…")
        subject = subject if is_part else bar.statement.partition(":")[0]
        yield f"{subject} {bar.statement}" if is_part else bar.statement, bar


def coverage_table(found: Measurements) -> list[str]:
    """Return in how many cases each tool has a result of each stage, failed, or was not run."""
    rows = []
    for tool in found.tools:
        results = [c.results[tool] for c in [*found.cases, *found.scaling] if tool in c.results]
        done = [sum(bool(result.get(stage)) for result in results) for stage in STAGES]
        failed = sum("failures" in result for result in results)
        skipped = sum("skipped" in result for result in results)
        rows.append((code(tool), *map(str, (*done, failed, skipped, found.unmeasured(tool)))))
    missing = ", ".join(code(tool) for tool in sorted(TOOLS) if tool not in found.tools)
    lines = markdown_table(("tool", *STAGES, "failed", "skipped", "not run yet"), rows)
    lines = lines if rows else ["Not measured."]
    return [*lines, "", f"Without any result on this page: {missing}."] if missing else lines


def evaluation_table(found: Measurements, kind: str) -> list[str]:
    """Return median milliseconds of one evaluation of a kind, with their spread."""

    def cells(case: Case) -> Mapping[str, str]:
        times = case.evaluation(kind)
        return {tool: spread(seconds, MILLI) for tool, seconds in times.items()}

    return _by_tool(found, cells)


def setup_table(found: Measurements) -> list[str]:
    """Return seconds of set-up; of sparseopt, with an empty and with a filled cache."""

    def cells(case: Case) -> Mapping[str, str]:
        warm = case.setup("warm")
        return {tool: _seconds(run, warm, tool) for tool, run in case.setup().items()}

    return _by_tool(found, cells)


def memory_table(found: Measurements) -> list[str]:
    """Return megabytes that set-up takes at its peak, above what imports took."""

    def cells(case: Case) -> Mapping[str, str]:
        runs = case.setup()
        return {tool: number(run["peak_megabytes"]) for tool, run in runs.items()}

    return _by_tool(found, cells)


def whole_table(found: Measurements) -> list[str]:
    """Return seconds from the user's code to the answer."""

    def cells(case: Case) -> Mapping[str, str]:
        warm = case.whole("warm")
        return {tool: _seconds(run, warm, tool) for tool, run in case.whole().items()}

    return _by_tool(found, cells)


def _seconds(run: dict[str, Any], warm: Mapping[str, Any], tool: str) -> str:
    totals = run["totals"]
    text = number(run["total_seconds"])
    if len(totals) > 1:
        text += f" ±{100 * (totals[-1] - totals[0]) / run['total_seconds'] / 2:.0f} %"
    is_cached = tool in warm and warm[tool] is not run
    return f"{text} ({number(warm[tool]['total_seconds'])})" if is_cached else text


def _by_tool(found: Measurements, cells: Callable[[Case], Mapping[str, str]]) -> list[str]:
    """Return a table with a row for each case and a column for each tool that has any entry."""
    rows = {case.label: cells(case) for case in found.cases}
    tools = [tool for tool in found.tools if any(tool in row for row in rows.values())]
    filled = [(label, row) for label, row in rows.items() if row]
    if not filled:
        return ["Not measured."]
    head = ("problem", *map(code, tools))
    return markdown_table(
        head, [(label, *(row.get(t, "") for t in tools)) for label, row in filled]
    )


def stage_table(found: Measurements) -> list[str]:
    """Return seconds of the parts of sparseopt's set-up, with an empty cache."""
    rows = []
    for case in found.cases:
        run = case.setup().get(OURS)
        if run:
            parts = {**run["details"], **run["seconds"]}
            rows.append((case.label, *(number(parts.get(name, 0.0)) for name in DETAILS)))
    names = [name.replace("_", " ") for name in DETAILS]
    return markdown_table(("problem", *names), rows) if rows else ["Not measured."]


def scaling_table(found: Measurements) -> list[str]:
    """Return what grows with n, by problem, n and tool, and the exponents."""
    tools = [tool for tool in found.tools if any(tool in c.results for c in found.scaling)]
    rows = []
    for case in found.scaling:
        for tool in tools:
            values = scaling_values(case, tool)
            if values:
                rows.append((case.problem, f"{case.variables:,}", code(tool), *_grown(values)))
    for tool in tools:
        for problem, fits in exponents(found, tool).items():
            if fits:
                cells = (f"{fits[what]:.2f}" if what in fits else "" for what in GROWS)
                rows.append((problem, "exponent from 10⁴", code(tool), *cells))
    head = ("problem", "n", "tool", *GROWS.values())
    return markdown_table(head, rows, texts=3) if rows else ["Not measured."]


def _grown(values: Mapping[str, float]) -> list[str]:
    scaled = {w: v * MILLI if w in MATRICES else v for w, v in values.items()}
    return [number(scaled[what]) if what in scaled else "" for what in GROWS]


def threads_table(found: Measurements) -> list[str]:
    """Return milliseconds with one and with two threads, and whether the bits are the same."""
    rows = []
    for case in found.cases:
        for kind, speedup in speedups(case).items():
            runs = case.results[OURS]["threads"]
            times = (spread(runs[threads]["seconds"][kind], MILLI) for threads in ("1", "2"))
            copy = "" if speedup.copy is None else f"{number(speedup.copy)}×"
            factor, same = f"{number(speedup.factor.value)}×", "yes" if speedup.same_bits else "no"
            rows.append((case.label, MATRICES[kind], *times, factor, copy, same))
    head = ("problem", "", "1 thread ms", "2 threads ms", "factor", "copy's factor", "same bits")
    return markdown_table(head, rows, texts=2) if rows else ["Not measured."]


def lines_table(found: Measurements) -> list[str]:
    """Return lines of user code of the models written by hand."""
    by_hand = {n: lines for n, lines in sorted(found.code_lines.items()) if len(lines) > 1}
    tools = sorted({t for lines in by_hand.values() for t in lines}, key=lambda t: (t != OURS, t))
    if not tools:
        return ["Not measured."]
    rows = [
        (name, *(str(lines.get(tool, "")) for tool in tools)) for name, lines in by_hand.items()
    ]
    return markdown_table(("problem", *map(code, tools)), rows)


def failures(found: Measurements) -> list[str]:
    """Return what failed, was not run or does not count, by tool and reason, with its cases."""
    reasons: dict[str, list[str]] = {}
    for case in [*found.cases, *found.scaling]:
        for tool, sentence in _missing(case):
            reasons.setdefault(f"{code(tool)}: {sentence}", []).append(case.label)
    for problem, size_name, tool in map(str.split, found.not_run):
        reason = f"{code(tool)}: not run yet, in whole or in part"
        reasons.setdefault(reason, []).append(f"{problem}, {size_name}")
    lines = [f"- {reason} ({_cases(reason, labels)})" for reason, labels in sorted(reasons.items())]
    return lines or ["None."]


def _cases(reason: str, labels: Sequence[str]) -> str:
    """Return the cases; of what was never to be run, closed forms nobody wrote, their number."""
    many = f"{len(labels)} case{'s' * (len(labels) != 1)}"
    return many if NO_CLOSED_FORM in reason else "; ".join(labels)


def _missing(case: Case) -> list[tuple[str, str]]:
    found = []
    for tool, result in case.results.items():
        if "skipped" in result:
            found.append((tool, f"not run: {result['skipped']}"))
        grouped: dict[str, list[str]] = {}
        for stage, reason in result.get("failures", {}).items():
            grouped.setdefault(reason, []).append(stage)
        found += [(tool, f"{', '.join(s)} failed: {reason}") for reason, s in grouped.items()]
        wrong = [SYMBOLS[kind] for kind in SYMBOLS if (tool, kind) in case.wrong]
        if wrong:
            found.append((tool, f"other values than most tools: {', '.join(wrong)}"))
        found += [(tool, sentence) for sentence in _unsolved(case, tool, result)]
    return found


def _unsolved(case: Case, tool: str, result: dict[str, Any]) -> list[str]:
    counted = {label: case.whole(label) for label in ("cold", "warm")}
    sentences = []
    for label, run in (result.get("whole") or {}).items():
        if not succeeded(run):
            sentences.append(f"solve not successful: {run['status']}")
        elif tool not in counted[label]:
            sentences.append(f"solve ended at another objective: {run['objective']:.8g}")
    solve = result.get("solve")
    if solve and not succeeded(solve):
        sentences.append(f"repeated solve not successful: {solve['status']}")
    return sorted(set(sentences))
