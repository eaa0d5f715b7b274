"""The words that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TargetName = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="A name from 'sparseopt list', package.module:function, or file.py:function.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="An argument of the function that builds it."),
]
ProblemSize = Annotated[
    str | None,
    typer.Option(
        "--size", help="Of a problem from 'sparseopt list': small, medium or large; see 'show'."
    ),
]
PlotDirectory = Annotated[
    Path | None,
    typer.Option("--plot", metavar="DIR", help="Write figures into this directory."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ShowTraceback = Annotated[
    bool, typer.Option("--traceback", help="Let an error show Python's traceback.")
]
