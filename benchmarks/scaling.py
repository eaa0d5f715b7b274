"""Growth with n: set-up, evaluation and memory from 10^3 to 10^7 variables.

    python -m benchmarks.scaling --resume

A tool that fails at one size is not run at the larger ones; the file says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.__main__ import chosen_names, console, limits_of, results_in, run_all
from benchmarks.results import Results
from benchmarks.selection import Limits, Task
from benchmarks.tools.interface import TOOLS
from problems import registry

OUTPUT = Path("docs/measurements/scaling.json")
VARIABLES = tuple(10**k for k in range(3, 8))
SIZES: dict[str, Callable[[int], dict[str, Any]]] = {
    "luksan_vlcek_1": lambda n: {"num_variables": n},
    "bratu_control": lambda n: {"num_points": max(2, round(math.sqrt(n / 2)))},
    "cart_pole": lambda n: {"num_intervals": max(2, round((n - 5) / 10))},
}
RIVALS = ("casadi_mx", "casadi_sx", "pyoptinterface", "jax_asdex")
STAGES = ("setup", "evaluate")


def tasks(
    problems: list[str], tools: list[str], most: int, limits: Limits, results: Results
) -> Iterator[Task]:
    """Yield the tasks, by problem and n, of tools that have not failed at a smaller n."""
    for problem in problems:
        for variables in (n for n in VARIABLES if n <= most):
            size = SIZES[problem](variables)
            number = registry.get(problem).counts(**size).variables
            for tool in tools:
                task = Task(problem, f"n={variables}", size, number, tool, STAGES, limits)
                if not _has_failed(results, problem, tool, variables):
                    yield task


def _has_failed(results: Results, problem: str, tool: str, variables: int) -> bool:
    smaller = (n for n in VARIABLES if n < variables)
    known = (results.found.get((problem, f"n={n}", tool), {}) for n in smaller)
    return any("failures" in result or "skipped" in result for result in known)


def main(
    problem: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(SIZES)}.")] = None,
    tool: Annotated[list[str] | None, typer.Option(help="Only these tools.")] = None,
    most: Annotated[int, typer.Option(min=VARIABLES[0], help="The largest n.")] = VARIABLES[-1],
    budget: Annotated[float, typer.Option(help="Seconds to time J, and H.")] = 0.3,
    timeout: Annotated[float, typer.Option(help="Seconds for each process.")] = 60.0,
    memory: Annotated[float, typer.Option(help="Gigabytes for each process.")] = 16.0,
    repeats: Annotated[int, typer.Option(help="Processes for set-up.")] = 1,
    within: Annotated[float, typer.Option(help="Seconds after which no task starts.")] = math.inf,
    resume: Annotated[bool, typer.Option("--resume", help="Add to the file.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Resume; failures run again.")] = False,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUTPUT,
) -> None:
    """Measure set-up, evaluation and memory while n grows."""
    problems = list(chosen_names(problem, SIZES, "problem"))
    rivals = [name for name in ("sparseopt", *RIVALS) if name in TOOLS]
    tools = list(chosen_names(tool, TOOLS, "tool")) if tool else rivals
    results = results_in(output, resume, retry)
    limits = limits_of({"budget": budget, "timeout": timeout, "memory": memory, "repeats": repeats})
    chosen = tasks(problems, tools, most, limits, results)
    run_all(chosen, results, console(), within)


if __name__ == "__main__":
    typer.run(main)
