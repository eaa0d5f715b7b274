"""Boundary control of a cube, after Maurer and Mittelmann: heat it from its six faces.

    minimize    int phi(y - y_d) + alpha/2 int_boundary u^2
    subject to  -Laplace y == 20  in (0, 1)^3,   y == u  on the boundary
                y <= 3.5,   0 <= u <= 10

discretized with the seven-point stencil on N x N x N interior points, spacing h = 1/(N + 1); the
integrals are sums over interior points and points of the faces (edges left out) times h^3 and h^2.
The control is the boundary values of y, so y is the only variable; its edges, in no equation, are
fixed at 0.

Constants (dimensionless): y_d = 3 + 5 x1 (x1 - 1) x2 (x2 - 1), alpha = 0.01. Example 1: phi(t) =
1/2 t^2. Example 2, which forgives large deviations and is not convex: with B = 0.5 and C = 0.01,

    phi(t) = (3/2 - 9 C / (8 B)) t^2 + (7 C / (4 B^3) - 3 / (2 B^2)) t^4
             + (1 / (2 B^4) - 5 C / (8 B^5)) t^6         for |t| <= B
    phi(t) = B^2 / 2 + C (|t| - B)                       for |t| >= B

The start is y = y_d inside and 5 on the faces.

Source: IPOPT's collection of scalable problems, MittelmannBndryCntrlDiri3D (A. Wächter 2005, O.
Schenk 2007); example 1 has the penalty of its MittelmannBndryCntrlDiri3D_27. The square they go
back to is example 5.1 of H. Maurer and H. D. Mittelmann, Computational Optimization and
Applications 16 (2000), pp. 29-55, doi:10.1023/A:1008725519350, see
maurer_mittelmann_boundary_dirichlet.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.elliptic_grid import bounded, coordinates, faces, interior, num_faces_at
from problems.pde.elliptic_grid import scaled_laplacian as laplacian
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

HEAT = 20.0
CONTROL_PRICE = 0.01
GREATEST_STATE = 3.5
LEAST_CONTROL, GREATEST_CONTROL = 0.0, 10.0
TURN, SLOPE = 0.5, 0.01


@checked(example=(1, 2), num_points=1)
def build(example: int = 1, num_points: int = 9) -> so.Model:
    """Return the model with num_points interior points along each axis."""
    h, place = 1 / (num_points + 1), num_faces_at(num_points, 3)
    x1, x2, _ = coordinates(num_points, 3)
    target = 3 + 5 * x1 * (x1 - 1) * x2 * (x2 - 1)
    middle = (LEAST_CONTROL + GREATEST_CONTROL) / 2
    model = so.Model("maurer_mittelmann_boundary_dirichlet_3d")
    y = model.variable(
        "y",
        shape=target.shape,
        lower=bounded(place, -np.inf, LEAST_CONTROL),
        upper=bounded(place, GREATEST_STATE, GREATEST_CONTROL),
        start=np.choose(np.minimum(place, 2), [target, middle, 0.0]),
    )
    penalty = {1: quadratic_penalty, 2: forgiving_penalty}[example]
    deviation = h**3 * np.sum(penalty(interior(y - target)))
    model.minimize(deviation + 0.5 * h**2 * CONTROL_PRICE * np.sum(faces(y) ** 2))
    model.subject_to(laplacian(y) == -(h**2) * HEAT, name="heat")
    return model


def quadratic_penalty(t: Any) -> Any:
    """Return half the square."""
    return 0.5 * t**2


def forgiving_penalty(t: Any) -> Any:
    """Return a penalty that turns, twice differentiable, into a straight line beyond TURN."""
    b, c = TURN, SLOPE
    s = t**2
    near = (1.5 - 1.125 * c / b) * s + (1.75 * c / b**3 - 1.5 / b**2) * s**2
    near = near + (0.5 / b**4 - 0.625 * c / b**5) * s**3
    return np.where(s <= b**2, near, 0.5 * b**2 + c * (np.abs(t) - b))


def counts(example: int = 1, num_points: int = 9) -> Counts:
    """Return the counts: a seven-point stencil in each row, a diagonal Hessian."""
    points, controls = num_points**3, 6 * num_points**2
    return Counts((num_points + 2) ** 3, points, jacobian=7 * points, hessian=points + controls)


def _known(example: int, num_points: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"example": example, "num_points": num_points},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10 or less; not published",
    )


RECORD = ProblemRecord(
    name="maurer_mittelmann_boundary_dirichlet_3d",
    title="Boundary control of a cube, Dirichlet conditions",
    family="PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"example": 1, "num_points": 6},
        "medium": {"example": 1, "num_points": 19},
        "large": {"example": 1, "num_points": 44},
    },
    counts=counts,
    known=(
        _known(1, 9, 0.1724639950198),
        _known(2, 9, 0.1061640681430),
    ),
    reference="IPOPT's scalable problems, after Maurer and Mittelmann (2000),"
    " doi:10.1023/A:1008725519350",
    options={"tol": 1e-11},  # the objective is small: complementarity must be smaller
    solved_sizes=("small", "medium"),
    second_size={"example": 2, "num_points": 7},
    reduction=Reduction(
        states=("y[1:-1, 1:-1, 1:-1]",),
        by=("heat",),
        state_bounds="impose",
        size={"example": 1, "num_points": 5},
    ),
)
