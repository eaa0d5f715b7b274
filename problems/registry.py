"""The problems of this package, found by looking at its modules: a new one is a new file."""

from __future__ import annotations

import functools
import importlib
from difflib import get_close_matches
from pathlib import Path

import problems
from problems.record import ProblemRecord


@functools.cache
def records() -> dict[str, ProblemRecord]:
    """Return all records by name, in alphabetical order."""
    return {name: get(name) for name in names()}


def names() -> list[str]:
    """Return the names of all problems, in alphabetical order; nothing is imported.

    Examples
    --------
    >>> "hs071" in names()
    True
    """
    return sorted(_modules())


def get(name: str) -> ProblemRecord:
    """Return the record of one problem; only its own module is imported.

    Raises
    ------
    KeyError
        When there is no such problem; the message names the nearest one.
    """
    if name in _modules():
        record: ProblemRecord = importlib.import_module(_modules()[name]).RECORD
        return record
    nearest = get_close_matches(name, names(), n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; there are {', '.join(names())}"
    raise KeyError(f"no problem is called {name!r}{hint}")


def collection(name: str) -> str:
    """Return the folder a problem is in, which says where it comes from.

    Examples
    --------
    >>> collection("hs071")
    'hock_schittkowski'
    """
    return _modules()[name].split(".")[1]


@functools.cache
def _modules() -> dict[str, str]:
    """Return the module of each problem: a file in a folder here that assigns a RECORD."""
    return {
        path.stem: f"problems.{path.parent.name}.{path.stem}"
        for path in Path(problems.__file__).parent.glob("*/*.py")
        if "\nRECORD = " in path.read_text(encoding="utf-8")
    }
