"""Parts that the forms of AC optimal power flow have in common, in NumPy.

Arrays of branch flows have shape (2, branches): into the branch at its "from" and at its "to" end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.power.power_network import Branches, PowerNetwork


def generation_cost(net: PowerNetwork, pg: Any) -> Any:
    """Return the cost of the active generation `pg` [$/h]."""
    quadratic, linear, constant = net.generators.cost.T
    curved = np.flatnonzero(quadratic)
    cost = np.sum(linear * pg) + np.sum(constant)
    return cost + np.sum(quadratic[curved] * pg[curved] ** 2) if curved.size else cost


def flows(branches: Branches, squared: tuple[Any, Any], real: Any, imaginary: Any) -> Any:
    """Return active and reactive flows of the pi circuits.

    Parameters
    ----------
    branches : Branches
        The circuits.
    squared : tuple of two arrays, shape (branches,)
        |V_i|^2 and |V_j|^2 of their buses.
    real, imaginary : array, shape (branches,)
        Parts of V_i V_j*.
    """
    g, b, bc = branches.conductance, branches.susceptance, branches.charging
    tr, ti, t2 = branches.tap_real, branches.tap_imaginary, branches.tap_squared
    a, c = (-g * tr + b * ti) / t2, (-b * tr - g * ti) / t2
    d, e = (-g * tr - b * ti) / t2, (-b * tr + g * ti) / t2
    active_from = g / t2 * squared[0] + a * real + c * imaginary
    reactive_from = -(b + bc / 2) / t2 * squared[0] - c * real + a * imaginary
    active_to = g * squared[1] + d * real - e * imaginary
    reactive_to = -(b + bc / 2) * squared[1] - e * real - d * imaginary
    return np.stack([active_from, active_to]), np.stack([reactive_from, reactive_to])


def add_balance(
    model: so.Model, net: PowerNetwork, squared: Any, generation: tuple[Any, Any], p: Any, q: Any
) -> None:
    """Add the power balance; `squared` is |V|^2, `generation` is active and reactive."""
    buses, branches = net.buses, net.branches
    at_generators = net.at_buses(net.generators.bus)
    at_ends = net.at_buses(np.concatenate([branches.from_bus, branches.to_bus]))
    active = at_generators @ generation[0] - at_ends @ p.ravel() - buses.active_demand
    reactive = at_generators @ generation[1] - at_ends @ q.ravel() - buses.reactive_demand
    shunts = np.flatnonzero(buses.shunt_conductance)
    if shunts.size:
        active = active - net.at_buses(shunts) @ (buses.shunt_conductance[shunts] * squared[shunts])
    shunts = np.flatnonzero(buses.shunt_susceptance)
    if shunts.size:
        drawn = buses.shunt_susceptance[shunts] * squared[shunts]
        reactive = reactive + net.at_buses(shunts) @ drawn
    model.subject_to(active == 0, name="active_balance")
    model.subject_to(reactive == 0, name="reactive_balance")


def add_thermal_limits(model: so.Model, branches: Branches, p: Any, q: Any) -> None:
    """Limit the apparent power at both ends of the branches that have a rating."""
    rated = np.flatnonzero(np.isfinite(branches.rating))
    if rated.size:
        squared = p[:, rated] ** 2 + q[:, rated] ** 2
        model.subject_to(squared <= branches.rating[rated] ** 2, name="thermal_limit")


def count_pairs(branches: Branches) -> int:
    """Return how many pairs of buses have a branch between them."""
    ends = np.sort(np.stack([branches.from_bus, branches.to_bus]), axis=0)
    return int(np.unique(ends, axis=1).shape[1])


def count_shunts(net: PowerNetwork) -> int:
    """Return how many shunt conductances and susceptances there are."""
    buses = net.buses
    return int(
        np.count_nonzero(buses.shunt_conductance) + np.count_nonzero(buses.shunt_susceptance)
    )
