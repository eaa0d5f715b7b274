"""What can be wrong with a mesh, an array of degrees of freedom, a coefficient or a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DegenerateMeshError, NonFiniteError, ProblemError, ShapeError
from sparseopt.pde.finite_elements_interpolation import mapped_points
from sparseopt.tracing.conversion import as_traced, is_traced

__all__ = [
    "as_array",
    "check_basis",
    "check_linear",
    "check_values",
    "checked_dofs",
    "checked_numbers",
]

FLATTEST = 1e-14
"""Volume below which an element is degenerate, relative to the product of its edges."""

FEW = 5


def check_basis(basis: Any) -> None:
    """Raise for a basis that is none, or that has degenerate elements.

    Raises
    ------
    ProblemError
        If it is not a basis of scikit-fem with quadrature points.
    DegenerateMeshError
        If elements have no volume, are folded, or have vertices that are not finite.
    """
    if not all(hasattr(basis, name) for name in ("basis", "element_dofs", "dx", "mapping")):
        raise ProblemError(
            f"finite elements on a {type(basis).__name__}",
            instead="a basis of scikit-fem, as skfem.Basis(mesh, skfem.ElementTriP1())",
        )
    numbers = np.arange(basis.nelems) if basis.tind is None else basis.tind
    broken = numbers[_degenerate(basis)]
    if broken.size:
        raise DegenerateMeshError(
            f"{broken.size} of {basis.nelems} elements are degenerate: {_some(broken)}",
            why="their volume is zero or not finite, or changes sign inside (a folded element)",
            instead="move or merge their vertices, mesh.p[:, mesh.t[:, k]], or remove them with "
            "mesh.remove_elements",
            elements=broken,
        )


def _degenerate(basis: Any) -> NDArray[np.bool_]:
    """Return which elements of a basis are degenerate."""
    points = mapped_points(basis)
    if points.shape[0] != basis.mesh.dim():  # of facets; their elements are judged at their center
        points = np.full((basis.mesh.dim(), 1), 1.0 / (basis.mesh.dim() + 1))
    volume = basis.mapping.detDF(points, basis.tind)
    edges = np.prod(np.linalg.norm(basis.mapping.DF(points, basis.tind), axis=0), axis=0)
    with np.errstate(invalid="ignore"):
        flat = ~(np.abs(volume) > FLATTEST * edges) | ~np.isfinite(volume)
    folded = np.ptp(np.sign(volume), axis=1) > 0.0
    return np.asarray(flat.any(axis=1) | folded | ~np.isfinite(basis.dx).all(axis=1))


def _some(numbers: Iterable[int]) -> str:
    listed = [int(k) for k in numbers]
    return ", ".join(map(str, listed[:FEW])) + (", ..." if len(listed) > FEW else "")


def checked_dofs(name: str, values: Any, basis: Any, read: Any = None) -> Any:
    """Return values as an array; raise unless there is one for each degree of freedom, finite.

    Where ``read`` is given, only the values at these numbers need to be finite.
    """
    values = as_array(values)
    if np.shape(values) != (basis.N,):
        raise ShapeError(
            f"{name} has shape {np.shape(values)}, the basis has {basis.N} degrees of freedom",
            why=f"{type(basis.elem).__name__} on {basis.mesh.nelements} elements",
            instead="an array of shape (basis.N,), as basis.zeros()",
        )
    check_values(name, values if read is None or is_traced(values) else values[read])
    return values


def as_array(values: Any) -> Any:
    """Return lists as arrays, traced if something in them is; anything else as it is."""
    if not isinstance(values, (list, tuple)):
        return values
    return as_traced(values) if is_traced(values) else np.asarray(values)


def checked_numbers(name: str, dofs: Any, basis: Any) -> NDArray[np.intp]:
    """Return different numbers of degrees of freedom of a basis, ascending.

    Parameters
    ----------
    name : str
        For messages.
    dofs : array of int, array of bool, or what ``basis.get_dofs`` returns
        Negative numbers count from the end, as in ``skfem.condense``.
    """
    found = np.asarray(dofs.flatten() if hasattr(dofs, "nodal_ix") else dofs)
    if found.dtype == bool and found.shape == (basis.N,):
        return np.flatnonzero(found)
    if not found.size:
        return np.zeros(0, np.intp)
    if found.dtype.kind not in "iu" or found.min() < -basis.N or found.max() >= basis.N:
        raise ProblemError(
            f"{name} is not made of numbers of degrees of freedom",
            why=f"the basis has {basis.N}: integers up to {basis.N - 1}, or that many booleans",
            instead="basis.get_dofs(...), or basis.complement_dofs(...)",
        )
    return np.unique(np.where(found < 0, found + basis.N, found)).astype(np.intp)


def check_values(name: str, values: Any) -> None:
    """Raise if plain values are no numbers, or not finite."""
    if is_traced(values):
        return
    if np.asarray(values).dtype.kind not in "biufc":
        raise ProblemError(
            f"{name} is {type(values).__name__}, not numbers",
            instead="numbers, arrays, or fields: FiniteElements(basis).interpolate(values)",
        )
    if np.all(np.isfinite(values)):
        return
    wrong = np.flatnonzero(~np.isfinite(values))
    raise NonFiniteError(
        f"{name} is not finite at {wrong.size} of {np.size(values)} places: {_some(wrong)}"
    )


def check_linear(form: Callable[..., Any], unknowns: tuple[Any, ...], tests: Any, w: Any) -> None:
    """Raise unless a form is linear in its test function, at plain sample values.

    A form that cannot be sampled, because of what it captures or where its sample values are, is
    taken on trust.

    Parameters
    ----------
    form : callable
        ``form(*unknowns, *test, w)``.
    unknowns : tuple of fields
    tests : three tuples of fields
        The last one is the sum of the first two.
    w : mapping
        What else the form reads.
    """
    with np.errstate(all="ignore"):
        first, second, both = (form(*unknowns, *test, w) for test in tests)
        if is_traced([first, second, both]):
            return
        if any(np.asarray(value).dtype.kind not in "biufc" for value in (first, second, both)):
            raise ProblemError(
                f"the form returned {type(first).__name__}, not numbers",
                instead="return what is integrated, at every quadrature point",
            )
        error, size = np.abs(first + second - both), np.abs(first) + np.abs(second) + np.abs(both)
        wrong = np.isfinite(error) & (error > 1e-8 * size)
    if np.any(wrong):
        raise ProblemError(
            "the form is not linear in its test function",
            why="form(u, v1, w) + form(u, v2, w) is not form(u, v1 + v2, w) at sample values",
            instead="every term times v or grad(v); energy densities go to FiniteElements.energy",
        )
