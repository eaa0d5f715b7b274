"""Derivatives of plain NumPy functions: `jacobian`, `hessian`, `gradient` and their products.

Each function traces and compiles once, and returns something to call at many points.  Arguments and
results keep their shapes; in a matrix, rows and columns follow ``reshape(-1)``, so the Jacobian of
a function has shape ``(f(x).size, x.size)``.

What they return can be called with traced arrays too, in code that is traced itself: the derivative
is then recorded, and has derivatives in turn.  ``f`` may use values of the code around it; they are
constants for the inner derivative.  Parameters keep the values that they have at the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sparseopt.elements.rolling import roll
from sparseopt.elements.sum_chains import sum_chains
from sparseopt.modeling.composition import (
    traced_gradient,
    traced_hessian_vector_product,
    traced_pullback,
    traced_pushforward,
    traced_value,
)
from sparseopt.modeling.matrix_operators import HessianOperator, JacobianOperator
from sparseopt.modeling.traced_function import TracedFunction
from sparseopt.on_demand import on_demand
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.tracing.conversion import is_traced

if TYPE_CHECKING:
    from sparseopt.patterns import index_sets
else:
    index_sets = on_demand("sparseopt.patterns.index_sets")

__all__ = [
    "gradient",
    "hessian",
    "hessian_pattern",
    "hessian_vector_product",
    "jacobian",
    "jacobian_pattern",
    "pullback",
    "pushforward",
    "value_and_gradient",
]

Function = Callable[..., Any]
Parameters = Mapping[str, ArrayLike] | None


def jacobian(
    f: Function,
    x: ArrayLike,
    *,
    plan: str = "auto",
    pattern: Any = None,
    parameters: Parameters = None,
) -> JacobianOperator:
    """Return the sparse Jacobian of a function, to be called at points.

    Parameters
    ----------
    f : callable
        NumPy code ``f(x)``, or ``f(x, **parameters)``; it is called on traced arrays,
        twice, to see that it does the same.
    x : array-like
        An example that gives the shape; NaN is fine.
    plan : {"auto", "direct", "forward", "reverse", "bidirectional"}
        How the chain rule is multiplied out: entry by entry, or by products with the seeds of a
        coloring of the columns, the rows, or both.  "auto" takes the least estimated time;
        ``J.explain()`` shows what each costs.
    pattern : SparsityPattern or SciPy sparse matrix, optional
        Order and places of the entries, instead of the proven ones; verified at random points.
    parameters : mapping of str to array-like, optional
        Keyword arguments of ``f`` that may change without a new trace, by ``J.set(k=3.0)``.

    Returns
    -------
    JacobianOperator
        ``J(x)`` is a ``scipy.sparse.csr_array`` of shape ``(f(x).size, x.size)``; in code that is
        traced, a `TracedSparseMatrix`.

    Raises
    ------
    TracingError
        If the function cannot be recorded, naming the line and what to write instead.
    PatternError
        If a given pattern lacks a nonzero entry.

    Examples
    --------
    >>> import numpy as np
    >>> J = jacobian(lambda x: x[1:] * np.sin(x[:-1]), np.zeros(3))
    >>> J.pattern.nnz
    4
    >>> J([0.0, 1.0, 2.0]).toarray().round(3)
    array([[1.   , 0.   , 0.   ],
           [0.   , 1.081, 0.841]])
    >>> K = jacobian(lambda x, k: k * x**2, np.zeros(2), parameters={"k": 1.0})
    >>> K.set(k=3.0)
    >>> K([1.0, 2.0]).toarray()
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return JacobianOperator(TracedFunction(f, x, parameters, plan, "constraints"), pattern)


def hessian(
    f: Function,
    x: ArrayLike,
    *,
    plan: str = "auto",
    pattern: Any = None,
    parameters: Parameters = None,
) -> HessianOperator:
    """Return the sparse Hessian of a scalar function, to be called at points.

    The arguments are those of `jacobian`; the plans are "auto", "direct", "star" and "acyclic"
    (forward over reverse, recovered directly or by substitution).  A given pattern is that of the
    whole matrix or of its lower triangle.

    Examples
    --------
    >>> import numpy as np
    >>> H = hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2), np.zeros(3))
    >>> H([1.0, 2.0, 3.0]).toarray()
    array([[4., 2., 0.],
           [2., 6., 4.],
           [0., 4., 0.]])
    """
    return HessianOperator(TracedFunction(f, x, parameters, plan, "objective"), pattern)


def gradient(f: Function, x: ArrayLike, *, parameters: Parameters = None) -> Callable[[Any], Any]:
    """Return the gradient of a scalar function: a callable that gives an array in x's shape.

    Examples
    --------
    >>> import numpy as np
    >>> slope = gradient(lambda x: np.sum(x**3), np.zeros(2))
    >>> slope([1.0, 2.0])
    array([ 3., 12.])

    In traced code, the derivative of a derivative:

    >>> gradient(lambda x: np.sum(slope(x) ** 2), np.zeros(2))([1.0, 2.0])
    array([ 36., 288.])
    """
    function = TracedFunction(f, x, parameters, "auto", "objective")

    def gradient_at(x: Any) -> Any:
        if is_traced(x):
            return traced_gradient(function, x)
        return function.evaluator.gradient(function.point(x)).reshape(function.shape)

    return gradient_at


def value_and_gradient(
    f: Function, x: ArrayLike, *, parameters: Parameters = None
) -> Callable[[Any], tuple[Any, Any]]:
    """Return a callable that gives a scalar function's value and gradient.

    Examples
    --------
    >>> import numpy as np
    >>> value_and_gradient(lambda x: np.sum(x**3), np.zeros(2))([1.0, 2.0])
    (9.0, array([ 3., 12.]))
    """
    function = TracedFunction(f, x, parameters, "auto", "objective")

    def value_and_gradient_at(x: Any) -> Any:
        if is_traced(x):
            value = traced_value(function, x)
            return value.reshape(()), traced_gradient(function, x)
        point = function.point(x)
        slope = function.evaluator.gradient(point).reshape(function.shape)
        return float(function.evaluator.objective(point)), slope

    return value_and_gradient_at


def pushforward(
    f: Function, x: ArrayLike, *, parameters: Parameters = None
) -> Callable[[Any, Any], Any]:
    """Return ``(x, v) -> J(x) v`` without forming J; v has x's shape, the result f's.

    Examples
    --------
    >>> import numpy as np
    >>> pushforward(lambda x: x**2, np.zeros(2))([1.0, 2.0], [1.0, 10.0])
    array([ 2., 40.])

    In traced code, with values of the code around it:

    >>> def bent(x):
    ...     return pushforward(lambda y: x * y**2, x)(x, x)
    >>> jacobian(bent, np.zeros(2))([1.0, 2.0]).diagonal()  # of 2 x³
    array([ 6., 24.])
    """
    function = TracedFunction(f, x, parameters, "auto", "constraints")

    def pushforward_at(x: Any, v: Any) -> Any:
        if is_traced(x) or is_traced(v):
            return traced_pushforward(function, x, v)
        product = function.evaluator.pushforward(function.point(x), function.point(v))
        return product.reshape(function.result_shape)

    return pushforward_at


def pullback(
    f: Function, x: ArrayLike, *, parameters: Parameters = None
) -> Callable[[Any, Any], Any]:
    """Return ``(x, w) -> J(x)ᵀ w`` without forming J; w has f's shape, the result x's.

    Examples
    --------
    >>> import numpy as np
    >>> pullback(lambda x: x[:1] * x[1:], np.zeros(2))([1.0, 2.0], [10.0])
    array([20., 10.])
    """
    function = TracedFunction(f, x, parameters, "auto", "constraints")

    def pullback_at(x: Any, w: Any) -> Any:
        if is_traced(x) or is_traced(w):
            return traced_pullback(function, x, w)
        product = function.evaluator.pullback(function.point(x), function.result(w))
        return product.reshape(function.shape)

    return pullback_at


def hessian_vector_product(
    f: Function, x: ArrayLike, *, parameters: Parameters = None
) -> Callable[[Any, Any], Any]:
    """Return ``(x, v) -> H(x) v`` of a scalar function without forming H.

    Examples
    --------
    >>> import numpy as np
    >>> hessian_vector_product(lambda x: np.prod(x), np.zeros(2))([3.0, 4.0], [1.0, 2.0])
    array([2., 1.])
    """
    function = TracedFunction(f, x, parameters, "auto", "objective")
    no_multipliers = np.zeros(0)

    def hessian_vector_product_at(x: Any, v: Any) -> Any:
        if is_traced(x) or is_traced(v):
            return traced_hessian_vector_product(function, x, v)
        product = function.evaluator.hessian_vector_product(
            function.point(x), no_multipliers, function.point(v), 1.0
        )
        return product.reshape(function.shape)

    return hessian_vector_product_at


def jacobian_pattern(
    f: Function, x: ArrayLike, *, parameters: Parameters = None, at: ArrayLike | None = None
) -> SparsityPattern:
    """Return where the Jacobian of a function can have entries; nothing is compiled.

    Parameters
    ----------
    f : callable
        NumPy code ``f(x)``, or ``f(x, **parameters)``; it is called on traced arrays,
        twice, to see that it does the same.
    x : array-like
        An example that gives the shape.
    parameters : mapping of str to array-like, optional
        Keyword arguments of ``f``; they are not differentiated, and only a local pattern depends
        on their values.
    at : array-like, optional
        A point: the pattern is then *local*, valid there only.  A `where` counts the branch it
        takes, a product the factors that are not zero.

    Returns
    -------
    SparsityPattern
        Of shape ``(f(x).size, x.size)``; valid at every point unless ``is_local``.

    Raises
    ------
    TracingError
        If the function cannot be recorded, naming the line and what to write instead.

    Examples
    --------
    >>> import numpy as np
    >>> print(jacobian_pattern(lambda x: np.diff(x) ** 2, np.zeros(8)))
    SparsityPattern(7 x 8, nnz=14)
    ⠙⢦⡀⠀
    ⠀⠀⠙⠦
    >>> jacobian_pattern(lambda x: x[0] * x[1:], np.zeros(3), at=[0.0, 1.0, 2.0])
    SparsityPattern(2 x 3, local, nnz=2)
    """
    function = TracedFunction(f, x, parameters, "auto", "constraints")
    point = None if at is None else function.point(at)
    program = roll(sum_chains(function.program))
    return index_sets.jacobian_pattern_of(program, 1, point, function.parameter_values)


def hessian_pattern(
    f: Function, x: ArrayLike, *, parameters: Parameters = None, at: ArrayLike | None = None
) -> SparsityPattern:
    """Return where the lower triangle of a scalar function's Hessian can have entries.

    The arguments are those of `jacobian_pattern`.  At a point, an entry counts where first and
    second partials of the operations that make it are not zero there.

    Examples
    --------
    >>> import numpy as np
    >>> hessian_pattern(lambda x: np.sum(np.diff(x) ** 2), np.zeros(4)).nnz
    7
    >>> hessian_pattern(lambda x: x[0] * x[1] ** 2, np.zeros(2), at=[0.0, 1.0]).nnz
    1
    """
    function = TracedFunction(f, x, parameters, "auto", "objective")
    point = None if at is None else function.point(at)
    program = roll(sum_chains(function.program))
    return index_sets.hessian_pattern_of(program, [0], point, function.parameter_values)
