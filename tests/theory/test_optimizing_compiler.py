"""What an optimizing compiler knows, held by counts: nothing here is timed.

Expected counts are of `Schedule.num_operations`, which leaves out the additions to shared places.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import operation_counts as counts
from benchmarks.operation_counts import calls_run, evaluator_of
from sparseopt.codegen.native import NativeProgram
from sparseopt.elements.evaluate import evaluate_terms
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base
from sparseopt.graph.index import ArrayIndex
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Gather
from sparseopt.graph.rewriting import rewrite
from sparseopt.graph.value_numbering import share_equal_values
from tests.references import check_everything, make_evaluator, make_program, nothing, zero

PAGE = Path(__file__).parents[2] / "docs" / "optimizing-compiler.md"
SIZES = (50, 100, 200, 400)
FIRST_ORDER = ("objective", "gradient", "pushforward", "pullback", "hessian_vector_product")


def operations(evaluator, kind):
    return evaluator.schedule(kind).num_operations()


def calls(evaluator, kind):
    return calls_run(evaluator.schedule(kind))


def exponent(sizes, found):
    """Return the power of the size that counts grow with."""
    return np.polyfit(np.log(sizes), np.log(found), 1)[0]


def test_the_page_shows_the_counts_of_this_version():
    assert counts.table() in PAGE.read_text()


@pytest.mark.parametrize("case", counts.CASES, ids=lambda case: case.name)
def test_counted_functions_have_exact_values_and_gradients(case):
    """Against the plain function, and differences along one direction."""
    n, rng = case.num_variables, np.random.default_rng(0)
    x, v = rng.uniform(0.1, 0.9, n), rng.standard_normal(n)
    evaluator = evaluator_of(case.function, n)
    assert evaluator.objective(x) == pytest.approx(float(case.function(x)), rel=1e-12)
    h = 1e-5
    slope = (case.function(x + h * v) - case.function(x - h * v)) / (2 * h)
    assert evaluator.gradient(x) @ v == pytest.approx(float(slope), rel=1e-6, abs=1e-7)


# ---- softmax and log-loss
def test_softmax_with_log_loss_takes_each_exponential_once_and_one_logarithm():
    """log(exp(z) / s) is z - log s: n exp, 1 log, then subtract, multiply, negate for each."""
    n = 100
    evaluator = evaluator_of(counts.log_loss, n)
    assert operations(evaluator, "objective") == 4 * n + 1
    assert calls(evaluator, "objective")["exp"] == n
    assert calls(evaluator, "objective")["log"] == 1


def test_the_gradient_of_log_loss_is_probabilities_minus_targets():
    """The sum s: n exp.  The adjoints of z and of s: n negations or products, divide, negate.

    Back through the exponentials, computed again: n exp, n multiplications.
    """
    n = 100
    evaluator = evaluator_of(counts.log_loss, n)
    assert operations(evaluator, "gradient") == 4 * n + 2
    assert calls(evaluator, "gradient")["exp"] == 2 * n
    assert calls(evaluator, "gradient")["log"] == 0  # only the value needs it
    assert calls(evaluator, "gradient")["divide"] == 1
    z, y = np.linspace(-1.0, 1.0, n), counts._WEIGHTS[:n]
    p = np.exp(z) / np.sum(np.exp(z))
    np.testing.assert_allclose(evaluator.gradient(z), p * np.sum(y) - y, rtol=1e-12, atol=1e-14)


def test_log_loss_of_a_linear_model_adds_two_passes_over_the_matrix():
    """100 scores of 20 variables: the matrix forward, and once more backward."""
    evaluator = evaluator_of(counts.linear_log_loss, 20)
    assert operations(evaluator, "objective") == 100 * 20 + 4 * 100 + 1
    assert operations(evaluator, "gradient") == 2 * 100 * 20 + 4 * 100 + 2


def test_subtracting_the_largest_score_keeps_counts_nearly_linear():
    """The tree of maxima selects along log2 n levels: n log n selections in the gradient."""
    found = {kind: [] for kind in ("objective", "gradient", "hessian_vector_product")}
    for n in SIZES:
        evaluator = evaluator_of(counts.shifted_log_loss, n)
        for kind, values in found.items():
            values.append(operations(evaluator, kind))
        assert calls(evaluator, "gradient")["exp"] == 2 * n
        assert calls(evaluator, "gradient")["log"] == 0
        # n - 1 maxima; subtract, exp; subtract twice, multiply, negate; one log
        assert found["objective"][-1] == (n - 1) + 2 * n + 4 * n + 1
    assert exponent(SIZES, found["objective"]) < 1.01
    assert exponent(SIZES, found["gradient"]) < 1.1
    assert exponent(SIZES, found["hessian_vector_product"]) < 1.1


# ---- functions and their inverses
def formula(write):
    """Return the simplified formula of two leaves as text, and its value at given leaves."""
    pool = ExpressionPool()
    term = write(pool.functions, pool.wrap(pool.leaf(0)), pool.wrap(pool.leaf(1))).term

    def value(x, y=1.0):
        leaves = {0: np.array([x]), 1: np.array([y])}
        return float(np.ravel(evaluate_terms(pool, [term], leaves)[0])[0])

    return pool.format(term), value


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda f, x, y: f.log(f.exp(x)), "v0"),
        (lambda f, x, y: f.log(f.exp(x) / y), "subtract(v0, log(v1))"),
        (lambda f, x, y: f.log(y / f.exp(x)), "subtract(log(v1), v0)"),
        (lambda f, x, y: f.log(y * f.exp(x)), "add(v0, log(v1))"),
        (lambda f, x, y: f.sqrt(x * x), "absolute(v0)"),
        (lambda f, x, y: f.sqrt(f.square(x)), "absolute(v0)"),
        (lambda f, x, y: f.cos(-x), "cos(v0)"),
        (lambda f, x, y: f.absolute(-x), "absolute(v0)"),
    ],
)
def test_what_is_equal_for_every_argument_is_simplified(write, expected):
    assert formula(write)[0] == expected


@pytest.mark.parametrize(
    ("write", "kept"),
    [
        (lambda f, x, y: f.exp(f.log(x)), "exp(log(v0))"),
        (lambda f, x, y: f.sqrt(x) * f.sqrt(x), "multiply(sqrt(v0), sqrt(v0))"),
        (lambda f, x, y: f.power(f.sqrt(x), 2.0), "multiply(sqrt(v0), sqrt(v0))"),
        (lambda f, x, y: f.log(x) + f.log(y), "add(log(v0), log(v1))"),
    ],
)
def test_nan_of_a_negative_argument_is_kept(write, kept):
    """Else a solver would not learn that its point is outside the domain."""
    text, value = formula(write)
    assert text == kept
    assert np.isnan(value(-1.0, -1.0))


@pytest.mark.parametrize(
    "write",
    [
        lambda f, x, y: f.log(x * y),  # not log x + log y: both may be negative
        lambda f, x, y: f.log(x * x),  # not 2 log x
        lambda f, x, y: f.arcsin(f.sin(x)),  # not x
        lambda f, x, y: f.sqrt(x * x * x * x),  # not x x, although it would be equal
        lambda f, x, y: x / y * y,  # rounds twice
    ],
)
def test_what_would_change_values_is_left_as_written(write):
    text, value = formula(write)
    assert np.isfinite(value(-2.0, -3.0))
    assert text not in ("v0", "add(log(v0), log(v1))", "multiply(2, log(v0))")


def test_a_quotient_of_an_exponential_by_something_negative_still_has_no_logarithm():
    """log(exp(x) / y) for y < 0 is NaN as written, and x - log(y) is, too."""
    _, value = formula(lambda f, x, y: f.log(f.exp(x) / y))
    assert np.isnan(value(0.5, -1.0))
    assert value(800.0, 2.0) == pytest.approx(800.0 - np.log(2.0))  # as written, inf


def test_a_branch_out_of_its_domain_reaches_the_solver_only_if_it_is_taken():
    evaluator = make_evaluator(lambda x: np.exp(np.log(x[0])), nothing, 1)
    assert np.isnan(evaluator.objective(np.array([-1.0])))
    assert np.isnan(evaluator.gradient(np.array([np.nan]))).all()


# ---- a norm computed for each element
def linalg_normalized(x):
    return np.stack([x[i] / np.linalg.norm(x) for i in range(len(x))])


def array_normalized(x):
    return np.array([x[i] / np.sqrt(np.sum(x**2)) for i in range(len(x))])


NORMALIZED = {
    "stack": counts.normalized,
    "array": array_normalized,
    "linalg": linalg_normalized,
}


def loss_of(normalized):
    return lambda x: np.sum(counts._WEIGHTS[: len(x)] * np.sin(normalized(x)))


@pytest.mark.parametrize("name", NORMALIZED)
def test_a_norm_in_a_loop_is_quadratic_as_written_and_linear_as_run(name):
    """The vector: n squares, one root, n divisions; its function: 2 n more."""
    normalized = NORMALIZED[name]
    found = {kind: [] for kind in FIRST_ORDER}
    for n in SIZES:
        evaluator = make_evaluator(loss_of(normalized), normalized, n)
        for kind, values in found.items():
            values.append(operations(evaluator, kind))
        assert operations(evaluator, "constraints") == 2 * n + 1
        assert calls(evaluator, "gradient")["sqrt"] <= 2
        assert operations(evaluator, "objective") == 4 * n + 1
        assert evaluator.schedule("gradient").work_size <= 4
    for kind, values in found.items():
        assert exponent(SIZES, values) < 1.01, kind
    if name == "stack":
        written = [counts.operations_written(normalized, n) for n in SIZES]
        assert exponent(SIZES, written) > 1.9


def test_the_dense_jacobian_of_a_normalized_vector_is_quadratic():
    found = []
    for n in SIZES:
        evaluator = make_evaluator(zero, counts.normalized, n)
        assert evaluator.jacobian_pattern.nnz == n * n
        found.append(operations(evaluator, "jacobian"))
        assert found[-1] <= 10 * n * n  # by columns: 9 n + 4 for each; by the chain rule, 3 n²
    assert exponent(SIZES, found) < 2.1


def test_recording_a_norm_in_a_loop_keeps_index_maps_symbolic():
    """A few nodes for each element, none of which holds an array; shared, one norm is left."""
    n = 400
    program = make_program(zero, counts.normalized, n)
    nodes = program.nodes()
    assert len(nodes) <= 8 * n
    assert not any(isinstance(k, Gather) and isinstance(k.index, ArrayIndex) for k in nodes)
    assert sum(k.values.size for k in nodes if isinstance(k, Constant)) <= 2 * n
    shared = share_equal_values(program)
    assert len(shared.nodes()) <= 2 * n + 10
    x = np.linspace(0.1, 1.0, n)
    for one, other in zip(interpret(program, x), interpret(shared, x), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", NORMALIZED)
def test_derivatives_of_a_normalized_vector(name):
    n = 30
    program = make_program(loss_of(NORMALIZED[name]), NORMALIZED[name], n)
    check_everything(program, np.linspace(0.4, 1.2, n), backends=("numpy",))


# ---- a layer used many times
def test_a_layer_on_many_rows_is_one_kernel():
    """36 multiplications, 30 + 6 additions, 6 tanh, 6 squares a row."""
    for rows in (10, 40):
        evaluator = evaluator_of(counts.layer_on_rows, 6 * rows)
        assert operations(evaluator, "objective") == 84 * rows
        for kind in ("objective", "gradient", "hessian_vector_product"):
            assert len(evaluator.schedule(kind).kernels()) == 1
        assert operations(evaluator, "gradient") <= 3 * 84 * rows


def test_a_layer_applied_again_and_again_is_compiled_once():
    """One pass over the matrix and 30 tanh for each layer; equal kernels are one function."""
    compiled = []
    for k in (5, 20):
        evaluator = evaluator_of(lambda x, k=k: counts.layer_on_itself(x, k), 30)
        assert operations(evaluator, "objective") == k * (900 + 30) + 30
        assert operations(evaluator, "gradient") <= 3 * operations(evaluator, "objective")
        program = NativeProgram(evaluator.schedule("gradient"), evaluator.parameters)
        compiled.append(program.source.count("define void @kernel"))
    assert compiled[0] == compiled[1] <= 8


def test_a_function_under_a_dense_matrix_is_computed_once_for_each_column():
    A = np.random.default_rng(0).standard_normal((30, 40))
    evaluator = make_evaluator(lambda x: np.sum((A @ np.tanh(x)) ** 2), nothing, 40)
    assert calls(evaluator, "objective")["tanh"] == 40
    assert calls(evaluator, "gradient")["tanh"] == 40  # its derivative reads its value


# ---- dead code
def test_the_gradient_of_a_linear_function_reads_no_variable():
    evaluator = evaluator_of(counts.linear, 100)
    schedule = evaluator.schedule("gradient")
    assert schedule.num_operations() == 0
    for kernel in schedule.kernels():
        read = schedule.pool.leaves(kernel.terms)
        assert all(kernel.operands[k].base is not Base.X for k in read)
    assert operations(evaluator, "hessian") == 0


def test_the_gradient_of_sines_has_cosines_only():
    evaluator = evaluator_of(counts.sines, 100)
    assert calls(evaluator, "gradient") == {"cos": 100}


def test_a_branch_that_data_excludes_is_not_computed():
    evaluator = evaluator_of(counts.constant_branch, 100)
    assert calls(evaluator, "objective") == {"sin": 50, "exp": 50}
    always = make_evaluator(lambda x: np.sum(np.where(True, np.sin(x), np.exp(x))), nothing, 50)
    assert calls(always, "objective") == {"sin": 50}


def test_what_no_result_needs_is_not_computed():
    assert calls(evaluator_of(counts.unused, 100), "objective") == {"multiply": 100}


# ---- loop-invariant code
@pytest.mark.parametrize("n", [10, 40, 150])
def test_an_exponential_that_a_loop_does_not_change_is_computed_once(n):
    evaluator = evaluator_of(counts.invariant, n)
    assert calls(evaluator, "objective")["exp"] == 1
    assert calls(evaluator, "gradient")["exp"] <= 2
    assert calls(evaluator, "hessian")["exp"] <= 3
    check_everything(
        make_program(counts.invariant, nothing, n), np.linspace(0.1, 1.0, n), backends=("numpy",)
    )


def test_a_broadcast_function_of_one_value_is_computed_once():
    evaluator = make_evaluator(lambda x: np.sum(np.sin(np.exp(x[0] * x[1]) * x[2:])), nothing, 102)
    assert calls(evaluator, "objective") == {"multiply": 101, "exp": 1, "sin": 100}


def test_a_division_is_computed_again_rather_than_chaining_all_derivatives():
    evaluator = make_evaluator(lambda x: np.sum(np.exp(x[0] / x[1] * x[2:])), nothing, 102)
    assert not evaluator.form.intermediates


def test_a_function_of_parameters_alone_leaves_linear_rows_linear():
    """It is computed for every instance: as a stage, its rows would not be known to be linear."""
    program = make_program(zero, lambda x, p: np.exp(p[0]) * x, 50, 1)
    evaluator = check_everything(program, np.ones(50), np.array([0.3]), backends=("numpy",))
    assert evaluator.is_linear_row.all()
    assert not evaluator.form.intermediates


# ---- common subexpressions
def test_one_difference_written_both_ways_is_squared_once():
    """Subtract, square, exp, cos, multiply for each."""
    n = 100
    evaluator = evaluator_of(counts.differences, n)
    assert operations(evaluator, "objective") == 5 * (n - 1)
    check_everything(make_program(counts.differences, nothing, 20), np.linspace(0.1, 1.0, 20) ** 2)


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda a, b: np.exp(a * b) + np.sin(b * a), {"multiply": 1, "exp": 1, "sin": 1, "add": 1}),
        (lambda a, b: np.exp(a + b) + np.sin(b + a), {"add": 2, "exp": 1, "sin": 1}),
        (lambda a, b: np.exp(a * a) * np.sin(a**2), {"multiply": 2, "exp": 1, "sin": 1}),
        (lambda a, b: np.exp(np.square(a)) * a**2, {"multiply": 2, "exp": 1}),
        # one division each: a product with the reciprocal would round differently
        (lambda a, b: a / (b + a * a) + 2 / (b + a * a), {"multiply": 1, "add": 2, "divide": 2}),
    ],
)
def test_equal_expressions_are_computed_once(write, expected):
    evaluator = make_evaluator(lambda x: np.sum(write(x[1:], x[:-1])), nothing, 101)
    assert calls(evaluator, "objective") == {name: 100 * k for name, k in expected.items()}


def test_sine_and_cosine_of_one_product_serve_value_and_gradient():
    evaluator = evaluator_of(counts.sine_and_cosine, 100)
    for kind in ("objective", "gradient"):
        assert calls(evaluator, kind)["sin"] == calls(evaluator, kind)["cos"] == 99


def test_loop_iterations_share_what_they_have_in_common():
    """sin(x[i]) is the second factor of one iteration and the first of the next."""

    def constraints(x):
        return np.stack([np.sin(x[i]) * np.sin(x[i + 1]) for i in range(200)])

    program = make_program(zero, constraints, 201)
    shared = rewrite(share_equal_values(program))
    names = [k.function.name for k in shared.nodes() if hasattr(k, "function")]
    assert names.count("sin") == 201


# ---- what must not be hoisted
def test_a_value_behind_a_where_is_not_computed_before_it():
    """At s = 0 with no element selected, the gradient is 0 and not 0 times infinity."""

    def objective(x):
        return np.sum(np.where(x[1:] > 0, np.log(x[0]) * x[1:], 0.0))

    evaluator = make_evaluator(objective, nothing, 41)
    assert not evaluator.form.intermediates
    x = np.full(41, -1.0)
    x[0] = 0.0
    np.testing.assert_array_equal(evaluator.gradient(x), np.zeros(41))


def test_elements_that_nothing_reads_are_not_computed_with_the_others():
    """A column without entries reads nothing, also where the logarithm has an infinite slope."""
    A = np.random.default_rng(0).standard_normal((30, 40))
    A[:, 7] = 0.0
    evaluator = make_evaluator(lambda x: np.sum((A @ np.log(x)) ** 2), nothing, 40)
    x = np.linspace(0.5, 1.5, 40)
    x[7] = 0.0
    gradient = evaluator.gradient(x)
    assert np.isfinite(gradient).all()
    assert gradient[7] == 0.0
