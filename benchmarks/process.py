"""One worker process: its environment, its limits, and what became of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.selection import Task

ROOT = Path(__file__).parents[1]
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
OUT_OF_MEMORY = ("MemoryError", "bad_alloc", "Cannot allocate memory", "RESOURCE_EXHAUSTED")


def work(task: Task, stages: tuple[str, ...], cache: str, threads: int = 1) -> dict[str, Any]:
    """Run a worker and return what it printed; a failure is `{"failed": reason}`."""
    order = json.dumps({**asdict(task), "stages": stages})
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker", order],
        env=environment(cache, threads),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=task.limits.timeout)
        except subprocess.TimeoutExpired:
            return {"failed": f"over {task.limits.timeout:g} s"}
        finally:
            _end(process)
    if process.returncode != 0:
        return {"failed": _reason(task, process.returncode, errors)}
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def result_of(module: str, size: int, timeout: float) -> dict[str, Any]:
    """Return what ``python -m module work size`` prints, with an empty cache of compiled code."""
    with tempfile.TemporaryDirectory() as cache:
        return printed_by([module, "work", str(size)], cache, timeout)


def printed_by(arguments: Sequence[str], cache: str, timeout: float) -> dict[str, Any]:
    """Return the JSON object that ``python -m arguments`` prints as its last line."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        env=environment(cache),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        errors = done.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"{' '.join(arguments)} failed: {errors}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def environment(cache: str, threads: int = 1) -> dict[str, str]:
    """Return a worker's variables: one thread in libraries, a folder of compiled code."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        **{f"{name}_NUM_THREADS": "1" for name in THREADS},
        "SPARSEOPT_THREADS": str(threads),
        "SPARSEOPT_CACHE": cache,
        "PYTHONPATH": os.pathsep.join(paths),
    }


def _end(process: subprocess.Popen[str]) -> None:
    """End what the worker started, such as compilers; its process group is its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _reason(task: Task, code: int, errors: str) -> str:
    if any(sign in errors for sign in OUT_OF_MEMORY):
        return f"over {task.limits.memory:g} GB"
    lines = errors.strip().splitlines()
    if code < 0:
        return f"ended by signal {signal.Signals(-code).name}"
    return lines[-1][:200] if lines else f"exit code {code}"
