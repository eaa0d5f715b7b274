"""Cam shape (COPS): the cam of greatest area that opens a valve as required.

    maximize    pi R_v / n  sum_i r_i
    subject to  R_min <= r_i <= R_max
                2 r_{i-1} r_{i+1} cos d <= r_i (r_{i-1} + r_{i+1}),     i = 0 … n+1   (convex)
                -alpha d <= r_{i+1} - r_i <= alpha d,                   i = 0 … n     (curvature)

with radii r_i of the cam at n equally spaced angles, d = 2 pi / (5 (n + 1)) apart, over two fifths
of a turn; elsewhere the cam is a circle, so r_{-1} = r_0 = R_min and r_{n+1} = R_max; the outermost
row of convexity mirrors the cam: r_{n+2} = r_n.

Constants (dimensionless): R_min = 1 and R_max = 2, radii; R_v = 1, size of the valve's opening;
alpha = 1.5, greatest slope.

The area is very sensitive to how far the rows may be violated: with IPOPT's usual relaxation of
bounds by 1e-8, half of the digits of published values for n >= 400 are lost. The value 4.2791 that
circulates for n = 1000 is none of this discrete problem, whose optima fall with n to 4.2729.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Cam Shape"; M.
Anitescu and R. Serban, A sparse superlinearly convergent SQP with applications to two-dimensional
shape optimization, Argonne National Laboratory (1998).
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

MINIMAL_RADIUS = 1.0
MAXIMAL_RADIUS = 2.0
VALVE = 1.0
SLOPE = 1.5


@checked(num_angles=2)
def build(num_angles: int = 100) -> so.Model:
    """Return the model with radii at `num_angles` angles."""
    model = so.Model("camshape")
    spacing = 2 * np.pi / (5 * (num_angles + 1))
    start = (MINIMAL_RADIUS + MAXIMAL_RADIUS) / 2
    r = model.variable("r", num_angles, MINIMAL_RADIUS, MAXIMAL_RADIUS, start=start)
    model.maximize(np.pi * VALVE / num_angles * np.sum(r))
    around = np.concatenate([[MINIMAL_RADIUS, MINIMAL_RADIUS], r, [MAXIMAL_RADIUS], r[-1:]])
    left, middle, right = around[:-2], around[1:-1], around[2:]
    chord = 2 * np.cos(spacing) * left * right
    model.subject_to(chord - middle * (left + right) <= 0, name="convexity")
    slope = SLOPE * spacing
    model.subject_to(np.diff(around[1:-1]), lower=-slope, upper=slope, name="curvature")
    return model


def counts(num_angles: int = 100) -> Counts:
    """Return the counts; neighbors and next neighbors are coupled, the last radius is squared.

    The first row of convexity is linear in one radius as well, but written as a product.
    """
    return Counts(
        variables=num_angles,
        constraints=2 * num_angles + 3,
        jacobian=5 * num_angles,
        hessian=2 * num_angles - 2,
        single_entry_rows=2,
    )


def _known(num_angles: int, value: float, source: str) -> KnownObjective:
    return KnownObjective(
        size={"num_angles": num_angles},
        value=value,
        relative_tolerance=1e-6,
        source=f"CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-12, bounds not relaxed; {source}",
        doi="10.2172/834714",
    )


RECORD = ProblemRecord(
    name="camshape",
    title="cam of greatest area (COPS)",
    family="shape optimization",
    sense="maximize",
    build=build,
    sizes={
        "small": {"num_angles": 100},
        "medium": {"num_angles": 1000},
        "large": {"num_angles": 100_000},
    },
    counts=counts,
    known=(
        _known(100, 4.284147121747887, "MINLPLib camshape100: 4.284147122"),
        _known(200, 4.278500232964383, "MINLPLib camshape200: 4.278500233"),
        _known(400, 4.275688479100254, "MINLPLib's 4.275696633 has relaxed bounds"),
        _known(800, 4.274274141613018, "MINLPLib's 4.274306866 has relaxed bounds"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
    options={"bound_relax_factor": 0.0},
)
