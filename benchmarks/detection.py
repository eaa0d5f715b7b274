"""How long patterns take to detect: `python -m benchmarks.detection --small`, or `--size 1000000`.

Tracing counts.  With ``--peer`` and the interpreter of an environment that holds asdex and JAX, the
same functions are given to asdex, at a size of its own, where it takes longer.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import tracemalloc
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

import sparseopt as so
from benchmarks.detection_cases import CASES

ROOT = Path(__file__).parents[1]


def detect(name: str, num_variables: int, budget: float, memory: bool = True) -> dict[str, Any]:
    """Return least seconds, entries (of both triangles) and peak bytes for each stored entry."""
    function, matrix, shape = CASES[name]
    find = so.jacobian_pattern if matrix == "jacobian" else so.hessian_pattern
    x = np.zeros(shape(num_variables))

    def run() -> so.SparsityPattern:
        return find(lambda u: function(np, u), x)

    pattern = run()  # imports and tables that the first call makes
    seconds, started = [], time.perf_counter()
    while not seconds or time.perf_counter() - started < budget:
        begin = time.perf_counter()
        pattern = run()
        seconds.append(time.perf_counter() - begin)
    diagonal = int(np.count_nonzero(pattern.rows == pattern.cols))
    entries = 2 * pattern.nnz - diagonal if pattern.symmetric else pattern.nnz
    result: dict[str, Any] = {"matrix": matrix, "variables": x.size, "entries": entries}
    result["seconds"] = min(seconds)
    if memory:
        tracemalloc.start()
        run()
        result["bytes_per_entry"] = tracemalloc.get_traced_memory()[1] / max(1, pattern.nnz)
        tracemalloc.stop()
    return result


def detect_elsewhere(
    python: str, name: str, num_variables: int, budget: float, timeout: float
) -> dict[str, Any]:
    """Return asdex's seconds and entries, or why there are none."""
    command = [python, "-m", "benchmarks.detection_peer", name, str(num_variables), str(budget)]
    environment = os.environ | {"JAX_PLATFORMS": "cpu"}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"over {timeout:g} s"}
    except OSError as reason:
        return {"failed": str(reason)}
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1] if lines else f"exit code {done.returncode}"}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main(
    small: Annotated[bool, typer.Option("--small", help="1,000 variables, short timings.")] = False,
    size: Annotated[int, typer.Option(help="About how many variables.")] = 1_000_000,
    case: Annotated[list[str] | None, typer.Option(help="Only these.")] = None,
    budget: Annotated[float, typer.Option(help="Seconds for each case.")] = 2.0,
    peer: Annotated[str, typer.Option(help="A Python interpreter with asdex.")] = "",
    peer_size: Annotated[int, typer.Option(help="Variables of the comparison.")] = 10_000,
    timeout: Annotated[float, typer.Option(help="Seconds for each peer process.")] = 120.0,
    output: Annotated[Path | None, typer.Option(help="Where the JSON goes.")] = None,
) -> None:
    """Detect patterns of functions, and compare with asdex."""
    budget = 0.02 if small else budget
    results: dict[str, dict[str, Any]] = {}
    for name in case or CASES:
        results[name] = detect(name, 1000 if small else size, budget)
        if peer:
            own = detect(name, peer_size, budget, memory=False)
            other = detect_elsewhere(peer, name, peer_size, budget, timeout)
            results[name]["comparison"] = {"sparseopt": own, "asdex": other}
    if output:
        output.write_text(json.dumps(results, indent=1))
    Console(width=140).print(_table(results))


def _table(results: dict[str, dict[str, Any]]) -> Table:
    table = Table("case", "matrix", "variables", "entries", "ms", "bytes/entry", "beside asdex")
    for name, found in results.items():
        table.add_row(
            name,
            found["matrix"],
            f"{found['variables']:,}",
            f"{found['entries']:,}",
            f"{1000 * found['seconds']:.1f}",
            f"{found['bytes_per_entry']:.0f}",
            _beside(found.get("comparison")),
        )
    return table


def _beside(comparison: dict[str, Any] | None) -> str:
    if comparison is None:
        return ""
    own, other = comparison["sparseopt"], comparison["asdex"]
    head = f"n={own['variables']:,}: {1000 * own['seconds']:.1f} ms, asdex "
    if "failed" in other:
        return head + other["failed"]
    entries = "" if own["entries"] == other["entries"] else f", {other['entries']:,} entries"
    ratio = other["seconds"] / own["seconds"]
    return head + f"{1000 * other['seconds']:.0f} ms, {ratio:.0f}x{entries}"


if __name__ == "__main__":
    typer.run(main)
