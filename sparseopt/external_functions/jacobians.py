"""The Jacobian of an external function, by what the user gave: one class for each way."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.external_functions.compression import Compression, cheapest
from sparseopt.external_functions.differences import Stepper, scale_of
from sparseopt.external_functions.flat_functions import FlatFunctions
from sparseopt.external_functions.structure import Structure

__all__ = ["ColoredJacobian", "FirstDerivatives", "GivenJacobian", "SteppedJacobian", "multiplied"]

FloatArray = NDArray[np.float64]
Array = NDArray[Any]


class FirstDerivatives:
    """The Jacobian of a flat function and its products with vectors.

    Attributes
    ----------
    structure : Structure
    is_exact : bool
        Whether the user gave it, so that complex steps and differences of it make sense.
    """

    is_exact = True

    def __init__(self, flat: FlatFunctions, structure: Structure) -> None:
        self.flat = flat
        self.structure = structure

    @property
    def method(self) -> str:
        """How the Jacobian is found, in words."""
        raise NotImplementedError

    @property
    def error(self) -> float:
        """Relative error to be expected beyond rounding."""
        return 0.0

    def values(self, x: Array) -> Array:
        """Return the values in the order of the structure."""
        raise NotImplementedError

    def push(self, x: FloatArray, v: FloatArray) -> Array | None:
        """Return J v where that is cheaper than by the values of J, else None."""
        return self.flat.jvp(x, v) if self.flat.given.jvp else None

    def pull(self, x: Array, w: FloatArray) -> Array | None:
        """Return Jᵀ w where that is cheaper than by the values of J, else None."""
        return self.flat.vjp(x, w) if self.flat.given.vjp else None

    def gradient(self, x: Array, w: FloatArray) -> Array:
        """Return Jᵀ w, also for a complex point."""
        found = self.pull(x, w)
        if found is not None:
            return found
        pattern = self.structure.pattern
        return multiplied(self.values(x), pattern.cols, w[pattern.rows], pattern.shape[1])


def multiplied(values: Array, targets: NDArray[np.integer], factors: Array, size: int) -> Array:
    """Return the product of a sparse matrix with a vector, of which ``factors`` are elements."""
    out = np.zeros(size, np.result_type(values, factors))
    np.add.at(out, targets, values * factors)
    return out


class GivenJacobian(FirstDerivatives):
    """The user's function returns the Jacobian."""

    @property
    def method(self) -> str:
        """How the Jacobian is found, in words."""
        return "jacobian="

    def values(self, x: Array) -> Array:
        """Return the values in the order of the structure."""
        given = self.flat.given.pattern is not None
        found = self.flat.jacobian(x, self.structure.num_given if given else None)
        return self.structure.values(found)


class ColoredJacobian(FirstDerivatives):
    """The user's function returns products with vectors; a coloring says with which."""

    @cached_property
    def _compression(self) -> Compression:
        given = self.flat.given
        return cheapest(self.structure, push=given.jvp is not None, pull=given.vjp is not None)

    @property
    def method(self) -> str:
        """How the Jacobian is found, in words."""
        by = self._compression
        sources = ["jvp="] * (by.num_columns > 0) + ["vjp="] * (by.num_rows > 0)
        return f"{' and '.join(sources)}, {by}"

    def values(self, x: Array) -> Array:
        """Return the values in the order of the structure."""
        return self._compression.values(
            lambda seeds: [self.flat.jvp(x, seed) for seed in seeds],
            lambda seeds: [self.flat.vjp(x, seed) for seed in seeds],
        )


class SteppedJacobian(FirstDerivatives):
    """The function alone is known: complex steps where they work, else central differences.

    ``order`` is 1 if the values are the end, 2 if they are differenced once more, which wants a
    larger step.
    """

    is_exact = False

    def __init__(self, flat: FlatFunctions, structure: Structure, order: int = 1) -> None:
        super().__init__(flat, structure)
        self._order = order
        self._prepared: Stepper | None = None

    def _stepper(self, x: FloatArray) -> Stepper:
        """Return what steps; how precise the function's numbers are is seen at ``x``."""
        if self._prepared is None:
            given = self.flat.given
            self.flat.value(x)
            step = self.flat.precision ** (1.0 / (2.0 + self._order))
            self._prepared = Stepper(given.method, step, given.typical)
        return self._prepared

    @cached_property
    def _compression(self) -> Compression:
        return cheapest(self.structure, push=True, pull=False)

    @property
    def is_complex(self) -> bool | None:
        """Whether complex steps are taken; None as long as nobody tried."""
        return self._prepared.is_complex if self._prepared else None

    @property
    def _num_refused(self) -> int:
        return self._prepared.num_refused if self._prepared else 0

    @property
    def method(self) -> str:
        """How the Jacobian is found, in words."""
        found = {
            None: "complex steps if the function takes them, else central differences",
            True: "complex steps",
            False: "central differences",
        }[self.is_complex]
        if self._num_refused:
            found += f" (central differences at {self._num_refused} points where they failed)"
        return f"{found}, {self._compression}"

    @property
    def error(self) -> float:
        """Relative error to be expected beyond rounding."""
        if self.is_complex and not self._num_refused:
            return 0.0
        return float(10.0 * self.flat.precision ** (2.0 / 3.0))

    def values(self, x: Array) -> Array:
        """Return the values in the order of the structure."""
        scale = scale_of(x, self.flat.given.typical)
        stepper, value = self._stepper(x), self.flat.value
        return self._compression.values(lambda seeds: stepper.along(value, x, seeds), scale=scale)

    def push(self, x: FloatArray, v: FloatArray) -> Array | None:
        """Return J v, a single step."""
        return self._stepper(x).along(self.flat.value, x, [v])[0]
