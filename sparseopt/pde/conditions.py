"""Boundary conditions, each as what it makes of the flux and the value on a side.

With u the value at the point next to a side, d the distance to it, c the coefficient and n the
outward normal, a condition and c (u_b - u) / d = c du/dn determine the value u_b on the side and
what enters through it.  Both are affine in u, and all that any scheme needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sparseopt.errors import DiscretizationError

__all__ = ["Condition", "Dirichlet", "Neumann", "OpenCondition", "Periodic", "Robin", "Value"]

Value: TypeAlias = Any
"""A number, an array on the side (with axes such as time before), a traced array, or a function
of the coordinates of the side's points that returns one of these."""


@dataclass(frozen=True, eq=False)
class Dirichlet:
    """The value is given: u = value.

    Parameters
    ----------
    value : float, array, traced array, or function of coordinates

    Examples
    --------
    >>> import numpy as np
    >>> Dirichlet(lambda x, y: np.sin(np.pi * y)).reach(0.1)
    0.1
    """

    value: Value

    def mapped(self, change: Callable[[str, Value], Any]) -> Dirichlet:
        """Return the condition with ``change(name, value)`` in the place of each value."""
        return Dirichlet(change("value", self.value))

    def homogeneous(self) -> Dirichlet:
        """Return the condition whose right-hand side is zero."""
        return Dirichlet(0.0)

    def inflow(self, u: Any, coefficient: Any, distance: float) -> Any:
        """Return c du/dn, what enters per area."""
        return coefficient * ((self.value - u) / distance)

    def value_on_side(self, u: Any, distance: float) -> Any:
        """Return u_b, for the coefficient 1."""
        return self.value

    def reach(self, distance: float) -> Any:
        """Return twice the distance from the point to where (u_b - u) / d is du/dn to order 2."""
        return distance


@dataclass(frozen=True, eq=False)
class Neumann:
    """What enters is given: c du/dn = flux, with n the outward normal.

    Parameters
    ----------
    flux : float, array, traced array, or function of coordinates
        Per area, including the coefficient c (1 for a Laplacian): 0 for an insulated side.
    """

    flux: Value = 0.0

    def mapped(self, change: Callable[[str, Value], Any]) -> Neumann:
        """Return the condition with ``change(name, value)`` in the place of each value."""
        return Neumann(change("flux", self.flux))

    def homogeneous(self) -> Neumann:
        """Return the condition whose right-hand side is zero."""
        return Neumann(0.0)

    def inflow(self, u: Any, coefficient: Any, distance: float) -> Any:
        """Return c du/dn, what enters per area."""
        return self.flux

    def value_on_side(self, u: Any, distance: float) -> Any:
        """Return u_b, for the coefficient 1."""
        return u + distance * self.flux if distance else u

    def reach(self, distance: float) -> Any:
        """Return twice the distance from the point to where (u_b - u) / d is du/dn to order 2."""
        return 2.0 * distance


@dataclass(frozen=True, eq=False)
class Robin:
    """Value and inflow are related: a u + b c du/dn = value, with n the outward normal.

    Parameters
    ----------
    a, b, value : float, array, traced array, or function of coordinates
        Heat transfer with coefficient h to surroundings of temperature T is ``Robin(h, 1, h * T)``.
    """

    a: Value
    b: Value
    value: Value

    def mapped(self, change: Callable[[str, Value], Any]) -> Robin:
        """Return the condition with ``change(name, value)`` in the place of each value."""
        return Robin(change("a", self.a), change("b", self.b), change("value", self.value))

    def homogeneous(self) -> Robin:
        """Return the condition whose right-hand side is zero."""
        return Robin(self.a, self.b, 0.0)

    def inflow(self, u: Any, coefficient: Any, distance: float) -> Any:
        """Return c du/dn, what enters per area."""
        if distance == 0.0:
            return (self.value - self.a * u) / self.b
        resisted = self.b * coefficient + self.a * distance
        _require_solvable(resisted)
        return coefficient * (self.value - self.a * u) / resisted

    def value_on_side(self, u: Any, distance: float) -> Any:
        """Return u_b, for the coefficient 1."""
        if distance == 0.0:
            return u
        resisted = self.b + self.a * distance
        _require_solvable(resisted)
        return (self.b * u + distance * self.value) / resisted

    def reach(self, distance: float) -> Any:
        """Return twice the distance from the point to where (u_b - u) / d is du/dn to order 2."""
        share = self.a * distance / (self.b + self.a * distance)
        return distance * (2.0 - share)


def _require_solvable(resisted: Any) -> None:
    """Raise where plain coefficients of a Robin condition leave the value on the side open."""
    if isinstance(resisted, (float, np.ndarray)) and np.any(resisted == 0.0):
        raise DiscretizationError(
            "a Robin condition does not determine the value on its side",
            why="a d + b c is zero, with the distance d from the side to the points beside it",
            instead="a of the other sign, which loses heat where it is warm; or another grid",
        )


@dataclass(frozen=True, eq=False)
class Periodic:
    """The side is the opposite one: both have this condition."""

    def mapped(self, change: Callable[[str, Value], Any]) -> Periodic:
        """Return the condition itself, which has no values."""
        return self


OpenCondition: TypeAlias = Dirichlet | Neumann | Robin
"""What holds on a side that is a boundary."""

Condition: TypeAlias = OpenCondition | Periodic
