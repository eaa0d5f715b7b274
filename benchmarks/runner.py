"""Runs the workers strictly one after another, and gathers their results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import checks

ROOT = Path(__file__).parents[1]
LIMITS = ROOT / "benchmarks" / "limits"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
# Scalar graphs of this many variables take minutes to build and gigabytes to hold.
MOST_VARIABLES = {"casadi_sx": 100_000, "pyoptinterface": 200_000}


@dataclass(frozen=True)
class Task:
    """One (problem, size, tool) and what to measure of it."""

    problem: str
    size_name: str
    size: dict[str, Any]
    tool: str
    stages: tuple[str, ...]
    budget: float
    timeout: float


def run(tasks: Iterable[Task]) -> Iterator[dict[str, Any]]:
    """Yield the result of each task; failures and skips are results too."""
    with tempfile.TemporaryDirectory() as cache:
        for task in tasks:
            started = time.perf_counter()
            result = run_task(task, cache)
            yield result | {"process_seconds": time.perf_counter() - started}


def run_task(task: Task, cache: str) -> dict[str, Any]:
    """Run one task; sparseopt's first process of a problem and size starts with an empty cache."""
    head = {"problem": task.problem, "size_name": task.size_name, "size": task.size}
    head["tool"] = task.tool
    if task.tool != "sparseopt":
        return head | _work(task, cache)
    with tempfile.TemporaryDirectory(dir=cache) as own_cache:
        setup_only = Task(**{**asdict(task), "stages": ()})
        cold = _work(setup_only, own_cache)
        warm = _work(task, own_cache)
    if "setup" in cold and "setup" in warm:
        warm["setup_cold"] = cold["setup"]
    return head | warm


def _work(task: Task, cache: str) -> dict[str, Any]:
    environment = os.environ | {f"{name}_NUM_THREADS": "1" for name in THREADS}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment |= {"SPARSEOPT_CACHE": cache, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "benchmarks.worker", json.dumps(asdict(task))]
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=task.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"over {task.timeout:g} s"}
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1] if lines else f"exit code {done.returncode}"}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def skip_reason(tool: str, problem: str, num_variables: int) -> str | None:
    """Return why a tool is not run at this size."""
    if tool == "limit_c" and not (LIMITS / f"{problem}.c").exists():
        return "has no closed form"
    most = MOST_VARIABLES.get(tool)
    if most is None or num_variables <= most:
        return None
    return f"not run above {most:,} variables: its set-up takes minutes and gigabytes"


def verify(results: list[dict[str, Any]]) -> list[str]:
    """Return sentences about values in which tools disagree; times count only without any."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for result in results:
        if "evaluate" in result:
            entry = {"tool": result["tool"], "checksums": result["evaluate"]["checksums"]}
            groups.setdefault((result["problem"], result["size_name"]), []).append(entry)
    return [
        f"{problem} {size}: {sentence}"
        for (problem, size), entries in groups.items()
        for sentence in checks.disagreements(entries)
    ]
