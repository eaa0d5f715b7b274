"""``sparseopt list``: the problems of the collection."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sparseopt.cli.arguments import AsJson, ShowTraceback
from sparseopt.cli.exit_codes import reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.target import registry

PIPE_WIDTH = 160
HEADINGS = ("name", "collection", "family", "n", "m", "best known", "title")

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="WORD...", help="Only problems whose name or title has these words."),
]
Collection = Annotated[str | None, typer.Option(help="Only this collection, say cops.")]
Family = Annotated[str | None, typer.Option(help="Only families with this word, say control.")]
Size = Annotated[str, typer.Option(help="Count n and m at this size: small, medium or large.")]
AtLeast = Annotated[int, typer.Option(help="Only problems with this many variables.")]
AtMost = Annotated[int | None, typer.Option(help="Only problems with at most so many variables.")]


def list_problems(
    words: Words = None,
    collection: Collection = None,
    family: Family = None,
    size: Size = "large",
    at_least: AtLeast = 0,
    at_most: AtMost = None,
    as_json: AsJson = False,
    show_traceback: ShowTraceback = False,
) -> None:
    """List the problems that can be solved by name, with n variables and m constraints."""
    if size not in ("small", "medium", "large"):
        raise typer.BadParameter(f"size is small, medium or large, not {size!r}")
    with reported_errors(show_traceback):
        entries = [
            entry
            for entry in _entries(size)
            if _has_words(entry, words or ())
            and (collection is None or entry["collection"] == collection)
            and (family is None or family.lower() in entry["family"].lower())
            and at_least <= entry["variables"] <= (at_most or float("inf"))
        ]
        if as_json:
            print_json(entries)
            return
        # A file or a pipe has no width; there every problem gets one line.
        console = Console() if Console().is_terminal else Console(width=PIPE_WIDTH)
        console.print(_table(entries))


def _entries(size: str) -> list[dict[str, Any]]:
    problems = registry()
    return [_entry(problems, problems.get(name), size) for name in problems.names()]


def _entry(problems: Any, record: Any, size: str) -> dict[str, Any]:
    counts, known = record.counts(**record.sizes[size]), record.known[0]
    return {
        "name": record.name,
        "collection": problems.collection(record.name),
        "family": record.family,
        "title": record.title,
        "sense": record.sense,
        "size": dict(record.sizes[size]),
        "variables": counts.variables,
        "constraints": counts.constraints,
        "known": {"size": dict(known.size), "objective": known.value, "source": known.source},
    }


def _has_words(entry: dict[str, Any], words: Any) -> bool:
    text = f"{entry['name']} {entry['title']}".lower()
    return all(word.lower() in text for word in words)


def _table(entries: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold")
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in ("n", "m") else "left")
    for entry in entries:
        counts = (f"{entry['variables']:,}", f"{entry['constraints']:,}")
        known = f"{entry['known']['objective']:.7g}"
        names = (entry["name"], entry["collection"], entry["family"])
        table.add_row(*names, *counts, known, entry["title"])
    return table
