"""Second-order patterns by index sets, one meaning each; expected matrices are written out."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from tests.patterns.detected import hessian, lines
from tests.references import make_program


def test_a_product_interacts_across_only():
    assert hessian(lambda x: x[0] * x[1] + x[2], 3) == [".#.", "#..", "..."]


def test_a_quotient_is_linear_above_and_curved_below():
    assert hessian(lambda x: x[0] / x[1], 2) == [".#", "##"]
    assert hessian(lambda x: x[0] / 2.0, 1) == ["."]
    assert hessian(lambda x: 2.0 / x[0], 1) == ["#"]


def test_products_of_sums_make_off_diagonal_blocks():
    found = hessian(lambda x: (x[0] + x[1]) * (x[2] + x[3]), 4)
    assert found == ["..##", "..##", "##..", "##.."]


def test_nested_products_make_every_entry_off_the_diagonal():
    found = hessian(lambda x: (x[0] * x[1]) * (x[2] * x[3]), 4)
    assert found == [".###", "#.##", "##.#", "###."]


def test_a_power_of_two_variables_is_full():
    found = hessian(lambda x: x[1] ** x[4], 5)
    assert found == [".....", ".#..#", ".....", ".....", ".#..#"]


def test_powers_with_constant_exponents():
    def powers(x):
        return np.sum(x ** np.array([0.0, 1.0, 2.0, 0.5]))

    assert hessian(powers, 4) == ["....", "....", "..#.", "...#"]
    assert hessian(lambda x: np.sum(np.array([1.0, 2.0]) ** x), 2) == ["..", ".#"]


def test_a_product_with_itself_gives_the_diagonal():
    assert hessian(lambda x: np.sum(x * x), 2) == ["#.", ".#"]
    assert hessian(lambda x: np.sum(x * x[::-1]), 3) == ["..#", ".#.", "#.."]


def test_overlapping_sets_interact_on_the_diagonal():
    found = hessian(lambda x: (x[0] + x[1]) * (x[1] + x[2]), 3)
    assert found == [".##", "###", "##."]


def test_cubes_of_differences_are_tridiagonal():
    found = hessian(lambda x: np.sum(np.diff(x) ** 3), 4)
    assert found == ["##..", "###.", ".###", "..##"]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(np.clip(x, -1.0, 1.0)),
        lambda x: np.sum(np.abs(x)),
        lambda x: np.max(x),
        lambda x: np.sum(np.sign(x) + np.round(x) + np.floor(x)),
        lambda x: np.sum(1.0 * (x > x[::-1])),
        lambda x: np.sum(x // 2.0),
        lambda x: np.sum(x),
        lambda x: np.sum(np.arange(4.0) @ x),
        lambda x: np.linalg.norm(x, 1),
    ],
)
def test_what_is_linear_between_kinks_has_no_entries(function):
    assert hessian(function, 4) == ["...."] * 4


def test_a_product_with_a_clipped_value_fills_its_row():
    found = hessian(lambda x: x[0] * np.clip(x[0], x[1], x[2]), 3)
    assert found == ["###", "#..", "#.."]


def test_where_is_the_union_of_both_branches_and_nothing_of_the_condition():
    def branches(x):
        return np.where(x[4] * x[4] > 1.0, x[0] ** x[1], x[2] * x[3])

    assert hessian(branches, 5) == ["##...", "##...", "...#.", "..#..", "....."]


def test_copysign_takes_the_sign_without_derivative():
    found = hessian(lambda x: np.copysign(x[0] * x[1], x[2] * x[3]), 4)
    assert found == [".#..", "#...", "....", "...."]


@pytest.mark.parametrize("function", [np.hypot, np.arctan2, np.logaddexp, np.power])
def test_curved_functions_of_two_arguments_are_full(function):
    assert hessian(lambda x: function(x[0], x[1]), 2) == ["##", "##"]


def test_the_euclidean_norm_is_a_dense_block():
    assert hessian(lambda x: np.linalg.norm(x[:2]) + x[2], 3) == ["##.", "##.", "..."]


def test_the_square_of_a_sum_is_dense_and_the_sum_of_squares_diagonal():
    assert hessian(lambda x: np.sum(x) ** 2, 3) == ["###"] * 3
    assert hessian(lambda x: np.sum(x**2), 3) == ["#..", ".#.", "..#"]


def test_code_that_does_not_reach_the_result_leaves_nothing():
    def wasteful(x):
        square = x**2
        square[1] = 0.0
        product = x[0] * x[1]
        del product
        return square[0] + 0.0 * square[2] + np.sign(square[3]) + square[1]

    assert hessian(wasteful, 4) == ["#...", "....", "....", "...."]


def test_elements_dropped_by_a_constant_factor_do_not_interact():
    weights = np.array([0.0, 1.0, 0.0])
    assert hessian(lambda x: np.sum(weights * x**2), 3) == ["...", ".#.", "..."]
    matrix = np.array([[0.0, 1.0, 0.0]])
    assert hessian(lambda x: np.sum(matrix @ np.sin(x)), 3) == ["...", ".#.", "..."]


def test_a_subexpression_inside_a_linear_one_keeps_its_cross_terms():
    def nested(x):
        product = x[0] * x[1]
        return 3.0 * (product + x[2]) - product

    assert hessian(nested, 3) == [".#.", "#..", "..."]


def test_parameters_take_part_in_nothing():
    options = {"parameters": {"k": np.zeros(2)}}
    assert hessian(lambda x, k: np.sum(k * x**2), 2, **options) == ["#.", ".#"]
    assert hessian(lambda x, k: np.sum(k * k * x), 2, **options) == ["..", ".."]
    assert hessian(lambda x, k: np.sum(x**k), 2, **options) == ["#.", ".#"]


def test_the_weighted_sum_of_outputs_holds_every_multiplier():
    program = make_program(lambda x: x[0] ** 2, lambda x: np.stack([x[1] * x[2], -x[1] * x[2]]), 3)
    assert lines(hessian_pattern_of(program)) == ["#..", "..#", ".#."]
    assert lines(hessian_pattern_of(program, [0])) == ["#..", "...", "..."]
    assert lines(hessian_pattern_of(program, [1])) == ["...", "..#", ".#."]
    assert lines(jacobian_pattern_of(program, 1)) == [".##", ".##"]


def test_nodes_name_outputs_too():
    program = make_program(lambda x: x[0] ** 2, lambda x: x[1:] * x[:-1], 3)
    node = program.outputs[1]
    assert jacobian_pattern_of(program, node) == jacobian_pattern_of(program, 1)
    assert hessian_pattern_of(program, [node]) == hessian_pattern_of(program, [1])


def test_simplification_sharpens_what_is_found():
    assert hessian(lambda x: np.sum(np.log(np.exp(x))), 2) == ["..", ".."]
    assert hessian(lambda x: np.sum(x**1 + x**0), 2) == ["..", ".."]


@pytest.mark.parametrize(("size", "function"), [(0, np.sum), (1, lambda x: x[0] ** 2)])
def test_hessians_of_nothing_and_of_one_variable(size, function):
    pattern = so.hessian_pattern(function, np.zeros(size))
    assert pattern.shape == (size, size)
    assert pattern.nnz == size


def test_electrons_on_a_sphere_repel_each_other_all():
    def energy(x):
        first, second = np.triu_indices(4, 1)
        points = x.reshape(4, 3)
        return np.sum(1.0 / np.sqrt(np.sum((points[first] - points[second]) ** 2, axis=1)))

    assert hessian(energy, 12) == ["#" * 12] * 12


def test_free_final_time_gives_an_arrow():
    def defects(x):
        time, speed = x[0], x[1:]
        return np.sum((speed[1:] - time * np.sin(speed[:-1])) ** 2)

    found = hessian(defects, 5)
    assert found == ["#####", "###..", "####.", "#.###", "#..##"]


@pytest.mark.parametrize(
    ("name", "size", "function", "nnz"),
    [
        # Numbers of nonzeros of whole Hessians in CUTEst (Gould, Orban, Toint 2015,
        # doi:10.1007/s10589-014-9687-3) for these sizes.
        (
            "CHNROSNB",
            50,
            lambda x: np.sum(16 * 1.5**2 * (x[:-1] - x[1:] ** 2) ** 2 + (x[1:] - 1) ** 2),
            148,
        ),
        (
            "GENROSE",
            500,
            lambda x: 1 + np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (x[1:] - 1) ** 2),
            1498,
        ),
    ],
)
def test_counts_of_cutest_problems(name, size, function, nnz):
    assert so.hessian_pattern(function, np.zeros(size)).to_scipy().nnz == nnz, name


def test_one_operation_that_makes_too_many_entries_is_named():
    with pytest.raises(so.PatternError, match=r"test_hessian_index_sets\.py:\d+"):
        so.hessian_pattern(lambda x: np.sum(x) ** 2, np.zeros(100_000))
