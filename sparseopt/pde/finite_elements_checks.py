"""What can be wrong with a mesh, an array of degrees of freedom, a coefficient or a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DegenerateMeshError, NonFiniteError, ProblemError, ShapeError
from sparseopt.tracing.conversion import is_traced

__all__ = ["check_basis", "check_dofs", "check_linear", "check_values"]

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
    points = basis.X
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


def check_dofs(name: str, values: Any, basis: Any) -> None:
    """Raise unless values are finite, one for each degree of freedom of a basis."""
    if np.shape(values) != (basis.N,):
        raise ShapeError(
            f"{name} has shape {np.shape(values)}, the basis has {basis.N} degrees of freedom",
            why=f"{type(basis.elem).__name__} on {basis.mesh.nelements} elements",
            instead="an array of shape (basis.N,), as basis.zeros()",
        )
    check_values(name, values)


def check_values(name: str, values: Any) -> None:
    """Raise if plain values are not finite."""
    if is_traced(values) or np.all(np.isfinite(values)):
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
        error, size = np.abs(first + second - both), np.abs(first) + np.abs(second) + np.abs(both)
        wrong = np.isfinite(error) & (error > 1e-8 * size)
    if np.any(wrong):
        raise ProblemError(
            "the form is not linear in its test function",
            why="form(u, v1, w) + form(u, v2, w) is not form(u, v1 + v2, w) at sample values",
            instead="every term times v or grad(v); energy densities go to FiniteElements.energy",
        )
