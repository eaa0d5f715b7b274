"""``sparseopt inspect TARGET``: what a problem looks like before it is solved."""

from __future__ import annotations

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
from sparseopt.cli.exit_codes import reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.target import find_target, parse_assignments
from sparseopt.modeling.problem import Problem
from sparseopt.patterns.animation import animate_index_sets

FilmFile = Annotated[
    Path | None,
    typer.Option(
        "--animate", metavar="FILE", help="Write a film of the index sets: a .gif or .html file."
    ),
]


def inspect(
    target: TargetName,
    settings: Settings = None,
    size: ProblemSize = None,
    plot: PlotDirectory = None,
    animate: FilmFile = None,
    as_json: AsJson = False,
    show_traceback: ShowTraceback = False,
) -> None:
    """Print sizes, blocks, stages, patterns and what is constant; draw patterns and colorings."""
    with reported_errors(show_traceback):
        if plot or animate:
            plots.require_matplotlib("--plot" if plot else "--animate")
        model = find_target(target, size).build_model(parse_assignments(settings or []))
        problem = model.problem()
        if as_json:
            print_json(_as_data(problem))
        else:
            typer.echo(str(problem))
        if plot:
            figures = plots.pattern_figures(problem) | plots.coloring_figures(problem)
            for name, figure in figures.items():
                typer.echo(f"saved {plots.save(figure, plot, name)}", err=as_json)
        if animate:
            typer.echo(f"saved {animate_index_sets(problem.program, animate)}", err=as_json)


def _as_data(problem: Problem) -> dict[str, Any]:
    return {
        "name": problem.name,
        "variables": problem.num_variables,
        "constraints": problem.num_constraints,
        "equalities": int(np.sum(problem.constraint_lower == problem.constraint_upper)),
        "linear_constraints": int(np.sum(problem.is_linear_row)),
        "rows_made_bounds": len(problem.lifted.removed_rows),
        "jacobian_nonzeros": problem.jacobian_pattern.nnz,
        "hessian_nonzeros": problem.hessian_pattern.nnz,
        "is_hessian_constant": problem.is_hessian_constant,
        **problem.evaluator.summary(),
    }
