"""The entry point: one application, one line for each command."""

from __future__ import annotations

import os
import sys

import typer

from sparseopt.cli import cache, check, diagnose, doctor, inspect, list, show, solve

app = typer.Typer(
    name="sparseopt",
    help="Solve, inspect and check optimization problems written in NumPy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(solve.solve)
app.command()(inspect.inspect)
app.command()(check.check)
app.command()(diagnose.diagnose)
app.command(name="list")(list.list_problems)
app.command()(show.show)
app.command()(doctor.doctor)
app.command()(cache.cache)


def main() -> None:
    """Run the command line; targets are importable from the working directory."""
    sys.path.insert(0, os.getcwd())
    app()


if __name__ == "__main__":
    main()
