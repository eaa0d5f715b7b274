"""Runs the workers strictly one after another, and puts together what they found."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
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
) -> Iterator[tuple[Task, Result]]:
    """Yield each task with its result; failures and skips are results too.

    `left_of(task)` returns what is left to do of a task, None where nothing is. A tool that is
    not installed is asked once.
    """
    missing: dict[str, str] = {}
    for task in tasks:
        left = left_of(task)
        if left is None:
            continue
        reason = missing.get(task.tool) or skip_reason(task)
        result = task.head() | {"skipped": reason} if reason else run_task(left)
        if "not installed" in result.get("skipped", ""):
            missing[task.tool] = result["skipped"]
        yield task, result


@dataclass
class _Progress:
    """What the processes of one task have found so far."""

    task: Task
    runs: dict[str, list[Run]] = field(default_factory=dict)
    parts: Result = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    skipped: str = ""

    def start(self, stages: tuple[str, ...], cache: str, label: str, threads: int = 1) -> bool:
        """Run one process and keep what it found; whether it went well."""
        found = work(self.task, stages, cache, threads)
        for name in ("setup", "whole"):
            # Whether the cache of a run with threads was full is not known.
            if found.get(name) and stages != ("threads",):
                self.runs.setdefault(f"{name} {label}", []).append(found[name])
        self.parts |= {name: found[name] for name in ("evaluate", "solve") if found.get(name)}
        if found.get("threads"):
            self.parts.setdefault("threads", {})[str(threads)] = found["threads"]
        if "failed" in found:
            self.failures |= dict.fromkeys(stages, found["failed"])
        self.skipped = found.get("skipped", self.skipped)
        return "failed" not in found and "skipped" not in found

    def result(self) -> Result:
        """Return the task's result."""
        found = self.task.head()
        if self.skipped:
            return found | {"skipped": self.skipped}
        for name, runs in self.runs.items():
            stage, label = name.split()
            found.setdefault(stage, {})[label] = _middle(runs)
        found |= self.parts
        return found | ({"failures": self.failures} if self.failures else {})


def run_task(task: Task) -> Result:
    """Run one task: set-up and whole time in processes of their own, values in another."""
    started, progress = time.perf_counter(), _Progress(task)
    with tempfile.TemporaryDirectory() as cache:
        _run_stages(task, progress, cache)
    _explain(progress)
    return progress.result() | {"process_seconds": time.perf_counter() - started}


def _run_stages(task: Task, progress: _Progress, cache: str) -> None:
    values = tuple(stage for stage in ("evaluate", "solve") if stage in task.stages)
    # The process of the values sets up too: it is the last, of sparseopt's the last warm one.
    repeats, counted = task.limits.repeats, bool(values)
    ours, goes_well = is_ours(task.tool), True
    if "setup" in task.stages:
        cold, warm = (repeats, repeats - counted) if ours else (repeats - counted, 0)
        goes_well = _repeat(progress, "setup", cache, cold, warm)
    if values and goes_well:
        label = "warm" if ours and "setup" in task.stages else "cold"
        goes_well = progress.start(values, cache, label)
    if "whole" in task.stages and goes_well:
        with tempfile.TemporaryDirectory() as empty:
            _repeat(progress, "whole", empty, repeats, repeats * ours)
    if "threads" in task.stages and goes_well and ours:
        for threads in THREADS:
            progress.start(("threads",), cache, "warm", threads)


def _repeat(progress: _Progress, stage: str, cache: str, cold: int, warm: int) -> bool:
    """Run a stage in process after process, without and with a filled cache.

    Each cold process has an empty cache of its own; that of the last is kept for the warm ones.
    """
    for count, label in ((cold, "cold"), (warm, "warm")):
        started = time.perf_counter()
        for number in range(count):
            late = time.perf_counter() - started > REPEAT_SECONDS
            is_last = late or number == count - 1
            with tempfile.TemporaryDirectory() as own:
                used = cache if label == "warm" or is_last else own
                if not progress.start((stage,), used, label):
                    return False
            if is_last:
                break
    return True


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
    ordered = sorted(runs, key=lambda found: found["total_seconds"])
    middle = ordered[(len(ordered) - 1) // 2]
    totals = [found["total_seconds"] for found in ordered]
    return {**middle, "total_seconds": statistics.median(totals), "totals": totals}


def disagreements(results: Iterable[Result]) -> list[str]:
    """Return sentences about values in which tools disagree; times count only without any."""
    return [
        f"{problem} {size}: {sentence}"
        for (problem, size), entries in checks.groups(results).items()
        for sentence in checks.disagreements(entries)
    ]
