"""``sparseopt check TARGET``: compiled derivatives against independent ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sparseopt.cli.arguments import AsJson, ProblemSize, Settings, ShowTraceback, TargetName
from sparseopt.cli.exit_codes import FAILED, reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.target import find_target, parse_assignments

Seed = Annotated[int, typer.Option("--seed", help="Of the random directions.")]


def check(
    target: TargetName,
    settings: Settings = None,
    size: ProblemSize = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    show_traceback: ShowTraceback = False,
) -> None:
    """Compare derivatives with complex steps or differences; name wrong rows and columns.

    The exit code is 1 if one is wrong.
    """
    with reported_errors(show_traceback):
        model = find_target(target, size).build_model(parse_assignments(settings or []))
        report = model.problem().check(seed=seed)
        if as_json:
            print_json({"ok": report.ok, **asdict(report)})
        else:
            typer.echo(str(report))
        raise typer.Exit(0 if report.ok else FAILED)
