"""The folder where compiled code and what is found of programs are kept, and for whom it is made.

``SPARSEOPT_CACHE`` names it; empty, it switches keeping off.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

__all__ = ["cache_folder", "make_cache_folder"]

_PRIVATE = 0o700


def cache_folder() -> Path | None:
    """Return the folder that the environment asks for; None if there is to be none."""
    return _named(os.environ.get("SPARSEOPT_CACHE"), os.environ.get("XDG_CACHE_HOME"))


@cache
def _named(chosen: str | None, root: str | None) -> Path | None:
    if chosen == "":
        return None
    try:
        folder = Path(chosen) if chosen else Path(root or Path.home() / ".cache") / "sparseopt"
        return folder.expanduser().absolute()
    except (OSError, RuntimeError):  # there is no home, or the working directory is gone
        return None


@cache
def make_cache_folder(folder: Path) -> None:
    """Make the cache's folder for nobody else: what is in it is run.

    Only once in a process, before there is something to keep: what the user deletes after that,
    with a temporary folder at the end of a ``with`` block, stays deleted.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(_PRIVATE, exist_ok=True)
