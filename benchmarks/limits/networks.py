"""Closed forms of problems on networks."""

from __future__ import annotations

from ctypes import c_double, c_long

import numpy as np

from benchmarks.limits.form import ClosedForm, Places, model_start, struct, together
from benchmarks.tools.interface import Pattern, Vector
from problems.power.power_network import Branches, PowerNetwork
from problems.power.stored_cases import network


def ac_opf(case: str) -> ClosedForm:
    """AC optimal power flow in polar form."""
    net = network(case)
    branches, gens, buses = net.branches, net.generators, net.buses
    limits = (branches.rating, branches.angle_lower, branches.angle_upper)
    ends = np.stack([branches.from_bus, branches.to_bus])
    if not np.isfinite(limits).all() or np.unique(ends).size < net.num_buses:
        raise NotImplementedError("the closed form is that of branches with both limits")
    pairs, pair = np.unique(np.sort(ends, axis=0), axis=1, return_inverse=True)
    pair, num_pairs = pair.ravel(), pairs.shape[1]
    swapped = ends[0] > ends[1]
    crossed = np.stack([pair + num_pairs * swapped, pair + num_pairs * ~swapped], axis=1)
    shunts = np.flatnonzero(buses.shunt_conductance), np.flatnonzero(buses.shunt_susceptance)
    quadratic, linear, constant = gens.cost.T
    curved = np.flatnonzero(quadratic)
    sizes = [len(gens.bus), net.num_branches, num_pairs, *(len(k) for k in (*shunts, curved))]
    places = (*ends, gens.bus, pair, crossed, *shunts, curved)
    demand = np.concatenate([buses.active_demand, buses.reactive_demand])
    shunted = buses.shunt_conductance[shunts[0]], buses.shunt_susceptance[shunts[1]]
    tables = [_flow_coefficients(branches), demand, *shunted, linear, quadratic]
    data, alive = struct(
        [*map(c_long, (net.num_buses, *sizes)), c_double(constant.sum())],
        [*(np.asarray(place, np.int32) for place in places), *tables],
    )
    rows = 2 * net.num_buses + 4 * net.num_branches
    offset = np.concatenate([np.zeros(rows), np.tile(branches.rating**2, 2), branches.angle_lower])
    return ClosedForm(
        start=model_start("ac_opf", {"case": case}),
        num_constraints=offset.size,
        scalars=[data],
        jacobian=_jacobian(net, *shunts),
        hessian=_hessian(net, pairs, curved),
        alive=alive,
        constraint_offset=offset,
    )


def _flow_coefficients(branches: Branches) -> Vector:
    """Return what flows are made of: k0, k1, k2, k3, a, c, e, f of all branches."""
    g, b, half = branches.conductance, branches.susceptance, branches.charging / 2
    tr, ti, t2 = branches.tap_real, branches.tap_imaginary, branches.tap_squared
    squares = [g / t2, -(b + half) / t2, g, -(b + half)]
    products = [-g * tr + b * ti, -b * tr - g * ti, -g * tr - b * ti, -b * tr + g * ti]
    return np.stack([*squares, *(product / t2 for product in products)])


def _jacobian(net: PowerNetwork, active_shunt: Places, reactive_shunt: Places) -> Pattern:
    n, num = net.num_buses, net.num_branches
    i, j = net.branches.from_bus, net.branches.to_bus
    gen, line, flow = np.arange(len(net.generators.bus)), np.arange(num), np.arange(2 * num)
    ends, first = np.concatenate([i, j]), 2 * (n + gen.size)
    entries = []
    for k, shunt in enumerate((active_shunt, reactive_shunt)):
        entries += [
            (net.generators.bus + k * n, gen + 2 * n + k * gen.size),
            (ends + k * n, flow + first + k * flow.size),
            (shunt + k * n, shunt + n),
        ]
    for kind in range(4):
        rows = line + 2 * n + kind * num
        entries += [(rows, c) for c in (line + first + kind * num, i + n, j + n, i, j)]
    squared, difference = flow + 2 * n + 4 * num, line + 2 * n + 6 * num
    entries += [(squared, flow + first), (squared, flow + first + flow.size)]
    return together([*entries, (difference, i), (difference, j)])


def _hessian(net: PowerNetwork, pairs: Places, curved: Places) -> Pattern:
    n, bus, flow = net.num_buses, np.arange(net.num_buses), np.arange(4 * net.num_branches)
    low, high = pairs
    flow += 2 * (n + len(net.generators.bus))
    own = [(bus, bus), (bus + n, bus), (bus + n, bus + n)]
    far = [(high, low), (high + n, low + n), (low + n, high), (high + n, low)]
    return together([*own, *far, (flow, flow), (curved + 2 * n, curved + 2 * n)])
