"""``sparseopt list``: the problems of the collection."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sparseopt.cli.arguments import AsJson, ShowTraceback
from sparseopt.cli.exit_codes import reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.show import known_data
from sparseopt.cli.target import registry
from sparseopt.errors import did_you_mean

SIZES = ("small", "medium", "large")
PIPE_WIDTH = 400
WIDE = 140
"""Columns of a terminal from which on there is room for all that is known of a problem."""

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WORD...",
        help="Only problems with these words in name, title, family or reference.",
    ),
]
Collection = Annotated[str | None, typer.Option(help="Only this collection, say cops.")]
Family = Annotated[str | None, typer.Option(help="Only families with this word, say control.")]
Size = Annotated[str, typer.Option(help="Count n and m at this size: small, medium or large.")]
AtLeast = Annotated[int, typer.Option(min=0, help="Only problems with at least so many variables.")]
AtMost = Annotated[
    int | None, typer.Option(min=0, help="Only problems with at most so many variables.")
]


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
    """List the problems that can be solved by name, with n variables and m constraints.

    n and m are those of --size. A wide terminal, a pipe and --json also get the
    best known objective, which belongs to the size beside it.
    """
    if size not in SIZES:
        raise typer.BadParameter(f"size is small, medium or large, not {size!r}")
    if at_most is not None and at_most < at_least:
        raise typer.BadParameter(f"no number is at least {at_least} and at most {at_most}")
    with reported_errors(show_traceback):
        problems = registry()
        records = [problems.get(name) for name in _in_collection(problems, collection)]
        chosen = [record for record in _in_families(records, family) if _has_words(record, words)]
        entries = [
            entry
            for entry in (_entry(problems, record, size) for record in chosen)
            if at_least <= entry["variables"] and (at_most is None or entry["variables"] <= at_most)
        ]
        if as_json:
            print_json(entries)
        elif entries:
            # A file or a pipe has no width; there every problem gets one line.
            console = Console() if Console().is_terminal else Console(width=PIPE_WIDTH)
            console.print(_table(entries, size, is_wide=console.width >= WIDE))
        else:
            typer.echo("no problem has all of this; 'sparseopt list' shows them all", err=True)


def _in_collection(problems: Any, name: str | None) -> list[str]:
    """Return the names of the problems of a collection, or complain that there is none."""
    found = {own: problems.collection(own) for own in problems.names()}
    if name is None:
        return list(found)
    if name.lower() not in found.values():
        advice = did_you_mean(name, set(found.values()))
        raise typer.BadParameter(f"no collection {name!r}; {advice}")
    return [own for own, collection in found.items() if collection == name.lower()]


def _in_families(records: list[Any], word: str | None) -> list[Any]:
    """Return the problems of the families that have a word, or complain that none has."""
    if word is None:
        return records
    found = [record for record in records if word.lower() in record.family.lower()]
    if not found:
        known = {part for record in records for part in record.family.split(", ")}
        raise typer.BadParameter(f"no family here has {word!r}; {did_you_mean(word, known)}")
    return found


def _has_words(record: Any, words: list[str] | None) -> bool:
    text = f"{record.name} {record.title} {record.family} {record.reference}".lower()
    return all(word.lower() in text for word in words or ())


def _entry(problems: Any, record: Any, size: str) -> dict[str, Any]:
    counts = record.counts(**record.sizes[size])
    return {
        "name": record.name,
        "collection": problems.collection(record.name),
        "family": record.family,
        "title": record.title,
        "sense": record.sense,
        "size": dict(record.sizes[size]),
        "variables": counts.variables,
        "constraints": counts.constraints,
        "known": known_data(record.known[0]),
        "reference": record.reference,
    }


def _table(entries: list[dict[str, Any]], size: str, is_wide: bool) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column("name", no_wrap=True)
    for heading in (f"n ({size})", f"m ({size})"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("best known", "at", "collection", "family") if is_wide else ():
        table.add_column(heading)
    table.add_column("title", overflow="fold")
    for entry in entries:
        counts = (f"{entry['variables']:,}", f"{entry['constraints']:,}")
        table.add_row(entry["name"], *counts, *(_details(entry) if is_wide else ()), entry["title"])
    return table


def _details(entry: dict[str, Any]) -> tuple[str, ...]:
    known = entry["known"]
    size = " ".join(f"{name}={value}" for name, value in known["size"].items())
    return f"{known['best']:.7g}", size, entry["collection"], entry["family"]
