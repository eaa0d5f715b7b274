"""``sparseopt solve TARGET``: build, solve, report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from sparseopt.cli import plots
from sparseopt.cli.arguments import (
    AsJson,
    PlotDirectory,
    ProblemSize,
    Settings,
    ShowTraceback,
    TargetName,
)
from sparseopt.cli.exit_codes import FAILED, reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.target import Target, find_target, parse_assignments
from sparseopt.modeling.solution import Solution

SolverName = Annotated[
    str, typer.Option("--solver", help="ipopt, cyipopt, auto or a method of scipy.optimize.")
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        metavar="KEY=VALUE",
        help="An option under the solver's own name. A problem named in 'sparseopt list' has those"
        " of IPOPT that its best known objective needs, such as tol=1e-9.",
    ),
]
StartFile = Annotated[
    Path | None,
    typer.Option("--start", metavar="FILE", help="Start from the output of an earlier --json run."),
]
TimeLimit = Annotated[float | None, typer.Option("--time-limit", help="Seconds.")]


def solve(
    target: TargetName,
    settings: Settings = None,
    size: ProblemSize = None,
    solver: SolverName = "ipopt",
    options: Options = None,
    start: StartFile = None,
    time_limit: TimeLimit = None,
    plot: PlotDirectory = None,
    as_json: AsJson = False,
    show_traceback: ShowTraceback = False,
) -> None:
    """Solve a problem and print a report; the exit code is 1 if no solution was found."""
    with reported_errors(show_traceback):
        if plot:
            plots.require_matplotlib()
        chosen, arguments = find_target(target, size), parse_assignments(settings or [])
        solution = chosen.build_model(arguments).solve(
            solver=solver,
            options=chosen.solve_options(solver) | parse_assignments(options or []),
            start=_read_start(start) if start else None,
            time_limit=time_limit,
        )
        known = _known_objective(chosen, arguments, solution)
        figures = _save_figures(solution, plot) if plot else []
        if as_json:
            print_json(_as_data(chosen, arguments, solution) | known)
        else:
            _print_report(chosen, solution, known, figures)
        raise typer.Exit(0 if solution.success else FAILED)


def _read_start(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise typer.BadParameter(f"no file {path}", param_hint="--start")
    try:
        variables = json.loads(path.read_text())["variables"]
        return {name: np.asarray(value, dtype=float) for name, value in variables.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise typer.BadParameter(
            f"{path} is not the output of 'sparseopt solve … --json'", param_hint="--start"
        ) from error


def _known_objective(
    target: Target, arguments: dict[str, object], solution: Solution
) -> dict[str, Any]:
    """Return the best published objective for these arguments and how far this one lies from it."""
    known = target.known_objective(arguments)
    if known is None:
        return {}
    scale = abs(known.value) or 1.0
    return {
        "best_known": known.value if known.best is None else known.best,
        "known_from_this_start": known.value,
        "relative_difference": (solution.objective - known.value) / scale,
        "relative_tolerance": known.relative_tolerance,
        "source": known.source,
    }


def _as_data(target: Target, arguments: dict[str, object], solution: Solution) -> dict[str, Any]:
    return {
        "target": target.name,
        "arguments": target.arguments(arguments),
        "solver": solution.outcome.solver,
        "status": solution.status,
        "success": solution.success,
        "message": solution.message,
        "objective": solution.objective,
        "iterations": solution.iterations,
        "evaluations": solution.evaluations,
        "timings": solution.timings,
        "variables": _values(solution),
    }


def _values(solution: Solution) -> dict[str, Any]:
    names = [array.name for array in solution.problem.variables]
    return {name: solution[name] for name in names if name not in solution.lifted}


def _print_report(
    target: Target, solution: Solution, known: dict[str, Any], figures: list[Path]
) -> None:
    typer.echo(solution.report())
    if known:
        expected, difference = known["known_from_this_start"], known["relative_difference"]
        tolerance = known["relative_tolerance"]
        verdict = "within" if abs(difference) <= tolerance else "NOT within"
        typer.echo("best known objective")
        typer.echo(f"  {known['best_known']:.12g}")
        if expected != known["best_known"]:
            typer.echo(f"  {expected:.12g} is known to be reached from this start")
        typer.echo(
            f"  relative difference {difference:.1e}, {verdict} the tolerance {tolerance:.1e}"
        )
        typer.echo(f"  {known['source']}")
    elif target.record is not None:
        typer.echo("best known objective")
        typer.echo(f"  none at this size; those of others: sparseopt show {target.name}")
    for path in figures:
        typer.echo(f"saved {path}")


def _save_figures(solution: Solution, directory: Path) -> list[Path]:
    figures = plots.pattern_figures(solution.problem)
    if len(solution.history.get("objective", ())) > 1:
        figures["convergence"] = plots.convergence_figure(solution.history)
    figures["variables"] = plots.variables_figure(_values(solution))
    return [plots.save(figure, directory, name) for name, figure in figures.items()]
