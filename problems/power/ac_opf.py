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

from typing import Any

import numpy as np

import sparseopt as so
from problems.power import polar_form
from problems.power.flow_equations import (
    add_balance,
    add_thermal_limits,
    count_pairs,
    generation_cost,
)
from problems.power.polar_form import branch_flows
from problems.power.power_network import PowerNetwork
from problems.power.stored_cases import KNOWN_OPTIMA, network, read
from problems.record import Counts, KnownObjective, ProblemRecord


def build(case: str = "case14") -> so.Model:
    """Return the model of a stored case, such as "case14" or "case14__api", or of a file's path."""
    net = network(case)
    model = so.Model(f"ac_opf_{net.name}")
    va, vm, pg, qg, p, q = _variables(model, net)
    model.minimize(generation_cost(net, pg))
    model.subject_to(va[net.buses.reference] == 0, name="reference")
    add_balance(model, net, vm**2, (pg, qg), p, q)
    active, reactive = branch_flows(net.branches, va, vm)
    model.subject_to(p == active, name="active_flow")
    model.subject_to(q == reactive, name="reactive_flow")
    add_thermal_limits(model, net.branches, p, q)
    polar_form.add_angle_limits(model, net.branches, va)
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


def counts(case: str = "case14") -> Counts:
    """Return the counts of the form above for one network."""
    net = network(case)
    branches, gens, buses = net.branches, net.generators, net.buses
    ends = np.concatenate([branches.from_bus, branches.to_bus])
    shunts = np.flatnonzero((buses.shunt_conductance != 0) | (buses.shunt_susceptance != 0))
    rated = int(np.isfinite(branches.rating).sum())
    return Counts(
        variables=2 * net.num_buses + 2 * len(gens.bus) + 4 * len(branches.rating),
        constraints=polar_form.count_constraints(net),
        jacobian=polar_form.count_jacobian(net),
        hessian=3 * np.unique(ends).size
        + np.setdiff1d(shunts, ends).size
        + 4 * count_pairs(branches)
        + 4 * rated
        + int(np.count_nonzero(gens.cost[:, 0])),
        single_entry_rows=len(buses.reference),
    )


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
    known=tuple(_known(case, value) for case, value in KNOWN_OPTIMA.items()),
    reference="Babaeinejadsarookolaee et al. (2019), doi:10.48550/arXiv.1908.02788",
    data=read,
)
