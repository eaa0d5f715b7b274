# ruff: noqa: D102 - the names below are defined in the class docstring
"""What an adapter needs to know of a problem: the attributes below and nothing else.

`sparseopt.modeling.problem.Problem` has them, and so may any class of the caller's own.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Pattern(Protocol):
    """Where a sparse matrix has entries; `rows` and `cols` are in the order of the values."""

    @property
    def rows(self) -> NDArray[np.int32]:
        """Row of each entry."""

    @property
    def cols(self) -> NDArray[np.int32]:
        """Column of each entry."""


class NativeFunctions(Protocol):
    """Compiled functions behind ``run(schedule, x, multipliers, objective_weight, out)``."""

    @property
    def run_address(self) -> int:
        """Address of the C function ``run``."""

    def schedule(self, kind: str) -> int:
        """Return the address that makes ``run`` compute "objective", "gradient", …."""


class NonlinearProblem(Protocol):
    """min f(x) subject to constraint_lower ≤ c(x) ≤ constraint_upper and bounds on x.

    Bounds are infinite where there are none.  Matrices come twice: as SciPy arrays, and as values
    in the order of their pattern.
    """

    @property
    def num_variables(self) -> int: ...
    @property
    def num_constraints(self) -> int: ...
    @property
    def variable_lower(self) -> FloatArray: ...
    @property
    def variable_upper(self) -> FloatArray: ...
    @property
    def constraint_lower(self) -> FloatArray: ...
    @property
    def constraint_upper(self) -> FloatArray: ...
    @property
    def initial_point(self) -> FloatArray: ...
    @property
    def jacobian_pattern(self) -> Pattern: ...
    @property
    def hessian_pattern(self) -> Pattern:
        """Pattern of the lower triangle."""

    @property
    def is_linear_row(self) -> NDArray[np.bool_]:
        """Which constraints are proven linear."""

    @property
    def is_hessian_constant(self) -> bool:
        """Whether the Hessian of the Lagrangian is proven constant."""

    def objective(self, x: FloatArray) -> float: ...
    def gradient(self, x: FloatArray) -> FloatArray: ...
    def constraints(self, x: FloatArray) -> FloatArray: ...
    def jacobian(self, x: FloatArray) -> Any:
        """Return the Jacobian as a ``scipy.sparse.csr_array``."""

    def jacobian_values(self, x: FloatArray) -> FloatArray: ...
    def hessian(self, x: FloatArray, multipliers: FloatArray, objective_weight: float = 1.0) -> Any:
        """Return the full symmetric Hessian of the Lagrangian as a ``csr_array``."""

    def hessian_values(
        self, x: FloatArray, multipliers: FloatArray, objective_weight: float = 1.0
    ) -> FloatArray: ...
    def hessian_vector_product(
        self,
        x: FloatArray,
        multipliers: FloatArray,
        vector: FloatArray,
        objective_weight: float = 1.0,
    ) -> FloatArray: ...
    def variable_name(self, index: int) -> str: ...
    def constraint_name(self, index: int) -> str: ...
    def require_finite(self, x: FloatArray) -> None:
        """Raise `NonFiniteError` for a bad value at `x`, naming the operation that made it."""

    def constraint_source(self, index: int) -> str:
        """Return the user's ``file:line``, or an empty string."""
