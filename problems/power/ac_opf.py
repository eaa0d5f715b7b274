"""AC optimal power flow, polar form, on a PGLib-OPF or MATPOWER network.

Variables, per unit and radians: voltage angle `va` and magnitude `vm` at every bus, active and
reactive generation `pg`, `qg`, and active and reactive flow `p`, `q` into every branch at its two
ends (first row: "from" end, second row: "to" end). With series admittance g + i b, charging
susceptance bc, and tap ratio T = tr + i ti of a branch from bus i to bus j:

    minimize    sum_k  c2_k pg_k^2 + c1_k pg_k + c0_k    [$/h]
    subject to  va_r == 0 at the reference bus
                sum_{k at i} pg_k - pd_i - gs_i vm_i^2 == sum of p at branch ends at i
                sum_{k at i} qg_k - qd_i + bs_i vm_i^2 == sum of q at branch ends at i
                p, q at both ends == flows of the pi circuit, from
                    S_ij = (Y* - i bc/2) vm_i^2 / |T|^2 - Y* V_i V_j* / T
                    S_ji = (Y* - i bc/2) vm_j^2 - Y* V_i* V_j / T*,    Y = g + i b
                p^2 + q^2 <= rating^2 at both ends of branches with a rating
                angle limits on va_i - va_j of branches that have them
                bounds on vm, pg, qg; |p|, |q| <= rating

Constants come from the case file. Source of the formulation: S. Babaeinejadsarookolaee et al., The
Power Grid Library for Benchmarking AC Optimal Power Flow Algorithms (2019),
doi:10.48550/arXiv.1908.02788, model 1.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

import sparseopt as so
from problems.power.matpower import read_case
from problems.power.power_network import Branches, PowerNetwork, per_unit_network
from problems.record import Counts, KnownObjective, ProblemRecord

DATA = Path(__file__).parent / "data"
STORED_CASES = {
    "case5": DATA / "pglib_opf_case5_pjm.m",
    "case14": DATA / "pglib_opf_case14_ieee.m",
    "case118": DATA / "pglib_opf_case118_ieee.m",
    "case1354": DATA / "pglib_opf_case1354_pegase.m.gz",
}


def network(case: str = "case14") -> PowerNetwork:
    """Return the network of a stored case, or of the MATPOWER file at the path `case`."""
    return per_unit_network(read_case(_stored(case) or Path(case)))


def _stored(case: str) -> Path | None:
    """Return the stored file of "case118", and of spellings such as "pglib_opf_case118_ieee"."""
    number = re.match(r"(?:pglib_opf_)?(case\d+)(?:_?[a-z]+)?$", case)
    return STORED_CASES.get(number.group(1)) if number else None


def build(case: str = "case14") -> so.Model:
    """Return the model of a stored case ("case5", "case14", "case118", "case1354") or of a file."""
    net = network(case)
    model = so.Model(f"ac_opf_{net.name}")
    va, vm, pg, qg, p, q = _variables(model, net)
    model.minimize(_cost(net, pg))
    model.subject_to(va[net.buses.reference] == 0, name="reference")
    _add_balance(model, net, vm, pg, qg, p, q)
    active, reactive = branch_flows(net.branches, va, vm)
    model.subject_to(p == active, name="active_flow")
    model.subject_to(q == reactive, name="reactive_flow")
    _add_limits(model, net.branches, va, p, q)
    return model


def _variables(model: so.Model, net: PowerNetwork) -> tuple[Any, ...]:
    buses, gens, rating = net.buses, net.generators, net.branches.rating
    ends = (2, len(rating))
    return (
        model.variable("va", shape=net.num_buses),
        model.variable("vm", net.num_buses, buses.voltage_lower, buses.voltage_upper, start=1.0),
        model.variable("pg", len(gens.bus), gens.active_lower, gens.active_upper),
        model.variable("qg", len(gens.bus), gens.reactive_lower, gens.reactive_upper),
        model.variable("p", ends, -rating, rating),
        model.variable("q", ends, -rating, rating),
    )


def _cost(net: PowerNetwork, pg: Any) -> Any:
    quadratic, linear, constant = net.generators.cost.T
    curved = np.flatnonzero(quadratic)
    cost = np.sum(linear * pg) + np.sum(constant)
    return cost + np.sum(quadratic[curved] * pg[curved] ** 2) if curved.size else cost


def _add_balance(
    model: so.Model, net: PowerNetwork, vm: Any, pg: Any, qg: Any, p: Any, q: Any
) -> None:
    buses, branches = net.buses, net.branches
    at_generators = net.at_buses(net.generators.bus)
    at_ends = net.at_buses(np.concatenate([branches.from_bus, branches.to_bus]))
    active = at_generators @ pg - at_ends @ p.ravel() - buses.active_demand
    reactive = at_generators @ qg - at_ends @ q.ravel() - buses.reactive_demand
    shunts = np.flatnonzero(buses.shunt_conductance)
    if shunts.size:
        active = active - net.at_buses(shunts) @ (buses.shunt_conductance[shunts] * vm[shunts] ** 2)
    shunts = np.flatnonzero(buses.shunt_susceptance)
    if shunts.size:
        reactive = reactive + net.at_buses(shunts) @ (
            buses.shunt_susceptance[shunts] * vm[shunts] ** 2
        )
    model.subject_to(active == 0, name="active_balance")
    model.subject_to(reactive == 0, name="reactive_balance")


def branch_flows(branches: Branches, va: Any, vm: Any) -> tuple[Any, Any]:
    """Return active and reactive flow into the branches, each of shape (2, branches)."""
    g, b, bc = branches.conductance, branches.susceptance, branches.charging
    tr, ti, t2 = branches.tap_real, branches.tap_imaginary, branches.tap_squared
    i, j = branches.from_bus, branches.to_bus
    angle = va[i] - va[j]
    real, imaginary = vm[i] * vm[j] * np.cos(angle), vm[i] * vm[j] * np.sin(angle)
    a, c = (-g * tr + b * ti) / t2, (-b * tr - g * ti) / t2
    d, e = (-g * tr - b * ti) / t2, (-b * tr + g * ti) / t2
    active_from = g / t2 * vm[i] ** 2 + a * real + c * imaginary
    reactive_from = -(b + bc / 2) / t2 * vm[i] ** 2 - c * real + a * imaginary
    active_to = g * vm[j] ** 2 + d * real - e * imaginary
    reactive_to = -(b + bc / 2) * vm[j] ** 2 - e * real - d * imaginary
    return np.stack([active_from, active_to]), np.stack([reactive_from, reactive_to])


def _add_limits(model: so.Model, branches: Branches, va: Any, p: Any, q: Any) -> None:
    rated = np.flatnonzero(np.isfinite(branches.rating))
    if rated.size:
        squared = p[:, rated] ** 2 + q[:, rated] ** 2
        model.subject_to(squared <= branches.rating[rated] ** 2, name="thermal_limit")
    limited = _angle_limited(branches)
    if limited.size:
        difference = va[branches.from_bus[limited]] - va[branches.to_bus[limited]]
        lower, upper = branches.angle_lower[limited], branches.angle_upper[limited]
        model.subject_to(difference, lower=lower, upper=upper, name="angle_difference")


def _angle_limited(branches: Branches) -> Any:
    return np.flatnonzero(np.isfinite(branches.angle_lower) | np.isfinite(branches.angle_upper))


def counts(case: str = "case14") -> Counts:
    """Return the counts of the form above for one network."""
    net = network(case)
    branches, gens, buses = net.branches, net.generators, net.buses
    num, num_ref = len(branches.rating), len(buses.reference)
    rated = int(np.isfinite(branches.rating).sum())
    limited = _angle_limited(branches).size
    shunts = int(
        np.count_nonzero(buses.shunt_conductance) + np.count_nonzero(buses.shunt_susceptance)
    )
    ends = np.sort(np.stack([branches.from_bus, branches.to_bus]), axis=0)
    pairs = np.unique(ends, axis=1).shape[1]
    connected = np.unique(ends).size
    alone = np.setdiff1d(_shunt_buses(net), ends).size
    return Counts(
        variables=2 * net.num_buses + 2 * len(gens.bus) + 4 * num,
        constraints=num_ref + 2 * net.num_buses + 4 * num + 2 * rated + limited,
        jacobian=num_ref
        + 2 * len(gens.bus)
        + shunts
        + 4 * num
        + 20 * num
        + 4 * rated
        + 2 * limited,
        hessian=3 * connected
        + alone
        + 4 * pairs
        + 4 * rated
        + int(np.count_nonzero(gens.cost[:, 0])),
        single_entry_rows=num_ref,
    )


def _shunt_buses(net: PowerNetwork) -> Any:
    return np.flatnonzero((net.buses.shunt_conductance != 0) | (net.buses.shunt_susceptance != 0))


def _known(case: str, value: float) -> KnownObjective:
    return KnownObjective(
        size={"case": case},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19 on this form; agrees with all five digits of"
        " BASELINE.md, PGLib-OPF v23.07",
        doi="10.48550/arXiv.1908.02788",
    )


RECORD = ProblemRecord(
    name="ac_opf",
    title="AC optimal power flow on a PGLib-OPF network",
    family="power systems",
    sense="minimize",
    build=build,
    sizes={
        "small": {"case": "case14"},
        "medium": {"case": "case118"},
        "large": {"case": "case1354"},
    },
    counts=counts,
    known=(
        _known("case5", 17551.89083859476),
        _known("case14", 2178.080410819639),
        _known("case118", 97213.60693895923),
        _known("case1354", 1258843.9851005604),
    ),
    reference="Babaeinejadsarookolaee et al. (2019), doi:10.48550/arXiv.1908.02788",
)
