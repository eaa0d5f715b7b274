"""Tammes' problem: points on the unit sphere whose smallest distance is as large as possible.

    maximize    d
    subject to  |x_i - x_j|^2 >= d^2,   i < j
                |x_i|^2 == 1,   d >= 0

Equal caps of angular radius arcsin(d / 2) around the points do not overlap, so this packs caps, or
spheres that touch the unit sphere. Lengths are in radii. Every pair of points has a constraint. The
start is N independent directions, normal random numbers from `seed`, and d = 0.

There are many local optima, more as N grows, and which one is reached depends on the seed and on
the solver. Proven optima: N = 4, 6, 12 are the regular tetrahedron, octahedron and icosahedron (L.
Fejes Tóth, Über eine Abschätzung des kürzesten Abstandes zweier Punkte eines auf einer Kugelfläche
liegenden Punktsystems, Jahresbericht der Deutschen Mathematiker-Vereinigung 53 (1943) 66-68); N = 8
is the square antiprism (K. Schütte and B. L. van der Waerden, Auf welcher Kugel haben 5, 6, 7, 8
oder 9 Punkte mit Mindestabstand Eins Platz?, Mathematische Annalen 123 (1951),
doi:10.1007/BF02054944); N = 24 is the snub cube (R. M. Robinson, Arrangement of 24 points on a
sphere, Mathematische Annalen 144 (1961), doi:10.1007/BF01396539).

Source: P. M. L. Tammes, On the origin of number and arrangement of the places of exit on the
surface of pollen-grains, Recueil des travaux botaniques néerlandais 27 (1930) 1-84. Values of
further N: N. J. A. Sloane, Spherical codes, tables of packings in three dimensions.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

# The real root of t^3 = t^2 + t + 1; a snub cube of unit edge has this circumscribed sphere.
TRIBONACCI = (1 + np.cbrt(19 + 3 * np.sqrt(33)) + np.cbrt(19 - 3 * np.sqrt(33))) / 3
SNUB_CUBE_RADIUS = np.sqrt((3 - TRIBONACCI) / (4 * (2 - TRIBONACCI)))
ICOSAHEDRON_EDGE = 4 / np.sqrt(10 + 2 * np.sqrt(5))
ANTIPRISM_EDGE = np.sqrt((16 - 4 * np.sqrt(2)) / 7)


@checked(num_points=2, seed=0)
def build(num_points: int = 12, seed: int = 0) -> so.Model:
    """Return the model with `num_points` points from a random start."""
    start = np.random.default_rng(seed).standard_normal((num_points, 3))
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    model = so.Model("sphere_packing")
    x = model.variable("x", shape=(num_points, 3), start=start)
    d = model.variable("d", lower=0.0)
    i, j = np.triu_indices(num_points, k=1)
    model.maximize(d)
    model.subject_to(np.sum((x[i] - x[j]) ** 2, axis=1) >= d**2, name="distance")
    model.subject_to(np.sum(x**2, axis=1) == 1, name="sphere")
    return model


def counts(num_points: int = 12, seed: int = 0) -> Counts:
    """Return the counts: every two points interact, coordinate by coordinate."""
    pairs = num_points * (num_points - 1) // 2
    return Counts(
        variables=3 * num_points + 1,
        constraints=pairs + num_points,
        jacobian=7 * pairs + 3 * num_points,
        hessian=3 * (num_points + pairs) + 1,
    )


def _known(num_points: int, value: float, source: str, doi: str = "") -> KnownObjective:
    size = {"num_points": num_points, "seed": 0}
    return KnownObjective(size, float(value), 1e-7, f"global optimum, exact: {source}", doi)


RECORD = ProblemRecord(
    name="sphere_packing",
    title="points on a sphere with the largest smallest distance (Tammes)",
    family="packing, all pairs, nonconvex",
    sense="maximize",
    build=build,
    sizes={
        "small": {"num_points": 12, "seed": 0},
        "medium": {"num_points": 100, "seed": 0},
        "large": {"num_points": 600, "seed": 0},
    },
    counts=counts,
    known=(
        _known(12, ICOSAHEDRON_EDGE, "icosahedron, Fejes Tóth (1943)"),
        _known(4, np.sqrt(8 / 3), "tetrahedron, Fejes Tóth (1943)"),
        _known(
            8, ANTIPRISM_EDGE, "antiprism, Schütte, van der Waerden (1951)", "10.1007/BF02054944"
        ),
        _known(24, 1 / SNUB_CUBE_RADIUS, "snub cube, Robinson (1961)", "10.1007/BF01396539"),
    ),
    reference="Tammes (1930); Robinson (1961), doi:10.1007/BF01396539",
    second_size={"num_points": 24, "seed": 0},
    solved_sizes=("small", "medium"),
)
