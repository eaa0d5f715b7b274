"""Numbers from the user as contiguous float64 arrays; complex ones and other things are refused.

NumPy would drop imaginary parts with a warning, and masks without one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ProblemError
from sparseopt.graph.nodes import Where
from sparseopt.tracing.source_lines import describe_where

__all__ = ["real_array"]


def real_array(
    values: ArrayLike | float, what: str, where: Where | str = ""
) -> NDArray[np.float64]:
    """Return values as a contiguous float64 array, the same one if it is that already.

    Raises
    ------
    ProblemError
        For complex numbers, for masked ones, and for what are no numbers.

    Examples
    --------
    >>> real_array([1, 2], "the start")
    array([1., 2.])
    """
    if type(values) is np.ndarray and values.dtype == np.float64 and values.flags.c_contiguous:
        return values
    if np.iscomplexobj(values):
        raise ProblemError(
            f"{what} is complex",
            where=_described(where),
            why="variables and values are real numbers",
            instead="treat real and imaginary parts as two real arrays",
        )
    # pandas has a method of that name
    if isinstance(values, np.ndarray) and np.any(getattr(values, "mask", False)):
        raise ProblemError(
            f"{what} is a masked array",
            where=_described(where),
            why="its mask would be lost, and what is masked would count",
            instead="values.compressed(), or values.filled(np.nan) where data may be missing",
        )
    try:
        # ascontiguousarray would make a vector of a single number.
        return np.asarray(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise ProblemError(
            f"{what} is not made of numbers",
            where=_described(where),
            why=str(error).splitlines()[0],
        ) from error


def _described(where: Where | str) -> str:
    return where if isinstance(where, str) else describe_where(where)
