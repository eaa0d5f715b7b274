"""``sparseopt list``: the problems of the collection."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from sparseopt.cli.arguments import AsJson, ShowTraceback
from sparseopt.cli.exit_codes import reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.target import registry

PIPE_WIDTH = 160


def list_problems(as_json: AsJson = False, show_traceback: ShowTraceback = False) -> None:
    """List the problems that can be solved by name."""
    with reported_errors(show_traceback):
        collection = registry()
        records = [collection.get(name) for name in collection.names()]
        if as_json:
            print_json([{"name": r.name, "family": r.family, "title": r.title} for r in records])
            return
        table = Table("name", "family", "title", box=None, header_style="bold")
        for record in records:
            table.add_row(record.name, record.family, record.title)
        # A file or a pipe has no width; there every problem gets one line.
        (Console() if Console().is_terminal else Console(width=PIPE_WIDTH)).print(table)
