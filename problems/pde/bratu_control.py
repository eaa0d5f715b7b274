"""Distributed control of the Bratu equation: drive a self-heating square to a target.

    minimize    1/2 int (u - u_d)^2 + alpha/2 int f^2
    subject to  -Laplace u - lambda exp(u) == f  in (0, 1)^2,   u == 0 on the boundary
                |f| <= f_max

discretized with the five-point stencil on N x N interior points, spacing h = 1/(N + 1); integrals
are sums times h^2. State u and control f are both variables.

Constants (dimensionless): lambda = 2, below the critical 6.808 of the uncontrolled equation; u_d =
1, target; alpha = 1e-3, price of the control; f_max = 25, limit of the control.

Source: the equation is Bratu's (G. Bratu, Sur les équations intégrales non linéaires, Bulletin de
la Société Mathématique de France 42 (1914), doi:10.24033/bsmf.943); the control problem has the
common tracking form (F. Tröltzsch, Optimal Control of Partial Differential Equations, AMS (2010),
doi:10.1090/gsm/112), with constants of our own choice. There is no published value.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

REACTION = 2.0
TARGET = 1.0
CONTROL_PRICE = 1e-3
MAXIMAL_CONTROL = 25.0


@checked(num_points=1)
def build(num_points: int = 20) -> so.Model:
    """Return the model with num_points by num_points interior grid points."""
    spacing = 1.0 / (num_points + 1)
    shape = (num_points, num_points)
    model = so.Model("bratu_control")
    u = model.variable("u", shape=shape)
    f = model.variable("f", shape=shape, lower=-MAXIMAL_CONTROL, upper=MAXIMAL_CONTROL)
    model.minimize(0.5 * spacing**2 * (np.sum((u - TARGET) ** 2) + CONTROL_PRICE * np.sum(f**2)))
    v = np.pad(u, 1)
    laplacian = v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:] - 4 * u
    model.subject_to(-laplacian - spacing**2 * (REACTION * np.exp(u) + f) == 0, name="bratu")
    return model


def counts(num_points: int = 20) -> Counts:
    """Return the counts: a five-point stencil and the control in each row, a diagonal Hessian."""
    points = num_points**2
    return Counts(
        variables=2 * points,
        constraints=points,
        jacobian=6 * points - 4 * num_points,
        hessian=2 * points,
    )


def _known(num_points: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_points": num_points},
        value=value,
        relative_tolerance=1e-6,
        source="this project, with CasADi 3.8.2 and IPOPT 3.14.19, tolerance 1e-10; not published",
    )


RECORD = ProblemRecord(
    name="bratu_control",
    title="distributed control of the Bratu equation in two dimensions",
    family="PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_points": 20},
        "medium": {"num_points": 100},
        "large": {"num_points": 400},
    },
    counts=counts,
    known=(
        _known(20, 0.17048844557702),
        _known(100, 0.20513934793737),
        _known(400, 0.21241674066011),
    ),
    reference="Bratu (1914), doi:10.24033/bsmf.943; Tröltzsch (2010), doi:10.1090/gsm/112",
    reduction=Reduction(states=("u",), by=("bratu",)),
)
