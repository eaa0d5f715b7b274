"""What the Lukšan–Vlček problems share: their two forms, two texts of them, and their windows.

The report states equality constraints c(x) == 0. CUTEst's LUKVLE* repeat them, and its LUKVLI*
replace them by c(x) <= 0 or c(x) >= 0; those are the form "inequality".
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from problems.record import KnownObjective

Form = Literal["equality", "inequality"]
Version = Literal["report", "cutest"]
FORMS, VERSIONS = get_args(Form), get_args(Version)

REFERENCE = (
    "Lukšan and Vlček (1999), Technical Report 767, Institute of Computer Science,"
    " hdl:11104/0123965"
)


def constraint(rows: Any, form: Form, sense: Literal["<=", ">="]) -> Any:
    """Return the relation of `rows` to zero: `==`, or `sense` in the form "inequality"."""
    if form == "equality":
        return rows == 0
    return rows <= 0 if sense == "<=" else rows >= 0


def windows(x: Any, width: int, stride: int, count: int) -> tuple[Any, ...]:
    """Return `width` slices: the j-th holds element j of `count` windows, `stride` apart.

    Examples
    --------
    >>> import numpy as np
    >>> [slice.tolist() for slice in windows(np.arange(8), width=5, stride=3, count=2)]
    [[0, 3], [1, 4], [2, 5], [3, 6], [4, 7]]
    """
    return tuple(x[j : j + stride * (count - 1) + 1 : stride] for j in range(width))


def repeated(values: tuple[float, ...], count: int) -> NDArray[np.float64]:
    """Return the first `count` of values that come again and again.

    Examples
    --------
    >>> repeated((2.0, 1.5, 0.5), 5).tolist()
    [2.0, 1.5, 0.5, 2.0, 1.5]
    """
    return np.tile(values, -(-count // len(values)))[:count]


def printed(sif: str, digits: str, **size: Any) -> KnownObjective:
    """Return the optimum printed in CUTEst's file `sif`, to half a unit of its last digit."""
    mantissa, _, exponent = digits.partition("E")
    decimals = len(mantissa.partition(".")[2])
    half_unit = 0.5 * 10.0 ** (int(exponent or 0) - decimals)
    value = float(digits)
    return KnownObjective(
        size=size,
        value=value,
        relative_tolerance=half_unit / abs(value) if value else 1e-6,
        source=f"printed in CUTEst's {sif}.SIF",
    )


def recomputed(
    value: float, note: str = "", best: float | None = None, **size: Any
) -> KnownObjective:
    """Return an optimum that IPOPT reaches from the published start."""
    return KnownObjective(
        size=size,
        value=value,
        relative_tolerance=1e-6,
        source="this project: IPOPT 3.14 from the published start" + (f"; {note}" if note else ""),
        best=best,
    )
