"""Which structure and which way to a derivative follow from what the user gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import SparseOptError
from sparseopt.external_functions.flat_functions import FlatFunctions
from sparseopt.external_functions.hessians import (
    GivenHessian,
    ProductHessian,
    SecondDerivatives,
    SteppedHessian,
)
from sparseopt.external_functions.jacobians import (
    ColoredJacobian,
    FirstDerivatives,
    GivenJacobian,
    SteppedJacobian,
)
from sparseopt.external_functions.structure import (
    Structure,
    dense_structure,
    given_structure,
    gram_structure,
)

__all__ = ["first_derivatives", "hessian_structure", "jacobian_structure", "second_derivatives"]

Mask = NDArray[np.bool_]


def jacobian_structure(flat: FlatFunctions, active: Mask) -> Structure:
    """Return the given pattern, that of a sparse Jacobian at the example, or a dense one."""
    given, shape = flat.given, (flat.size_out, flat.size_in)
    title = f"pattern of {flat.name}"
    if given.pattern is not None:
        return given_structure(title, given.pattern, shape, active)
    found = _example_jacobian(flat) if given.jacobian is not None else None
    if sp.issparse(found):
        return given_structure(title, found, shape, active)
    return dense_structure(title, shape, active)


def _example_jacobian(flat: FlatFunctions) -> Any:
    """Return the user's Jacobian at the example, or at random if there is none."""
    if flat.given.example is not None:
        parts = [np.ravel(np.asarray(a, np.float64)) for a in flat.given.example]
        return flat.jacobian(np.concatenate(parts), None)
    point = np.random.default_rng(0).uniform(0.5, 1.5, flat.size_in)
    try:
        return flat.jacobian(point, None)
    except SparseOptError:
        raise
    except Exception:  # the point may lie outside the function's domain: a dense pattern then
        return None


def hessian_structure(flat: FlatFunctions, active: Mask, jacobian: Structure) -> Structure:
    """Return the given pattern, or all pairs that a row of the Jacobian depends on."""
    title, n = f"hessian_pattern of {flat.name}", flat.size_in
    if flat.given.hessian_pattern is not None:
        pattern = flat.given.hessian_pattern
        return given_structure(title, pattern, (n, n), active, symmetric=True)
    return gram_structure(title, jacobian, active)


def first_derivatives(flat: FlatFunctions, structure: Structure) -> FirstDerivatives:
    """Return how the Jacobian is found."""
    if flat.given.jacobian is not None:
        return GivenJacobian(flat, structure)
    if flat.given.jvp is not None or flat.given.vjp is not None:
        return ColoredJacobian(flat, structure)
    return SteppedJacobian(flat, structure)


def second_derivatives(
    flat: FlatFunctions, structure: Structure, first: FirstDerivatives
) -> SecondDerivatives:
    """Return how the Hessian is found."""
    if flat.given.hessian is not None:
        return GivenHessian(flat, structure)
    if flat.given.hvp is not None:
        return ProductHessian(flat, structure)
    return SteppedHessian(flat, structure, first)
