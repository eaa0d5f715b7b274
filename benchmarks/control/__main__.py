"""Benchmarks of optimal control: `python -m benchmarks.control --small` or `--full`.

Each run is a process of its own. A time counts where objectives agree; bars are those of
`sparseopt.control`, and hold at full size on a quiet machine.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import machine
from benchmarks.process import printed_by

OUTPUT = Path("docs/measurements/control.json")
AGREEMENT = 1e-8
INTERVALS = {
    "shuttle": {"small": 20, "full": 1000},
    "rocket": {"small": 50, "full": 12_800},
    "controller": {"small": 5, "full": 50},
}
RUNS = (
    ("shuttle", "with_sparseopt"),
    ("shuttle", "with_casadi"),
    ("rocket", "with_sparseopt"),
    ("controller", "with_sparseopt"),
)
BARS = {
    "shuttle whole time, cold, of CasADi's": 0.5,
    "shuttle set-up, cold, of CasADi's": 0.2,
    "rocket set-up, cold, s": 2.0,
    "rocket whole time, cold, s": 7.0,
    "rocket peak memory, MB": 500.0,
    "controller outside libipopt, ms": 1.0,
    "controller traces again": 0.0,
    "controller compiles again": 0.0,
}

Result = dict[str, Any]


def main(
    small: Annotated[bool, typer.Option("--small", help="Small meshes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="The meshes of the bars.")] = False,
    repeats: Annotated[int, typer.Option(help="Processes for each time.")] = 3,
    timeout: Annotated[float, typer.Option(help="Seconds for each process.")] = 120.0,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUTPUT,
) -> None:
    """Measure `sparseopt.control`, with an empty and a filled cache, and CasADi."""
    if small == full:
        raise typer.BadParameter("choose --small or --full")
    size = "small" if small else "full"
    results = {}
    for case, tool in RUNS:
        results[f"{case} {tool}"] = _run(case, tool, INTERVALS[case][size], repeats, timeout)
        print(f"{case} {tool}: {results[f'{case} {tool}']}")
    _require_agreement(results)
    found = figures(results)
    for name, value in found.items():
        print(f"{name}: {value:.3g} (bar {BARS[name]:g})")
    report = {
        "machine": {**machine.description(), "load": os.getloadavg()[0]},
        "size": size,
        "repeats": repeats,
        "results": results,
        "figures": {name: {"value": value, "bar": BARS[name]} for name, value in found.items()},
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")


def figures(results: dict[str, Result]) -> dict[str, float]:
    """Return what the bars are about."""
    ours, theirs = results["shuttle with_sparseopt"], results["shuttle with_casadi"]
    rocket, again = results["rocket with_sparseopt"]["cold"], results["controller with_sparseopt"]
    values = (
        ours["cold"]["whole"] / theirs["cold"]["whole"],
        ours["cold"]["setup"] / theirs["cold"]["setup"],
        rocket["setup"],
        rocket["whole"],
        rocket["peak"],
        1e3 * again["warm"]["outside"],
        max(again[cache]["traces"] for cache in ("cold", "warm")),
        max(again[cache]["compiles"] for cache in ("cold", "warm")),
    )
    return dict(zip(BARS, values, strict=True))


def _require_agreement(results: dict[str, Result]) -> None:
    runs = [results[f"shuttle {tool}"]["cold"] for tool in ("with_sparseopt", "with_casadi")]
    one, other = (run["objective"] for run in runs)
    if not math.isclose(one, other, rel_tol=AGREEMENT):
        raise RuntimeError(f"sparseopt finds {one!r} and CasADi {other!r}: no time counts")


def _run(case: str, tool: str, intervals: int, repeats: int, timeout: float) -> Result:
    """Return the medians of fresh processes, each with an empty and then a filled cache."""
    runs: dict[str, list[Result]] = {"cold": [], "warm": []}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            for runs_of_kind in runs.values():
                order = ["benchmarks.control", case, tool, str(intervals)]
                runs_of_kind.append(printed_by(order, cache, timeout))
    found = {kind: _medians(results) for kind, results in runs.items()}
    return {"intervals": intervals, **found}


def _medians(results: list[Result]) -> Result:
    """Return the median of each number, and the first of what is none or must not differ."""
    first = results[0]
    return {
        name: statistics.median(r[name] for r in results) if isinstance(value, float) else value
        for name, value in first.items()
    }


def work(case: str, tool: str, intervals: str) -> None:
    """Run one worker and print what it measured as one line of JSON."""
    module = importlib.import_module(f"benchmarks.control.{case}")
    print(json.dumps(getattr(module, tool)(int(intervals))))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in INTERVALS:
        work(*sys.argv[1:])
    else:
        typer.run(main)
