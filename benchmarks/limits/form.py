"""What a C file of this directory computes, and patterns that several of them have."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tools.interface import Pattern, Vector
from problems import registry

Scalars = list[Any]
Places = NDArray[np.int64]
NO_ENTRIES = Pattern(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass
class ClosedForm:
    """The values of one problem at one size.

    Attributes
    ----------
    start : ndarray
        Start of the model.
    num_constraints : int
        Rows of the Jacobian.
    scalars : list
        What each C function takes before the variables.
    jacobian, hessian : Pattern
        Rows and columns in the order of the C file.
    alive : object
        What must live as long as the scalars: tables that they point to.
    constraint_offset : ndarray or None
        What to subtract from the constraint values to get residuals; None where they are residuals.
    """

    start: Vector
    num_constraints: int
    scalars: Scalars
    jacobian: Pattern
    hessian: Pattern
    alive: object = None
    constraint_offset: Vector | None = None

    def size(self, kind: str) -> int:
        """Return the number of values of a kind; where there are none there is no C function."""
        if kind in ("jacobian", "hessian"):
            pattern: Pattern = getattr(self, kind)
            return pattern.rows.size
        return {"objective": 1, "gradient": self.start.size}.get(kind, self.num_constraints)


def band(size: int, width: int) -> Pattern:
    """Return the lower triangle of a band, diagonal by diagonal."""
    i = np.arange(size)
    lower, higher = ([i[k:] for k in range(width + 1)], [i[: size - k] for k in range(width + 1)])
    return Pattern(np.concatenate(lower), np.concatenate(higher))


def both(columns: Iterable[Places]) -> list[Places]:
    """Return the columns of the left node, each followed by that of the right one."""
    return [side for column in columns for side in (column, column + 1)]


def intervals(rows: Places, num_intervals: int, columns: list[Places]) -> Pattern:
    """Return entries that come once for each interval; `rows` says in which block of rows."""
    interval = np.arange(num_intervals)
    places = [interval + block * num_intervals for block in rows]
    return Pattern(np.concatenate(places), np.concatenate(columns))


def together(entries: list[tuple[Places, Places]]) -> Pattern:
    """Return the pattern of entries given block by block, each by its rows and columns."""
    rows, cols = zip(*entries, strict=True)
    return Pattern(np.concatenate(rows), np.concatenate(cols))


def model_start(problem: str, size: dict[str, Any]) -> Vector:
    """Return the start of a problem's model."""
    return np.array(registry.get(problem).build(**size).problem().initial_point)


def struct(numbers: Sequence[Any], tables: Iterable[NDArray[Any]]) -> tuple[Any, object]:
    """Return a pointer to a C struct of numbers, then pointers to tables; and what must live."""
    tables = [np.ascontiguousarray(table) for table in tables]
    members = [*numbers, *(ctypes.c_void_p(table.ctypes.data) for table in tables)]
    fields = [(f"member_{k}", type(member)) for k, member in enumerate(members)]
    kind = type("Members", (ctypes.Structure,), {"_fields_": fields})
    made = kind(*members)
    return ctypes.c_void_p(ctypes.addressof(made)), (made, tables)
