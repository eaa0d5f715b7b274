"""The covariance of a fit's variables as an operator: columns by sparse solves, never all of them.

With the residuals' Jacobian J, the active rows A and Z a basis of their null space,

    C = s² W,  W = Z (Zᵀ H Z)⁻¹ Zᵀ,

which is the block of x in the inverse of the KKT matrix.  H is JᵀJ (Gauss–Newton: Seber and Wild
1989, doi:10.1002/0471725315, section 5.1) or the exact Hessian of the Lagrangian (the observed
information).  For a robust loss with scores ψ the two are not proportional, and C is the sandwich

    C = m / (m - d) · W Jᵀ diag(ψ²) J W

(Huber 1967, Proc. 5th Berkeley Symp. 1, 221-233; White 1980, doi:10.2307/1912934; the factor:
MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import DegenerateSolutionError, ProblemError, SingularMatrixError
from sparseopt.fitting.degeneracy import Combination, degenerate
from sparseopt.fitting.kkt_system import KKTSystem, chunked, unit_columns
from sparseopt.fitting.solved_point import SolvedPoint
from sparseopt.modeling.residuals import Residuals

__all__ = ["CovarianceOperator", "HessianKind", "residuals_of"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
HessianKind = Literal["auto", "exact", "gauss_newton"]

_LARGE = 2000
_FEW_PRODUCTS = 4
_MOST_FACTOR_ENTRIES = 20_000_000
_DETERMINED = 1e-6
"""Part of a unit vector in the undetermined directions from which on its variance is infinite."""


def residuals_of(point: SolvedPoint) -> Residuals:
    """Return the residuals of a fit; raise for another objective."""
    if point.problem.residuals is None:
        raise ProblemError(
            f"{point.problem.name!r} is no fit",
            why="a covariance needs residuals: how far data scatter around the model",
            instead="m.fit(residuals, weights=...) in place of m.minimize(...)",
        )
    return point.problem.residuals


class CovarianceOperator:
    """Products with the covariance of all variables at a fit.

    Parameters
    ----------
    point : SolvedPoint
    absolute_sigma : bool
        Weights are the inverses of known standard deviations; otherwise they are known up to a
        factor, which the residuals tell.
    hessian : {"auto", "exact", "gauss_newton"}
        "auto" takes Gauss–Newton for the squared loss, and the exact Hessian for others.

    Attributes
    ----------
    degrees_of_freedom : int
        Rows of data and priors less the dimension in which the variables may move.
    residual_variance : float
        s²: the weighted sum of squares over the degrees of freedom; NaN if there are none.
    is_robust : bool
    hessian : str
    method : str
        What was computed, in words.
    num_prior : int
        Rows of priors, the last ones.
    undetermined : list of dict
        Directions that neither data nor constraints determine, by name.
    """

    def __init__(self, point: SolvedPoint, absolute_sigma: bool, hessian: HessianKind) -> None:
        self.point, self._absolute = point, absolute_sigma
        residuals = residuals_of(point)
        with point.as_solved():
            self.values = residuals.values(point.x)
            self.jacobian = residuals.jacobian(point.x)
            self.slopes = residuals.slopes(point.x)
            curvatures = residuals.curvatures(point.x)
        self.is_robust = residuals.loss.name != "squared"
        self.hessian = _hessian_kind(hessian, self.is_robust)
        self.undetermined: list[Combination] = []
        self._null = np.zeros((point.problem.num_variables, 0))
        self.system = self._factored(np.maximum(curvatures, 0.0))
        self.num_prior = residuals.num_prior
        self.dimension = self.system.num_degrees_of_freedom
        self.degrees_of_freedom = residuals.size - self.dimension
        squares = float(self.slopes @ self.values**2)
        dof = self.degrees_of_freedom
        self.residual_variance = squares / dof if dof > 0 else np.nan

    @property
    def method(self) -> str:
        """What the covariance is, in words."""
        inverse = "(JᵀJ)⁻¹" if self.hessian == "gauss_newton" else "H⁻¹, H the exact Hessian"
        if self.is_robust:
            return f"sandwich W JᵀΨ²J W with W = {inverse} (Huber, White)"
        return inverse if self._absolute else f"s² {inverse}"

    @property
    def needs_variance(self) -> bool:
        """Whether the residuals have to tell their own variance."""
        return self.is_robust or not self._absolute

    # ---- products
    def apply(self, columns: FloatArray) -> FloatArray:
        """Return C times columns, shape (num_variables, k)."""
        found = self.system.solve(columns)[0]
        if self.is_robust:
            middle = self.jacobian.T @ (self._meat[:, None] * (self.jacobian @ found))
            found = self.system.solve(np.asarray(middle))[0]
        return self.scale * found

    @property
    def scale(self) -> float:
        """The factor s², or what corrects a sandwich for small samples."""
        if not self.needs_variance:
            return 1.0
        if self.degrees_of_freedom <= 0:
            raise DegenerateSolutionError(
                f"{self.values.size} residuals leave nothing to estimate their variance from",
                why=f"the variables move in {self.dimension} dimensions: the fit goes through "
                "all data",
                instead="more data; or absolute_sigma=True, where weights are 1 / standard "
                "deviation",
            )
        if self.is_robust:
            return self.values.size / self.degrees_of_freedom
        return self.residual_variance

    @property
    def _meat(self) -> FloatArray:
        """The squared scores; priors are taken at their word, with variance 1."""
        squares: FloatArray = (self.slopes * self.values) ** 2
        if self.num_prior:
            squares[-self.num_prior :] = 1.0
        return squares

    def block(self, places: IntArray) -> FloatArray:
        """Return the covariance of some variables, shape (k, k)."""
        n = self.point.problem.num_variables
        parts = [self.apply(unit_columns(n, chunk))[places] for chunk in chunked(places)]
        whole = np.concatenate([np.zeros((places.size, 0)), *parts], axis=1)
        return self._checked((whole + whole.T) / 2, places)

    def variances(self, places: IntArray) -> FloatArray:
        """Return the variances of some variables; infinite where nothing determines them."""
        parts = [np.zeros(0)]
        for chunk in chunked(places):
            product = self.apply(unit_columns(self.point.problem.num_variables, chunk))
            parts.append(product[chunk, np.arange(chunk.size)])
        found = np.concatenate(parts)
        found[np.linalg.norm(self._null[places], axis=1) > _DETERMINED] = np.inf
        return self._positive(found, lambda k: self.point.problem.variable_name(int(places[k])))

    def variances_of(self, matrix: sp.csr_array) -> FloatArray:
        """Return the variances of linear combinations, a row each."""
        found = np.zeros(matrix.shape[0])
        for chunk in chunked(np.arange(matrix.shape[0])):
            columns = matrix[chunk].T.toarray()
            found[chunk] = np.sum(columns * self.apply(columns), axis=0)
        lost = np.abs(matrix @ self._null).max(axis=1, initial=0.0)
        found[lost > _DETERMINED * np.sqrt((matrix * matrix).sum(axis=1))] = np.inf
        return self._positive(found, lambda k: f"row {k}")

    def factor(self, places: IntArray) -> FloatArray | None:
        """Return F with C = F Fᵀ from the columns of variables that determine all others.

        None if there are too few or too many of them, or if they do not.
        """
        free = np.intersect1d(places, self.point.active.free)
        n = self.point.problem.num_variables
        if self.undetermined or free.size != self.dimension or free.size * n > _MOST_FACTOR_ENTRIES:
            return None
        chunks = [self.apply(unit_columns(n, chunk)) for chunk in chunked(free)]
        columns = np.concatenate([np.zeros((n, 0)), *chunks], axis=1)
        sizes = np.sqrt(np.maximum(columns[free, np.arange(free.size)], 0.0))
        if not np.all(sizes > 0.0):
            return None
        block = columns[free] / sizes / sizes[:, None]
        try:
            lower = np.linalg.cholesky((block + block.T) / 2)
        except np.linalg.LinAlgError:
            return None
        found: FloatArray = np.linalg.solve(lower, (columns / sizes).T).T
        return found

    # ---- inside
    def _factored(self, curvatures: FloatArray) -> KKTSystem:
        """Return the factored system; where it is singular, closed by what is undetermined."""
        rows = sp.csr_array(sp.diags_array(np.sqrt(curvatures)) @ self.jacobian)
        if self.hessian == "gauss_newton" and _is_cheap_to_square(rows):
            product = sp.csr_array(rows.T @ rows)
            squared = KKTSystem(product, self.point.jacobian, self.point.active)
            with contextlib.suppress(SingularMatrixError):  # J itself may be less so
                squared.factorize()
                return squared
        system = self._system(rows, None)
        if not system.num_free + system.num_active:
            return system
        try:
            system.factorize()
        except SingularMatrixError as error:
            found, self.undetermined, scaled = degenerate(self.point, system, "the variances")
            if not self.undetermined:
                raise found from error
            self._null = np.linalg.qr(system.unscaled(scaled))[0]
            system = self._system(rows, system.rows_across(scaled))
            system.factorize()
        return system

    def _system(self, rows: sp.csr_array, extra: sp.csr_array | None) -> KKTSystem:
        point = self.point
        if self.hessian == "exact":
            return KKTSystem(point.hessian, point.jacobian, point.active, extra=extra)
        return KKTSystem(None, point.jacobian, point.active, rows, extra=extra)

    def _checked(self, block: FloatArray, places: IntArray) -> FloatArray:
        lost = np.flatnonzero(np.linalg.norm(self._null[places], axis=1) > _DETERMINED)
        block[lost] = np.nan
        block[:, lost] = np.nan
        block[lost, lost] = np.inf
        self._positive(block.diagonal().copy(), lambda k: "")
        return block

    def _positive(self, variances: FloatArray, name: Callable[[int], str]) -> FloatArray:
        size = float(np.max(variances[np.isfinite(variances)], initial=0.0))
        wrong = np.flatnonzero(variances < -1e-9 * size)
        if wrong.size:
            raise DegenerateSolutionError(
                f"the variance of {name(int(wrong[0]))} is negative",
                names=(name(int(wrong[0])),),
                why="the exact Hessian has a negative direction: the point is no minimum of the "
                "fit",
                instead='solve with smaller tolerances, or take hessian="gauss_newton"',
            )
        return np.maximum(variances, 0.0)


def _is_cheap_to_square(rows: sp.csr_array) -> bool:
    """Whether JᵀJ is as sparse as J, in a fit so large that half of the unknowns matter.

    Small fits keep J: the condition of JᵀJ is the square of J's.
    """
    products = int(np.sum(np.diff(rows.indptr).astype(np.int64) ** 2))
    return rows.shape[1] > _LARGE and products <= _FEW_PRODUCTS * max(rows.nnz, 1)


def _hessian_kind(hessian: str, is_robust: bool) -> str:
    if hessian not in ("auto", "exact", "gauss_newton"):
        raise ProblemError(
            f"{hessian!r} is no Hessian of a fit", instead='"auto", "exact" or "gauss_newton"'
        )
    if hessian == "auto":
        return "exact" if is_robust else "gauss_newton"
    return hessian
