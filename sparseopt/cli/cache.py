"""``sparseopt cache``: compiled programs kept on disk: where and how much, and their removal."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated, Any

import typer

from sparseopt.cli.arguments import AsJson, ShowTraceback
from sparseopt.cli.exit_codes import FAILED, reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.codegen.object_cache import object_cache
from sparseopt.coloring.compiled import kept_kernels

OFF = "none: SPARSEOPT_CACHE is empty, SPARSEOPT_CACHE_SIZE is 0, or the user has no home"

Clear = Annotated[bool, typer.Option("--clear", help="Remove all of it.")]


def cache(
    clear: Clear = False, as_json: AsJson = False, show_traceback: ShowTraceback = False
) -> None:
    """Say where compiled programs are kept and how much of them; --clear removes them.

    SPARSEOPT_CACHE names the folder (empty: nothing is kept), SPARSEOPT_CACHE_SIZE how large it may
    become (say 500 MB): what was not used for the longest time goes first.
    The exit code is 1 if something could not be removed.
    """
    with reported_errors(show_traceback):
        found = _cleared() if clear else _examine()
        if as_json:
            print_json(found)
        else:
            typer.echo("\n".join(_lines(found)))
        raise typer.Exit(FAILED if clear and _num_files(found) else 0)


def _examine() -> dict[str, Any]:
    objects = object_cache()
    return {
        "folder": str(objects.folder) if objects else None,
        "limit": int(objects.limit) if objects else 0,
        "objects": _amount(file.size for file in objects.files()) if objects else _amount([]),
        "coloring_kernels": _amount(path.stat().st_size for path in kept_kernels()),
    }


def _cleared() -> dict[str, Any]:
    """Remove everything, and return what is there now."""
    removed, objects = 0, object_cache()
    for path in kept_kernels():
        with suppress(OSError):
            path.unlink()
            removed += 1
    removed += objects.clear() if objects else 0
    return {**_examine(), "removed": removed}


def _amount(sizes: Iterable[int]) -> dict[str, int]:
    known = list(sizes)
    return {"files": len(known), "bytes": sum(known)}


def _num_files(found: dict[str, Any]) -> int:
    return int(found["objects"]["files"] + found["coloring_kernels"]["files"])


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"folder            {found['folder'] or OFF}",
        f"objects           {_text(found['objects'])} (at most {found['limit'] / 1e6:,.0f} MB)",
        f"coloring kernels  {_text(found['coloring_kernels'])}",
    ]
    return (
        [*lines, f"removed           {found['removed']:,} files"] if "removed" in found else lines
    )


def _text(amount: dict[str, int]) -> str:
    return f"{amount['files']:,} files, {amount['bytes'] / 1e6:,.1f} MB"
