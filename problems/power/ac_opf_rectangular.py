"""AC optimal power flow, rectangular form: every function is quadratic.

Variables, per unit: real part `e` and imaginary part `f` of the voltage V = e + i f at every bus;
`pg`, `qg`, `p`, `q` as in `ac_opf`. The form is that of `ac_opf` with

    minimize    sum_k  c2_k pg_k^2 + c1_k pg_k + c0_k    [$/h]
    subject to  f_r == 0, e_r >= 0 at the reference bus
                vmin_i^2 <= e_i^2 + f_i^2 <= vmax_i^2
                power balance at the buses, flows of the pi circuits, ratings of the branches, from
                    |V_i|^2 = e_i^2 + f_i^2
                    V_i V_j* = w + i z,   w = e_i e_j + f_i f_j,   z = f_i e_j - e_i f_j
                angle limits l <= angle(V_i V_j*) <= u, written as half planes
                    z cos u - w sin u <= 0 <= z cos l - w sin l
                bounds on pg, qg; |p|, |q| <= rating

The half planes are exact for u - l below 180 degrees and are refused otherwise. Its optima are
those of the polar form. Constants come from the case file. Source of the formulation: M. B. Cain,
R. P. O'Neill, A. Castillo, History of Optimal Power Flow and Formulations, FERC (2012); data and
objectives: S. Babaeinejadsarookolaee et al. (2019), doi:10.48550/arXiv.1908.02788.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.power.flow_equations import (
    add_balance,
    add_thermal_limits,
    count_pairs,
    count_shunts,
    flows,
    generation_cost,
)
from problems.power.power_network import Branches, PowerNetwork
from problems.power.stored_cases import KNOWN_OPTIMA, network, read
from problems.record import Counts, KnownObjective, ProblemRecord

SOLVED_CASES = ("case3", "case5__api", "case14", "case14__sad", "case30__api", "case118")


def build(case: str = "case14") -> so.Model:
    """Return the model of a stored case, such as "case14" or "case14__api", or of a file's path."""
    net = network(case)
    model = so.Model(f"ac_opf_rectangular_{net.name}")
    e, f, pg, qg, p, q = _variables(model, net)
    squared = e**2 + f**2
    model.minimize(generation_cost(net, pg))
    model.subject_to(f[net.buses.reference] == 0, name="reference")
    lower, upper = net.buses.voltage_lower**2, net.buses.voltage_upper**2
    model.subject_to(squared, lower=lower, upper=upper, name="voltage")
    add_balance(model, net, squared, (pg, qg), p, q)
    i, j = net.branches.from_bus, net.branches.to_bus
    real, imaginary = e[i] * e[j] + f[i] * f[j], f[i] * e[j] - e[i] * f[j]
    active, reactive = flows(net.branches, (squared[i], squared[j]), real, imaginary)
    model.subject_to(p == active, name="active_flow")
    model.subject_to(q == reactive, name="reactive_flow")
    add_thermal_limits(model, net.branches, p, q)
    _add_angle_limits(model, net.branches, real, imaginary)
    return model


def _variables(model: so.Model, net: PowerNetwork) -> tuple[Any, ...]:
    gens, rating, highest = net.generators, net.branches.rating, net.buses.voltage_upper
    ends = (2, len(rating))
    least = -highest
    least[net.buses.reference] = 0.0
    return (
        model.variable("e", net.num_buses, least, highest, start=1.0),
        model.variable("f", net.num_buses, -highest, highest),
        model.variable("pg", len(gens.bus), gens.active_lower, gens.active_upper),
        model.variable("qg", len(gens.bus), gens.reactive_lower, gens.reactive_upper),
        model.variable("p", ends, -rating, rating),
        model.variable("q", ends, -rating, rating),
    )


def _add_angle_limits(model: so.Model, branches: Branches, real: Any, imaginary: Any) -> None:
    lower, upper = branches.angle_lower, branches.angle_upper
    if np.any(np.isfinite(lower) & np.isfinite(upper) & (upper - lower >= np.pi)):
        raise so.ProblemError("angle limits 180 degrees apart or more need the polar form, ac_opf")
    low, high = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper))
    if low.size:
        beyond = imaginary[low] * np.cos(lower[low]) - real[low] * np.sin(lower[low])
        model.subject_to(beyond >= 0, name="least_angle_difference")
    if high.size:
        beyond = imaginary[high] * np.cos(upper[high]) - real[high] * np.sin(upper[high])
        model.subject_to(beyond <= 0, name="greatest_angle_difference")


def counts(case: str = "case14") -> Counts:
    """Return the counts of the form above for one network."""
    net = network(case)
    branches, gens, num_refs = net.branches, net.generators, len(net.buses.reference)
    num, rated = len(branches.rating), int(np.isfinite(branches.rating).sum())
    limits = np.isfinite(branches.angle_lower).sum() + np.isfinite(branches.angle_upper).sum()
    balance = 2 * len(gens.bus) + 2 * count_shunts(net) + 4 * num
    return Counts(
        variables=2 * net.num_buses + 2 * len(gens.bus) + 4 * num,
        constraints=num_refs + 3 * net.num_buses + 4 * num + 2 * rated + int(limits),
        jacobian=num_refs + 2 * net.num_buses + balance + 20 * num + 4 * rated + 4 * int(limits),
        hessian=2 * net.num_buses
        + 4 * count_pairs(branches)
        + 4 * rated
        + int(np.count_nonzero(gens.cost[:, 0])),
        single_entry_rows=num_refs,
    )


def _known(case: str) -> KnownObjective:
    return KnownObjective(
        size={"case": case},
        value=KNOWN_OPTIMA[case],
        relative_tolerance=1e-6,
        source="objective of the polar form, CasADi 3.8.2 with IPOPT 3.14.19; agrees with all five"
        " digits of BASELINE.md, PGLib-OPF v23.07",
        doi="10.48550/arXiv.1908.02788",
    )


RECORD = ProblemRecord(
    name="ac_opf_rectangular",
    title="AC optimal power flow in rectangular coordinates on a PGLib-OPF network",
    family="power systems",
    sense="minimize",
    build=build,
    sizes={
        "small": {"case": "case14"},
        "medium": {"case": "case118"},
        "large": {"case": "case1354"},
    },
    counts=counts,
    known=tuple(_known(case) for case in SOLVED_CASES),
    reference="Babaeinejadsarookolaee et al. (2019), doi:10.48550/arXiv.1908.02788",
    data=read,
)
