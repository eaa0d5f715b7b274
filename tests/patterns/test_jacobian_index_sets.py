"""First-order patterns by index sets, one meaning each; expected matrices are written out."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from tests.patterns.detected import jacobian


def test_a_small_function():
    found = jacobian(lambda x: np.stack([x[0], x[1] * x[2], x[0] + x[3]]), 4)
    assert found == ["#...", ".##.", "#..#"]


def test_a_convolution_layer_has_27_entries_in_each_row():
    weights = np.random.default_rng(0).standard_normal((2, 3, 3, 3))

    def layer(x):
        total = 0.0
        for i, j in np.ndindex(3, 3):
            window = x[:, i : i + 26, j : j + 26].reshape(3, -1)
            total = total + weights[:, :, i, j] @ window
        return np.maximum(total, 0.0)

    pattern = so.jacobian_pattern(layer, np.zeros((3, 28, 28)))
    assert pattern.shape == (1352, 2352)
    assert pattern.nnz == 36504


def test_a_product_with_a_constant_zero_drops_element_by_element():
    assert jacobian(lambda x: np.array([0.0, 2.0, 0.0]) * x, 3) == ["...", ".#.", "..."]
    assert jacobian(lambda x: 0 * x, 2) == ["..", ".."]
    assert jacobian(lambda x: (x * [0.0, 1.0]) * x[::-1] + x[0], 2) == ["#.", "##"]


def test_zeros_pass_through_copies_functions_and_sums():
    def padded(x):
        return np.sin(np.pad(x, 1)) * x[0]

    assert jacobian(padded, 2) == ["..", "#.", "##", ".."]
    assert jacobian(lambda x: np.sum(np.zeros((2, 2)) * x, axis=1) * x[::-1], 2) == ["..", ".."]
    assert jacobian(lambda x: np.arctan2(0.0, x), 2) == ["..", ".."]
    assert jacobian(lambda x: np.zeros(2) / x, 2) == ["..", ".."]


def test_zero_entries_of_a_constant_matrix_drop():
    dense = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    assert jacobian(lambda x: dense @ x, 3) == ["#.#", "..."]
    stored = sp.csr_array(([0.0, 1.0], ([0, 1], [1, 2])), shape=(2, 3))
    assert jacobian(lambda x: stored @ x, 3) == ["...", "..#"]
    assert jacobian(lambda x: (dense @ x) * x[0], 3) == ["#.#", "..."]


def test_a_parameter_is_never_zero_and_never_differentiated():
    options = {"parameters": {"k": np.zeros(2)}}
    assert jacobian(lambda x, k: k * x + k, 2, **options) == ["#.", ".#"]
    assert jacobian(lambda x, k: np.where(k > 0, x, x[::-1]), 2, **options) == ["##", "##"]


def test_where_is_the_union_of_both_branches_and_nothing_of_the_condition():
    def branches(x):
        return np.where(x[:2] > 0, x[2:4], x[4:])

    assert jacobian(branches, 6) == ["..#.#.", "...#.#"]


def test_a_constant_condition_is_resolved_element_by_element():
    mask = np.array([True, False])
    assert jacobian(lambda x: np.where(mask, x[:2], x[2:]), 4) == ["#...", "...#"]
    assert jacobian(lambda x: np.maximum(np.where(mask, x, 1.0), 0.0), 2) == ["#.", ".."]
    assert jacobian(lambda x: np.where(x > 0, x * mask, 0.0) * x[::-1], 2) == ["##", ".."]


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin, np.hypot])
def test_extrema_and_lengths_depend_on_both_arguments(function):
    assert jacobian(lambda x: function(x[:2], x[2:]), 4) == ["#.#.", ".#.#"]


def test_clip_and_abs_keep_their_entries():
    assert jacobian(lambda x: np.clip(x, -1.0, 1.0), 2) == ["#.", ".#"]
    assert jacobian(np.abs, 2) == ["#.", ".#"]
    assert jacobian(lambda x: np.copysign(x[0], x[1]), 2) == ["#."]


@pytest.mark.parametrize(
    "function",
    [
        np.sign,
        np.floor,
        np.ceil,
        np.rint,
        np.trunc,
        np.round,
        lambda x: x > 0,
        lambda x: x == x[::-1],
        lambda x: x // 2.0,
        lambda x: np.logical_and(x > 0, x < 1),
    ],
)
def test_step_functions_have_empty_rows(function):
    assert jacobian(lambda x: 1.0 * function(x), 2) == ["..", ".."]


def test_indices_that_depend_on_x_are_refused():
    with pytest.raises(so.TracingError):
        so.jacobian_pattern(lambda x: x[np.argmax(x)], np.zeros(3))
    with pytest.raises(so.BranchError):
        so.jacobian_pattern(lambda x: x if x[0] > 0 else -x, np.zeros(3))


def test_a_function_without_a_rule_is_refused_and_never_guessed():
    with pytest.raises(so.SparseOptError):
        so.jacobian_pattern(np.sort, np.zeros(2))


def test_quotients():
    assert jacobian(lambda x: x[:1] / x[1:], 2) == ["##"]
    assert jacobian(lambda x: x / 3.0, 2) == ["#.", ".#"]
    assert jacobian(lambda x: 3.0 / x, 2) == ["#.", ".#"]


def test_powers_with_exponents_element_by_element():
    assert jacobian(lambda x: x ** np.array([0.0, 1.0, 2.0]), 3) == ["...", ".#.", "..#"]
    assert jacobian(lambda x: np.array([1.0, 2.0]) ** x, 2) == ["..", ".#"]
    assert jacobian(lambda x: x[:1] ** x[1:], 2) == ["##"]
    assert jacobian(np.sqrt, 1) == ["#"]


def test_what_cancels_by_value_stays():
    assert jacobian(lambda x: x - x, 2) == ["#.", ".#"]
    assert jacobian(lambda x: (x[:1] + x[1:]) - x[1:], 2) == ["##"]


def test_what_is_read_twice_counts_once():
    pattern = so.jacobian_pattern(lambda x: x + x[::-1] + 2 * x, np.zeros(3))
    assert pattern.nnz == 5


def test_dead_code_leaves_nothing():
    def wasteful(x):
        unused = np.exp(np.sum(x))
        del unused
        return x[:1] * 2.0

    assert jacobian(wasteful, 3) == ["#.."]


def test_writing_over_elements_removes_what_they_depended_on():
    def overwritten(x):
        y = x * x[0]
        y[1] = x[2]
        y[-1] = 5.0
        return y

    assert jacobian(overwritten, 4) == ["#...", "..#.", "#.#.", "...."]


def test_writing_through_a_view_is_seen():
    def aliased(x):
        y = x.copy()
        view = y[::2]
        view += x[3]
        return y

    assert jacobian(aliased, 4) == ["#..#", ".#..", "..##", "...#"]


def test_adding_at_repeated_places():
    def scattered(x):
        y = np.zeros_like(x)
        np.add.at(y, [0, 0, 2], x)
        return y

    assert jacobian(scattered, 3) == ["##.", "...", "..#"]


def test_indices_of_every_sort():
    mask = np.array([True, False, True])
    assert jacobian(lambda x: x[[-1, 0]], 3) == ["..#", "#.."]
    assert jacobian(lambda x: x[mask], 3) == ["#..", "..#"]
    assert jacobian(lambda x: x.reshape(2, 3).T[::-1, 1], 6) == [".....#", "....#.", "...#.."]
    assert jacobian(lambda x: np.roll(np.repeat(x, 2), 1), 2) == [".#", "#.", "#.", ".#"]


def test_broadcasting():
    def outer(x):
        return x[:3, None] * x[None, 3:]

    found = jacobian(outer, 7)
    assert len(found) == 12
    assert found[:5] == ["#..#...", "#...#..", "#....#.", "#.....#", ".#.#..."]


def test_repeated_indices_of_einsum():
    found = jacobian(lambda x: np.einsum("ii->i", x.reshape(2, 2)), 4)
    assert found == ["#...", "...#"]
    found = jacobian(lambda x: np.einsum("ij,ij->j", x.reshape(2, 2), x.reshape(2, 2)), 4)
    assert found == ["#.#.", ".#.#"]


def test_products_of_two_matrices_are_rows_and_columns():
    found = jacobian(lambda x: x[:4].reshape(2, 2) @ x[4:].reshape(2, 2), 8)
    assert found == ["##..#.#.", "##...#.#", "..###.#.", "..##.#.#"]


@pytest.mark.parametrize(
    ("function", "shape", "expected"),
    [
        (lambda x: x[:0], (3,), (0, 3)),
        (lambda x: x**2, (0,), (0, 0)),
        (lambda x: np.sum(x), (0,), (1, 0)),
        (lambda x: x * 2, (1,), (1, 1)),
        (lambda x: np.ones(2) + 0 * x[0], (3,), (2, 3)),
        (lambda x: x[0], (4,), (1, 4)),
    ],
)
def test_shapes_are_explicit_whatever_is_empty(function, shape, expected):
    assert so.jacobian_pattern(function, np.zeros(shape)).shape == expected


def test_a_scalar_argument_and_a_scalar_result():
    assert jacobian(lambda t: t**3, ()) == ["#"]


def test_single_precision_constants_and_complex_ones():
    assert jacobian(lambda x: np.ones(2, np.float32) * x, 2) == ["#.", ".#"]
    with pytest.raises(so.SparseOptError):
        so.jacobian_pattern(lambda x: x * 1j, np.zeros(2))


def test_differences_of_order_k_have_k_plus_one_bands():
    for order in (1, 2, 3):
        found = jacobian(lambda x: np.diff(x, order), 6)  # noqa: B023
        assert found[0] == "#" * (order + 1) + "." * (5 - order)
        assert found[-1] == found[0][::-1]


def test_the_heat_equation_is_tridiagonal():
    def heat(u):
        p = np.pad(u, 1)
        return p[2:] - 2 * u + p[:-2]

    assert jacobian(heat, 4) == ["##..", "###.", ".###", "..##"]


def test_the_brusselator_has_twelve_entries_for_each_grid_point():
    def brusselator(x):
        u, v = x
        diffusion = [sum(np.roll(w, s, a) for s in (1, -1) for a in (0, 1)) - 4 * w for w in (u, v)]
        reaction = u * u * v
        return np.stack([1 + reaction - 4.4 * u + diffusion[0], 3.4 * u - reaction + diffusion[1]])

    assert so.jacobian_pattern(brusselator, np.zeros((2, 6, 6))).nnz == 12 * 36


def test_chains_of_scalar_code_and_vector_code_have_the_same_pattern():
    def loop(x):
        return np.stack([x[i] * x[i + 1] - np.sin(x[i]) * i for i in range(400)])

    def vector(x):
        return x[:-1] * x[1:] - np.sin(x[:-1]) * np.arange(400)

    x = np.zeros(401)
    assert so.jacobian_pattern(loop, x) == so.jacobian_pattern(vector, x)


def test_nothing_is_compiled(monkeypatch):
    def refuse(*_):
        raise AssertionError("compiled")

    monkeypatch.setattr("sparseopt.modeling.traced_function.compile_program", refuse)
    assert so.jacobian_pattern(np.sin, np.zeros(3)).nnz == 3


def test_more_entries_than_32_bits_number_are_refused_with_the_line():
    with pytest.raises(so.PatternError, match=r"3,600,000,000(.|\n)*test_jacobian_index_sets\.py"):
        so.jacobian_pattern(lambda x: x * np.sum(x), np.zeros(60_000))


def test_a_table_of_data_is_read_by_the_elements_that_it_is_applied_to():
    def function(x):
        return np.interp(x[1:], [0.0, 1.0, 2.0], [1.0, 3.0, 2.0]) * x[0]

    pattern = so.jacobian_pattern(function, np.ones(3))
    assert pattern.to_scipy().toarray().astype(int).tolist() == [[1, 1, 0], [1, 0, 1]]
