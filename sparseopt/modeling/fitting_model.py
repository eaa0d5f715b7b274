"""`FittingModel`: the declarations of a fit, a part of `sparseopt.Model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.graph.nodes import Input, Where
from sparseopt.modeling.declarations import Variable, check_name
from sparseopt.modeling.fit_declarations import (
    DataSet,
    Fit,
    HessianChoice,
    declare_fit,
    declare_prior,
)
from sparseopt.modeling.foreign_arguments import ForeignArguments
from sparseopt.modeling.losses import Loss
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.trace import input_array
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["FittingModel"]


class FittingModel(ForeignArguments, Unpicklable):
    """What a model says about a fit; see `sparseopt.Model`."""

    _variables: dict[str, Variable]
    _fit: Fit | None
    _priors: dict[str, DataSet]

    def fit(
        self,
        residuals: Any,
        weights: Any = None,
        loss: str | Loss = "squared",
        scale: float = 1.0,
        priors: Mapping[str, Any] | None = None,
        hessian: HessianChoice = "exact",
    ) -> None:
        """Set the objective to a fit, ½ Σ C² ρ((w r)² / C²): `scipy.optimize.least_squares`' own.

        It replaces an earlier objective or fit.  `Problem.residuals` keeps the residuals.

        Parameters
        ----------
        residuals : TracedArray, or mapping of str to TracedArray
            Model minus data, of any shape; a mapping names several data sets.
        weights : array-like, or mapping of str to array-like, optional
            1 / standard deviation of the data; broadcasts to the residuals.  0 leaves a datum out,
            which may then be NaN.
        loss : str or Loss
            "squared", "huber", "soft_l1", "cauchy", "arctan" or "tukey"; see
            `sparseopt.modeling.losses`.
        scale : float
            C: weighted residuals far below it count as squares (SciPy's ``f_scale``).
        priors : mapping, optional
            ``{"k": (mean, std)}`` or ``{"k": (mean, std, operator)}``: as `prior` for the variable
            of that name, as long as this fit is the objective.
        hessian : {"exact", "gauss_newton"}
            What solvers with second derivatives get for the objective: all of it, or without the
            residuals' own curvature.  Constraints keep theirs.

        Raises
        ------
        ShapeError, ProblemError, NonFiniteError
            For weights of the wrong shape, negative, or NaN, and for unknown names.
        UnderdeterminedError
            From `problem` and `solve`, for fewer data, rows of priors and equality constraints
            than parameters.

        Examples
        --------
        >>> import numpy as np
        >>> import sparseopt as so
        >>> t, y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([2.0, 1.2, 0.75, 9.0])
        >>> m = so.Model("decay")
        >>> a = m.variable("a", start=1.0)
        >>> k = m.variable("k", start=1.0)
        >>> m.fit(a * np.exp(-k * t) - y, weights=1 / 0.05, loss="cauchy")
        >>> s = m.solve()
        >>> s["a"].round(2), s["k"].round(2)
        (np.float64(2.0), np.float64(0.5))
        """
        where = user_frame()
        found = declare_fit(residuals, weights, loss, scale, hessian, where)
        own = [self._prior_of(name, prior, where) for name, prior in (priors or {}).items()]
        self._fit = replace(found, sets=(*found.sets, *own))
        self._changed()

    def prior(
        self,
        x: Any,
        mean: Any = 0.0,
        std: ArrayLike = 1.0,
        *,
        operator: Any = None,
        name: str | None = None,
    ) -> str:
        """Add what is known before the data: L (x - mean) / std is normal, with variance one.

        The rows are residuals of the fit, ``Problem.residuals.num_prior`` of them; they count as
        squares whatever the loss of the data.

        Parameters
        ----------
        x : TracedArray
            A variable, or any expression of the variables.
        mean : array-like or TracedArray
        std : array-like
            Standard deviations; positive.
        operator : sparse or dense matrix, optional
            L, applied to the flat array: differences of neighbors for smoothness, a factor of the
            precision matrix LᵀL for correlated parameters.
        name : str, optional
            By default ``prior_x`` for a variable ``x``, else ``prior_0``, ``prior_1``, ….

        Returns
        -------
        str
            The name.

        Examples
        --------
        >>> import numpy as np
        >>> import scipy.sparse as sp
        >>> import sparseopt as so
        >>> m = so.Model("smooth")
        >>> u = m.variable("u", shape=4)
        >>> m.fit(u[[0, 3]] - np.array([0.0, 3.0]), weights=1e3)
        >>> differences = sp.diags_array([-1.0, 1.0], offsets=[0, 1], shape=(3, 4))
        >>> m.prior(u, std=0.5, operator=differences)
        'prior_u'
        >>> m.solve()["u"].round(3).tolist()
        [0.0, 1.0, 2.0, 3.0]
        """
        where = user_frame()
        chosen = self._prior_name(x) if name is None else name
        check_name(chosen, (self._priors,), "prior", where)
        self._priors[chosen] = declare_prior(chosen, x, mean, std, operator, where)
        self._changed()
        return chosen

    def _prior_of(self, name: str, prior: Any, where: Where) -> DataSet:
        if name not in self._variables:
            raise ProblemError(
                f"a prior is given for {name!r}, which is no variable",
                where=describe_where(where),
                instead=did_you_mean(str(name), self._variables),
            )
        if not isinstance(prior, (tuple, list)) or len(prior) not in (2, 3):
            raise ProblemError(
                f"the prior of {name!r} is {type(prior).__name__}",
                where=describe_where(where),
                instead="give (mean, std) or (mean, std, operator)",
            )
        variable = self._variables[name]
        mean, std, operator = (*prior, None)[:3]
        array = input_array(variable.node, variable.shape)
        return declare_prior(f"prior_{name}", array, mean, std, operator, where)

    def _prior_name(self, x: Any) -> str:
        node = x.node if isinstance(x, TracedArray) else None
        if isinstance(node, Input) and f"prior_{node.name}" not in self._priors:
            return f"prior_{node.name}"
        count = 0
        while f"prior_{count}" in self._priors:
            count += 1
        return f"prior_{count}"

    def _declared_fit(self) -> Fit | None:
        """Return the fit with all priors, or None for another objective."""
        if self._fit is None:
            if self._priors:
                first = next(iter(self._priors.values()))
                raise ProblemError(
                    f"the prior {first.name!r} belongs to no fit",
                    where=describe_where(first.where),
                    why="a prior is a residual among those of the data",
                    instead="declare the data with m.fit(residuals)",
                )
            return None
        names = [data.name for data in self._fit.sets]
        for name, prior in self._priors.items():
            check_name(name, (names,), "prior", prior.where)
        return replace(self._fit, sets=(*self._fit.sets, *self._priors.values()))

    def _changed(self) -> None:
        raise NotImplementedError
