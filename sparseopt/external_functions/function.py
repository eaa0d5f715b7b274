"""`external`: functions that are not NumPy as parts of traced programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from sparseopt.errors import ProblemError, ShapeError, did_you_mean
from sparseopt.external_functions.bound import BoundFunction
from sparseopt.external_functions.flat_functions import FlatFunctions, Shape
from sparseopt.external_functions.given import Given, Method
from sparseopt.tracing.calls import is_fixed, record_call
from sparseopt.tracing.conversion import as_traced, is_traced

__all__ = ["ExternalFunction", "external"]


def external(
    function: Callable[..., Any],
    shape_out: int | tuple[int, ...] = (),
    *,
    jacobian: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    hessian: Callable[..., Any] | None = None,
    hvp: Callable[..., Any] | None = None,
    pattern: Any = None,
    hessian_pattern: Any = None,
    example: tuple[Any, ...] | None = None,
    method: Method = "auto",
    typical: float = 1.0,
    check: bool = True,
    remember: bool = True,
    name: str = "",
) -> ExternalFunction:
    """Return a function that may be called on traced arrays although it is not NumPy code.

    A simulation, a table, code in JAX, CasADi or C: anything that takes arrays of numbers and
    returns one.  In a model it is a single operation, whose derivatives are taken from what is
    given here and combined with the exact ones of the code around it.

    What is not given is found in this order.  Jacobian: ``jacobian``; products ``jvp`` or ``vjp``
    (or both) with the seeds of a coloring of ``pattern``; complex steps, if the function takes
    complex numbers and the result stands a comparison with differences; central differences.
    Hessian: ``hessian``; products ``hvp`` with the seeds of a star coloring; steps, complex or
    central, of the gradient; second differences.  `ExternalFunction.explain` says which way was
    taken, and how large an error to expect.

    Parameters
    ----------
    function : callable
        ``function(*arrays)`` returns an array of ``shape_out``.  It must be pure: values at recent
        points are kept and not computed again.
    shape_out : int or tuple of int
        ``()``, the default, is a number.
    jacobian : callable, optional
        ``jacobian(*arrays)`` returns the matrix of shape (size_out, size_in), the elements of all
        arguments in a row, in C order: dense or SciPy sparse; or a tuple with a matrix for each
        argument, as ``jax.jacobian`` does; or the values in the order of ``pattern``.
    jvp : callable, optional
        ``jvp(*arrays, *tangents)`` returns J v in ``shape_out``; the tangents have the shapes of
        the arguments.  In JAX: ``lambda x, v: jax.jvp(f, (x,), (v,))[1]``.
    vjp : callable, optional
        ``vjp(*arrays, weights)`` returns Jᵀ w: an array, or a tuple with one for each argument;
        ``weights`` have ``shape_out``.  In JAX: ``lambda x, w: jax.vjp(f, x)[1](w)``.
    hessian : callable, optional
        ``hessian(*arrays, weights)`` returns the symmetric matrix of second derivatives of
        ``sum(weights * function(*arrays))``, shape (size_in, size_in), both triangles; or the
        values in the order of ``hessian_pattern``.
    hvp : callable, optional
        ``hvp(*arrays, weights, *directions)`` returns that matrix times a vector, as ``vjp`` does.
    pattern : optional
        Structural nonzeros of the Jacobian: a SciPy sparse matrix, a `SparsityPattern`, a boolean
        array, or a pair (rows, columns).  Without one, the Jacobian is dense, unless ``jacobian``
        returns a sparse matrix at ``example``: its entries, zeros too, are the pattern then.
    hessian_pattern : optional
        Structural nonzeros of the Hessian, either triangle or both.  Without one: all pairs of
        elements that some row of the Jacobian depends on.
    example : tuple of arrays, optional
        Arguments to look at the structure of a sparse ``jacobian`` with; random ones between 0.5
        and 1.5 otherwise.
    method : "auto", "complex" or "central"
        Steps for what is not given; "auto" tries complex ones first.
    typical : float
        Size of the arguments: differences take steps relative to the larger of it and the value.
    check : bool
        Compare each given derivative and pattern with the function, along a random direction, at
        the first two points.
    remember : bool
        Keep values and Jacobians of recent points, up to 64 MiB.
    name : str, optional
        For messages; the function's own name otherwise.

    Returns
    -------
    ExternalFunction
        Call it with traced arrays, numbers and arrays, in any mixture.

    Raises
    ------
    ProblemError
        For arguments that do not make sense; at evaluations: `ShapeError` for results of a wrong
        shape, `PatternError` naming an entry that a pattern lacks, `DerivativeError` naming one
        that is wrong, and whatever the function itself raises.

    Examples
    --------
    A function with its Jacobian; the Hessian is found by steps of the Jacobian.

    >>> import math
    >>> import numpy as np
    >>> import sparseopt as so
    >>> def drag(v):
    ...     return np.array([math.hypot(v[0], v[1]) * component for component in v])
    >>> def drag_jacobian(v):
    ...     speed = math.hypot(v[0], v[1])
    ...     return speed * np.eye(2) + np.outer(v, v) / speed
    >>> F = so.external(drag, 2, jacobian=drag_jacobian)
    >>> F(np.array([3.0, 4.0]))
    array([15., 20.])
    >>> J = so.jacobian(lambda x: x[0] * F(x[1:]), np.zeros(3))
    >>> J(np.array([2.0, 3.0, 4.0])).toarray()
    array([[15. , 13.6,  4.8],
           [20. ,  4.8, 16.4]])

    Products with vectors, and a pattern that says which entries are nonzero: two colors do.

    >>> def shift(x):
    ...     return x[1:] * x[:-1]
    >>> def shift_jvp(x, v):
    ...     return x[1:] * v[:-1] + v[1:] * x[:-1]
    >>> band = np.eye(4, 5) + np.eye(4, 5, k=1)
    >>> G = so.external(shift, 4, jvp=shift_jvp, pattern=band)
    >>> so.jacobian(lambda x: G(x), np.zeros(5))(np.arange(5.0)).toarray()
    array([[1., 0., 0., 0., 0.],
           [0., 2., 1., 0., 0.],
           [0., 0., 3., 2., 0.],
           [0., 0., 0., 4., 3.]])
    >>> print(G.explain().splitlines()[1].strip())
    Jacobian: jvp=, 2 column colors, 8 nonzeros of 4 x 5
    """
    if not callable(function):
        raise ProblemError(
            f"external() got {function!r:.60}, which cannot be called",
            instead="so.external(function, shape_out)",
        )
    if method not in get_args(Method):
        raise ProblemError(
            f"there is no method {method!r}", instead=did_you_mean(method, get_args(Method))
        )
    if not typical > 0.0:
        raise ProblemError(f"typical={typical} is not a positive size")
    shape = (int(shape_out),) if isinstance(shape_out, (int, np.integer)) else tuple(shape_out)
    own = name or getattr(function, "__name__", type(function).__name__)
    given = Given(
        own, function, shape, jacobian, jvp, vjp, hessian, hvp, pattern, hessian_pattern,
        example, method, float(typical), check, remember,
    )  # fmt: skip
    return ExternalFunction(given)


class ExternalFunction:
    """A function that is not NumPy, as `external` returns it; call it like the function itself.

    Attributes
    ----------
    name : str
    shape_out : tuple of int
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._bound: dict[tuple[tuple[Shape, ...], tuple[bool, ...]], BoundFunction] = {}
        self.name = given.name
        self.shape_out = given.shape_out

    def __call__(self, *arguments: Any) -> Any:
        """Return the function's value: a traced array if an argument is traced.

        Raises
        ------
        ShapeError
            If the function returns another shape.
        """
        if not arguments:
            raise ShapeError(f"the external function {self.name} is called without arguments")
        if not any(is_traced(argument) for argument in arguments):
            arrays = [np.asarray(argument) for argument in arguments]
            flat = FlatFunctions(self._given, [a.shape for a in arrays])
            point = np.concatenate([a.reshape(-1) for a in arrays])
            return flat.value(point).reshape(self.shape_out)[()]
        traced = [as_traced(argument) for argument in arguments]
        fixed = tuple(is_fixed(array) for array in traced)
        bound = self._at(tuple(array.shape for array in traced), fixed)
        return record_call(bound, traced, self.shape_out)

    def _at(self, shapes: tuple[Shape, ...], fixed: tuple[bool, ...]) -> BoundFunction:
        """Return the function for arguments of some shapes; the same one every time."""
        key = (shapes, fixed)
        if key not in self._bound:
            self._bound[key] = BoundFunction(self._given, shapes, fixed)
        return self._bound[key]

    @property
    def derivative_error(self) -> dict[str, float]:
        """The relative errors to expect of "jacobian" and "hessian": 0.0 is exact to rounding.

        Of the argument shapes it was called with so far, the largest.
        """
        bound = self._bound.values()
        return {
            "jacobian": max((b.first.error for b in bound), default=0.0),
            "hessian": max((b.second.error for b in bound), default=0.0),
        }

    def explain(self) -> str:
        """Return how derivatives are found, and how exact they are, for each call so far."""
        lines = [line for bound in self._bound.values() for line in bound.explain()]
        return "\n".join(lines) or f"{self.name} was not called yet"

    def __repr__(self) -> str:
        given = self._given
        first = "the given jacobian, jvp or vjp"
        if given.jacobian is given.jvp is given.vjp is None:
            first = "complex steps or differences"
        second = "the given hessian or hvp"
        if given.hessian is given.hvp is None:
            second = "complex steps or differences"
        title = f"external function {self.name} -> {self.shape_out}"
        return f"<{title}; Jacobian by {first}, Hessian by {second}>"
