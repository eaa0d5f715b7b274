"""Preventive security-constrained AC optimal power flow, polar form, with branch outages.

The base state and K states, in each of which one branch has failed, share what operators set:
active generation (but for the generators at reference buses, which take up the change of losses)
and the voltage magnitudes at buses with generators. Reactive generation, the angles and the other
voltages follow in each state. With index 0 for the base state,

    minimize    sum_k  c2_k pg_k^2 + c1_k pg_k + c0_k    [$/h], cost in the base state
    subject to  for each state s = 0 … K the constraints of `ac_opf` without the branch that failed:
                reference angle, active and reactive balance, flows of the pi circuits,
                p^2 + q^2 <= rating^2, angle limits, bounds on vm, pg, qg, p, q
                pg_s,k == pg_0,k for generators that are not at a reference bus
                vm_s,i == vm_0,i for buses i with a generator

What is shared is one variable, so the last two lines cost no rows: `vm`, `pg` of the base state
serve in all states, `vm_load` (contingency, bus without generators) and `pg_slack` (contingency,
generator at a reference bus) are the others; `va`, `qg` have shape (state, bus) and (state,
generator). Branch ratings are the same after an outage. All states are one network side by side.

Constants come from the case file. Source of the formulation: O. Alsac, B. Stott, Optimal Load Flow
with Steady-State Security, IEEE Transactions on Power Apparatus and Systems PAS-93 (1974),
doi:10.1109/TPAS.1974.293972; S. Babaeinejadsarookolaee et al. (2019),
doi:10.48550/arXiv.1908.02788, model 1, for each state. With no contingency it is `ac_opf`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.power import polar_form
from problems.power.contingencies import chosen_outages, states_network
from problems.power.flow_equations import add_balance, add_thermal_limits, generation_cost
from problems.power.polar_form import branch_flows
from problems.power.power_network import PowerNetwork
from problems.power.stored_cases import KNOWN_OPTIMA, network
from problems.record import Counts, KnownObjective, ProblemRecord

Index = NDArray[np.intp]


def build(case: str = "case14", contingencies: int | Sequence[int] = (5, 7)) -> so.Model:
    """Return the model of a case with outages: their number, or branches counted from 0."""
    net = network(case)
    outages = chosen_outages(net, contingencies)
    if outages.size and not _slack_generators(net).size:
        raise so.ProblemError("no generator at a reference bus takes up the change of losses")
    states = states_network(net, outages)
    model = so.Model(f"ac_opf_security_{net.name}")
    va, vm, pg, qg, p, q = _variables(model, net, states, len(outages))
    model.minimize(generation_cost(net, pg[: len(net.generators.bus)]))
    model.subject_to(va[states.buses.reference] == 0, name="reference")
    add_balance(model, states, vm**2, (pg, qg), p, q)
    active, reactive = branch_flows(states.branches, va, vm)
    model.subject_to(p == active, name="active_flow")
    model.subject_to(q == reactive, name="reactive_flow")
    add_thermal_limits(model, states.branches, p, q)
    polar_form.add_angle_limits(model, states.branches, va)
    return model


def planned_outages(case: str = "case14", contingencies: int | Sequence[int] = (5, 7)) -> Index:
    """Read the network and the outages that it is to bear, the list that a planner has."""
    return chosen_outages(network(case), contingencies)


def _variables(
    model: so.Model, net: PowerNetwork, states: PowerNetwork, num_contingencies: int
) -> tuple[Any, ...]:
    """Return va, vm, pg, qg of all states, flat, with the shared ones in place, and the flows."""
    buses, gens, rating = net.buses, net.generators, states.branches.rating
    num, loads, slack = num_contingencies, _load_buses(net), _slack_generators(net)
    va = model.variable("va", (num + 1, net.num_buses))
    vm = model.variable("vm", net.num_buses, buses.voltage_lower, buses.voltage_upper, start=1.0)
    low, high = buses.voltage_lower[loads], buses.voltage_upper[loads]
    vm_load = model.variable("vm_load", (num, len(loads)), low, high, start=1.0)
    pg = model.variable("pg", len(gens.bus), gens.active_lower, gens.active_upper)
    low, high = gens.active_lower[slack], gens.active_upper[slack]
    pg_slack = model.variable("pg_slack", (num, len(slack)), low, high)
    low, high = gens.reactive_lower, gens.reactive_upper
    qg = model.variable("qg", (num + 1, len(gens.bus)), low, high)
    return (
        va.ravel(),
        np.concatenate([vm, vm_load.ravel()])[_shared_index(net.num_buses, loads, num)],
        np.concatenate([pg, pg_slack.ravel()])[_shared_index(len(gens.bus), slack, num)],
        qg.ravel(),
        model.variable("p", (2, len(rating)), -rating, rating),
        model.variable("q", (2, len(rating)), -rating, rating),
    )


def _shared_index(num: int, own: Index, num_contingencies: int) -> Index:
    """Return which variable each state takes: a shared one, or for `own` one of its own."""
    index = np.tile(np.arange(num), (num_contingencies + 1, 1))
    index[1:, own] = num + np.arange(num_contingencies * len(own)).reshape(-1, len(own))
    return index.ravel()


def _load_buses(net: PowerNetwork) -> Index:
    return np.setdiff1d(np.arange(net.num_buses), net.generators.bus)


def _slack_generators(net: PowerNetwork) -> Index:
    return np.flatnonzero(np.isin(net.generators.bus, net.buses.reference))


def counts(case: str = "case14", contingencies: int | Sequence[int] = (5, 7)) -> Counts:
    """Return the counts: those of `ac_opf` on all states, less what the states share."""
    net = network(case)
    outages = chosen_outages(net, contingencies)
    states, num = states_network(net, outages), len(outages)
    loads, slack = _load_buses(net), _slack_generators(net)
    shared = (num + 1) * net.num_buses + net.num_buses + num * len(loads)
    generation = (num + 2) * len(net.generators.bus) + num * len(slack)
    rated = int(np.isfinite(states.branches.rating).sum())
    return Counts(
        variables=shared + generation + 4 * states.num_branches,
        constraints=polar_form.count_constraints(states),
        jacobian=polar_form.count_jacobian(states),
        hessian=_voltage_pairs(states, _shared_index(net.num_buses, loads, num))
        + 4 * rated
        + int(np.count_nonzero(net.generators.cost[:, 0])),
        single_entry_rows=len(states.buses.reference),
    )


def _voltage_pairs(states: PowerNetwork, magnitude: Index) -> int:
    """Return how many pairs of voltage variables meet at a branch or a shunt."""
    i, j, buses = states.branches.from_bus, states.branches.to_bus, states.buses
    angle = magnitude.max() + 1 + np.arange(states.num_buses)
    at_branches = (angle[i], angle[j], magnitude[i], magnitude[j])
    shunts = np.flatnonzero((buses.shunt_conductance != 0) | (buses.shunt_susceptance != 0))
    pairs = [
        *combinations_with_replacement(at_branches, 2),
        (magnitude[shunts], magnitude[shunts]),
    ]
    ordered = np.sort(np.concatenate([np.stack(pair) for pair in pairs], axis=1), axis=0)
    return int(np.unique(ordered, axis=1).shape[1])


def _known(case: str, contingencies: int | tuple[int, ...], value: float) -> KnownObjective:
    return KnownObjective(
        size={"case": case, "contingencies": contingencies},
        value=value,
        relative_tolerance=1e-6,
        source="this project, and CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10, on a form"
        " written by itself: admittances in complex arithmetic, state by state, set-points of all"
        " states as variables with rows that equate them; not published",
    )


# Outages that leave the case feasible, each by itself and all together; those of case118 are the
# ones that cost least, each by itself.
TEN_OUTAGES = (0, 1, 2, 3, 5, 7, 8, 11, 13, 14)
FORTY_OUTAGES = (
    *(16, 17, 18, 19, 25, 39, 42, 44, 45, 48),
    *(56, 57, 58, 60, 63, 68, 72, 74, 75, 76),
    *(77, 79, 80, 82, 99, 129, 131, 139, 142, 145),
    *(148, 153, 155, 160, 161, 168, 169, 179, 180, 181),
)
RECORD = ProblemRecord(
    name="ac_opf_security",
    title="preventive security-constrained AC optimal power flow with branch outages",
    family="power systems",
    sense="minimize",
    build=build,
    sizes={
        "small": {"case": "case14", "contingencies": (5, 7)},
        "medium": {"case": "case24", "contingencies": TEN_OUTAGES},
        "large": {"case": "case118", "contingencies": FORTY_OUTAGES},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"case": "case14", "contingencies": 0},
            value=KNOWN_OPTIMA["case14"],
            relative_tolerance=1e-6,
            source="objective without contingencies, which agrees with all five digits of"
            " BASELINE.md, PGLib-OPF v23.07",
            doi="10.48550/arXiv.1908.02788",
        ),
        _known("case5", 1, 21763.968433383114),
        _known("case5", 3, 22899.39611760938),
        _known("case14", (5, 7), 2178.2655007268036),
        _known("case24", TEN_OUTAGES, 63364.67512834434),
        _known("case118", FORTY_OUTAGES, 97218.12311865529),
    ),
    reference="Alsac and Stott (1974), doi:10.1109/TPAS.1974.293972",
    second_size={"case": "case5", "contingencies": 1},
    data=planned_outages,
)
