"""Nonlinear forms on scikit-fem's bases, as NumPy code with exact sparse derivatives.

Meshes, elements, quadrature and assembled constant matrices are scikit-fem's.  A form is evaluated
with the quadrature points of an element unrolled, so that an element type becomes one block whose
instances are elements; what depends on the element only through its geometry is data.

Reference: T. Gustafsson and G. D. McBain, scikit-fem: A Python package for finite element assembly,
Journal of Open Source Software 5 (2020), 2369, doi:10.21105/joss.02369.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from sparseopt.errors import ProblemError, ShapeError
from sparseopt.pde.callables import require_callable
from sparseopt.pde.finite_elements_checks import check_basis, checked_dofs, checked_numbers
from sparseopt.pde.finite_elements_evaluation import (
    FormEvaluation,
    InterpolatedField,
    Space,
    checked_coefficient,
)
from sparseopt.pde.finite_elements_fields import scikit_fem
from sparseopt.pde.finite_elements_interpolation import interpolation, quadrature
from sparseopt.tracing.conversion import as_traced, is_traced

__all__ = ["FiniteElements", "InterpolatedField"]

MOST_UNROLLED = 200
"""Basis functions times quadrature points of an element, beyond which formulas get too long."""

MOST_TABLES = 100
"""Arrays of basis values that an unrolled element may read."""


class FiniteElements:
    """Forms and energies over the elements, or facets, of a basis of scikit-fem.

    Forms are written as for scikit-fem, with ``skfem.helpers`` (``grad``, ``dot``, ``ddot``,
    ``det``, ...) or plain NumPy: fields have shape (..., number of elements, number of points), and
    ``w`` holds the coordinates ``w.x``, the element size ``w.h``, on facets the normal ``w.n``, and
    the coefficients given by name.

    Parameters
    ----------
    basis : skfem.CellBasis or skfem.FacetBasis
        With any element: scalar, vector (``ElementVector``) or mixed (``ElementComposite``, whose
        forms take one field for each component).
    unroll : bool, optional
        Whether the quadrature points of an element are one formula, or each one an instance of its
        own.  By default unrolled unless the formula would get too long.

    Raises
    ------
    PackageNotInstalledError
        If scikit-fem is not installed.
    DegenerateMeshError
        If elements have no volume or are folded; ``error.elements`` has their numbers.

    Examples
    --------
    Nonlinear diffusion -div((1 + u^2) grad u) = 1 on the unit square:

    >>> import numpy as np, skfem, sparseopt as so
    >>> from skfem.helpers import dot, grad
    >>> from sparseopt import pde
    >>> basis = skfem.Basis(skfem.MeshTri().refined(2), skfem.ElementTriP1())
    >>> fem = pde.FiniteElements(basis)
    >>> def diffusion(u, v, w):
    ...     return (1 + u**2) * dot(grad(u), grad(v)) - 1.0 * v
    >>> jacobian = so.jacobian(lambda u: fem.residual(diffusion, u), basis.zeros())
    >>> jacobian(basis.ones()).shape
    (25, 25)
    """

    def __init__(self, basis: Any, *, unroll: bool | None = None) -> None:
        scikit_fem()
        check_basis(basis)
        self.basis = basis
        functions = interpolation(basis)
        if unroll is None:
            unroll = _is_short(basis, functions.num_tables)
        count = basis.dx.shape[1]
        groups = [slice(q, q + 1) for q in range(count)] if unroll else [slice(0, count)]
        self._space = Space(basis, functions, quadrature(basis), groups)

    @cached_property
    def _assembly(self) -> sp.csr_array:
        """The matrix that adds the entries of element vectors, (basis.N, their number)."""
        rows = self.basis.element_dofs.reshape(-1)
        columns = (np.ones(rows.size), rows, np.arange(rows.size + 1))
        return sp.csr_array(sp.csc_array(columns, shape=(self.basis.N, rows.size)))

    def residual(
        self,
        form: Callable[..., Any],
        u: Any = None,
        *,
        I: Any = None,  # noqa: E741
        **coefficients: Any,
    ) -> Any:
        """Return the residual vector: the form tested with every basis function.

        Parameters
        ----------
        form : callable
            ``form(u, v, w)``, linear in the test function v, in scikit-fem's words; or one of its
            decorated forms.  A bilinear form is applied to ``u``.
        u : array, shape (basis.N,), optional
            Degrees of freedom, traced or plain.  Without it, the form is ``form(v, w)``.
        I : array of int or bool, or what ``basis.get_dofs`` returns, optional
            Return these rows only, those of the free degrees of freedom (`expand`).  It costs less
            than choosing rows afterwards, which leaves elements with different rows together.
        **coefficients
            What the form reads as ``w.name``: a field, `interpolate`; a number or a traced scalar;
            an array at the quadrature points, shape (..., number of elements, number of points),
            where each of the two may be 1; what scikit-fem's ``basis.interpolate`` returns.

        Returns
        -------
        array, shape (basis.N,) or the number of different I
            In ascending order of the degrees of freedom.  Traced if something of the above is; its
            Jacobian is exact and sparse.

        Raises
        ------
        ShapeError, NonFiniteError
            For arrays of wrong sizes, and plain ones that are not finite.
        ProblemError
            If the form is not linear in v.
        """
        evaluation = self._evaluation(form, u, coefficients, is_tested=True)
        evaluation.check_linear()
        elements = evaluation.integral(evaluation.tested)
        shape = (self.basis.nelems, 1)
        # The transposed order, elements last, is that of scikit-fem's element_dofs.
        stacked = np.stack([np.broadcast_to(value, shape) for value in elements])[..., 0]
        if I is None:
            return evaluation.finished(self._assembly @ stacked.reshape(-1))
        rows = checked_numbers("I", I, self.basis)
        return evaluation.finished(self._chosen_rows(stacked, rows))

    def _chosen_rows(self, elements: Any, rows: Any) -> Any:
        """Return rows of a residual: elements with all their rows are assembled by themselves."""
        is_whole = np.isin(self.basis.element_dofs, rows).all(axis=0)
        places = np.arange(self.basis.element_dofs.size).reshape(self.basis.element_dofs.shape)
        total = 0.0
        for chosen in (is_whole, ~is_whole):
            if chosen.any():
                columns = places[:, chosen].reshape(-1)
                total = total + self._assembly[rows][:, columns] @ elements[:, chosen].reshape(-1)
        return total

    def energy(self, density: Callable[..., Any], u: Any = None, **coefficients: Any) -> Any:
        """Return the integral of a density; its gradient and Hessian are exact.

        Parameters
        ----------
        density : callable
            ``density(u, w)``: a scalar at every quadrature point; ``density(w)`` without ``u``, as
            scikit-fem's ``Functional``.
        u, **coefficients
            As for `residual`.

        Returns
        -------
        scalar, traced if ``u`` or a coefficient is

        Examples
        --------
        The area below a paraboloid, with two triangles:

        >>> import skfem
        >>> from sparseopt import pde
        >>> fem = pde.FiniteElements(skfem.Basis(skfem.MeshTri(), skfem.ElementTriP1()))
        >>> fem.energy(lambda w: w.x[0] ** 2 + w.x[1] ** 2).round(12)
        np.float64(0.666666666667)
        """
        evaluation = self._evaluation(density, u, coefficients, is_tested=False)
        (elements,) = evaluation.integral(evaluation.density)
        return evaluation.finished(np.sum(np.broadcast_to(elements, (self.basis.nelems, 1))))

    def interpolate(self, values: Any) -> InterpolatedField:
        """Return a field by its degrees of freedom on this basis, as a coefficient of a form.

        Parameters
        ----------
        values : array, shape (basis.N,)
            Traced or plain.

        Examples
        --------
        A conductivity that is constant on each element, beside a piecewise linear temperature:

        >>> import numpy as np, skfem
        >>> from skfem.helpers import dot, grad
        >>> from sparseopt import pde
        >>> basis = skfem.Basis(skfem.MeshTri(), skfem.ElementTriP1())
        >>> fem = pde.FiniteElements(basis)
        >>> pieces = pde.FiniteElements(basis.with_element(skfem.ElementTriP0()))
        >>> k = pieces.interpolate(np.array([1.0, 2.0]))
        >>> fem.residual(lambda u, v, w: w.k * dot(grad(u), grad(v)), np.arange(4.0), k=k)
        array([-1.5, -1.5,  0. ,  3. ])
        """
        return InterpolatedField(self._space, checked_dofs("the field", values, self.basis))

    def expand(self, values: Any, x: Any = 0.0, *, I: Any = None, D: Any = None) -> Any:  # noqa: E741
        """Return all degrees of freedom from the free ones: Dirichlet conditions.

        The arguments are those of ``skfem.condense``; rows I of a residual go with it.

        Parameters
        ----------
        values : array, shape (number of free ones,)
            In ascending order of their numbers.
        x : number or array, shape (basis.N,)
            Holds the prescribed ones; the others are not read.
        I, D : array of int or bool, or what ``basis.get_dofs`` returns
            The free ones, or the prescribed ones: one of them.

        Returns
        -------
        array, shape (basis.N,), traced if ``values`` or ``x`` is
        """
        if (I is None) == (D is None):
            raise ProblemError("either the free I or the prescribed D are needed", instead="D=...")
        given = checked_numbers("I" if D is None else "D", I if D is None else D, self.basis)
        free = given if D is None else np.setdiff1d(np.arange(self.basis.N), given)
        if np.shape(values) != free.shape:
            raise ShapeError(
                f"values of shape {np.shape(values)} for {free.size} free degrees of freedom",
                instead=f"an array of shape ({free.size},)",
            )
        everywhere = np.broadcast_to(x, (self.basis.N,)) if np.ndim(x) == 0 else x
        prescribed = np.setdiff1d(np.arange(self.basis.N), free)
        start = checked_dofs("x", everywhere, self.basis, prescribed)
        traced = is_traced(values) or is_traced(x)
        full = as_traced(start).copy() if traced else np.array(start, np.float64)
        full[free] = values
        return full

    @property
    def is_unrolled(self) -> bool:
        """Whether all quadrature points of an element are one formula."""
        return len(self._space.groups) == int(self.basis.dx.shape[1])

    def _evaluation(
        self, form: Callable[..., Any], u: Any, coefficients: dict[str, Any], is_tested: bool
    ) -> FormEvaluation:
        if u is not None:
            u = checked_dofs("u", u, self.basis)
        checked = {
            name: checked_coefficient(name, value, self.basis)
            for name, value in coefficients.items()
        }
        function = getattr(form, "form", form)
        fields = ("u", "v") if is_tested else ("u",)
        shown = fields if u is not None else fields[1:]
        components = len(self._space.interpolation.shapes)
        numbered = [f"{n}{k}" if components > 1 else n for n in shown for k in range(components)]
        require_callable(function, "the form", *numbered, "w")
        return FormEvaluation(self._space, function, u, checked)


def _is_short(basis: Any, num_tables: int) -> bool:
    """Whether the formula of an element with all its quadrature points is short enough."""
    count: int = basis.dx.shape[1]
    return bool(basis.Nbfun * count <= MOST_UNROLLED and num_tables * count <= MOST_TABLES)
