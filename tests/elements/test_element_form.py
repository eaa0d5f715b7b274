"""What the element form finds: blocks, splits, stages, linear parts."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from sparseopt.elements.build import element_form
from sparseopt.evaluation import Evaluator
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant
from tests.elements.forms import counts, covered_rows, form_of, form_of_objective, formulas
from tests.evaluation.hand_made_cases import luksan_constraints, luksan_objective, padded_stencil
from tests.references import check_everything, dense_hessian, make_evaluator, make_program, nothing


# ---- rolling
def chained_rosenbrock_by_loop(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i] ** 2 - x[i + 1]) ** 2 + (x[i] - 1.0) ** 2
    return total


def test_an_objective_summed_in_a_loop_is_one_block():
    form = form_of_objective(chained_rosenbrock_by_loop, 400)
    assert counts(form.objective) == [399]
    vectorized = form_of_objective(luksan_objective, 400)
    (looped,), (array,) = form.objective.blocks, vectorized.objective.blocks
    by_array = vectorized.pool.num_operations(array.outputs)
    assert form.pool.num_operations(looped.outputs) <= by_array
    assert all(isinstance(leaf.index, StridedIndex) for leaf in looped.leaves)


def test_rows_written_in_a_loop_are_one_block():
    def loop(x):
        rows = [
            3 * x[i + 1] ** 3 + 2 * x[i + 2] - 5 + np.sin(x[i + 1] - x[i + 2]) * x[i]
            for i in range(len(x) - 2)
        ]
        return np.stack(rows)

    form = form_of(loop, 300)
    assert counts(form.constraints) == [298]
    assert not form.intermediates


def test_rows_written_into_an_array_in_a_loop_are_one_block():
    def loop(x):
        out = np.zeros_like(x)
        for i in range(1, len(x)):
            out[i] = x[i] * x[i - 1] - np.exp(x[i])
        return out[1:]

    assert counts(form_of(loop, 200).constraints) == [199]


def test_constants_that_differ_between_rows_become_data():
    form = form_of(lambda x: np.stack([x[i] * x[i + 1] * (0.3 + i) for i in range(200)]), 201)
    (block,) = form.constraints.blocks
    data = [leaf for leaf in block.leaves if leaf.source == "data"]
    assert len(data) == 1
    np.testing.assert_allclose(np.sort(data[0].values), 0.3 + np.arange(200))


def test_loops_with_two_kinds_of_rows_are_two_blocks():
    def loop(x):
        return np.stack([x[i] ** 2 if i % 3 else np.sin(x[i]) * x[0] for i in range(300)])

    assert counts(form_of(loop, 300).constraints) == [99, 1, 200] or counts(
        form_of(loop, 300).constraints
    ) == [1, 99, 200]


def test_a_recurrence_is_not_batched_and_still_right():
    def recurrence(x):
        y, out = x[0], []
        for k in range(60):
            y = y + 0.05 * np.sin(y * x[k + 1])
            out.append(y)
        return np.stack(out)

    program = make_program(lambda x: np.sum(x**2), recurrence, 61)
    x = np.random.default_rng(0).uniform(0.3, 1.2, 61)
    evaluator = check_everything(program, x, backends=("numpy",))
    assert evaluator.jacobian_pattern.nnz == sum(k + 2 for k in range(60))


# ---- signatures
def test_a_padded_stencil_splits_into_interior_edges_and_corners():
    def stencil(u):
        p = np.pad(u, 1)
        return p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2] - 4 * u

    # interior, four edges, and the corners, which are small and therefore one block
    form = form_of(lambda x: np.exp(stencil(x.reshape(300, 300))).ravel(), 90_000)
    assert counts(form.constraints) == [4, 298, 298, 298, 298, 298 * 298]
    small = form_of(padded_stencil, 30)
    assert counts(small.constraints) == [4, 3 * 4, 2 * (3 + 4)]


def test_constants_next_to_variables_are_data_and_split_nothing():
    c = np.linspace(1.0, 2.0, 50)
    form = form_of(lambda x: np.sin(c * x) + c, 50)
    assert counts(form.constraints) == [50]


def test_zeros_in_a_mask_split_the_rows_they_switch_off():
    mask = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    evaluator = make_evaluator(nothing_of, lambda x: mask * np.exp(x) + x, 5)
    assert counts(evaluator.form.constraints) == [2, 3]
    assert evaluator.is_linear_row.tolist() == [False, True, False, False, True]
    assert sorted(evaluator.hessian_pattern.rows.tolist()) == [0, 2, 3]


def test_plain_zeros_of_a_mask_are_values_like_others():
    program = make_program(nothing_of, lambda x: np.array([1.0, 0.0, 1.0]) * np.exp(x) + x, 3)
    for node in program.nodes():
        if isinstance(node, Constant):
            node.has_plain_zeros = True
    evaluator = check_everything(program, np.array([0.1, 0.2, 0.3]))
    assert counts(evaluator.form.constraints) == [3]


def test_sums_that_are_scattered_in_different_orders_are_one_block():
    """Two ends of every edge of a graph: the rows of each end come in an order of their own."""
    n = 300
    first, second = np.random.default_rng(0).integers(0, n, (2, 2 * n))
    to_ends = sp.csr_array((np.ones(4 * n), (np.concatenate([first, second]), np.arange(4 * n))))

    def forces(x):
        tension = np.sin(x[first]) * (2.0 + x[second])
        return to_ends @ np.concatenate([tension, -(tension**2)])

    form = form_of(forces, n)
    assert sorted(len(b.outputs) for b in form.constraints.blocks if b.count > 5) == [2]


def nothing_of(x):
    return 0.0 * x[0]


def test_parameters_are_never_scanned_for_zeros():
    program = make_program(lambda x, p: x[0], lambda x, p: p * x**2, 3, 3)
    evaluator = Evaluator(program, "numpy")  # all parameters are zero now
    assert evaluator.hessian_pattern.nnz == 3
    assert evaluator.jacobian_pattern.nnz == 3
    evaluator.parameters[:] = [0.0, 2.0, 0.0]
    np.testing.assert_array_equal(evaluator.hessian_values(np.ones(3), np.ones(3)), [0, 4, 0])


def test_zero_entries_of_a_matrix_are_no_structure():
    A = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    evaluator = make_evaluator(nothing_of, lambda x: A @ x, 3)
    assert evaluator.jacobian_pattern.nnz == 3
    nonlinear = make_evaluator(nothing_of, lambda x: (A @ x) ** 2, 3)
    assert nonlinear.jacobian_pattern.nnz == 3
    assert nonlinear.hessian_pattern.nnz == 4  # the square of row 0 joins x0 and x2


# ---- merging, fusing, coincident leaves
def test_equal_formulas_over_different_variables_are_one_block():
    form = form_of(lambda x: np.concatenate([np.sin(x[:5]), np.sin(x[20:30])]), 30)
    assert counts(form.constraints) == [15]


def test_overlapping_formulas_share_common_subexpressions():
    def dynamics(x):
        common = np.exp(x[:-1] * x[1:])
        return np.concatenate([common + x[1:], common * 2.0 - x[:-1]])

    form = form_of(dynamics, 40)
    (block,) = form.constraints.blocks
    assert len(block.outputs) == 2
    names = [form.pool.calls[t][0] for t in form.pool.reachable(block.outputs)]
    assert names.count("exp") == 1


def test_leaves_that_coincide_somewhere_count_once_in_the_hessian():
    a, b = np.array([0, 3, 3, 5, 1]), np.array([0, 2, 4, 5, 6])
    evaluator = make_evaluator(lambda x: np.sum(x[a] * x[b]), nothing, 8)
    x = np.arange(8.0)
    expected = np.zeros((8, 8))
    for i, j in zip(a, b, strict=True):
        expected[i, j] += 1.0
        expected[j, i] += 1.0
    np.testing.assert_array_equal(dense_hessian(evaluator, x, np.zeros(0)), expected)
    pattern = evaluator.hessian_pattern
    assert set(zip(pattern.rows.tolist(), pattern.cols.tolist(), strict=True)) == {
        (0, 0), (3, 2), (4, 3), (5, 5), (6, 1),
    }  # fmt: skip


def test_a_variable_times_all_variables_meets_itself():
    evaluator = make_evaluator(lambda x: np.sum(x[3] * x), nothing, 6)
    expected = np.zeros((6, 6))
    expected[3, :] = expected[:, 3] = 1.0
    expected[3, 3] = 2.0
    np.testing.assert_array_equal(dense_hessian(evaluator, np.ones(6), np.zeros(0)), expected)
    assert evaluator.hessian_pattern.nnz == 6


def test_reversed_products_meet_in_the_middle():
    for n in (6, 7):
        evaluator = make_evaluator(lambda x: np.sum(x * x[::-1]), nothing, n)
        expected = 2.0 * np.eye(n)[::-1]
        np.testing.assert_array_equal(dense_hessian(evaluator, np.ones(n), np.zeros(0)), expected)
        assert evaluator.hessian_pattern.nnz == (n + 1) // 2


def test_three_leaves_that_meet_in_pairs_and_all_together():
    i, j, k = np.array([0, 1, 2, 3, 4]), np.array([0, 1, 0, 4, 0]), np.array([0, 2, 2, 4, 1])
    program = make_program(lambda x: np.sum(x[i] * x[j] * x[k] ** 2), nothing, 5)
    check_everything(program, np.linspace(0.4, 1.3, 5))


# ---- stages
def test_a_nonlinear_function_of_a_long_sum_makes_a_stage():
    form = form_of_objective(lambda x: np.log(np.sum(np.exp(x))), 50)
    assert [s.size for s in form.intermediates] == [1]
    assert counts(form.intermediates[0]) == [50]


def test_the_square_of_a_sum_makes_a_stage_and_a_sum_of_squares_none():
    assert len(form_of_objective(lambda x: np.sum(x) ** 2, 50).intermediates) == 1
    assert not form_of_objective(lambda x: np.sum(x**2), 50).intermediates


def test_norms_of_short_rows_unroll():
    def norms(x):
        return np.sqrt(np.sum(x.reshape(-1, 3) ** 2, axis=1))

    form = form_of(norms, 60)
    assert not form.intermediates
    (block,) = form.constraints.blocks
    assert block.count == 20
    assert len(block.leaves) == 3


def test_small_matrix_products_unroll():
    form = form_of(lambda x: (x[:9].reshape(3, 3) @ x[9:].reshape(3, 3)).ravel(), 18)
    assert not form.intermediates
    assert covered_rows(form.constraints).tolist() == list(range(9))


def test_a_dense_matrix_of_nonlinear_values_computes_each_value_once():
    A = np.random.default_rng(0).standard_normal((30, 40))
    form = form_of(lambda x: A @ np.sin(np.exp(x) * x[::-1] * np.cos(x) + x**2), 40)
    assert [s.size for s in form.intermediates] == [40]
    assert form.num_operations() < 40 * 20 + 30 * 40 * 2


def test_squares_of_a_sparse_product_keep_short_rows_in_the_template():
    A = sp.diags_array([1.0, -2.0, 1.0], offsets=[-1, 0, 1], shape=(60, 60)).tocsr()
    program = make_program(nothing_of, lambda x: (A @ x) ** 2, 60)
    form = element_form(program)
    assert not form.intermediates
    assert sum(counts(form.constraints)) == 60
    evaluator = Evaluator(program, "numpy")
    assert evaluator.hessian_pattern.nnz == 60 + 59 + 58


def test_a_deep_chain_is_cut_into_stages():
    def chain(x):
        y = x
        for _ in range(400):
            y = np.sin(y) + 0.1 * x
        return y

    form = form_of(chain, 5)
    assert form.intermediates
    largest = max(form.pool.num_operations(b.outputs) for s in form.stages for b in s.blocks)
    assert largest < 1000


def test_a_chain_of_shifted_reads_does_not_explode():
    def smooth(x):
        y = x
        for _ in range(12):
            y = np.tanh(y[1:] * y[:-1]) + y[1:]
        return y

    program = make_program(nothing_of, smooth, 30)
    form = element_form(program)
    assert form.num_operations() < 30 * 12 * 20
    x = np.random.default_rng(0).uniform(0.3, 1.2, 30)
    check_everything(program, x, backends=("numpy",))


# ---- linear parts
def test_a_linear_function_is_one_scatter_of_constants():
    A = sp.random_array((50, 40), density=0.1, rng=np.random.default_rng(0)).tocsr()
    evaluator = make_evaluator(nothing_of, lambda x: A @ x + 1.0, 40)
    assert not evaluator.schedule("jacobian").kernels(), "constant entries are copied, not computed"
    np.testing.assert_allclose(
        evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(np.full(40, np.nan))).toarray(),
        A.toarray(),
    )


def test_a_sum_of_linear_and_nonlinear_terms_keeps_the_linear_ones_constant():
    evaluator = make_evaluator(nothing_of, lambda x: 3.0 * x[1:] - 2.0 * x[:-1] + x[1:] ** 2, 100)
    stored = evaluator.schedule("jacobian").kernels()
    assert sum(len(k.terms) for k in stored) == 1


def test_blocks_that_add_nothing_are_dropped():
    form = form_of(lambda x: np.concatenate([0.0 * np.sin(x), x**0 - 1.0]), 5)
    assert not form.constraints.blocks


def test_an_empty_problem_part_has_no_blocks():
    form = form_of(nothing, 3)
    assert form.constraints.size == 0
    assert form.constraints.blocks == ()


def test_the_benchmark_constraint_is_one_block_with_affine_leaves():
    form = form_of(luksan_constraints, 1000)
    (block,) = form.constraints.blocks
    assert block.count == 998
    assert [leaf.index.offset for leaf in block.leaves] in ([1, 2, 0], [1, 0, 2], [0, 1, 2])
    assert formulas(form.constraints, form.pool)[0][0] == 998
