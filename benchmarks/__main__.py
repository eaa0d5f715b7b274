"""Command line of the benchmarks: `python -m benchmarks --small`, `--race`, or a selection."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks import runner, table
from benchmarks.results import Results, UnusableFileError
from benchmarks.selection import SIZES, STAGES, Limits, Task, race_tools, tasks
from benchmarks.tools.interface import TOOLS
from problems import registry
from sparseopt.errors import did_you_mean

DEFAULT_TOOLS = ("sparseopt", "casadi_mx", "casadi_sx", "limit_c")
DEFAULT_OUTPUT = Path("benchmarks/results/latest.json")
RACE_OUTPUT = Path("docs/measurements/race.json")
OUTPUT_HELP = f"Where the JSON goes; {DEFAULT_OUTPUT}, and of --race {RACE_OUTPUT}."
RACE_VARIABLES = 10_000
RACE = Limits(budget=0.2, timeout=30.0, memory=12.0, repeats=1)
SMALL_BUDGET = 0.05


def main(
    small: Annotated[bool, typer.Option("--small", help="Small sizes, short timings.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All sizes; evaluate and solve.")] = False,
    race: Annotated[
        bool, typer.Option("--race", help="The fastest tools, the smallest sizes from 10^4 on.")
    ] = False,
    problem: Annotated[list[str] | None, typer.Option(help="Only these problems.")] = None,
    collection: Annotated[list[str] | None, typer.Option(help="Only these collections.")] = None,
    size: Annotated[list[str] | None, typer.Option(help="small, medium, large.")] = None,
    tool: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(TOOLS)}.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(STAGES)}.")] = None,
    at_least: Annotated[
        int | None, typer.Option(help="The smallest size with so many variables.")
    ] = None,
    at_most: Annotated[float, typer.Option(help="No size with more variables.")] = math.inf,
    budget: Annotated[float | None, typer.Option(help="Seconds to time J, and H.")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds for each process.")] = None,
    memory: Annotated[float | None, typer.Option(help="Gigabytes for each process.")] = None,
    repeats: Annotated[int | None, typer.Option(help="Processes for set-up and whole.")] = None,
    within: Annotated[
        float, typer.Option(help="Seconds after which no problem starts.")
    ] = math.inf,
    resume: Annotated[bool, typer.Option("--resume", help="Add to the file.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Resume; failures run again.")] = False,
    output: Annotated[Path | None, typer.Option(help=OUTPUT_HELP)] = None,
) -> None:
    """Measure sparseopt beside other tools; one process at a time, one thread."""
    sizes = chosen_names(size, SIZES, "size") if size else (SIZES if full or race else ("small",))
    default_stages = ("setup", "evaluate") if race else ("evaluate", *(["solve"] if full else []))
    stages = chosen_names(stage, STAGES, "stage") if stage else default_stages
    tools = chosen_names(tool, TOOLS, "tool") if tool else (race_tools() if race else DEFAULT_TOOLS)
    default = RACE if race else Limits(budget=SMALL_BUDGET) if small else Limits()
    given = {"budget": budget, "timeout": timeout, "memory": memory, "repeats": repeats}
    limits = limits_of(asdict(default) | {k: v for k, v in given.items() if v is not None})
    variables = at_least if at_least is not None else RACE_VARIABLES * race
    problems = _problems(problem, collection)
    chosen = list(tasks(problems, sizes, tools, stages, limits, variables, at_most))
    if not chosen:
        raise typer.BadParameter("no problem, size, tool and stage fit all options")
    path = output or (RACE_OUTPUT if race else DEFAULT_OUTPUT)
    results = results_in(path, resume, retry)
    results.plan(chosen)
    run_all(chosen, results, console(), within)


def run_all(
    chosen: Iterable[Task], results: Results, console: Console, within: float = math.inf
) -> None:
    """Run the tasks, keep what they find, and print it; values that differ end in exit code 1.

    After `within` seconds no problem is started any more; `--resume` goes on with the rest.
    """
    deadline = time.monotonic() + within
    for found in runner.run(chosen, results.left):
        for task, result in found:
            _keep(task, result, results, console)
        if time.monotonic() > deadline:
            console.print("time is up; --resume goes on with the rest", style="bold")
            break
    everything = list(results.found.values())
    sentences = runner.disagreements(everything)
    for sentence in sentences:
        console.print(sentence, style="bold red")
    table.show(everything, console)
    if sentences:
        raise typer.Exit(1)


def _keep(task: Task, result: runner.Result, results: Results, console: Console) -> None:
    results.add(task, result)
    seconds = result.get("process_seconds", 0.0)
    reason = result.get("skipped") or "; ".join(result.get("failures", {}).values())
    console.print(f"{' '.join(task.key)} {seconds:.1f} s {reason}", style="dim")


def limits_of(given: dict[str, Any]) -> Limits:
    """Return limits, or complain of an option that is none."""
    try:
        return Limits(**given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def results_in(path: Path, resume: bool, retry: bool) -> Results:
    """Return the results of a file, or complain that it cannot be resumed."""
    try:
        return Results(path, resume or retry, retry)
    except UnusableFileError as error:
        raise typer.BadParameter(str(error), param_hint="--output") from error


def console() -> Console:
    """Return where tables go; wide where they go to a file."""
    found = Console()
    return found if found.is_terminal else Console(width=180)


def _problems(names: list[str] | None, collections: list[str] | None) -> list[str]:
    known = chosen_names(names, registry.names(), "problem")
    if not collections:
        return list(known)
    chosen_names(
        collections, {registry.collection(name) for name in registry.names()}, "collection"
    )
    return [name for name in known if registry.collection(name) in collections]


def chosen_names(wanted: list[str] | None, known: Iterable[str], what: str) -> Sequence[str]:
    """Return the wanted names, by default all that are known; complains of any other."""
    names = list(known)
    for name in wanted or ():
        if name not in names:
            raise typer.BadParameter(f"no {what} is called {name!r}; {did_you_mean(name, names)}")
    return wanted or names


if __name__ == "__main__":
    typer.run(main)
