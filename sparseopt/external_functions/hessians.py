"""The Hessian of ``weights · f`` of an external function: one class for each way."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.external_functions.compression import Compression, cheapest
from sparseopt.external_functions.differences import Stepper, scale_of
from sparseopt.external_functions.flat_functions import FlatFunctions
from sparseopt.external_functions.given import Method
from sparseopt.external_functions.jacobians import FirstDerivatives, SteppedJacobian
from sparseopt.external_functions.structure import Structure

__all__ = ["GivenHessian", "ProductHessian", "SecondDerivatives", "SteppedHessian"]

FloatArray = NDArray[np.float64]


class SecondDerivatives:
    """The Hessian of ``weights · f`` and its product with a vector."""

    def __init__(self, flat: FlatFunctions, structure: Structure) -> None:
        self.flat = flat
        self.structure = structure

    @property
    def method(self) -> str:
        """How the Hessian is found, in words."""
        raise NotImplementedError

    @property
    def error(self) -> float:
        """Relative error to be expected beyond rounding."""
        return 0.0

    def values(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the values in the order of the structure, lower triangle."""
        raise NotImplementedError

    def product(self, x: FloatArray, weights: FloatArray, v: FloatArray) -> FloatArray | None:
        """Return H v where that is cheaper than by the values of H, else None."""
        return self.flat.hvp(x, weights, v) if self.flat.given.hvp else None


class GivenHessian(SecondDerivatives):
    """The user's function returns the Hessian."""

    @property
    def method(self) -> str:
        """How the Hessian is found, in words."""
        return "hessian="

    def values(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the values in the order of the structure, lower triangle."""
        given = self.flat.given.hessian_pattern is not None
        found = self.flat.hessian(x, weights, self.structure.num_given if given else None)
        return self.structure.values(found)


class ProductHessian(SecondDerivatives):
    """Products with vectors give the Hessian; a star coloring says with which."""

    @cached_property
    def compression(self) -> Compression:
        """Which products are formed."""
        return cheapest(self.structure, push=True, pull=False)

    @property
    def method(self) -> str:
        """How the Hessian is found, in words."""
        return f"hvp=, {self.compression}"

    def values(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the values in the order of the structure, lower triangle."""

        def products(seeds: Sequence[FloatArray]) -> list[FloatArray]:
            return [self.flat.hvp(x, weights, seed) for seed in seeds]

        return self.compression.values(products)


class SteppedHessian(ProductHessian):
    """Products from steps of the gradient ``Jᵀ weights``: complex where that works, or central."""

    def __init__(self, flat: FlatFunctions, structure: Structure, first: FirstDerivatives) -> None:
        super().__init__(flat, structure)
        self._first = first
        self._prepared: tuple[Stepper, FirstDerivatives] | None = None

    def _prepare(self, x: FloatArray) -> tuple[Stepper, FirstDerivatives]:
        """Return what steps along gradients, and what gives them, as is seen at ``x``."""
        if self._prepared is None:
            given, first = self.flat.given, self._first
            if isinstance(first, SteppedJacobian):
                if first.is_complex is None:
                    first.values(x)
                if not first.is_complex:
                    first = SteppedJacobian(self.flat, first.structure, order=2)
            else:
                first.gradient(x, np.ones(self.flat.size_out))
            step = self.flat.precision ** (1.0 / (4.0 if self._is_twice else 3.0))
            method: Method = given.method if first.is_exact else "central"
            self._prepared = Stepper(method, step, given.typical), first
        return self._prepared

    def _along(
        self, x: FloatArray, weights: FloatArray, directions: Sequence[FloatArray]
    ) -> list[FloatArray]:
        stepper, first = self._prepare(x)
        return stepper.along(lambda point: first.gradient(point, weights), x, directions)

    @property
    def _is_twice(self) -> bool:
        """Whether differences are taken of differences, both with the step for that."""
        first = self._first
        return isinstance(first, SteppedJacobian) and not first.is_complex

    @property
    def method(self) -> str:
        """How the Hessian is found, in words."""
        if isinstance(self._first, SteppedJacobian):
            source = "second differences" if self._is_twice else "differences of complex steps"
            return f"{source}, {self.compression}"
        source = "vjp=" if self.flat.given.vjp else self._first.method.split(",")[0]
        tried = self._prepared[0].is_complex if self._prepared else None
        steps = {None: "complex steps or differences", True: "complex steps", False: "differences"}
        return f"{steps[tried]} of {source}, {self.compression}"

    @property
    def error(self) -> float:
        """Relative error to be expected beyond rounding."""
        stepper = self._prepared[0] if self._prepared else None
        if stepper and stepper.is_complex and not stepper.num_refused:
            return 0.0
        return float(10.0 * self.flat.precision ** (1.0 / 2.0 if self._is_twice else 2.0 / 3.0))

    def values(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the values in the order of the structure, lower triangle."""
        scale = scale_of(x, self.flat.given.typical)
        return self.compression.values(lambda seeds: self._along(x, weights, seeds), scale=scale)

    def product(self, x: FloatArray, weights: FloatArray, v: FloatArray) -> FloatArray | None:
        """Return H v, a single step."""
        return self._along(x, weights, [v])[0]
