"""Maurer–Mittelmann distributed control, Neumann or Robin: control inside (Part 2, examples 4-6).

    minimize    int L(y, u)
    subject to  -Laplace y + d(y, u) == 0  in (0, 1)^2,   dy/dn + beta y == 0  on the boundary
                y_min <= y <= y_max,   u_min <= u <= u_max

discretized with the five-point stencil on N x N interior points, spacing h = 1/(N + 1), and with
one-sided differences at the boundary, (1 + h beta) y_boundary == y_inside; integrals are sums over
interior points times h^2. Variables are y at all points, whose corners, in no equation, are fixed
at 0, and u at the interior points.

Examples 4 and 5 (dimensionless): L = (y - y_d)^2 / 2 + alpha u^2 / 2, alpha = 0.001 and 0; d =
-exp(y) - u; y_d = sin(2 pi x1) sin(2 pi x2), y <= 0.371, -8 <= u <= 9; beta = 1. The start is y =
y_d and u in the middle of its bounds.

Example 6, harvesting (dimensionless): L = u (u - 0.8 y), cost less yield of the effort u on the
density y; d = y (u + y - a), a = 7 + 4 sin(2 pi x1 x2), the growth; 3 <= y <= 6.09, 1.4 <= u <=
1.6; beta = 1 on the sides x1 = 0 and x2 = 0, and 0 on the others. The start is y = 6, u = 1.5.

Source: H. Maurer and H. D. Mittelmann, Optimization techniques for solving elliptic control
problems with control and state constraints, Part 2: Distributed control, Computational Optimization
and Applications 18 (2001), pp. 141-160, doi:10.1023/A:1008774521095, examples 4 to 6; the bound y
>= 3 of example 6 is that of IPOPT's collection of scalable problems. Too coarse a grid (N = 24)
leaves example 6 without a feasible point that IPOPT finds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.elliptic_grid import Field, bounded, coordinates, faces, interior, num_faces_at
from problems.pde.elliptic_grid import scaled_laplacian as laplacian
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction


class Example(NamedTuple):
    """Functions and constants of one example; the functions see interior points."""

    integrand: Callable[[Field, Field, Any, Any], Any]
    reaction: Callable[[Field, Field, Any, Any], Any]
    start: Callable[[Field, Field], Field]
    state_bounds: tuple[float, float]
    control_bounds: tuple[float, float]
    transfer: tuple[float, float, float, float]
    hessian_per_point: int


def _waves(x1: Field, x2: Field) -> Field:
    return np.sin(2 * np.pi * x1) * np.sin(2 * np.pi * x2)


def _tracking(x1: Field, x2: Field, y: Any, u: Any) -> Any:
    return 0.5 * (y - _waves(x1, x2)) ** 2


def _priced_tracking(x1: Field, x2: Field, y: Any, u: Any) -> Any:
    return _tracking(x1, x2, y, u) + 0.5 * 0.001 * u**2


def _explosion(x1: Field, x2: Field, y: Any, u: Any) -> Any:
    return -np.exp(y) - u


def _harvest(x1: Field, x2: Field, y: Any, u: Any) -> Any:
    return u * (u - 0.8 * y)


def _growth(x1: Field, x2: Field, y: Any, u: Any) -> Any:
    return y * (u + y - (7 + 4 * np.sin(2 * np.pi * x1 * x2)))


def _density(x1: Field, x2: Field) -> Field:
    return np.full(x1.shape, 6.0)


SIDES = (1.0, 1.0, 1.0, 1.0)
WAVES = (-np.inf, 0.371), (-8.0, 9.0)
EXAMPLES = {
    4: Example(_priced_tracking, _explosion, _waves, *WAVES, SIDES, 2),
    5: Example(_tracking, _explosion, _waves, *WAVES, SIDES, 1),
    6: Example(_harvest, _growth, _density, (3.0, 6.09), (1.4, 1.6), (1.0, 0.0, 1.0, 0.0), 3),
}


@checked(example=EXAMPLES, num_points=1)
def build(example: int = 4, num_points: int = 49) -> so.Model:
    """Return the model with num_points by num_points interior points."""
    chosen, place, h = EXAMPLES[example], num_faces_at(num_points), 1 / (num_points + 1)
    x1, x2 = coordinates(num_points)
    lower, upper = (bounded(place, bound, bound) for bound in chosen.state_bounds)
    start = np.where(place > 1, 0.0, chosen.start(x1, x2))
    model = so.Model("maurer_mittelmann_distributed_neumann")
    y = model.variable("y", x1.shape, lower, upper, start=start)
    middle = sum(chosen.control_bounds) / 2
    u = model.variable("u", 2 * (num_points,), *chosen.control_bounds, start=middle)
    inside = interior(x1), interior(x2), interior(y), u
    model.minimize(h**2 * np.sum(chosen.integrand(*inside)))
    model.subject_to(-laplacian(y) + h**2 * chosen.reaction(*inside) == 0, name="diffusion")
    robin = 1 + h * np.reshape(chosen.transfer, (4, 1))
    model.subject_to(robin * faces(y) == faces(y, depth=1), name="boundary")
    return model


def counts(example: int = 4, num_points: int = 49) -> Counts:
    """Return the counts: stencils with the control, boundary rows of two, small Hessian blocks."""
    points, sides = num_points**2, 4 * num_points
    return Counts(
        variables=(num_points + 2) ** 2 + points,
        constraints=points + sides,
        jacobian=6 * points + 2 * sides,
        hessian=EXAMPLES[example].hessian_per_point * points,
    )


def _published(num_points: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"example": 4, "num_points": num_points},
        value=value,
        relative_tolerance=5e-8 / value,
        source=f"Maurer and Mittelmann (2001), table 4, N + 1 = {num_points + 1}",
        doi="10.1023/A:1008774521095",
    )


def _recomputed(example: int, num_points: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"example": example, "num_points": num_points},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-12, the same discretization",
    )


RECORD = ProblemRecord(
    name="maurer_mittelmann_distributed_neumann",
    title="Maurer–Mittelmann distributed control, Neumann and Robin conditions",
    family="PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"example": 4, "num_points": 19},
        "medium": {"example": 4, "num_points": 99},
        "large": {"example": 4, "num_points": 224},
    },
    counts=counts,
    known=(
        _published(49, 0.0773888),
        _published(99, 0.0780638),
        _published(199, 0.0784259),
        _recomputed(4, 24, 0.0762743072896),
        _recomputed(5, 24, 0.0515342606783),
        _recomputed(6, 49, -4.2237545855586),
    ),
    reference="Maurer and Mittelmann (2001), Computational Optimization and Applications 18,"
    " doi:10.1023/A:1008774521095",
    options={"tol": 1e-11},  # the objective is small: complementarity must be smaller
    second_size={"example": 6, "num_points": 22},
    reduction=Reduction(
        states=("y",),
        by=("diffusion", "boundary"),
        state_bounds="impose",
        size={"example": 4, "num_points": 9},
    ),
)
