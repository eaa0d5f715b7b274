"""The problems of this package, found by looking at its modules: a new one is a new file."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from difflib import get_close_matches

import problems
from problems.record import ProblemRecord


@functools.cache
def records() -> dict[str, ProblemRecord]:
    """Return all records by name, in alphabetical order."""
    modules = sorted(module.name for module in pkgutil.iter_modules(problems.__path__))
    found = (_record(name) for name in modules if name != "registry")
    return {record.name: record for record in found if record is not None}


def names() -> list[str]:
    """Return the names of all problems, in alphabetical order.

    Examples
    --------
    >>> "hs071" in names()
    True
    """
    return list(records())


def get(name: str) -> ProblemRecord:
    """Return the record of one problem.

    Raises
    ------
    KeyError
        When there is no such problem; the message names the nearest one.
    """
    if name in records():
        return records()[name]
    nearest = get_close_matches(name, names(), n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; there are {', '.join(names())}"
    raise KeyError(f"no problem is called {name!r}{hint}")


def _record(module: str) -> ProblemRecord | None:
    return getattr(importlib.import_module(f"problems.{module}"), "RECORD", None)
