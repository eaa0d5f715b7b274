"""Growth of a lifted problem with n: `python -m benchmarks.lifting --full`.

nested_sums has a dense Hessian as it is written: 10^10 / 2 entries at n = 10^5.  With
``lift="auto"`` set-up, solve and memory are to grow in proportion to n.  One process with an empty
cache for each size; exponents are slopes of logarithms, from the size on where what is the same for
every n matters little.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks import machine, measure
from benchmarks.process import result_of
from problems import registry

OUTPUT = Path("docs/measurements/lifting.json")
SIZES = {"small": (1_000, 2_000), "full": (1_000, 10_000, 100_000, 1_000_000)}
FITTED_FROM = {"small": 1_000, "full": 10_000}
BAR = 1.1
FITTED = {
    "set-up": "seconds of set-up",
    "iteration": "seconds of one iteration",
    "nonzeros": "nonzeros",
    "megabytes": "peak memory beyond the imports",
}


def main(
    small: Annotated[bool, typer.Option("--small", help="Two small sizes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="The sizes of the bar.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds for each size.")] = 500.0,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUTPUT,
) -> None:
    """Solve nested_sums, lifted, at several sizes."""
    if small == full:
        raise typer.BadParameter("choose --small or --full")
    size = "small" if small else "full"
    results = []
    for n in SIZES[size]:
        results.append(result_of("benchmarks.lifting", n, timeout))
        print(results[-1])
    fitted = [found for found in results if found["n"] >= FITTED_FROM[size]]
    found = {text: exponent(fitted, key) for key, text in FITTED.items()}
    print({text: round(value, 2) for text, value in found.items()})
    report = {
        "machine": {**machine.description(), "load": os.getloadavg()[0]},
        "size": size,
        "results": results,
        "figures": {
            f"exponent of {text}": {"value": value, "bar": BAR} for text, value in found.items()
        },
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")


def exponent(results: Sequence[dict[str, Any]], key: str) -> float:
    """Return p of the least-squares fit of a constant times n^p.

    Examples
    --------
    >>> round(exponent([{"n": n, "work": 3 * n**2} for n in (10, 20, 40)], "work"), 6)
    2.0
    """
    sizes = np.log([found["n"] for found in results])
    values = np.log([found[key] for found in results])
    return float(np.polynomial.polynomial.polyfit(sizes, values, 1)[1])


def measured(n: int) -> dict[str, Any]:
    """Return seconds by stage, nonzeros, iterations and peak memory of one size."""
    record = registry.get("nested_sums")
    measure.reset_peak()
    bare, times = measure.resident_megabytes(), [time.perf_counter()]
    model = record.build(num_variables=n)
    problem = model.problem()
    assert problem.lifting is not None
    nonzeros = problem.jacobian_pattern.nnz + problem.hessian_pattern.nnz
    times.append(time.perf_counter())
    solution = model.solve(verify="off")
    times.append(time.perf_counter())
    if not solution.success or abs(solution.objective / (2 * n) - 1) > 1e-8:
        raise RuntimeError(f"{solution!r}: no time counts")
    return {
        "n": n,
        "lifted": problem.lifting.num_lifted,
        "nonzeros": nonzeros,
        "iterations": solution.iterations,
        "set-up": times[1] - times[0],
        "solve": times[2] - times[1],
        "iteration": solution.timings["solver"] / max(1, solution.iterations),
        "process seconds": time.process_time(),
        "megabytes": measure.peak_megabytes() - bare,
        "stages": {name: round(value, 4) for name, value in solution.timings.items()},
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        print(json.dumps(measured(int(sys.argv[2]))))
    else:
        typer.run(main)
