"""The reader of MATPOWER files, on the traps such files hold."""

import gzip
import re

import numpy as np
import pytest

import sparseopt as so
from problems import registry
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
        ("2 0 0 2 14 3 0;", "2 0 0 5 1 0 0 14 3;", "not a polynomial up to degree 2"),
        ("10 30 0 0.1 ...", "10 30 0 0 ...", "has no impedance"),
        (
            "30 10 0.01 0.1 0.02 250 0 0 0 0 0",
            "30 30 0.01 0.1 0 0 0 0 0 0 1",
            "ends where it begins",
        ),
    ],
)
def test_equipment_that_is_not_modeled_is_a_named_error(tmp_path, old, new, message):
    with pytest.raises(so.ProblemError, match=message) as caught:
        network_of(tmp_path, CASE.replace(old, new))
    assert re.search(r"case\.m:(16|21|24)$", caught.value.where)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("mpc.baseMVA", "mpc.base", "", "no baseMVA"),
        ("1e2;", "100 MVA;", 4, "baseMVA is '100 MVA', not a power"),
        ("1e2;", "-100;", 4, "baseMVA is '-100', not a power"),
        ("mpc.gencost", "mpc.cost", "", "no table mpc.gencost"),
        ("10 30 0 0.1", "10 x 0 0.1", 21, "mpc.branch holds 'x', which is no number"),
        ("0.02 0 0 0 0 0 1 -360", "0.02 0 0 0 O 0 1 -360", 22, "mpc.branch holds 'O'"),
        ("100 1 40 5", "1_00 1 40 5", 11, "mpc.gen holds '1_00'"),
        ("20 4 9 9 0", "20 4 9 9", 8, "a row of mpc.bus has 12 columns, not 13"),
        ("10 20 0.01", "10 20", 25, "a row of mpc.branch has 12 columns, not 13"),
        ("0.02 0 0 0 0 0 1 -360 360", "0.02 0 0", 21, "has 7 columns, not 13"),
        ("2 0 0 2 14 3 0;", "2 0 0 3 14 3;", 16, "lacks some of the coefficients"),
        ("2 0 0 2 14 3 0;", "2 0 0 1.5 14 3 0;", 16, "lacks some of the coefficients"),
        ("10 20 0.01", "10 77 0.01", 25, "row 4 of mpc.branch (10 77 0.01 0.1 …) names a bus"),
        ("30 0 0 30 -30", "31 0 0 30 -30", 11, "row 1 of mpc.gen (31 0 0 30 …) names a bus"),
        ("20 4 9 9", "30 4 9 9", 8, "has the number of an earlier bus"),
        ("20 4 9 9", "20.5 4 9 9", 8, "has a number that is no integer"),
        ("20 4 9 9", "20 0 9 9", 8, "has a type that is none of 1 to 4"),
        ("20 4 9 9", "20 4 NaN 9", 8, "holds a number that is not finite"),
        ("10 20 0.01", "10 20 Inf", 25, "holds a number that is not finite"),
        ("	2 0 0 3 1 16 0;", "", 13, "has no row of costs"),
        ("	2 0 0 3 1 16 0;", "2 0 0 3 1 16 0;" * 4, 18, "a cost of reactive power"),
        ("mpc.bus_name", "mpc.branch(:, 3) = 2;", 28, "a command changes mpc.branch"),
        ("mpc.bus_name", "mpc.dcline = [ 10 30 1 5 5 0 0 ];", 28, "is a DC line in service"),
        ("];\nmpc.gencost", "] * 2;\nmpc.gencost", 14, "mpc.gen is an expression, with '*'"),
        ("];\nmpc.gencost", "\nmpc.gencost", 10, "mpc.gen is not closed by a ]"),
    ],
)
def test_broken_files_are_named_errors_with_their_line(tmp_path, old, new, line, message):
    path = tmp_path / "broken.m"
    path.write_text(CASE.replace(old, new))
    with pytest.raises(so.ProblemError) as caught:
        read_case(path)
    assert message in caught.value.what
    assert caught.value.where == (f"{path}:{line}" if line else str(path))


@pytest.mark.parametrize("length", range(60, len(CASE) - 60, 37))
def test_a_truncated_file_is_a_named_error(tmp_path, length):
    path = tmp_path / "half.m"
    path.write_text(CASE[:length])
    with pytest.raises(so.ProblemError) as caught:
        read_case(path)
    assert caught.value.where.startswith(str(path))


def test_a_truncated_compressed_file_is_a_named_error(tmp_path):
    path = tmp_path / "half.m.gz"
    path.write_bytes(gzip.compress(CASE.encode())[:100])
    with pytest.raises(so.ProblemError, match="cannot be decompressed"):
        read_case(path)


@pytest.mark.parametrize("name", ["bus", "gen"])
def test_an_empty_table_is_a_named_error(tmp_path, name):
    path = tmp_path / "empty.m"
    path.write_text(re.sub(rf"mpc\.{name} = \[[^]]*\]", f"mpc.{name} = []", CASE))
    with pytest.raises(so.ProblemError, match=rf"mpc\.{name} is empty"):
        read_case(path)


def test_limits_may_be_infinite(tmp_path):
    net = network_of(tmp_path, CASE.replace("30 0 0 30 -30 1", "30 0 0 Inf -Inf 1"))
    assert net.generators.reactive_upper.tolist() == [np.inf]
    assert net.generators.reactive_lower.tolist() == [-np.inf]


def test_windows_line_ends_count_the_same_lines(tmp_path):
    path = tmp_path / "windows.m"
    path.write_bytes(CASE.replace("10 20 0.01", "10 20 0,0l").replace("\n", "\r\n").encode())
    with pytest.raises(so.ProblemError, match=r"windows\.m:25"):
        read_case(path)


ONE_BUS = """
mpc.baseMVA = 100;
mpc.bus = [ 7 3 50 20 0 0 1 1 0 230 1 1.1 0.9 ];
mpc.gen = [ 7 0 0 30 -30 1 100 1 80 10 ];
mpc.gencost = [ 2 0 0 2 14 3 ];
mpc.branch = [];
"""


def test_a_bus_by_itself_is_a_network(tmp_path):
    """Its generator covers the load of 50 MW: 14 * 50 + 3 $/h."""
    path = tmp_path / "one_bus.m"
    path.write_text(ONE_BUS)
    for problem in ("ac_opf", "ac_opf_rectangular"):
        solution = registry.get(problem).build(str(path)).solve()
        assert solution.success
        assert solution.objective == pytest.approx(703, rel=1e-6)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_a_named_error(tmp_path, name):
    with pytest.raises(so.ProblemError, match="cannot be read") as caught:
        read_case(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)
