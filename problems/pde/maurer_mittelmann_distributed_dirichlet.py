"""Maurer–Mittelmann distributed control, Dirichlet: heat a square from inside (Part 2, 1-3).

    minimize    1/2 int (y - y_d)^2 + alpha/2 int u^2
    subject to  -Laplace y + d(y) == u  in (0, 1)^2,   y == 0  on the boundary
                y <= y_max,   u_min <= u <= u_max

discretized with the five-point stencil on N x N interior points, spacing h = 1/(N + 1); integrals
are sums over interior points times h^2. Variables are y at all points, fixed at 0 on the boundary,
and u at the interior points. The start is y = y_d and u in the middle of its bounds.

Constants (dimensionless):

    example  alpha  d        y_d                                        y_max  u_min  u_max
    1        0.001  y^3 - y  1 + 2 (x1 (x1 - 1) + x2 (x2 - 1))          0.185   1.5   4.5
    2        0      y^3 - y  1 + 2 (x1 (x1 - 1) + x2 (x2 - 1))          0.185   1.5   4.5
    3        0.001  -exp(y)  sin(2 pi x1) sin(2 pi x2)                  0.11   -5     5
    4        0      -exp(y)  sin(2 pi x1) sin(2 pi x2)                  0.11   -5     5

Source: H. Maurer and H. D. Mittelmann, Optimization techniques for solving elliptic control
problems with control and state constraints, Part 2: Distributed control, Computational Optimization
and Applications 18 (2001), pp. 141-160, doi:10.1023/A:1008774521095, examples 1 to 3. Example 4
here is example 3 with a free control, from IPOPT's collection of scalable problems (its 3a); the
paper's example 4 has Neumann conditions and is in maurer_mittelmann_distributed_neumann.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.elliptic_grid import bounded, coordinates, interior, num_faces_at
from problems.pde.elliptic_grid import scaled_laplacian as laplacian
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction


class Example(NamedTuple):
    """Constants and functions of one example."""

    control_price: float
    reaction: Callable[[Any], Any]
    target: Callable[[Any, Any], Any]
    greatest_state: float
    least_control: float
    greatest_control: float


def _cubic_reaction(y: Any) -> Any:
    return y**3 - y


def _explosion(y: Any) -> Any:
    return -np.exp(y)


def _bowl(x1: Any, x2: Any) -> Any:
    return 1 + 2 * (x1 * (x1 - 1) + x2 * (x2 - 1))


def _waves(x1: Any, x2: Any) -> Any:
    return np.sin(2 * np.pi * x1) * np.sin(2 * np.pi * x2)


EXAMPLES = {
    1: Example(0.001, _cubic_reaction, _bowl, 0.185, 1.5, 4.5),
    2: Example(0.0, _cubic_reaction, _bowl, 0.185, 1.5, 4.5),
    3: Example(0.001, _explosion, _waves, 0.11, -5.0, 5.0),
    4: Example(0.0, _explosion, _waves, 0.11, -5.0, 5.0),
}


@checked(example=EXAMPLES, num_points=1)
def build(example: int = 1, num_points: int = 49) -> so.Model:
    """Return the model with num_points by num_points interior points."""
    price, reaction, profile, greatest, least_control, greatest_control = EXAMPLES[example]
    h, place = 1 / (num_points + 1), num_faces_at(num_points)
    target = profile(*coordinates(num_points))
    lower, upper = bounded(place, -np.inf, 0.0), bounded(place, greatest, 0.0)
    model = so.Model("maurer_mittelmann_distributed_dirichlet")
    y = model.variable("y", target.shape, lower, upper, start=np.where(place > 0, 0.0, target))
    middle = (least_control + greatest_control) / 2
    u = model.variable("u", 2 * (num_points,), least_control, greatest_control, start=middle)
    deviation = np.sum(interior(y - target) ** 2)
    model.minimize(0.5 * h**2 * (deviation + price * np.sum(u**2)))
    model.subject_to(-laplacian(y) + h**2 * (reaction(interior(y)) - u) == 0, name="diffusion")
    return model


def counts(example: int = 1, num_points: int = 49) -> Counts:
    """Return the counts: a five-point stencil and the control in each row, a diagonal Hessian."""
    points = num_points**2
    return Counts(
        variables=(num_points + 2) ** 2 + points,
        constraints=points,
        jacobian=6 * points,
        hessian=points * (2 if EXAMPLES[example].control_price else 1),
    )


def _known(example: int, num_points: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"example": example, "num_points": num_points},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10 or less, the same discretization",
    )


RECORD = ProblemRecord(
    name="maurer_mittelmann_distributed_dirichlet",
    title="Maurer–Mittelmann distributed control, Dirichlet conditions",
    family="PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"example": 1, "num_points": 19},
        "medium": {"example": 1, "num_points": 99},
        "large": {"example": 1, "num_points": 224},
    },
    counts=counts,
    known=(
        _known(1, 24, 0.0496671269741),
        _known(2, 24, 0.0440797571554),
        _known(3, 24, 0.1101512320262),
        _known(4, 24, 0.1007964313520),
        _known(1, 49, 0.05779031343033762),
        _known(1, 99, 0.06216147038753147),
    ),
    reference="Maurer and Mittelmann (2001), Computational Optimization and Applications 18,"
    " doi:10.1023/A:1008774521095",
    options={"tol": 1e-11},  # the objective is small: complementarity must be smaller
    second_size={"example": 3, "num_points": 22},
    reduction=Reduction(
        states=("y",),
        by=("diffusion",),
        state_bounds="impose",
        size={"example": 1, "num_points": 9},
    ),
)
