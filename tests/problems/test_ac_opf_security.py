"""Security-constrained optimal power flow: outages, what states share, and its flows."""

import numpy as np
import pytest

from problems.power import ac_opf, ac_opf_security
from problems.power.contingencies import chosen_outages, states_network
from problems.power.stored_cases import KNOWN_OPTIMA, network

OUTAGES = (5, 7)


@pytest.fixture(scope="module")
def solution():
    options = {"tol": 1e-9}
    return ac_opf_security.build("case14", OUTAGES).solve(solver="ipopt", options=options)


def test_first_outages_leave_the_network_connected():
    """Branch 13 of case14 is the only way to bus 8."""
    assert chosen_outages(network("case14"), 14).tolist() == [*range(13), 14]


def test_one_of_parallel_branches_may_fail():
    net = network("case24")
    ends = np.stack([net.branches.from_bus, net.branches.to_bus], axis=1)
    parallel = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))
    assert chosen_outages(net, parallel.tolist()).tolist() == parallel.tolist()


@pytest.mark.parametrize(
    ("contingencies", "message"),
    [
        (20, "only 19 outages leave the network connected"),
        ((1, 13), "the outage of branch 13 divides the network"),
        ((20,), "no branch 20; in service are 0 to 19"),
    ],
)
def test_impossible_outages_are_named_errors(contingencies, message):
    with pytest.raises(ValueError, match=message):
        ac_opf_security.build("case14", contingencies)


def test_states_stand_side_by_side():
    net = network("case5")
    states = states_network(net, np.array([0, 2]))
    assert states.num_buses == 15
    assert states.num_branches == 6 + 5 + 5
    assert states.branches.from_bus[6:11].tolist() == (net.branches.from_bus[1:] + 5).tolist()
    assert states.buses.reference.tolist() == [3, 8, 13]


def test_without_contingencies_it_is_the_optimal_power_flow():
    assert ac_opf_security.counts("case14", 0) == ac_opf.counts("case14")
    solution = ac_opf_security.build("case14", 0).solve(solver="ipopt")
    assert solution.objective == pytest.approx(KNOWN_OPTIMA["case14"], rel=1e-6)


def test_security_costs_something(solution):
    assert solution.objective > KNOWN_OPTIMA["case14"] * (1 + 1e-6)


def test_each_state_satisfies_power_flow_in_complex_arithmetic(solution):
    """S = V (Y V)* with the admittance matrix of each state, built from the pi circuits."""
    net = network("case14")
    for state, outage in enumerate((None, *OUTAGES)):
        voltage, injection = _state(net, solution, state)
        kept = np.arange(net.num_branches) != (-1 if outage is None else outage)
        balance = voltage * np.conj(_admittance(net, kept) @ voltage) - injection
        np.testing.assert_allclose(np.abs(balance), 0.0, atol=1e-6)


def _state(net, solution, state):
    """Return the complex voltages and what generators feed in less demand, from the variables."""
    gens, buses = net.generators, net.buses
    vm, pg = solution["vm"].copy(), solution["pg"].copy()
    if state:
        vm[np.setdiff1d(np.arange(net.num_buses), gens.bus)] = solution["vm_load"][state - 1]
        pg[np.isin(gens.bus, buses.reference)] = solution["pg_slack"][state - 1]
    injection = -(buses.active_demand + 1j * buses.reactive_demand)
    np.add.at(injection, gens.bus, pg + 1j * solution["qg"][state])
    return vm * np.exp(1j * solution["va"][state]), injection


def _admittance(net, kept):
    branches, buses = net.branches, net.buses
    matrix = np.diag(buses.shunt_conductance + 1j * buses.shunt_susceptance)
    tap = branches.tap_real + 1j * branches.tap_imaginary
    series = branches.conductance + 1j * branches.susceptance
    own = series + 0.5j * branches.charging
    for b in np.flatnonzero(kept):
        i, j = branches.from_bus[b], branches.to_bus[b]
        matrix[i, i] += own[b] / abs(tap[b]) ** 2
        matrix[j, j] += own[b]
        matrix[i, j] -= series[b] / np.conj(tap[b])
        matrix[j, i] -= series[b] / tap[b]
    return matrix
