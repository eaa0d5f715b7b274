"""What a model says about a fit: data sets, weights, priors, a loss; and the checks they pass.

    minimize  ½ Σ C² ρ((w r)² / C²)  +  ½ Σ ((L (x - mean)) / std)²

over data and priors: the convention of `scipy.optimize.least_squares`.  Priors are residuals like
the data, with weights 1 / std, but always count as squares.  A datum of weight 0 is left out, so
that it may be NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import NonFiniteError, ProblemError, ShapeError, did_you_mean
from sparseopt.graph.nodes import Node, Where
from sparseopt.modeling.declarations import check_name, full_array
from sparseopt.modeling.losses import Loss, loss_named
from sparseopt.modeling.named_vector import element_name
from sparseopt.modeling.real_arrays import real_array
from sparseopt.modeling.relations import expression
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.tracing.source_lines import describe_where
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["DataSet", "Fit", "HessianChoice", "declare_fit", "declare_prior", "fit_objective"]

FloatArray = NDArray[np.float64]

HessianChoice = Literal["exact", "gauss_newton"]


@dataclass(frozen=True, eq=False)
class DataSet:
    """A named array of residuals.

    Attributes
    ----------
    name : str
    shape : tuple of int
        As declared, with what is left out.
    node : Node
        The residuals that count, flat and without weights.
    weights : float array
        Positive; one for each of them.
    kept : int array
        Their places in the declared array.
    is_prior : bool
    where : Where
    """

    name: str
    shape: tuple[int, ...]
    node: Node
    weights: FloatArray
    kept: NDArray[np.intp]
    is_prior: bool
    where: Where


@dataclass(frozen=True, eq=False)
class Fit:
    """Everything that is said about a fit; the priors come after the data.

    Attributes
    ----------
    sets : tuple of DataSet
    loss : Loss
        Of the data.
    scale : float
        C, in units of the weighted residuals.
    hessian : {"exact", "gauss_newton"}
    where : Where
    """

    sets: tuple[DataSet, ...]
    loss: Loss
    scale: float
    hessian: HessianChoice
    where: Where


def declare_fit(
    residuals: Any,
    weights: Any,
    loss: str | Loss,
    scale: float,
    hessian: HessianChoice,
    where: Where,
) -> Fit:
    """Return a fit without priors, every part of it checked."""
    named = isinstance(residuals, Mapping)
    arrays = residuals if named else {"data": residuals}
    if isinstance(weights, Mapping):
        for name in weights:
            if name not in arrays:
                raise ProblemError(
                    f"weights are given for {name!r}, which is no data set",
                    where=describe_where(where),
                    instead=did_you_mean(str(name), arrays),
                )
    sets = []
    for name, array in arrays.items():
        check_name(name, (), "data set", where)
        own = weights.get(name) if isinstance(weights, Mapping) else weights
        sets.append(_data_set(name, array, own, where))
    if not sum(s.node.size for s in sets):
        raise ProblemError("there are no data to fit", where=describe_where(where))
    if hessian not in get_args(HessianChoice):
        raise ProblemError(
            f"hessian={hessian!r} is no choice",
            where=describe_where(where),
            instead=did_you_mean(str(hessian), get_args(HessianChoice)),
        )
    found = loss_named(loss, describe_where(where))
    return Fit(tuple(sets), found, _positive(scale, "the scale of the loss", where), hessian, where)


def _positive(value: Any, what: str, where: Where) -> float:
    found = real_array(value, what, where)
    number = float(found) if found.ndim == 0 else math.nan
    if not 0.0 < number < math.inf:
        raise ProblemError(
            f"{what} is {value}",
            where=describe_where(where),
            why="it is a size of residuals: one positive, finite number",
        )
    return number


def _data_set(name: str, residuals: Any, weights: ArrayLike | None, where: Where) -> DataSet:
    traced = expression(residuals, where)
    given = full_array(1.0 if weights is None else weights, traced.shape, name, "weights", where)
    _check_weights(name, traced.shape, given, where)
    kept = np.flatnonzero(given)
    flat = traced.reshape(-1)
    node = flat.node if kept.size == given.size else flat[kept].node
    return DataSet(name, traced.shape, node, given[kept], kept, False, where)


def _check_weights(name: str, shape: tuple[int, ...], weights: FloatArray, where: Where) -> None:
    good = (weights >= 0.0) & (weights < np.inf)
    if good.all():
        return
    k = int(np.flatnonzero(~good)[0])
    kind = ProblemError if np.isfinite(weights[k]) else NonFiniteError
    raise kind(
        f"the weight of {element_name(name, shape, k)} is {weights[k]}",
        where=describe_where(where),
        why="a weight is 1 / standard deviation: nonnegative and finite",
        instead="0 leaves a datum out",
    )


def declare_prior(
    name: str, value: Any, mean: Any, std: ArrayLike, operator: Any, where: Where
) -> DataSet:
    """Return the residuals ``L (value - mean)`` of a Gaussian prior, with weights ``1 / std``."""
    traced = expression(value, where)
    if not isinstance(mean, TracedArray):
        _require_finite_mean(name, mean, where)
    difference = traced - expression(mean, where)
    if difference.shape != traced.shape:
        raise ShapeError(
            f"the mean of {name!r} has shape {np.shape(mean)}",
            where=describe_where(where),
            why=f"the values have shape {traced.shape}, and the mean must broadcast to it",
        )
    if operator is not None:
        difference = _operator(operator, traced.size, name, where) @ difference.reshape(-1)
    spread = full_array(std, difference.shape, name, "standard deviation", where)
    bad = np.flatnonzero(~((spread > 0.0) & (spread < np.inf)))
    if bad.size:
        raise ProblemError(
            f"the standard deviation of {element_name(name, difference.shape, int(bad[0]))} is "
            f"{spread[bad[0]]}",
            where=describe_where(where),
            why="a prior has a positive, finite standard deviation",
            instead="leave the prior away where nothing is known",
        )
    kept = np.arange(difference.size)
    node = difference.reshape(-1).node
    return DataSet(name, difference.shape, node, 1.0 / spread, kept, True, where)


def _require_finite_mean(name: str, mean: Any, where: Where) -> None:
    numbers = real_array(mean, f"the mean of {name!r}", where)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise NonFiniteError(
            f"the mean of {element_name(name, numbers.shape, int(bad[0]))} is "
            f"{numbers.reshape(-1)[bad[0]]}",
            where=describe_where(where),
            why="a prior is around a number",
            instead="leave the prior away where nothing is known",
        )


def _operator(operator: Any, size: int, name: str, where: Where) -> Any:
    stays_sparse, what = is_sparse(operator), f"the operator of {name!r}"
    where_text = describe_where(where)
    matrix: Any = operator.tocsr() if stays_sparse else real_array(operator, what, where_text)
    if matrix.ndim != 2 or matrix.shape[1] != size:
        raise ShapeError(
            f"the operator of {name!r} has shape {matrix.shape}",
            where=describe_where(where),
            why=f"it is applied to {size} values",
        )
    values = real_array(matrix.data if stays_sparse else matrix, what, where_text)
    if not np.isfinite(values).all():
        raise NonFiniteError(
            f"the operator of {name!r} holds NaN or infinity", where=describe_where(where)
        )
    return matrix


def fit_objective(fit: Fit) -> Node:
    """Return ½ Σ C² ρ((w r / C)²) over the data, and ½ Σ (w r)² over the priors."""
    total: Any = 0.0
    for data in fit.sets:
        residuals = traced_from_node(data.node, (data.node.size,))
        is_square = data.is_prior or fit.loss.name == "squared"
        weights = data.weights if is_square else data.weights / fit.scale
        if weights.size and (weights == weights[0]).all():
            total = total + _sum(residuals, float(weights[0]), is_square, fit)
        else:
            total = total + _sum(residuals, weights, is_square, fit)
    node: Node = total.node
    return node


def _sum(residuals: Any, weights: Any, is_square: bool, fit: Fit) -> Any:
    if is_square:
        return 0.5 * np.sum((weights * residuals) ** 2)
    return 0.5 * fit.scale**2 * np.sum(fit.loss.value((weights * residuals) ** 2))
