"""AC optimal power flow on the stored networks, in polar and in rectangular coordinates."""

import numpy as np
import pytest

import sparseopt as so
from problems.power import ac_opf, ac_opf_rectangular
from problems.power.polar_form import branch_flows
from problems.power.stored_cases import DATA, network

# n, m, nonzeros of J and of the lower H, from an independent CasADi model of the same form.
PUBLISHED_COUNTS = {
    "case5": (44, 53, 191, 63),
    "case14": (118, 169, 612, 202),
    "case118": (1088, 1539, 5703, 1814),
    "case30__api": (236, 348, 1245, 418),
    "case89": (1042, 1649, 6395, 1931),
    "case300": (2382, 3478, 12500, 4180),
    "case1354": (11192, 16646, 61333, 18866),
    "case2869": (25086, 37813, 140724, 42807),
}


@pytest.mark.parametrize("case", PUBLISHED_COUNTS)
def test_counts_are_the_published_ones(case):
    counts = ac_opf.counts(case)
    found = (counts.variables, counts.constraints, counts.jacobian, counts.hessian)
    assert found == PUBLISHED_COUNTS[case]


@pytest.mark.parametrize("spelling", ["case14", "case14_ieee", "pglib_opf_case14_ieee"])
def test_stored_cases_go_by_several_spellings(spelling):
    assert network(spelling).num_buses == 14


def test_variants_are_cases_of_their_own():
    typical, congested = network("case14"), network("case14_ieee__api")
    assert congested.buses.active_demand.sum() > typical.buses.active_demand.sum()


def test_unknown_case_names_the_stored_ones():
    with pytest.raises(so.ProblemError, match=r"(?s)case15.*case14, case14__api"):
        network("case15")


def test_paths_are_read_like_stored_cases():
    path = DATA / "pglib_opf_case5_pjm.m"
    assert ac_opf.counts(str(path)) == ac_opf.counts("case5")


def test_rectangular_form_refuses_angle_limits_half_a_turn_apart(tmp_path):
    text = (DATA / "pglib_opf_case5_pjm.m").read_text()
    path = tmp_path / "wide.m"
    path.write_text(text.replace("-30.0\t 30.0", "-100.0\t 100.0"))
    with pytest.raises(ValueError, match="polar form"):
        ac_opf_rectangular.build(str(path))


def test_flows_agree_with_complex_arithmetic():
    """S_ij = V_i I_ij*, with the currents of the pi circuit behind the transformer."""
    net = network("case14")
    branches, random = net.branches, np.random.default_rng(3)
    va, vm = random.uniform(-0.5, 0.5, net.num_buses), random.uniform(0.9, 1.1, net.num_buses)
    voltage = vm * np.exp(1j * va)
    tap = branches.tap_real + 1j * branches.tap_imaginary
    behind, there = voltage[branches.from_bus] / tap, voltage[branches.to_bus]
    series = branches.conductance + 1j * branches.susceptance
    shunt = 0.5j * branches.charging
    into_from = behind * np.conj(series * (behind - there) + shunt * behind)
    into_to = there * np.conj(series * (there - behind) + shunt * there)
    active, reactive = branch_flows(branches, va, vm)
    np.testing.assert_allclose(active + 1j * reactive, [into_from, into_to], atol=1e-12)
