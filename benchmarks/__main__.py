"""Command line of the benchmarks: `python -m benchmarks --small`, `--full`, or a selection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import machine, runner, table
from benchmarks.tools.interface import TOOLS
from problems import registry

SIZES = ("small", "medium", "large")
STAGES = ("evaluate", "solve")
DEFAULT_TOOLS = ("sparseopt", "casadi_mx", "casadi_sx", "limit_c")
DEFAULT_OUTPUT = Path("benchmarks/results/latest.json")


def main(
    small: Annotated[bool, typer.Option("--small", help="Small sizes, short timings.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All three sizes, with solves.")] = False,
    problem: Annotated[list[str] | None, typer.Option(help="Only these problems.")] = None,
    size: Annotated[list[str] | None, typer.Option(help="small, medium, large.")] = None,
    tool: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(TOOLS)}.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="evaluate, solve; set-up always.")] = None,
    budget: Annotated[float, typer.Option(help="Seconds for each kind of evaluation.")] = 1.0,
    timeout: Annotated[float, typer.Option(help="Seconds for each process.")] = 600.0,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = DEFAULT_OUTPUT,
) -> None:
    """Measure sparseopt beside other tools; one process at a time, one thread."""
    sizes = _chosen(size, SIZES, "size") if size else (SIZES if full else ("small",))
    stages = _chosen(stage, STAGES, "stage") if stage else (STAGES if full else ("evaluate",))
    problems = _chosen(problem, registry.names(), "problem")
    tools = _chosen(tool, TOOLS, "tool") if tool else DEFAULT_TOOLS
    tasks = _tasks(problems, sizes, tools, stages, 0.05 if small else budget, timeout)
    console, results = _console(), []
    disagreements: list[str] = []
    for result in runner.run(tasks):
        results.append(result)
        disagreements = runner.verify(results)
        _write(output, results, disagreements)
        label = f"{result['problem']} {result['size_name']} {result['tool']}"
        console.print(f"{label} {result['process_seconds']:.1f} s", style="dim")
    for sentence in disagreements:
        console.print(sentence, style="bold red")
    if disagreements:
        raise typer.Exit(1)
    table.show(results, console)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=180)


def _chosen(wanted: list[str] | None, known: object, what: str) -> list[str]:
    names = list(known)  # type: ignore[call-overload]
    for name in wanted or ():
        if name not in names:
            raise typer.BadParameter(f"no {what} is called {name!r}; there are {', '.join(names)}")
    return wanted or names


def _tasks(
    problems: list[str],
    sizes: list[str] | tuple[str, ...],
    tools: list[str] | tuple[str, ...],
    stages: list[str] | tuple[str, ...],
    budget: float,
    timeout: float,
) -> list[runner.Task]:
    tasks = []
    for name in problems:
        record = registry.get(name)
        unique = {repr(record.sizes[size]): size for size in reversed(sizes)}
        for size in reversed(unique.values()):
            arguments = dict(record.sizes[size])
            count = record.counts(**arguments).variables
            solves = size in record.solved_sizes
            chosen = tuple(stage for stage in stages if stage != "solve" or solves)
            tasks += [
                runner.Task(name, size, arguments, tool, chosen, budget, timeout)
                for tool in tools
                if runner.skip_reason(tool, name, count) is None
            ]
    return tasks


def _write(output: Path, results: list[dict[str, object]], disagreements: list[str]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "machine": machine.description(),
        "disagreements": disagreements,
        "results": results,
    }
    output.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    typer.run(main)
