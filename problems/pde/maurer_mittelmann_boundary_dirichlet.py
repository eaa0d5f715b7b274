"""Maurer–Mittelmann boundary control, Dirichlet: heat a square from its boundary (Part 1, 5.1-5.4).

    minimize    1/2 int (y - y_d)^2 + alpha/2 int_boundary u^2
    subject to  -Laplace y == 20  in (0, 1)^2,   y == u  on the boundary
                y <= y_max,   u_min <= u <= u_max

discretized with the five-point stencil on N x N interior points, spacing h = 1/(N + 1); the
integrals are sums over interior and boundary points (corners left out) times h^2 and h. The control
is the boundary values of y, so y is the only variable; its corners, in no equation, are fixed at 0.

Constants (dimensionless): y_d = 3 + 5 x1 (x1 - 1) x2 (x2 - 1). Examples 1 and 2: y_max = 3.5, u
from 0 to 10; examples 3 and 4: y_max = 3.2, u from 1.6 to 2.3. alpha = 0.01 in examples 1 and 3;
alpha = 0 in examples 2 and 4, where the control of example 4 jumps between its bounds. The start is
y = y_d inside and the middle of the bounds on the boundary.

Source: H. Maurer and H. D. Mittelmann, Optimization techniques for solving elliptic control
problems with control and state constraints, Part 1: Boundary control, Computational Optimization
and Applications 16 (2000), pp. 29-55, doi:10.1023/A:1008725519350, examples 5.1 to 5.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.elliptic_grid import bounded, coordinates, faces, interior, num_faces_at
from problems.pde.elliptic_grid import scaled_laplacian as laplacian
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

HEAT = 20.0


class Example(NamedTuple):
    """Constants of one example."""

    control_price: float
    greatest_state: float
    least_control: float
    greatest_control: float


EXAMPLES = {
    1: Example(0.01, 3.5, 0.0, 10.0),
    2: Example(0.0, 3.5, 0.0, 10.0),
    3: Example(0.01, 3.2, 1.6, 2.3),
    4: Example(0.0, 3.2, 1.6, 2.3),
}


@checked(example=EXAMPLES, num_points=1)
def build(example: int = 1, num_points: int = 49) -> so.Model:
    """Return the model with num_points by num_points interior points."""
    price, greatest, least_control, greatest_control = EXAMPLES[example]
    h, (x1, x2), place = 1 / (num_points + 1), coordinates(num_points), num_faces_at(num_points)
    target = 3 + 5 * x1 * (x1 - 1) * x2 * (x2 - 1)
    model = so.Model("maurer_mittelmann_boundary_dirichlet")
    y = model.variable(
        "y",
        shape=target.shape,
        lower=bounded(place, -np.inf, least_control),
        upper=bounded(place, greatest, greatest_control),
        start=np.choose(place, [target, (least_control + greatest_control) / 2, 0.0]),
    )
    deviation = 0.5 * h**2 * np.sum(interior(y - target) ** 2)
    model.minimize(deviation + 0.5 * h * price * np.sum(faces(y) ** 2))
    model.subject_to(laplacian(y) == -(h**2) * HEAT, name="heat")
    return model


def counts(example: int = 1, num_points: int = 49) -> Counts:
    """Return the counts: a five-point stencil in each row, a diagonal Hessian."""
    points = num_points**2
    controls = 4 * num_points if EXAMPLES[example].control_price else 0
    return Counts((num_points + 2) ** 2, points, jacobian=5 * points, hessian=points + controls)


def _known(example: int, num_points: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"example": example, "num_points": num_points},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10 or less, the same discretization",
    )


RECORD = ProblemRecord(
    name="maurer_mittelmann_boundary_dirichlet",
    title="Maurer–Mittelmann boundary control, Dirichlet conditions",
    family="PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"example": 1, "num_points": 19},
        "medium": {"example": 1, "num_points": 99},
        "large": {"example": 1, "num_points": 319},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"example": 1, "num_points": 99},
            value=0.196525,
            relative_tolerance=5e-7 / 0.196525,
            source="Maurer and Mittelmann (2000), example 5.1, N + 1 = 100",
            doi="10.1023/A:1008725519350",
        ),
        _known(1, 24, 0.1713384836362),
        _known(2, 24, 0.0742994944547),
        _known(3, 24, 0.2775869744258),
        _known(4, 24, 0.2079954786259),
        _known(1, 49, 0.18817032517580123),
    ),
    reference="Maurer and Mittelmann (2000), Computational Optimization and Applications 16,"
    " doi:10.1023/A:1008725519350",
    options={"tol": 1e-11},  # the objective is small: complementarity must be smaller
    second_size={"example": 4, "num_points": 22},
    reduction=Reduction(
        states=("y[1:-1, 1:-1]",),
        by=("heat",),
        state_bounds="impose",
        size={"example": 1, "num_points": 9},
    ),
)
