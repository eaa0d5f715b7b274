"""`uncertainty` and `covariance`: how far a fit is to be trusted.

The statistics are those of the linearized model at the solution, within the active constraints:
variables held by a bound have no variance, and priors count as data.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DegenerateSolutionError, ProblemError, ShapeError, did_you_mean
from sparseopt.fitting.covariance_operator import CovarianceOperator, HessianKind
from sparseopt.fitting.degeneracy import Combination, confusion_text
from sparseopt.fitting.intervals import Band, quantile
from sparseopt.fitting.profile import Profile, profile_likelihood
from sparseopt.fitting.solved_point import SolvedPoint
from sparseopt.fitting.uncertainty_plots import draw_correlations, draw_residuals
from sparseopt.fitting.uncertainty_report import uncertainty_report
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.tracing.conversion import as_traced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

__all__ = ["Uncertainty", "covariance", "uncertainty"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MOST_COVARIANCE = 5000
"""Variables of which a dense covariance is made: 200 MB."""


def covariance(
    solution: Solution,
    names: str | Sequence[str] | None = None,
    absolute_sigma: bool = False,
    hessian: HessianKind = "auto",
) -> FloatArray:
    """Return the covariance matrix of the fitted values of some variables.

    Parameters
    ----------
    solution : Solution
        Of a model with `Model.fit`.
    names : str or sequence of str, optional
        Variables, or elements such as ``"k[3]"``, in the order of rows and columns; by default
        `Uncertainty.parameters`.
    absolute_sigma : bool
        Whether weights are the inverses of known standard deviations.  Otherwise they are known
        up to a factor, estimated from the residuals (as in `scipy.optimize.curve_fit`).
    hessian : {"auto", "exact", "gauss_newton"}
        Of which the covariance is the inverse; "auto" is Gauss–Newton, and exact for a robust
        loss, whose covariance is a sandwich.

    Returns
    -------
    ndarray, shape (k, k)
        Zero for variables held by a bound.

    Raises
    ------
    SolveFailedError, ProblemError
        Without a solution, or without residuals.
    DegenerateSolutionError
        Where data and constraints do not determine the variables, naming which.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model("mean")
    >>> x = m.variable("x", start=1.0)
    >>> m.fit(x - np.array([1.0, 2.0, 6.0]))
    >>> so.covariance(m.solve()).round(6)  # s² / 3 with s² = 14 / 2
    array([[2.333333]])
    """
    found = Uncertainty(solution, None, absolute_sigma, hessian)
    return found.covariance(*([names] if isinstance(names, str) else names or ()))


def uncertainty(
    solution: Solution,
    names: Sequence[str] | None = None,
    absolute_sigma: bool = False,
    hessian: HessianKind = "auto",
) -> Uncertainty:
    """Return what is known of the errors of a fit; printing it shows a table.

    The KKT matrix at the solution is factored once; everything else are solves with the factors.

    Parameters
    ----------
    solution, absolute_sigma, hessian
        As for `covariance`.
    names : sequence of str, optional
        The variables that count as parameters.  By default all; or, with equality constraints,
        those that are as many as the degrees of freedom: parameters, and not the states of an
        equation.

    Examples
    --------
    >>> import sparseopt as so
    >>> t = np.arange(6.0)
    >>> m = so.Model("line")
    >>> a, b = m.variable("a"), m.variable("b")
    >>> m.fit(a + b * t - np.array([0.1, 0.9, 2.1, 2.9, 4.1, 5.0]))
    >>> u = so.uncertainty(m.solve())
    >>> round(float(u.standard_error("b")), 4), u.degrees_of_freedom
    (0.0262, 4)
    >>> [round(float(v), 3) for v in u.interval("b")]
    [0.924, 1.07]
    >>> round(float(u.band(a + b * 10.0).standard_error), 4)
    0.2018
    """
    return Uncertainty(solution, names, absolute_sigma, hessian)


class Uncertainty(Unpicklable):
    """Errors of a fit's variables and of what is computed from them; `uncertainty` makes it.

    Attributes
    ----------
    parameters : tuple of str
    operator : CovarianceOperator
        Products with the covariance; `operator.system` counts factorizations and solves.
    """

    def __init__(
        self,
        solution: Solution,
        names: Sequence[str] | None,
        absolute_sigma: bool,
        hessian: HessianKind,
    ) -> None:
        self.solution = solution
        self._absolute = absolute_sigma
        self._point = SolvedPoint(solution)
        self._point.warn_if_weakly_active("they are taken as free to move")
        self.operator = CovarianceOperator(self._point, absolute_sigma, hessian)
        for name in names or ():
            self._places(name)
        self.parameters: tuple[str, ...] = tuple(names or self._default_parameters())

    # ---- how well the model fits
    @property
    def degrees_of_freedom(self) -> int:
        """Rows of data and priors less the dimension in which the variables may move."""
        return self.operator.degrees_of_freedom

    @property
    def residual_variance(self) -> float:
        """s²: the weighted sum of squares over the degrees of freedom."""
        return self.operator.residual_variance

    @property
    def fixed(self) -> list[str]:
        """Variables held by a bound at the solution: they have no variance."""
        return [self._point.problem.variable_name(int(k)) for k in self._point.active.held]

    @property
    def undetermined(self) -> list[Combination]:
        """Directions along which no residual changes: what the data cannot tell apart, by name."""
        return self.operator.undetermined

    # ---- errors of variables
    def covariance(self, *names: str) -> FloatArray:
        """Return the covariance of variables or elements; by default of `parameters`.

        Raises
        ------
        DegenerateSolutionError
            If the data do not determine one of them.
        """
        places = self._all_places(names)
        if places.size > _MOST_COVARIANCE:
            raise ProblemError(
                f"a covariance matrix of {places.size:,} variables is dense",
                instead='name some of them: covariance("k[3]", "k[4]"), or ask for '
                "standard_error(name)",
            )
        found = self.operator.block(places)
        if not np.isfinite(found).all():
            raise self._not_determined()
        return found

    def standard_error(self, name: str) -> FloatArray:
        """Return the standard errors of a variable, in its shape; infinite if undetermined.

        One solve for each element, or for each degree of freedom if these are fewer.
        """
        places, shape = self._places(name)
        if places.size > self.operator.dimension and self._factor is not None:
            return np.asarray(np.linalg.norm(self._factor[places], axis=1)).reshape(shape)
        return np.asarray(np.sqrt(self.operator.variances(places))).reshape(shape)

    def interval(self, name: str, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return the ends of confidence intervals: value ∓ t · standard error.

        Student's t with the degrees of freedom, or the normal quantile for absolute sigmas.
        """
        half = self._quantile(level) * self.standard_error(name)
        places, shape = self._places(name)
        value = self.solution.x[places].reshape(shape)
        return value - half, value + half

    def correlation(self, *names: str) -> FloatArray:
        """Return the correlation matrix; NaN for variables held by a bound."""
        found = self.covariance(*names)
        sizes = np.sqrt(found.diagonal())
        with np.errstate(invalid="ignore"):
            whole: FloatArray = found / sizes / sizes[:, None]
        np.fill_diagonal(whole, np.where(sizes > 0.0, 1.0, np.nan))
        return np.clip(whole, -1.0, 1.0)

    def names(self, *names: str) -> list[str]:
        """Return the names of the rows of a covariance matrix."""
        return [self._point.problem.variable_name(int(k)) for k in self._all_places(names)]

    def places(self, *names: str) -> IntArray:
        """Return where variables or elements are in ``solution.x``."""
        return self._all_places(names)

    # ---- errors of what is computed from them
    def band(self, expression: Any, level: float = 0.95) -> Band:
        """Return the values of an expression of variables with standard errors and intervals.

        By the delta method: the variance of g(x) is that of its linearization, G C Gᵀ with the
        exact sparse Jacobian G.  It is a band for the mean of a prediction, point by point.

        Parameters
        ----------
        expression : traced array
        level : float

        Returns
        -------
        Band
            ``value``, ``standard_error``, ``lower``, ``upper`` in the expression's shape.
        """
        traced = as_traced(expression)
        value = np.asarray(self.solution.value(expression), np.float64)
        matrix = self._point.expression_jacobian(traced.node)
        if matrix.shape[0] > self.operator.dimension and self._factor is not None:
            errors = np.linalg.norm(np.asarray(matrix @ self._factor), axis=1)
        else:
            errors = np.sqrt(self.operator.variances_of(matrix))
        return Band(value, np.asarray(errors).reshape(traced.shape), self._quantile(level), level)

    def profile(self, name: str, *, points: int = 15, level: float = 0.95, **solve: Any) -> Profile:
        """Return the profile likelihood of one element: the fit solved again with it fixed.

        Unlike `interval` it follows the curvature of the model (Bates and Watts 1988,
        doi:10.1002/9780470316757, chapter 6).

        Parameters
        ----------
        name : str
            Of a scalar variable, or an element such as ``"k[3]"``.
        points : int
            About how many solves.
        level : float
            The interval holds the values whose sum of squares exceeds the least by less than
            s² F(1, dof), or χ²(1) for absolute sigmas.
        **solve
            ``solver`` and ``options`` as for `Model.solve`.

        Returns
        -------
        Profile
            With ``interval``; an end is infinite where the data do not limit it.
        """
        places, _ = self._places(name)
        if places.size != 1:
            raise ProblemError(
                f"a profile is of one number, and {name!r} has {places.size}",
                instead=f'profile("{self._point.problem.variable_name(int(places[0]))}")',
            )
        error = float(self.standard_error(name).reshape(-1)[0])
        variance = 1.0 if self._absolute or self.operator.is_robust else self.residual_variance
        return profile_likelihood(
            self._point, int(places[0]), (error, variance, self._quantile(level)), points, **solve
        )

    # ---- pictures and text
    def plot_residuals(self, against: Any = None) -> Figure:
        """Draw residuals, their quantiles against normal ones, and a histogram.

        Parameters
        ----------
        against : traced array or array-like, optional
            Abscissas, one for each datum, such as the model's prediction; by default the row.
        """
        data = self.operator.values.size - self.operator.num_prior
        at = np.arange(data) if against is None else self.solution.value(against)
        if np.size(at) != data:
            raise ShapeError(
                f"{np.size(at):,} abscissas are given for {data:,} data",
                instead="one for each datum whose weight is not 0",
            )
        spread = np.sqrt(self.residual_variance) if self.degrees_of_freedom > 0 else 1.0
        residuals = self.operator.values[:data] / spread
        return draw_residuals(np.ravel(at), residuals, self._point.problem.name)

    def plot_correlation(self, *names: str) -> Figure:
        """Draw the correlation matrix of some variables."""
        return draw_correlations(self.correlation(*names), self.names(*names))

    def __str__(self) -> str:
        return uncertainty_report(self, self._point)

    def __repr__(self) -> str:
        return (
            f"Uncertainty({self._point.problem.name!r}, {len(self.parameters)} parameters, "
            f"{self.degrees_of_freedom} degrees of freedom)"
        )

    # ---- inside
    def _quantile(self, level: float) -> float:
        return quantile(level, None if self._absolute else self.degrees_of_freedom)

    @cached_property
    def _factor(self) -> FloatArray | None:
        return self.operator.factor(self._all_places(()))

    def _default_parameters(self) -> tuple[str, ...]:
        """Return all variables, or the smallest arrays that add up to the degrees of freedom."""
        variables = list(self._point.problem.variables)
        if not self._point.active.rows.size or self.undetermined:
            return tuple(v.name for v in variables)
        is_free = np.zeros(self._point.problem.num_variables, bool)
        is_free[self._point.active.free] = True
        total, chosen = 0, []
        for array in sorted(variables, key=lambda v: v.size):
            total += int(is_free[array.offset : array.offset + array.size].sum())
            chosen.append(array.name)
            if total >= self.operator.dimension:
                break
        is_whole = total == self.operator.dimension
        return tuple(v.name for v in variables if not is_whole or v.name in chosen)

    def _places(self, name: str) -> tuple[IntArray, tuple[int, ...]]:
        variables = self._point.problem.variables
        if not isinstance(name, str):
            raise ProblemError(
                f"{name!r} is no name",
                instead='one name, such as "k" or "k[3]", or several of them',
            )
        if name in variables:
            array = variables[name]
            return np.arange(array.offset, array.offset + array.size), array.shape
        if "[" in name:
            return np.array([variables.position(name)]), ()
        raise ProblemError(
            f"{name!r} is no variable", instead=did_you_mean(name, [v.name for v in variables])
        )

    def _all_places(self, names: Sequence[str]) -> IntArray:
        parts = [self._places(name)[0] for name in names or self.parameters]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def _not_determined(self) -> DegenerateSolutionError:
        return DegenerateSolutionError(
            "; ".join(confusion_text(c) for c in self.undetermined),
            names=dict.fromkeys(name for c in self.undetermined for name in c),
            why="the Jacobian of the residuals has no full rank there, within the constraints",
            instead="fix one of them, add data that sees the combination, or m.prior(x, mean, std)",
        )
