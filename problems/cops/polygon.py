"""Largest small polygon (COPS): the polygon of greatest area whose diameter is at most one.

    maximize    1/2 sum_{i=1}^{N-1} r_i r_{i+1} sin(t_{i+1} - t_i)
    subject to  r_i^2 + r_j^2 - 2 r_i r_j cos(t_i - t_j) <= 1,    i < j
                t_i <= t_{i+1},   t_N == pi,   r_N == 0,   0 <= r_i <= 1,   0 <= t_i <= pi
    start       r_i = 4 i (N + 1 - i) / (N + 1)^2,   t_i = pi i / N

with the vertices in polar coordinates (r_i, t_i) around the last one; angles in radians, lengths in
units of the diameter. Every pair of vertices has a constraint.

There are many local optima, so there is a second start: the regular polygon, for even N with one
more vertex between two others. For odd N it is optimal (K. Reinhardt, Extremale Polygone gegebenen
Durchmessers, Jahresbericht der Deutschen Mathematiker-Vereinigung 31 (1922) 251-270), with area
N/8 sin(2 pi / N) / cos^2(pi / (2 N)). For even N it is not: R. L. Graham, The largest small
hexagon, Journal of Combinatorial Theory A 18 (1975), doi:10.1016/0097-3165(75)90004-7. The interior
point method leaves either start for worse optima unless it begins with a small barrier parameter.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 1.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

DIAMETER = 1.0
Start = Literal["cops", "regular"]


@checked(num_vertices=3, start=get_args(Start))
def build(num_vertices: int = 25, start: Start = "cops") -> so.Model:
    """Return the model with `num_vertices` vertices, the last of which is the origin."""
    radii, angles = _cops_start(num_vertices) if start == "cops" else _regular_start(num_vertices)
    model = so.Model("polygon")
    r = model.variable("r", num_vertices, lower=0.0, upper=DIAMETER, start=radii)
    t = model.variable("t", num_vertices, lower=0.0, upper=np.pi, start=angles)
    model.maximize(0.5 * np.sum(r[:-1] * r[1:] * np.sin(t[1:] - t[:-1])))
    model.subject_to(r[-1] == 0, name="origin")
    model.subject_to(t[-1] == np.pi, name="last_angle")
    model.subject_to(t[1:] - t[:-1] >= 0, name="order")
    first, second = np.triu_indices(num_vertices, k=1)
    squared = r[first] ** 2 + r[second] ** 2
    product = 2 * r[first] * r[second] * np.cos(t[first] - t[second])
    model.subject_to(squared - product <= DIAMETER**2, name="diameter")
    return model


def _cops_start(num_vertices: int) -> tuple[Any, Any]:
    i = np.arange(1, num_vertices + 1)
    return 4 * i * (num_vertices + 1 - i) / (num_vertices + 1) ** 2, np.pi * i / num_vertices


def _regular_start(num_vertices: int) -> tuple[Any, Any]:
    """Return radii and angles of the regular polygon with the largest odd number of vertices.

    Chords through the origin of a circle that touches the axis at angle 0 make an inscribed angle
    with that axis, hence t = pi k / n and r = 2 R sin t.
    """
    odd = num_vertices - 1 + num_vertices % 2
    angles = np.pi * np.arange(1, odd + 1) / odd
    radii = DIAMETER / np.cos(np.pi / (2 * odd)) * np.sin(angles)
    radii[-1] = 0.0
    if num_vertices > odd:
        between = odd // 2
        angles = np.insert(angles, between, angles[between - 1 : between + 1].mean())
        radii = np.insert(radii, between, DIAMETER)
    return radii, angles


def counts(num_vertices: int = 25, start: Start = "cops") -> Counts:
    """Return the counts: every two vertices interact, with their radii and angles."""
    pairs = num_vertices * (num_vertices - 1) // 2
    return Counts(
        variables=2 * num_vertices,
        constraints=2 + num_vertices - 1 + pairs,
        jacobian=2 + 2 * (num_vertices - 1) + 4 * pairs,
        hessian=4 * pairs + 3 * num_vertices,
        single_entry_rows=2,
    )


def regular_area(num_vertices: int) -> float:
    """Return the area of the regular polygon of unit diameter, for an odd number of vertices."""
    angle = np.pi / num_vertices
    return float(num_vertices / 8 * np.sin(2 * angle) / np.cos(angle / 2) ** 2)


def _known(num_vertices: int, value: float, source: str, doi: str) -> KnownObjective:
    size = {"num_vertices": num_vertices, "start": "cops"}
    return KnownObjective(size, value, 1e-6, source, doi)


RECORD = ProblemRecord(
    name="polygon",
    title="largest small polygon (COPS)",
    family="all pairs, nonconvex",
    sense="maximize",
    build=build,
    sizes={
        "small": {"num_vertices": 25, "start": "cops"},
        "medium": {"num_vertices": 100, "start": "cops"},
        "large": {"num_vertices": 500, "start": "cops"},
    },
    counts=counts,
    known=(
        _known(6, 0.6749814, "global optimum: Graham (1975)", "10.1016/0097-3165(75)90004-7"),
        _known(
            8,
            0.726868,
            "global optimum: Audet, Hansen, Messine, Xiong (2002)",
            "10.1006/jcta.2001.3225",
        ),
        KnownObjective(
            size={"num_vertices": 25, "start": "cops"},
            value=0.7797405407,
            relative_tolerance=2e-6,
            source="MINLPLib polygon25, best known there, a local optimum that the solver's path"
            " must meet; the global one is the regular polygon's",
            doi="10.2172/834714",
            best=regular_area(25),
        ),
        KnownObjective(
            size={"num_vertices": 25, "start": "regular"},
            value=regular_area(25),
            relative_tolerance=1e-7,
            source="global optimum, in closed form: Reinhardt (1922)",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
    second_size={"num_vertices": 6, "start": "regular"},
    options={
        "mu_init": 1e-6,
        "bound_push": 1e-6,
        "bound_frac": 1e-6,
        "slack_bound_push": 1e-6,
        "slack_bound_frac": 1e-6,
    },
)
