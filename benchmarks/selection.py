"""Which tasks a run consists of: problems, sizes, tools and stages by their names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.tools.interface import TOOLS
from problems import registry
from problems.record import ProblemRecord

RACE_TOOLS = ("sparseopt", "pyoptinterface", "casadi_mx", "casadi_sx", "limit_c")
SIZES = ("small", "medium", "large")
STAGES = ("setup", "evaluate", "solve", "whole", "threads")
LIMITS = Path(__file__).parent / "limits"
# Scalar graphs of this many variables take minutes to build and gigabytes to hold.
MOST_VARIABLES = {"casadi_sx": 200_000, "pyoptinterface": 400_000, "pyomo_asl": 200_000}


@dataclass(frozen=True)
class Limits:
    """What one process may take, and how often it is started again.

    Attributes
    ----------
    budget : float
        Seconds for the timing of J and of H; a quarter of it for each of f, g and c.
    timeout, memory : float
        Seconds and gigabytes after which a process counts as failed.
    repeats : int
        Most processes for one number of the stages setup and whole.
    """

    budget: float = 1.0
    timeout: float = 600.0
    memory: float = 16.0
    repeats: int = 1

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value > 0:
                raise ValueError(f"{name} is {value:g}; it must be positive")


@dataclass(frozen=True)
class Task:
    """One (problem, size, tool) and what to measure of it."""

    problem: str
    size_name: str
    size: dict[str, Any]
    variables: int
    tool: str
    stages: tuple[str, ...]
    limits: Limits

    @property
    def key(self) -> tuple[str, str, str]:
        """What a result is filed under."""
        return self.problem, self.size_name, self.tool

    def head(self) -> dict[str, Any]:
        """Return what a result says about its task."""
        names = ("problem", "size_name", "size", "variables", "tool")
        return {name: value for name, value in asdict(self).items() if name in names}


def tasks(
    problems: Sequence[str],
    sizes: Sequence[str],
    tools: Sequence[str],
    stages: Sequence[str],
    limits: Limits,
    at_least: int = 0,
    at_most: float = math.inf,
) -> Iterator[Task]:
    """Yield the tasks, problem by problem.

    With `at_least`, of each problem the smallest size that has so many variables.
    """
    for name in problems:
        record = registry.get(name)
        for size_name, variables in _sizes(record, sizes, at_least, at_most):
            size = dict(record.sizes[size_name])
            solved = size_name in record.solved_sizes
            for tool in tools:
                chosen = tuple(s for s in stages if _has(tool, s, solved))
                if chosen:
                    yield Task(name, size_name, size, variables, tool, chosen, limits)


def _has(tool: str, stage: str, solved: bool) -> bool:
    """Whether a stage makes sense: closed forms do not solve, and only sparseopt has threads."""
    if stage in ("solve", "whole"):
        return solved and not tool.startswith("limit")
    return stage != "threads" or is_ours(tool)


def _sizes(
    record: ProblemRecord, names: Sequence[str], at_least: int, at_most: float
) -> list[tuple[str, int]]:
    """Return names of different sizes with their numbers of variables."""
    unique = {repr(record.sizes[name]): name for name in reversed(names)}
    found = [(n, record.counts(**record.sizes[n]).variables) for n in reversed(unique.values())]
    enough = [entry for entry in found if entry[1] >= at_least]
    if at_least:
        enough = sorted(enough, key=lambda entry: entry[1])[:1]
    return [entry for entry in enough if entry[1] <= at_most]


def skip_reason(task: Task) -> str | None:
    """Return why a tool is not even started on a task."""
    if task.tool == "limit_c" and not (LIMITS / f"{task.problem}.c").exists():
        return "has no closed form"
    most = MOST_VARIABLES.get(task.tool, task.variables)
    if task.variables <= most:
        return None
    return f"not run above {most:,} variables: its set-up takes minutes and gigabytes"


def is_ours(tool: str) -> bool:
    """Whether a tool is sparseopt, by its own choice or with a plan named."""
    return tool == "sparseopt" or tool.startswith("sparseopt_")


def race_tools() -> list[str]:
    """Return the tools of the race that are there: the fastest rivals, and the limit."""
    return [tool for tool in RACE_TOOLS if tool in TOOLS]
