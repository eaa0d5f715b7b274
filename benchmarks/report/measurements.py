"""Stored results, arranged by case: one problem at one size, and what each tool took for it.

A time counts only if the values agree with those of the other tools, and a whole time only if the
solver reported success at the objective that most tools ended at.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.checks import groups, wrong_kinds
from benchmarks.selection import is_ours

SUCCESS = ("succe", "optimal", "acceptable", "solved")
OBJECTIVE_TOLERANCE = 1e-6
OURS = "sparseopt"
Result = dict[str, Any]


@dataclass
class Case:
    """One problem at one size.

    Attributes
    ----------
    results : dict
        What was stored, by tool.
    wrong : set of (str, str)
        Tools and kinds whose values differ from those of most tools.
    """

    problem: str
    size_name: str
    variables: int
    results: dict[str, Result] = field(default_factory=dict)
    wrong: set[tuple[str, str]] = field(default_factory=set)

    @property
    def label(self) -> str:
        """Problem and number of variables, for a table."""
        return f"{self.problem}, n = {self.variables:,}"

    def evaluation(self, kind: str) -> dict[str, dict[str, float]]:
        """Return median and quartiles of the seconds of one evaluation, by tool."""
        found = {}
        for tool, result in self.results.items():
            times = result.get("evaluate", {}).get("seconds", {}).get(kind)
            if times and (tool, kind) not in self.wrong:
                found[tool] = times
        return found

    def medians(self, kind: str) -> dict[str, float]:
        """Return the median seconds of one evaluation, by tool."""
        return {tool: times["median"] for tool, times in self.evaluation(kind).items()}

    def setup(self, cache: str = "cold") -> dict[str, Result]:
        """Return set-up runs by tool, of those with right values; see `whole` for the caches."""
        wrong = {tool for tool, _ in self.wrong}
        runs = self._by_cache("setup", cache)
        return {tool: run for tool, run in runs.items() if tool not in wrong}

    def whole(self, cache: str = "cold") -> dict[str, Result]:
        """Return whole times by tool, of the solves that count.

        Only sparseopt has a cache of compiled code, which can be warm.
        """
        runs = self._by_cache("whole", cache)
        good = {tool: run for tool, run in runs.items() if succeeded(run)}
        objective = _common([run["objective"] for run in good.values()])
        return {tool: run for tool, run in good.items() if _close(run["objective"], objective)}

    def _by_cache(self, stage: str, cache: str) -> dict[str, Result]:
        found = {}
        for tool, result in self.results.items():
            runs = result.get(stage) or {}
            chosen = runs.get(cache if is_ours(tool) else "cold")
            if chosen:
                found[tool] = chosen
        return found

    def with_failures(self, times: Mapping[str, float], stage: str) -> dict[str, float]:
        """Return the times, infinite for tools that tried and failed; plans and limits left out."""
        attempted = {
            tool: math.inf
            for tool, result in self.results.items()
            if stage in result or stage in result.get("failures", {})
        }
        both = {**attempted, **times}
        return {tool: seconds for tool, seconds in both.items() if competes(tool)}


def competes(tool: str) -> bool:
    """Whether a tool takes part in comparisons: sparseopt by its own choice, and all others."""
    return tool == OURS or is_rival(tool)


def is_rival(tool: str) -> bool:
    """Whether a tool is one that others wrote; closed forms in C are a limit, no tool."""
    return not is_ours(tool) and not tool.startswith("limit")


def succeeded(run: Result) -> bool:
    """Whether the solver said so."""
    status = str(run["status"]).lower()
    return any(word in status for word in SUCCESS) and math.isfinite(run["objective"])


def _common(objectives: list[float]) -> float:
    """Return the objective that most agree with, the smallest of several."""
    supported = {v: sum(_close(v, other) for other in objectives) for v in sorted(objectives)}
    return max(supported, key=lambda value: supported[value]) if supported else math.nan


def _close(first: float, second: float) -> bool:
    return abs(first - second) <= OBJECTIVE_TOLERANCE * (1 + abs(second))


@dataclass
class Measurements:
    """What a set of files holds.

    Attributes
    ----------
    sources : dict
        Machine and versions of each file, by its name.
    cases : list of Case
        Of the race and of small runs, by problem and size.
    scaling : list of Case
        Of the runs with growing n, by problem and n.
    code_lines : dict
        Lines of user code, by problem and tool.
    not_run : list of str
        "problem size tool" of what a run was to measure and has not, whole or in part.
    """

    sources: dict[str, dict[str, Any]]
    cases: list[Case]
    scaling: list[Case]
    code_lines: dict[str, dict[str, int]]
    not_run: list[str] = field(default_factory=list)

    def unmeasured(self, tool: str) -> int:
        """Return in how many cases a tool was to be run and has not been, whole or in part."""
        return sum(words.split()[-1] == tool for words in self.not_run)

    @property
    def tools(self) -> list[str]:
        """All tools with a result, sparseopt first, limits last."""
        found = {tool for case in [*self.cases, *self.scaling] for tool in case.results}
        return sorted(found, key=lambda tool: (not is_ours(tool), not is_rival(tool), tool))

    def at_least(self, variables: int) -> list[Case]:
        """Return the cases with so many variables or more."""
        return [case for case in self.cases if case.variables >= variables]


def read(paths: Iterable[Path]) -> Measurements:
    """Return the measurements in the files; a later file completes the results of an earlier."""
    sources: dict[str, dict[str, Any]] = {}
    results: dict[tuple[str, str, str], Result] = {}
    code_lines: dict[str, dict[str, int]] = {}
    not_run: dict[str, None] = {}
    for path in paths:
        report = json.loads(path.read_text())
        sources[path.name] = report["machine"]
        code_lines |= report.get("code_lines", {})
        not_run |= dict.fromkeys(report.get("not_run", {}))
        for result in report["results"]:
            key = (result["problem"], result["size_name"], result["tool"])
            results[key] = {**results.get(key, {}), **result}
    cases = _cases(list(results.values()))
    grown = [case for case in cases if case.size_name.startswith("n=")]
    plain = [case for case in cases if not case.size_name.startswith("n=")]
    return Measurements(sources, plain, grown, code_lines, list(not_run))


def _cases(results: list[Result]) -> list[Case]:
    found: dict[tuple[str, str], Case] = {}
    for result in results:
        key = (result["problem"], result["size_name"])
        case = found.setdefault(key, Case(*key, result["variables"]))
        case.results[result["tool"]] = result
    for key, entries in groups(results).items():
        found[key].wrong = wrong_kinds(entries)
    return sorted(found.values(), key=lambda case: (case.problem, case.variables))
