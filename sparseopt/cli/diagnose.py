"""``sparseopt diagnose TARGET``: what is wrong with a problem, or with its solve, by name."""

from __future__ import annotations

from typing import Annotated

import typer

from sparseopt.cli.arguments import AsJson, ProblemSize, Settings, ShowTraceback, TargetName
from sparseopt.cli.exit_codes import FAILED, reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.solve import SolverName
from sparseopt.cli.target import find_target, parse_assignments
from sparseopt.modeling.findings import Diagnosis
from sparseopt.modeling.model import Model

Solve = Annotated[
    bool, typer.Option("--solve", help="Solve first, and look at the point where that ends.")
]


def diagnose(
    target: TargetName,
    settings: Settings = None,
    size: ProblemSize = None,
    solve: Solve = False,
    solver: SolverName = "auto",
    as_json: AsJson = False,
    show_traceback: ShowTraceback = False,
) -> None:
    """Name what is wrong: NaN, structure, scaling, density, dependence; with --solve, conflicts.

    The exit code is 1 if there is an error or a warning.
    """
    with reported_errors(show_traceback):
        model = find_target(target, size).build_model(parse_assignments(settings or []))
        found = _diagnosis(model, solver if solve else None)
        if as_json:
            print_json(found.to_dict())
        else:
            typer.echo(str(found))
        raise typer.Exit(0 if found.ok else FAILED)


def _diagnosis(model: Model, solver: str | None) -> Diagnosis:
    if solver is not None:
        return model.solve(solver=solver).diagnose(solver=solver)
    return model.problem().diagnose()
