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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mpc.baseMVA", "mpc.base", "no baseMVA"),
        ("mpc.gencost", "mpc.cost", r"no table mpc\.gencost"),
        ("10 30 0 0.1", "10 x 0 0.1", "not numbers"),
        ("10 20 0.01", "10 20", "differ in length"),
    ],
)
def test_broken_files_are_named_errors(tmp_path, old, new, message):
    path = tmp_path / "broken.m"
    path.write_text(CASE.replace(old, new))
    with pytest.raises(ValueError, match=message):
        read_case(path)
