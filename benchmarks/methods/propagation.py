"""Sparse propagation: every value carries its sparse Jacobian, updated at each NumPy operation.

As MatlabAutoDiff does (github.com/martinResearch/MatlabAutoDiff): no set-up, no graph and no
compilation, but a sparse matrix product at every operation of every evaluation.  Written from the
description of the method; it has the operations that `functions` needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]

PARTIALS: dict[Any, Callable[..., tuple[Any, ...]]] = {
    np.add: lambda z, a, b: (1.0, 1.0),
    np.subtract: lambda z, a, b: (1.0, -1.0),
    np.multiply: lambda z, a, b: (b, a),
    np.divide: lambda z, a, b: (1.0 / b, -z / b),
    np.power: lambda z, a, b: (b * a ** (b - 1), 0.0),  # constant exponents only
    np.negative: lambda z, a: (-1.0,),
    np.sin: lambda z, a: (np.cos(a),),
    np.cos: lambda z, a: (-np.sin(a),),
    np.exp: lambda z, a: (z,),
    np.tanh: lambda z, a: (1.0 - z * z,),
}
MOVEMENTS = {np.reshape, np.roll, np.pad, np.transpose, np.ravel}


class Propagated(np.lib.mixins.NDArrayOperatorsMixin):
    """An array, and the Jacobian of its elements with respect to all variables.

    Parameters
    ----------
    value : float64 array
    jacobian : csr_array, shape (value.size, number of variables)

    Examples
    --------
    >>> x = Propagated.variable(np.array([1.0, 2.0, 3.0]))
    >>> (x[1:] * x[:-1]).jacobian.toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    """

    def __init__(self, value: Array, jacobian: sp.csr_array) -> None:
        self.value = value
        self.jacobian = jacobian

    @classmethod
    def variable(cls, x: Array) -> Propagated:
        """Return the variables themselves."""
        return cls(x, sp.eye_array(x.size, format="csr"))

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.value.size

    def __getitem__(self, key: Any) -> Propagated:
        return self._moved(lambda array: array[key])

    def reshape(self, *shape: Any) -> Propagated:
        """Return the elements in another shape."""
        return self._moved(lambda array: array.reshape(*shape))

    def _moved(self, move: Callable[[Any], Any]) -> Propagated:
        """Return elements in other places: what moves their numbers moves their rows."""
        value = np.asarray(move(self.value))
        numbers = np.asarray(move(np.arange(1, self.size + 1).reshape(self.value.shape))).ravel()
        if not (numbers.size and numbers.min() == 0):
            return Propagated(value, self.jacobian[numbers - 1])
        filled = np.flatnonzero(numbers)  # what np.pad adds is constant
        shape = (numbers.size, self.size)
        ones = np.ones(filled.size)
        return Propagated(
            value, sp.csr_array((ones, (filled, numbers[filled] - 1)), shape) @ self.jacobian
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        if ufunc is np.matmul:
            matrix, x = inputs
            return Propagated(matrix @ x.value, sp.csr_array(sp.csr_array(matrix) @ x.jacobian))
        values = [i.value if isinstance(i, Propagated) else i for i in inputs]
        result = ufunc(*values)
        jacobian = None
        for given, partial in zip(inputs, PARTIALS[ufunc](result, *values), strict=True):
            if isinstance(given, Propagated):
                term = _scaled(_broadcast(given, result.shape), np.asarray(partial), result.shape)
                jacobian = term if jacobian is None else jacobian + term
        return Propagated(result, jacobian)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function in MOVEMENTS:
            return self._moved(lambda array: function(array, *args[1:], **options))
        if function is np.sum and len(args) == 1 and not options:
            ones = sp.csr_array(np.ones((1, self.size)))
            return Propagated(np.sum(self.value), sp.csr_array(ones @ self.jacobian))
        if function is np.concatenate and not options:
            values = np.concatenate([part.value for part in args[0]])
            return Propagated(values, sp.vstack([part.jacobian for part in args[0]], format="csr"))
        return NotImplemented


def _broadcast(given: Propagated, shape: tuple[int, ...]) -> sp.csr_array:
    if given.value.shape == shape:
        return given.jacobian
    numbers = np.arange(given.size).reshape(given.value.shape)
    return given.jacobian[np.broadcast_to(numbers, shape).ravel()]


def _scaled(jacobian: sp.csr_array, partial: Array, shape: tuple[int, ...]) -> sp.csr_array:
    """Return the Jacobian with its rows multiplied; a copy only where there is something to do."""
    if partial.ndim == 0:
        return jacobian if partial == 1.0 else jacobian * float(partial)
    factors = np.broadcast_to(partial, shape).ravel()
    data = jacobian.data * np.repeat(factors, np.diff(jacobian.indptr))
    return sp.csr_array((data, jacobian.indices, jacobian.indptr), shape=jacobian.shape)
