"""Writes docs/benchmarks.md and its figures: `python -m benchmarks.report [files]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.report import figures
from benchmarks.report.measurements import read
from benchmarks.report.page import page

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FIGURES = DOCS / "benchmarks.md", DOCS / "figures"
NAMES = ("race.json", "small.json", "scaling.json", "threads.json")


def stored_files() -> list[Path]:
    """Return the files of measurements that the page is written from."""
    paths = (DOCS / "measurements" / name for name in NAMES)
    return [path for path in paths if path.exists()]


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="JSON files of runs.")] = None,
    output: Annotated[Path, typer.Option(help="The page.")] = PAGE,
    figure_folder: Annotated[Path, typer.Option(help="Where figures go.")] = FIGURES,
) -> None:
    """Write the page and its figures from stored measurements."""
    found = read(files or stored_files())
    output.write_text(page(found), encoding="utf-8")
    drawn = figures.write(found, figure_folder)
    print(f"{output}: {len(found.cases)} cases, figures {', '.join(drawn)}")


if __name__ == "__main__":
    typer.run(main)
