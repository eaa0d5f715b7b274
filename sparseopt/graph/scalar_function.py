"""What the layers know of a scalar function: one row of the table in `functions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.scipy_on_demand import special

__all__ = ["OfScipy", "ScalarFunction", "row"]


@dataclass(frozen=True)
class ScalarFunction:
    """One scalar function and everything the layers need to know of it.

    Parameters
    ----------
    name : str
        The name in this table and, where there is one, of the NumPy ufunc.
    numpy : callable
        The vectorized reference implementation.
    arity : int
        Number of arguments.
    partials : callable or None
        ``(f, v, *args) -> tuple`` of first partials, ``0.0`` where one vanishes identically.
        ``None`` for functions that are constant between jumps.
    curvature : str
        Pairs of arguments whose second partial is not identically zero, such as ``"00 01"``.
    domain : tuple of (low, high)
        An interval for each argument on which value and partials are finite, for tests.
    llvm : str
        ``"fadd"`` … an instruction; ``"intrinsic sqrt"``; ``"call exp"`` a C math function;
        ``"compare oge"``; ``"select"``; ``"expand"``: written out by ``expand``;
        ``"search right"``, ``"lookup"``: reads ``table``.
    expand : callable or None
        ``(f, *args)`` the function in terms of others, for ``llvm == "expand"``.
    select : callable or None
        ``(f, *args) -> (condition, first, second)``: the function differentiates as a ``where``.
    open_arguments : tuple of int
        Arguments by which no partial is known in closed form, such as the order of a Bessel
        function: only what does not depend on variables is recorded there; the partial is NaN.
    table : array or None
        Data that the function reads, for ``"search"`` and ``"lookup"`` (`graph.tables`).
    """

    name: str
    numpy: Callable[..., Any]
    arity: int
    partials: Callable[..., tuple[Any, ...]] | None
    curvature: str
    domain: tuple[tuple[float, float], ...]
    llvm: str
    expand: Callable[..., Any] | None = None
    select: Callable[..., tuple[Any, Any, Any]] | None = None
    open_arguments: tuple[int, ...] = ()
    table: NDArray[np.float64] | None = field(default=None, compare=False)  # its name has its hash

    @property
    def is_linear(self) -> bool:
        """Whether every second partial vanishes and the first ones do not all."""
        return not self.curvature and self.partials is not None


def row(
    name: str,
    numpy: Callable[..., Any],
    partials: Callable[..., tuple[Any, ...]] | None,
    curvature: str,
    domain: tuple[tuple[float, float], ...],
    llvm: str,
    **rest: Any,
) -> ScalarFunction:
    """Return a row; the domain says how many arguments there are."""
    return ScalarFunction(name, numpy, len(domain), partials, curvature, domain, llvm, **rest)


@dataclass(frozen=True)
class OfScipy:
    """A function of `scipy.special` by its name: it is loaded when it is first called."""

    name: str

    @cached_property
    def ufunc(self) -> Callable[..., Any]:
        """SciPy's own function."""
        function: Callable[..., Any] = getattr(special, self.name)
        return function

    def __call__(self, *arguments: Any) -> Any:
        """Call SciPy's function."""
        return self.ufunc(*arguments)
