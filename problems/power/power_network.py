"""A transmission network in per unit, made from a MATPOWER case.

Powers are divided by the base power, angles are in radians. A branch is a pi circuit with an ideal
transformer at its "from" end (MATPOWER manual, section 3.2; doi:10.1109/TPWRS.2010.2051168).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from problems.power.case_text import Matrix
from problems.power.matpower import MatpowerCase

Vector = NDArray[np.float64]
Index = NDArray[np.intp]
REFERENCE_BUS = 3
POLYNOMIAL_COST = 2
NO_ANGLE_LIMIT = 360.0
NO_RATING = 1e10


@dataclass(frozen=True)
class Buses:
    """Demand, shunts and voltage limits of the buses, per unit; `reference` holds their indices."""

    active_demand: Vector
    reactive_demand: Vector
    shunt_conductance: Vector
    shunt_susceptance: Vector
    voltage_lower: Vector
    voltage_upper: Vector
    reference: Index


@dataclass(frozen=True)
class Generators:
    """Place, limits [per unit] and costs [$/h, of per-unit active power] of the generators."""

    bus: Index
    active_lower: Vector
    active_upper: Vector
    reactive_lower: Vector
    reactive_upper: Vector
    cost: NDArray[np.float64]


@dataclass(frozen=True)
class Branches:
    """Ends, admittances [per unit] and limits of the branches; `inf` means no limit."""

    from_bus: Index
    to_bus: Index
    conductance: Vector
    susceptance: Vector
    charging: Vector
    tap_real: Vector
    tap_imaginary: Vector
    rating: Vector
    angle_lower: Vector
    angle_upper: Vector

    @property
    def tap_squared(self) -> Vector:
        """Return the squared magnitude of the tap ratio."""
        return self.tap_real**2 + self.tap_imaginary**2


@dataclass(frozen=True, eq=False)
class PowerNetwork:
    """Buses, generators and branches of one case."""

    name: str
    buses: Buses
    generators: Generators
    branches: Branches

    @property
    def num_buses(self) -> int:
        """Return the number of buses."""
        return len(self.buses.active_demand)

    @property
    def num_branches(self) -> int:
        """Return the number of branches."""
        return len(self.branches.rating)

    def at_buses(self, bus: Index) -> sp.csr_array:
        """Return the matrix that sums values of equipment at these buses over each bus."""
        columns = np.arange(len(bus))
        shape = (self.num_buses, len(bus))
        return sp.csr_array((np.ones(len(bus)), (bus, columns)), shape=shape)


def per_unit_network(case: MatpowerCase) -> PowerNetwork:
    """Return the network of a case in per unit.

    Every island has a reference bus: where the case names none, its bus of the largest generator.

    Raises
    ------
    CaseFileError
        With file and line, for costs that are not polynomials up to degree 2, and for branches
        without impedance or from a bus to itself.
    """
    net = PowerNetwork(case.name, _buses(case), _generators(case), _branches(case))
    return replace(net, buses=replace(net.buses, reference=_references(net)))


def _references(net: PowerNetwork) -> Index:
    """Return the reference buses of the case, and one for every island that lacks one."""
    ends = (net.branches.from_bus, net.branches.to_bus)
    graph = sp.coo_array((np.ones(len(ends[0])), ends), shape=(net.num_buses, net.num_buses))
    island = connected_components(graph, directed=False)[1]
    named, gens = net.buses.reference, net.generators
    rank = np.argsort(-gens.active_upper, kind="stable")
    by_preference = np.concatenate([gens.bus[rank], np.arange(net.num_buses)])
    candidates = by_preference[~np.isin(island[by_preference], island[named])]
    first = np.unique(island[candidates], return_index=True)[1]
    return np.sort(np.concatenate([named, candidates[first]]))


def _buses(case: MatpowerCase) -> Buses:
    bus = case.bus
    active, reactive, conductance, susceptance = bus[:, 2:6].T / case.base_mva
    return Buses(
        active_demand=active,
        reactive_demand=reactive,
        shunt_conductance=conductance,
        shunt_susceptance=susceptance,
        voltage_lower=bus[:, 12],
        voltage_upper=bus[:, 11],
        reference=np.flatnonzero(bus[:, 1] == REFERENCE_BUS),
    )


def _generators(case: MatpowerCase) -> Generators:
    gen, base = case.gen, case.base_mva
    return Generators(
        bus=case.bus_positions(gen[:, 0]),
        active_lower=gen[:, 9] / base,
        active_upper=gen[:, 8] / base,
        reactive_lower=gen[:, 4] / base,
        reactive_upper=gen[:, 3] / base,
        cost=_quadratic_costs(case) * np.array([base**2, base, 1.0]),
    )


def _quadratic_costs(case: MatpowerCase) -> Matrix:
    """Return (c2, c1, c0) of cost rows: model, start-up, shut-down, count, c_k … c_0."""
    costs = case.gencost
    fault = "is not a polynomial: piecewise linear costs are not modeled"
    case.refuse("gencost", costs[:, 0] != POLYNOMIAL_COST, fault)
    found, is_higher = np.zeros((len(costs), 3)), np.zeros(len(costs), bool)
    for row, cost in enumerate(costs):
        coefficients = cost[4 : 4 + int(cost[3])]
        lowest = coefficients[-3:]
        found[row, 3 - len(lowest) :] = lowest
        is_higher[row] = np.any(coefficients[:-3] != 0)
    case.refuse("gencost", is_higher, "is not a polynomial up to degree 2")
    return found


def _branches(case: MatpowerCase) -> Branches:
    branch = case.branch
    shorted = (branch[:, 2] == 0) & (branch[:, 3] == 0)
    case.refuse("branch", shorted, "has no impedance")
    case.refuse("branch", branch[:, 0] == branch[:, 1], "ends where it begins")
    admittance = 1 / (branch[:, 2] + 1j * branch[:, 3])
    ratio = np.where(branch[:, 8] == 0, 1.0, branch[:, 8])
    tap = ratio * np.exp(1j * np.radians(branch[:, 9]))
    lower, upper = _angle_limits(branch)
    unrated = (branch[:, 5] == 0) | (branch[:, 5] >= NO_RATING)
    return Branches(
        from_bus=case.bus_positions(branch[:, 0]),
        to_bus=case.bus_positions(branch[:, 1]),
        conductance=admittance.real,
        susceptance=admittance.imag,
        charging=branch[:, 4],
        tap_real=tap.real,
        tap_imaginary=tap.imag,
        rating=np.where(unrated, np.inf, branch[:, 5] / case.base_mva),
        angle_lower=lower,
        angle_upper=upper,
    )


def _angle_limits(branch: Matrix) -> tuple[Vector, Vector]:
    """Return the angle difference limits [rad]; 0 to 0, or a full turn and more, means none."""
    if branch.shape[1] < 13:
        none = np.full(len(branch), np.inf)
        return -none, none
    low, high = branch[:, 11], branch[:, 12]
    unset = (low == 0) & (high == 0)
    lower = np.where(unset | (low <= -NO_ANGLE_LIMIT), -np.inf, np.radians(low))
    upper = np.where(unset | (high >= NO_ANGLE_LIMIT), np.inf, np.radians(high))
    return lower, upper
