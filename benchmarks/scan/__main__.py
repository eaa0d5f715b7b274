"""Benchmarks of `so.scan`: `python -m benchmarks.scan --small` or `--full`.

One process with an empty cache; bars hold at full size on a quiet machine.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import machine
from benchmarks.process import result_of
from benchmarks.scan.ten_states import measure

OUTPUT = Path("docs/measurements/scan.json")
STEPS = {"small": 20_000, "full": 1_000_000}
BARS = {"gradient / value": 6.0, "peak": 300.0, "traces": 1.0, "compiles": 1.0}
AGREEMENT = 1e-5


def main(
    small: Annotated[bool, typer.Option("--small", help="Few steps.")] = False,
    full: Annotated[bool, typer.Option("--full", help="The steps of the bars.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds.")] = 120.0,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUTPUT,
) -> None:
    """Measure value, gradient and Hessian product of a long loop of ten states."""
    if small == full:
        raise typer.BadParameter("choose --small or --full")
    size = "small" if small else "full"
    result = result_of("benchmarks.scan", STEPS[size], timeout)
    if result["error"] > AGREEMENT:
        raise RuntimeError(f"the gradient is off by {result['error']:.1e}: no time counts")
    for name, value in result.items():
        bar = f" (bar {BARS[name]:g})" if name in BARS else ""
        print(f"{name}: {value:.4g}{bar}")
    report = {
        "machine": {**machine.description(), "load": os.getloadavg()[0]},
        "size": size,
        "result": result,
        "figures": {name: {"value": result[name], "bar": bar} for name, bar in BARS.items()},
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        typer.run(main)
