"""Maurer–Mittelmann boundary control, Neumann: control a flux on the boundary (Part 1, 5.5-5.8).

    minimize    1/2 int (y - y_d)^2 + alpha/2 int_boundary u^2
    subject to  -Laplace y + d(y) == 0  in (0, 1)^2,   dy/dn == b(y, u)  on the boundary
                y <= y_max,   u_min <= u <= u_max

discretized with the five-point stencil on N x N interior points, spacing h = 1/(N + 1), and with
one-sided differences at the boundary, y_boundary - y_inside == h b; the integrals are sums over
interior and boundary points (corners left out) times h^2 and h. Variables are y at all points,
whose corners, in no equation, are fixed at 0, and u at the N points of each of the four sides.

Constants (dimensionless): y_d = 2 - 2 (x1 (x1 - 1) + x2 (x2 - 1)). The start is y = y_d and u in
the middle of its bounds.

    example  alpha  d        b        y_max  u_min  u_max
    5        0.01   0        u - y^2  2.071  3.7    4.5
    6        0      0        u - y^2  2.835  6      9
    7        0.01   y^3 - y  u        2.7    1.8    2.5
    8        0      y^3 - y  u        2.7    1.8    2.5

Source: H. Maurer and H. D. Mittelmann, Optimization techniques for solving elliptic control
problems with control and state constraints, Part 1: Boundary control, Computational Optimization
and Applications 16 (2000), pp. 29-55, doi:10.1023/A:1008725519350, examples 5.5 to 5.8. The paper
prints 0.553324 for example 5.5 with N + 1 = 100, where this discretization has 0.552246, and
0.553344 with boundary points, weighted by one half, in the first integral.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.elliptic_grid import bounded, coordinates, faces, interior, num_faces_at
from problems.pde.elliptic_grid import scaled_laplacian as laplacian
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction


class Example(NamedTuple):
    """Constants and functions of one example."""

    control_price: float
    reaction: Callable[[Any], Any]
    flux: Callable[[Any, Any], Any]
    greatest_state: float
    least_control: float
    greatest_control: float


def _no_reaction(y: Any) -> Any:
    return 0.0 * y


def _cubic_reaction(y: Any) -> Any:
    return y**3 - y


def _radiation(y: Any, u: Any) -> Any:
    return u - y**2


def _given_flux(y: Any, u: Any) -> Any:
    return u


EXAMPLES = {
    5: Example(0.01, _no_reaction, _radiation, 2.071, 3.7, 4.5),
    6: Example(0.0, _no_reaction, _radiation, 2.835, 6.0, 9.0),
    7: Example(0.01, _cubic_reaction, _given_flux, 2.7, 1.8, 2.5),
    8: Example(0.0, _cubic_reaction, _given_flux, 2.7, 1.8, 2.5),
}


@checked(example=EXAMPLES, num_points=1)
def build(example: int = 5, num_points: int = 49) -> so.Model:
    """Return the model with num_points by num_points interior points."""
    price, reaction, flux, greatest, least_control, greatest_control = EXAMPLES[example]
    h, (x1, x2), place = 1 / (num_points + 1), coordinates(num_points), num_faces_at(num_points)
    target = 2 - 2 * (x1 * (x1 - 1) + x2 * (x2 - 1))
    lower, upper = bounded(place, -np.inf, -np.inf), bounded(place, greatest, greatest)
    model = so.Model("maurer_mittelmann_boundary_neumann")
    y = model.variable("y", target.shape, lower, upper, start=np.where(place > 1, 0.0, target))
    middle = (least_control + greatest_control) / 2
    u = model.variable("u", (4, num_points), least_control, greatest_control, start=middle)
    deviation = 0.5 * h**2 * np.sum(interior(y - target) ** 2)
    model.minimize(deviation + 0.5 * h * price * np.sum(u**2))
    model.subject_to(-laplacian(y) + h**2 * reaction(interior(y)) == 0, name="diffusion")
    model.subject_to(faces(y) - faces(y, depth=1) == h * flux(faces(y), u), name="boundary")
    return model


def counts(example: int = 5, num_points: int = 49) -> Counts:
    """Return the counts: stencils of five points, boundary rows of three, a diagonal Hessian."""
    points, sides, chosen = num_points**2, 4 * num_points, EXAMPLES[example]
    curved = (chosen.flux is _radiation) + (chosen.control_price > 0)
    return Counts(
        variables=(num_points + 2) ** 2 + sides,
        constraints=points + sides,
        jacobian=5 * points + 3 * sides,
        hessian=points + curved * sides,
    )


def _known(example: int, num_points: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"example": example, "num_points": num_points},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10 or less, the same discretization;"
        " not published",
    )


RECORD = ProblemRecord(
    name="maurer_mittelmann_boundary_neumann",
    title="Maurer–Mittelmann boundary control, Neumann conditions",
    family="PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"example": 5, "num_points": 19},
        "medium": {"example": 5, "num_points": 99},
        "large": {"example": 5, "num_points": 319},
    },
    counts=counts,
    known=(
        _known(5, 24, 0.5392638117615),
        _known(6, 24, 0.0122176264198),
        _known(7, 24, 0.2457754511521),
        _known(8, 24, 0.1530769473107),
        _known(5, 49, 0.54796553042387),
    ),
    reference="Maurer and Mittelmann (2000), Computational Optimization and Applications 16,"
    " doi:10.1023/A:1008725519350",
    options={"tol": 1e-11},  # the objective is small: complementarity must be smaller
    solved_sizes=("small", "medium"),
    second_size={"example": 8, "num_points": 22},
    reduction=Reduction(
        states=("y",),
        by=("diffusion", "boundary"),
        state_bounds="impose",
        size={"example": 5, "num_points": 9},
    ),
)
