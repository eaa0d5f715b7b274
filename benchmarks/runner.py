"""Runs the workers strictly one after another, and puts together what they found.

The tools take turns on a problem, process by process: a machine that becomes slower within minutes
becomes so for all of them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from benchmarks import checks
from benchmarks.process import work
from benchmarks.selection import Task, is_ours, skip_reason

REPEAT_SECONDS = 5.0
THREADS = (1, 2)
Result = dict[str, Any]
Run = dict[str, Any]


def run(
    tasks: Iterable[Task], left_of: Callable[[Task], Task | None]
) -> Iterator[list[tuple[Task, Result]]]:
    """Yield the tasks of each problem with their results; failures and skips are results too.

    `left_of(task)` returns what is left to do of a task, None where nothing is. A tool that is
    not installed is asked once.
    """
    missing: dict[str, str] = {}
    for _, group in groupby(tasks, lambda task: task.key[:2]):
        to_do = [
            (task, left, missing.get(task.tool) or skip_reason(task))
            for task in group
            if (left := left_of(task)) is not None
        ]
        results = iter(run_in_turn([left for _, left, reason in to_do if not reason]))
        found = [
            (task, task.head() | {"skipped": reason} if reason else next(results))
            for task, _, reason in to_do
        ]
        for task, result in found:
            if "not installed" in result.get("skipped", ""):
                missing[task.tool] = result["skipped"]
        yield found


@dataclass
class _Progress:
    """What the processes of one task have found so far."""

    task: Task
    runs: dict[str, list[Run]] = field(default_factory=dict)
    threads: dict[str, list[Run]] = field(default_factory=dict)
    parts: Result = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    skipped: str = ""
    seconds: float = 0.0

    def start(self, stages: tuple[str, ...], cache: str, label: str, threads: int = 1) -> bool:
        """Run one process and keep what it found; whether it went well."""
        started = time.perf_counter()
        found = work(self.task, stages, cache, threads)
        self.seconds += time.perf_counter() - started
        for name in ("setup", "whole"):
            # Whether the cache of a run with threads was full is not known.
            if found.get(name) and stages != ("threads",):
                self.runs.setdefault(f"{name} {label}", []).append(found[name])
        self.parts |= {name: found[name] for name in ("evaluate", "solve") if found.get(name)}
        if found.get("threads"):
            self.threads.setdefault(str(threads), []).append(found["threads"])
        if "failed" in found:
            self.failures |= dict.fromkeys(stages, found["failed"])
        self.skipped = found.get("skipped", self.skipped)
        return "failed" not in found and "skipped" not in found

    def result(self) -> Result:
        """Return the task's result."""
        found = self.task.head() | {"process_seconds": self.seconds}
        if self.skipped:
            return found | {"skipped": self.skipped}
        for name, runs in self.runs.items():
            stage, label = name.split()
            found.setdefault(stage, {})[label] = _middle(runs)
        if self.threads:
            found["threads"] = {count: _middle_times(runs) for count, runs in self.threads.items()}
        found |= self.parts
        return found | ({"failures": self.failures} if self.failures else {})


def run_in_turn(tasks: Sequence[Task]) -> list[Result]:
    """Run tasks of one problem: set-up and whole time in processes of their own, values in another.

    Each runs a step, then the next one; steps are processes, and the cold one with its warm one.
    """
    all_progress = [_Progress(task) for task in tasks]
    waiting = [_steps(progress) for progress in all_progress]
    while waiting:
        waiting = [steps for steps in waiting if next(steps, None) is not None]
    for progress in all_progress:
        _explain(progress)
    return [progress.result() for progress in all_progress]


def _steps(progress: _Progress) -> Iterator[bool]:
    """Run the task step by step, as long as all goes well."""
    with tempfile.TemporaryDirectory() as cache:
        for goes_well in _stages(progress, cache):
            if not goes_well:
                return
            yield True


def _stages(progress: _Progress, cache: str) -> Iterator[bool]:
    task = progress.task
    values = tuple(stage for stage in ("evaluate", "solve") if stage in task.stages)
    ours, repeats = is_ours(task.tool), task.limits.repeats
    if "setup" in task.stages:
        yield from _set_up(progress, cache, bool(values))
    if values:
        yield progress.start(values, cache, "warm" if ours and "setup" in task.stages else "cold")
    if "whole" in task.stages:
        for _ in _turns(progress, repeats):
            yield _cold_and_warm(progress, "whole")
    if "threads" in task.stages and ours:
        for _ in _turns(progress, repeats):
            yield all(progress.start(("threads",), cache, "warm", count) for count in THREADS)


def _set_up(progress: _Progress, cache: str, with_values: bool) -> Iterator[bool]:
    """Set up in process after process; that of the values, if there is one, is the last.

    It has the cache of the last one here.
    """
    ours, repeats = is_ours(progress.task.tool), progress.task.limits.repeats
    for is_last in _turns(progress, repeats - (with_values and not ours)):
        if is_last and with_values:
            yield progress.start(("setup",), cache, "cold")
        else:
            yield _cold_and_warm(progress, "setup")


def _cold_and_warm(progress: _Progress, stage: str) -> bool:
    """Run a stage without compiled code, and where a tool keeps that, with it."""
    labels = ("cold", "warm") if is_ours(progress.task.tool) else ("cold",)
    with tempfile.TemporaryDirectory() as cache:
        return all(progress.start((stage,), cache, label) for label in labels)


def _turns(progress: _Progress, most: int) -> Iterator[bool]:
    """Yield, for each turn, whether it is the last; a tool that is slow has fewer of them."""
    begun = progress.seconds
    for number in range(most):
        is_last = number == most - 1 or progress.seconds - begun > REPEAT_SECONDS
        yield is_last
        if is_last:
            return


def _explain(progress: _Progress) -> None:
    """Give the stages that were not reached the reason of the one that failed."""
    reason = next(iter(progress.failures.values()), None)
    done = {name.split()[0] for name in progress.runs} | progress.parts.keys()
    if reason is not None:
        for stage in progress.task.stages:
            if stage not in done:
                progress.failures.setdefault(stage, reason)


def _middle(runs: list[Run]) -> Run:
    """Return the run of median total seconds, with the totals of all."""
    middle = _middle_by("total_seconds", runs)
    totals = sorted(found["total_seconds"] for found in runs)
    return {**middle, "total_seconds": statistics.median(totals), "totals": totals}


def _middle_times(runs: list[Run]) -> Run:
    """Return each time from the run whose median is the middle one; bits as those of all runs."""
    times = {
        kind: _middle_by("median", [run["seconds"][kind] for run in runs])
        for kind in runs[0]["seconds"]
    }
    bits = {
        kind: " ".join(sorted({run["digests"][kind] for run in runs}))
        for kind in runs[0]["digests"]
    }
    return {**runs[0], "seconds": times, "digests": bits}


def _middle_by(name: str, runs: list[Run]) -> Run:
    return sorted(runs, key=itemgetter(name))[(len(runs) - 1) // 2]


def disagreements(results: Iterable[Result]) -> list[str]:
    """Return sentences about values in which tools disagree; times count only without any."""
    return [
        f"{problem} {size}: {sentence}"
        for (problem, size), entries in checks.groups(results).items()
        for sentence in checks.disagreements(entries)
    ]
