"""What the records of the Hock–Schittkowski problems share: one size, and the book's optimum."""

from __future__ import annotations

from collections.abc import Callable

import sparseopt as so
from problems.record import Counts, KnownObjective, ProblemRecord

BOOK = "10.1007/978-3-642-48320-2"
SOLVER_TOLERANCE = 1e-7


def optimum(
    value: float,
    digits_after_point: int | None = None,
    source: str = "",
    best: float | None = None,
) -> KnownObjective:
    """Return a known objective, to half a unit of its last digit or to what solvers reach.

    Parameters
    ----------
    value : float
        Objective at the optimum.
    digits_after_point : int, optional
        How many the source prints; None for an exact value.
    source : str
        Where the value is from; by default the book.
    best : float, optional
        The book's global optimum, where the value is a local one.
    """
    half_unit = 0.0 if digits_after_point is None else 0.5 * 10.0**-digits_after_point
    return KnownObjective(
        size={},
        value=value,
        relative_tolerance=max(half_unit / (abs(value) or 1.0), SOLVER_TOLERANCE),
        source=source or "Hock and Schittkowski (1981)",
        doi="" if source else BOOK,
        best=best,
    )


def record(
    number: int, build: Callable[[], so.Model], counts: Counts, known: KnownObjective
) -> ProblemRecord:
    """Return the record of the problem with this number in the book."""
    return ProblemRecord(
        name=f"hs{number:03d}",
        title=f"Hock–Schittkowski {number}",
        family="small dense",
        sense="minimize",
        build=build,
        sizes={"small": {}, "medium": {}, "large": {}},
        counts=lambda: counts,
        known=(known,),
        # Bounds are not moved outward: the digits of the book are finer than IPOPT's 1e-8.
        options={"bound_relax_factor": 0.0},
        reference=f"Hock and Schittkowski (1981), problem {number}, doi:{BOOK}",
    )
