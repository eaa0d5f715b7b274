"""`sensitivities`: how a solution moves with the parameters of its model.

At a solution with an active set that stays, the conditions ∇L = 0 and c = d of free variables and
active rows define x and λ as functions of the parameters p.  Their derivatives solve

    ⎡ H  Aᵀ ⎤ ⎡ dx/dp ⎤     ⎡ ∂∇L/∂p ⎤
    ⎣ A  0  ⎦ ⎣ dλ/dp ⎦ = - ⎣ ∂c/∂p  ⎦

(Fiacco 1976, doi:10.1007/BF01580677; Pirnay, López-Negrete and Biegler 2012,
doi:10.1007/s12532-012-0043-2), one factorization for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import (
    ProblemError,
    SingularMatrixError,
    did_you_mean,
)
from sparseopt.fitting.degeneracy import degenerate
from sparseopt.fitting.kkt_system import KKTSystem, chunked, unit_columns
from sparseopt.fitting.parameter_derivatives import ParameterDerivatives
from sparseopt.fitting.solved_point import SolvedPoint
from sparseopt.modeling.declarations import full_array
from sparseopt.modeling.named_vector import NamedArray
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.tracing.conversion import as_traced

__all__ = ["Change", "Sensitivities", "sensitivities"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def sensitivities(solution: Solution, *parameters: str) -> Sensitivities:
    """Return the derivatives of a solution by its model's parameters.

    Nothing is solved again: the KKT matrix at the solution is factored once, and each direction
    costs one solve with the factors.  Bounds and inequalities that are active stay so; where one
    touches its bound with a zero multiplier, the derivative is that of the side on which it is
    inactive, and a `DegenerateSolutionWarning` names it.

    Parameters
    ----------
    solution : Solution
    *parameters : str
        Names; all parameters if there are none.

    Returns
    -------
    Sensitivities

    Raises
    ------
    SolveFailedError
        If there is no solution.
    ProblemError
        For a name that is no parameter, and for a model without any.
    DegenerateSolutionError
        Where derivatives do not exist, naming dependent constraints or undetermined variables.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model()
    >>> x = m.variable("x", shape=2, start=1.0)
    >>> k = m.parameter("k", [1.0, 2.0])
    >>> m.minimize(np.sum((x - k) ** 2))
    >>> m.subject_to(x[0] + x[1] == 1.0, name="sum")
    'sum'
    >>> S = so.sensitivities(m.solve())
    >>> S["x", "k"].round(6)
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    >>> S["sum", "k"].round(6), S.objective("k").round(6)
    (array([1., 1.]), array([2., 2.]))
    """
    return Sensitivities(solution, parameters)


class Sensitivities(Unpicklable):
    """Derivatives of a solution by parameters; `sensitivities` makes it.

    ``S["x", "k"]`` is ∂x/∂k, of shape ``x.shape + k.shape``.  The first name may be that of a
    constraint: the derivatives of its multipliers, in the sign of `Solution.dual`.

    Attributes
    ----------
    parameters : tuple of str
    system : KKTSystem
        With the numbers of factorizations and solves.
    """

    def __init__(self, solution: Solution, parameters: tuple[str, ...] = ()) -> None:
        self._point = point = SolvedPoint(solution)
        names = tuple(p.name for p in point.problem.parameters)
        for name in parameters:
            if name not in names:
                raise ProblemError(
                    f"{name!r} is no parameter of {point.problem.name!r}",
                    instead=did_you_mean(name, names),
                )
        if not names:
            raise ProblemError(
                f"{point.problem.name!r} has no parameters",
                why="derivatives of the solution are those by parameters",
                instead='k = m.parameter("k", value) in place of the number',
            )
        self.parameters = parameters or names
        point.warn_if_weakly_active("derivatives of the solution hold on the inactive side only")
        self._by = ParameterDerivatives(point, self.parameters)
        self.system = KKTSystem(point.hessian, point.jacobian, point.active)
        self._factorize()

    # ---- whole derivatives
    def __getitem__(self, names: tuple[str, str]) -> FloatArray:
        """Return ∂(variable or multiplier)/∂(parameter): forward or adjoint, whichever is less."""
        if not (isinstance(names, tuple) and len(names) == 2):
            raise ProblemError(
                f"sensitivities are asked for {names!r}",
                instead='two names: S["x", "k"] for the derivatives of x by k',
            )
        of, by = names
        target, parameter = self._target(of), self._parameter(by)
        rows = parameter.size > target.size and of in self._point.problem.variables
        found = self._rows(target, parameter) if rows else self._columns(target, parameter)
        return found.reshape(target.shape + parameter.shape)

    def objective(self, parameter: str) -> FloatArray:
        """Return the derivative of the optimal value, in the user's sign; nothing is solved."""
        sign = -1.0 if self._point.problem.is_maximized else 1.0
        self._parameter(parameter)
        found: FloatArray = self._by.names.part(sign * self._by.lagrangian_slope(), parameter)
        return found

    def of(self, expression: Any, parameter: str) -> FloatArray:
        """Return the total derivative of an expression of variables and parameters.

        Examples
        --------
        >>> import sparseopt as so
        >>> m = so.Model()
        >>> x, k = m.variable("x"), m.parameter("k", 3.0)
        >>> m.minimize((x - k) ** 2)
        >>> round(float(so.sensitivities(m.solve()).of(k * x, "k")), 6)
        6.0
        """
        traced, named = as_traced(expression), self._parameter(parameter)
        evaluator, at = self._by.expression_jacobian(traced.node)
        jacobian = evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(at))
        n = self._point.problem.num_variables
        by_x, total = jacobian[:, :n], jacobian[:, n:][:, _places(named)].toarray()
        if by_x.shape[0] < named.size:
            total += self._pulled(by_x.T.toarray())[_places(named)].T
        elif named.size:
            total += by_x @ self._moved(unit_columns(self._by.names.size, _places(named)))[0]
        return np.asarray(total.reshape(traced.shape + named.shape))

    # ---- products
    def forward(self, **directions: ArrayLike) -> Change:
        """Return how everything moves, to first order, along a change of the parameters.

        Examples
        --------
        >>> import sparseopt as so
        >>> m = so.Model()
        >>> x, k = m.variable("x", shape=2), m.parameter("k", [1.0, 2.0])
        >>> m.minimize(np.sum((x - k) ** 2))
        >>> so.sensitivities(m.solve()).forward(k=[0.1, 0.2])["x"].round(6)
        array([0.1, 0.2])
        """
        direction = np.zeros(self._by.names.size)
        for name, value in directions.items():
            named = self._parameter(name)
            direction[_places(named)] = full_array(value, named.shape, name, "direction", None)
        x, rows, lower, upper = self._moved(direction[:, None])
        slope = float(self._by.lagrangian_slope() @ direction)
        objective = -slope if self._point.problem.is_maximized else slope
        moved = (x[:, 0], rows[:, 0], lower[:, 0], upper[:, 0])
        return Change(objective, self._point.problem, moved)

    def adjoint(self, **weights: ArrayLike) -> Mapping[str, FloatArray]:
        """Return the gradient by each parameter of Σ weights · solution: one solve for all.

        Weights are given by the names of variables.

        Examples
        --------
        >>> import sparseopt as so
        >>> m = so.Model()
        >>> x, k = m.variable("x", shape=2), m.parameter("k", [1.0, 2.0])
        >>> m.minimize(np.sum((x - k) ** 2))
        >>> so.sensitivities(m.solve()).adjoint(x=[1.0, 3.0])["k"].round(6)
        array([1., 3.])
        """
        columns = np.zeros((self._point.problem.num_variables, 1))
        for name, value in weights.items():
            if name not in self._point.problem.variables:
                raise ProblemError(
                    f"{name!r} is no variable",
                    instead=did_you_mean(name, [v.name for v in self._point.problem.variables]),
                )
            named = self._point.problem.variables[name]
            columns[_places(named), 0] = full_array(value, named.shape, name, "weights", None)
        found = self._pulled(columns)[:, 0]
        return {p.name: self._by.names.part(found, p.name) for p in self._by.names}

    def __repr__(self) -> str:
        names = ", ".join(self.parameters)
        return f"Sensitivities({self._point.problem.name!r}, by {names})"

    # ---- inside
    def _factorize(self) -> None:
        if not self.system.num_free + self.system.num_active:
            return
        try:
            self.system.factorize()
        except SingularMatrixError as error:
            found, *_ = degenerate(self._point, self.system, "the solution's derivatives")
            raise found from error

    def _parameter(self, name: str) -> NamedArray:
        if name not in self._by.names:
            raise ProblemError(
                f"no sensitivities by {name!r}", instead=did_you_mean(name, self.parameters)
            )
        return self._by.names[name]

    def _target(self, name: str) -> NamedArray:
        problem = self._point.problem
        if name in problem.variables:
            return problem.variables[name]
        if name in problem.constraint_rows:
            return problem.constraint_rows[name]
        known = [part.name for part in (*problem.variables, *problem.constraint_rows)]
        raise ProblemError(
            f"{name!r} is no variable and no constraint", instead=did_you_mean(name, known)
        )

    def _moved(self, directions: FloatArray) -> tuple[FloatArray, ...]:
        """Return the derivatives of x, λ, z_lower, z_upper along columns of the parameters."""
        products = [self._by.forward(direction) for direction in directions.T]
        curved = np.stack([c for c, _ in products], axis=1)
        sloped = np.stack([s for _, s in products], axis=1)
        x, rows = self.system.solve(-curved, -sloped)
        pull = self._point.hessian @ x + self._point.jacobian.T @ rows + curved
        lower, upper = np.zeros_like(x), np.zeros_like(x)
        active = self._point.active
        lower[active.at_lower] = pull[active.at_lower]
        upper[active.at_upper] = -pull[active.at_upper]
        return x, rows, lower, upper

    def _pulled(self, columns: FloatArray) -> FloatArray:
        """Return the gradients by the parameters of weighted sums of x, a column each."""
        x, multipliers = self.system.solve(columns)
        pulled = [-self._by.adjoint(*pair) for pair in zip(x.T, multipliers.T, strict=True)]
        return np.stack(pulled, axis=1)

    def _part(
        self, name: str, x: FloatArray, rows: FloatArray, lower: FloatArray, upper: FloatArray
    ) -> FloatArray:
        """Return the rows of one named array, shape (size, number of directions)."""
        problem = self._point.problem
        if name in problem.variables:
            return x[_places(problem.variables[name])]
        declared = [
            problem.lifted.declared_multipliers(*column)[0]
            for column in zip(rows.T, lower.T, upper.T, strict=True)
        ]
        return np.stack(declared, axis=1)[_places(problem.constraint_rows[name])]

    def _columns(self, target: NamedArray, parameter: NamedArray) -> FloatArray:
        """Return a derivative by one solve for each parameter."""
        parts = [np.zeros((target.size, 0))]
        for places in chunked(_places(parameter)):
            moved = self._moved(unit_columns(self._by.names.size, places))
            parts.append(self._part(target.name, *moved))
        return np.concatenate(parts, axis=1)

    def _rows(self, target: NamedArray, parameter: NamedArray) -> FloatArray:
        """Return a variable's derivative by one solve for each of its elements."""
        parts = [np.zeros((0, parameter.size))]
        for places in chunked(_places(target)):
            pulled = self._pulled(unit_columns(self._point.problem.num_variables, places))
            parts.append(pulled[_places(parameter)].T)
        return np.concatenate(parts)


@dataclass(frozen=True)
class Change:
    """How a solution moves along a change of the parameters, to first order.

    ``change["x"]`` is that of a variable, or of a constraint's multipliers.

    Attributes
    ----------
    objective : float
        Change of the optimal value, in the user's sign.
    """

    objective: float
    _problem: Problem
    _moved: tuple[FloatArray, FloatArray, FloatArray, FloatArray]

    def __getitem__(self, name: str) -> FloatArray:
        x, *multipliers = self._moved
        if name in self._problem.variables:
            return np.asarray(self._problem.variables.part(x, name))
        rows = self._problem.lifted.declared_multipliers(*multipliers)[0]
        return np.asarray(self._problem.constraint_rows.part(rows, name))


def _places(named: NamedArray) -> IntArray:
    return np.arange(named.offset, named.offset + named.size)
