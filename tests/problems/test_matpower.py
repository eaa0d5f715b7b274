"""The reader of MATPOWER files, on the traps such files hold."""

import gzip

import numpy as np
import pytest

from problems.power.matpower import read_case
from problems.power.power_network import per_unit_network

CASE = """
function mpc = tricky   % a comment with mpc.bus = [ 1 2 ] in it ...
mpc.version = '2';
mpc.baseMVA = 1e2;
%	bus_i	type	Pd	Qd	...
mpc.bus = [
	10, 3, 50, 20, 1, 2, 1, 1, 0, 230, 1, 1.1, 0.9;   % 100% reference
	30 1 0 0 0 0 1 1 0 230 1 1.1 0.9; 20 4 9 9 0 0 1 1 0 230 1 1.1 0.9
];
mpc.gen = [
	30 0 0 30 -30 1 100 1 40 5;
	10 0 0 30 -30 1 100 0 40 0;
	20 0 0 30 -30 1 100 1 40 0;
];
mpc.gencost = [
	2 0 0 2 14 3 0;
	2 0 0 3 1 15 0;
	2 0 0 3 1 16 0;
];
mpc.branch = [
	10 30 0 0.1 ...
	0.02 0 0 0 0 0 1 -360 360;
	10 30 0.01 0.1 0.02 250 0 0 0.95 10 1 -30 30;
	30 10 0.01 0.1 0.02 250 0 0 0 0 0 -30 30;
	10 20 0.01 0.1 0.02 250 0 0 0 0 1 -30 30;
	10 30 0.01 0.1 0.02 250 0 0 0 0 1 0 0;
];
mpc.bus_name = { 'north % [1]'; 'south' };
"""


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "tricky.m"
    path.write_text(CASE)
    return read_case(path)


def test_equipment_out_of_service_and_isolated_buses_are_dropped(case):
    assert case.bus[:, 0].tolist() == [10, 30]
    assert case.gen[:, 0].tolist() == [30]
    assert len(case.branch) == 3


def test_cost_rows_follow_their_generators(case):
    """Two coefficients are linear cost; per unit, they are multiplied by the base power."""
    assert per_unit_network(case).generators.cost.tolist() == [[0.0, 1400.0, 3.0]]


def test_missing_ratio_is_one_and_shift_turns_it(case):
    branches = per_unit_network(case).branches
    assert branches.tap_real[0] == 1.0
    np.testing.assert_allclose(branches.tap_squared, [1.0, 0.95**2, 1.0])
    np.testing.assert_allclose(branches.tap_imaginary[1], 0.95 * np.sin(np.radians(10)))


def test_no_rating_and_full_turns_are_no_limits(case):
    branches = per_unit_network(case).branches
    assert branches.rating.tolist() == [np.inf, 2.5, 2.5]
    assert branches.angle_upper.tolist() == [np.inf, np.radians(30), np.inf]


def test_bus_numbers_need_not_be_positions(case):
    branches = per_unit_network(case).branches
    assert branches.from_bus.tolist() == [0, 0, 0]
    assert branches.to_bus.tolist() == [1, 1, 1]


def test_compressed_files_read_the_same(case, tmp_path):
    path = tmp_path / "tricky.m.gz"
    path.write_bytes(gzip.compress(CASE.encode()))
    again = read_case(path)
    assert again.name == "tricky"
    np.testing.assert_array_equal(again.branch, case.branch)


def test_format_1_assigns_variables(tmp_path):
    path = tmp_path / "old.m"
    path.write_text(CASE.replace("mpc.", ""))
    assert read_case(path).gen[:, 0].tolist() == [30]


def test_block_comments_and_lines_out_of_service_are_skipped(tmp_path):
    path = tmp_path / "commented.m"
    path.write_text(CASE + "%{\nmpc.gen = [ 1 2 3 ];\n%}\nmpc.dcline = [ 10 30 0 5 5 0 0 ];\n")
    assert len(read_case(path).gen) == 1


def network_of(tmp_path, text):
    path = tmp_path / "case.m"
    path.write_text(text)
    return per_unit_network(read_case(path))


def test_every_island_gets_a_reference_bus(tmp_path):
    """Bus 20 is cut off: its own generator makes it a reference, bus 10 keeps its rank."""
    net = network_of(tmp_path, CASE.replace("20 4 9 9", "20 2 9 9").replace("10 20", "10 30"))
    assert net.buses.reference.tolist() == [0, 2]


def test_a_network_without_reference_takes_the_largest_generator(tmp_path):
    assert network_of(tmp_path, CASE.replace("10, 3,", "10, 1,")).buses.reference.tolist() == [1]


def test_leading_zeros_do_not_raise_the_degree_of_a_cost(tmp_path):
    text = CASE.replace("2 0 0 2 14 3 0;", "2 0 0 4 0 2 14 3;")
    assert network_of(tmp_path, text).generators.cost.tolist() == [[20000.0, 1400.0, 3.0]]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2 0 0 2 14 3 0;", "1 0 0 2 0 0 1 5;", "piecewise linear"),
        ("2 0 0 2 14 3 0;", "2 0 0 4 1 0 14 3;", "not a polynomial up to degree 2"),
        ("2 0 0 2 14 3 0;", "2 0 0 5 1 0 14;", "not a polynomial up to degree 2"),
        ("10 30 0 0.1 ...", "10 30 0 0 ...", "has no impedance"),
        (
            "30 10 0.01 0.1 0.02 250 0 0 0 0 0",
            "30 30 0.01 0.1 0 0 0 0 0 0 1",
            "ends where it begins",
        ),
    ],
)
def test_equipment_that_is_not_modeled_is_a_named_error(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=message):
        network_of(tmp_path, CASE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mpc.baseMVA", "mpc.base", "no baseMVA"),
        ("mpc.gencost", "mpc.cost", r"no table mpc\.gencost"),
        ("10 30 0 0.1", "10 x 0 0.1", "not numbers"),
        ("10 20 0.01", "10 20", "differ in length"),
        ("10 20 0.01", "10 77 0.01", "mpc.branch names bus 77"),
        ("30 0 0 30 -30", "31 0 0 30 -30", "mpc.gen names bus 31"),
        ("20 4 9 9", "30 4 9 9", "two rows of mpc.bus"),
        ("	2 0 0 3 1 16 0;", "", "fewer rows than mpc.gen"),
        ("	2 0 0 3 1 16 0;", "2 0 0 3 1 16 0;" * 4, "reactive power"),
        (
            "mpc.bus_name",
            "mpc.branch(:, 3) = mpc.branch(:, 3) / 2;",
            "a command changes mpc.branch",
        ),
        ("mpc.bus_name", "mpc.dcline = [ 10 30 1 5 5 0 0 ];", "1 DC lines in service"),
    ],
)
def test_broken_files_are_named_errors(tmp_path, old, new, message):
    path = tmp_path / "broken.m"
    path.write_text(CASE.replace(old, new))
    with pytest.raises(ValueError, match=message):
        read_case(path)
