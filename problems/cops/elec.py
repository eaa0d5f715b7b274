"""Electrons on a sphere (COPS): the Thomson problem, least Coulomb energy of n points.

    minimize    sum_{i<j} 1 / |p_i - p_j|
    subject to  |p_i|^2 == 1,   i = 1 … n

with positions p_i in space. Every electron acts on every other, so the Hessian is dense; the number
of local optima grows exponentially with n. All quantities are dimensionless.

COPS starts from points that are random in longitude and colatitude. The start here is drawn in the
same way, with a fixed seed; from it, IPOPT ends at the best known optimum for the sizes listed in
the record as such.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Distribution of
Electrons on a Sphere"; energies: D. J. Wales and S. Ulker, Structure and dynamics of spherical
crystals characterized for the Thomson problem, Physical Review B 74 (2006),
doi:10.1103/PhysRevB.74.212101.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

SEED = 0


@checked(num_electrons=2)
def build(num_electrons: int = 25) -> so.Model:
    """Return the model with `num_electrons` electrons."""
    model = so.Model("elec")
    p = model.variable("p", shape=(num_electrons, 3), start=random_points(num_electrons))
    i, j = np.triu_indices(num_electrons, k=1)
    distance = np.sqrt(np.sum((p[i] - p[j]) ** 2, axis=1))
    model.minimize(np.sum(1 / distance))
    model.subject_to(np.sum(p**2, axis=1) == 1, name="sphere")
    return model


def random_points(num_points: int) -> Any:
    """Return points on the sphere, uniform in longitude and colatitude: shape (num_points, 3)."""
    random = np.random.default_rng(SEED)
    longitude = random.uniform(0, 2 * np.pi, num_points)
    colatitude = random.uniform(0, np.pi, num_points)
    radius = np.sin(colatitude)
    return np.stack(
        [np.cos(longitude) * radius, np.sin(longitude) * radius, np.cos(colatitude)], axis=1
    )


def counts(num_electrons: int = 25) -> Counts:
    """Return the counts: the Hessian is dense."""
    num_variables = 3 * num_electrons
    return Counts(
        variables=num_variables,
        constraints=num_electrons,
        jacobian=num_variables,
        hessian=num_variables * (num_variables + 1) // 2,
    )


def _best_known(num_electrons: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_electrons": num_electrons},
        value=value,
        relative_tolerance=1e-8,
        source="best known energy of the Thomson problem, Wales and Ulker (2006)",
        doi="10.1103/PhysRevB.74.212101",
    )


RECORD = ProblemRecord(
    name="elec",
    title="electrons on a sphere, dense Hessian (COPS)",
    family="dense, nonconvex",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_electrons": 25},
        "medium": {"num_electrons": 100},
        "large": {"num_electrons": 400},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"num_electrons": 50},
            value=1055.2,
            relative_tolerance=5e-5,
            source="COPS 3.0 report; best known energy 1055.182314726",
            doi="10.2172/834714",
        ),
        _best_known(25, 243.812760299),
        _best_known(100, 4448.350634331),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
)
