"""`Residuals`: the weighted residuals of a fit, their names and their exact sparse Jacobian."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, UnderdeterminedError
from sparseopt.evaluation import Evaluator, compile_program
from sparseopt.evaluation.backend import Backend
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Gather
from sparseopt.graph.program import Program
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.finite_check import find_origin
from sparseopt.modeling.fit_declarations import DataSet, Fit
from sparseopt.modeling.named_vector import NamedVector, element_name
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.source_lines import describe_where

__all__ = ["ResidualNames", "Residuals", "require_enough_data"]

FloatArray = NDArray[np.float64]


class ResidualNames:
    """What each residual is called: as the user counts them, with those that are left out.

    Iterating yields the declared data sets and priors.
    """

    def __init__(self, sets: tuple[DataSet, ...]) -> None:
        self._sets = sets
        self._rows = NamedVector((s.name, (s.node.size,), s.where) for s in sets)
        self.size = self._rows.size

    def __iter__(self) -> Iterator[DataSet]:
        return iter(self._sets)

    def __len__(self) -> int:
        return len(self._sets)

    def at(self, row: int) -> DataSet:
        """Return the data set or prior of a row."""
        name = self._rows.at(row).name
        return next(s for s in self._sets if s.name == name)

    def element(self, row: int) -> str:
        """Return the name of a row, such as ``temperature[3, 1]``."""
        data = self.at(row)
        return element_name(
            data.name, data.shape, int(data.kept[row - self._rows[data.name].offset])
        )

    def rows(self, name: str) -> slice:
        """Return where the rows of a data set or prior are."""
        array = self._rows[name]
        return slice(array.offset, array.offset + array.size)


class Residuals(Unpicklable):
    """The residuals of a fit, data first, then priors; ``Problem.residuals``.

    Attributes
    ----------
    size : int
        Number of rows: data of weight 0 are not among them.
    num_prior : int
        How many of them, the last ones, are rows of priors.
    names : ResidualNames
        ``names.element(i)`` is ``"temperature[3]"``; ``names.rows("temperature")`` their slice.
    loss : Loss
        Of the data; priors are squares.
    scale : float
        C of the loss, in units of the weighted residuals.
    weights : ndarray, shape (size,)
        Positive: 1 / standard deviation.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model("mean")
    >>> x = m.variable("x", start=1.0)
    >>> m.fit(x - np.array([1.0, 2.0, 6.0]), weights=2.0)
    >>> r = m.problem().residuals
    >>> r.size, r.names.element(2), r.values(np.array([3.0])).tolist()
    (3, 'data[2]', [4.0, 2.0, -6.0])
    >>> r.jacobian(np.array([3.0])).toarray().tolist()
    [[2.0], [2.0], [2.0]]
    """

    def __init__(
        self, fit: Fit, program: Program, parameters: FloatArray, backend: Backend | None
    ) -> None:
        self.loss, self.scale = fit.loss, fit.scale
        self.names = ResidualNames(fit.sets)
        self.size = self.names.size
        self.num_prior = sum(s.node.size for s in fit.sets if s.is_prior)
        self.weights = np.concatenate([s.weights for s in fit.sets])
        index = StridedIndex.of(0, (self.size,), (1,))
        rows = Gather([s.node for s in fit.sets], index) if len(fit.sets) > 1 else fit.sets[0].node
        self.program = program.with_outputs((Constant(np.zeros(1)), rows))
        self._parameters, self._backend = parameters, backend

    @cached_property
    def evaluator(self) -> Evaluator:
        """Values and derivatives of the residuals without weights."""
        evaluator = compile_program(self.program, self._backend)
        evaluator.parameters = self._parameters  # one array: what `Model.set` writes is seen here
        return evaluator

    def raw(self, x: FloatArray) -> FloatArray:
        """Return the residuals r without weights, shape (size,)."""
        return self.evaluator.constraints(x)

    def values(self, x: FloatArray) -> FloatArray:
        """Return the weighted residuals w r, shape (size,)."""
        return self.weights * self.raw(x)

    @property
    def jacobian_pattern(self) -> SparsityPattern:
        """Where the Jacobian has entries, in the order of `jacobian_values`."""
        return self.evaluator.jacobian_pattern

    def jacobian_values(self, x: FloatArray) -> FloatArray:
        """Return the entries of the weighted residuals' Jacobian."""
        return self._entry_weights * self.evaluator.jacobian_values(x)

    def jacobian(self, x: FloatArray) -> sp.csr_array:
        """Return d(w r)/dx, exact and sparse, shape (size, num_variables)."""
        return self.jacobian_pattern.to_csr(self.jacobian_values(x))

    @cached_property
    def _entry_weights(self) -> FloatArray:
        return self.weights[self.jacobian_pattern.rows]

    def slopes(self, x: FloatArray) -> FloatArray:
        """Return ρ'(z) of each row: by how much the loss reduces the weight of its square."""
        slopes = np.ones(self.size)
        slopes[self._data] = self.loss.first(self._squares(x))
        return slopes

    def curvatures(self, x: FloatArray) -> FloatArray:
        """Return ρ'(z) + 2 z ρ''(z) of each row: the second derivative by its w r."""
        curvatures = np.ones(self.size)
        z = self._squares(x)
        curvatures[self._data] = self.loss.first(z) + 2.0 * z * self.loss.second(z)
        return curvatures

    @property
    def _data(self) -> slice:
        return slice(0, self.size - self.num_prior)

    def _squares(self, x: FloatArray) -> FloatArray:
        """Return z = (w r / C)² of the data."""
        squares: FloatArray = (self.values(x)[self._data] / self.scale) ** 2
        return squares

    def require_finite(self, x: FloatArray) -> None:
        """Raise `NonFiniteError` naming the first residual that is NaN or infinite."""
        bad = np.flatnonzero(~np.isfinite(self.raw(x)))
        if not bad.size:
            return
        row, data = int(bad[0]), self.names.at(int(bad[0]))
        origin = find_origin(self.program, self.program.outputs[1], row, x, self._parameters)
        raise NonFiniteError(
            f"the residual of {self.names.element(row)} is not finite at this point"
            f" ({bad.size:,} of {self.size:,} are not)",
            where=origin.where or describe_where(data.where),
            why=str(origin),
            instead="give weights that are 0 for missing data, or a start (start=) inside the"
            " domain of the formula",
        )


def require_enough_data(problem: CompiledProblem, residuals: Residuals) -> None:
    """Raise `UnderdeterminedError` where there are fewer equations than free parameters."""
    free = int(np.sum(problem.variable_lower < problem.variable_upper))
    equalities = int(np.sum(problem.constraint_lower == problem.constraint_upper))
    if residuals.size + equalities >= free:
        return
    data = residuals.size - residuals.num_prior
    raise UnderdeterminedError(
        f"{data} data cannot determine {free} parameters",
        where=problem.objective_source,
        why=f"with {residuals.num_prior} rows of priors and {equalities} of equality constraints"
        f" there are {residuals.size + equalities} equations: many fits are equally good",
        instead="fix parameters, or say what is known of them with m.prior(x, mean, std)",
    )
