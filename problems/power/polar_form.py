"""AC power flow with voltages in polar coordinates: flows, limits and counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.power.flow_equations import count_shunts, flows
from problems.power.power_network import Branches, PowerNetwork


def branch_flows(branches: Branches, va: Any, vm: Any) -> Any:
    """Return active and reactive flow into the branches, each of shape (2, branches)."""
    i, j = branches.from_bus, branches.to_bus
    angle, product = va[i] - va[j], vm[i] * vm[j]
    squared = (vm[i] ** 2, vm[j] ** 2)
    return flows(branches, squared, product * np.cos(angle), product * np.sin(angle))


def add_angle_limits(model: so.Model, branches: Branches, va: Any) -> None:
    """Limit the angle differences of the branches that have such limits."""
    limited = angle_limited(branches)
    if limited.size:
        difference = va[branches.from_bus[limited]] - va[branches.to_bus[limited]]
        lower, upper = branches.angle_lower[limited], branches.angle_upper[limited]
        model.subject_to(difference, lower=lower, upper=upper, name="angle_difference")


def angle_limited(branches: Branches) -> NDArray[np.intp]:
    """Return the indices of the branches with a limit of the angle difference."""
    return np.flatnonzero(np.isfinite(branches.angle_lower) | np.isfinite(branches.angle_upper))


def count_constraints(net: PowerNetwork) -> int:
    """Return how many rows there are."""
    num, rated = len(net.branches.rating), int(np.isfinite(net.branches.rating).sum())
    limited = angle_limited(net.branches).size
    return len(net.buses.reference) + 2 * net.num_buses + 4 * num + 2 * rated + limited


def count_jacobian(net: PowerNetwork) -> int:
    """Return the structural nonzeros of the Jacobian."""
    num, rated = len(net.branches.rating), int(np.isfinite(net.branches.rating).sum())
    balance = 2 * len(net.generators.bus) + count_shunts(net) + 4 * num
    limits = 4 * rated + 2 * angle_limited(net.branches).size
    return len(net.buses.reference) + balance + 20 * num + limits
