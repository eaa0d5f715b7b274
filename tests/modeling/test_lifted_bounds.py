"""Rows of one variable become bounds; their multipliers come back under their names."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt.graph.interpret import interpret


@pytest.fixture
def model():
    return so.Model("test")


def bounds(model):
    problem = model.problem()
    return problem.variable_lower.tolist(), problem.variable_upper.tolist()


@pytest.mark.parametrize(
    ("row", "interval"),
    [
        (lambda x: x[1] <= 4.0, (-np.inf, 4.0)),
        (lambda x: 2 * x[1] - 1 <= 5.0, (-np.inf, 3.0)),
        (lambda x: -x[1] <= 5.0, (-5.0, np.inf)),
        (lambda x: 3 - x[1] / 2 >= 1.0, (-np.inf, 4.0)),
        (lambda x: x[1] * 2 + x[1] == 6.0, (2.0, 2.0)),
        (lambda x: 1.0 + x[1] == 6.0, (5.0, 5.0)),
        (lambda x: x[0] - x[0] + x[1] >= 1.0, None),  # two variables on the way
        (lambda x: x[1] ** 2 <= 4.0, None),
        (lambda x: x[0] + x[1] <= 4.0, None),
        (lambda x: x[0] * x[1] <= 4.0, None),
        (lambda x: 2.0 / x[1] <= 4.0, None),
        (lambda x: x[1] * 0.0 <= 4.0, None),
    ],
)
def test_only_linear_rows_of_one_variable_are_lifted(model, row, interval):
    x = model.variable("x", shape=3, start=1.0)
    model.subject_to(row(x), name="row")
    problem = model.problem()
    if interval is None:
        assert problem.num_constraints == 1
        assert bounds(model) == ([-np.inf] * 3, [np.inf] * 3)
    else:
        assert problem.num_constraints == 0
        assert (problem.variable_lower[1], problem.variable_upper[1]) == interval
        assert problem.lifted.removed_rows.tolist() == [0]


def test_the_tightest_bound_is_kept(model):
    x = model.variable("x", shape=2, lower=[-1.0, 0.0], upper=10.0)
    model.subject_to(x >= -0.5, name="first")
    model.subject_to(x, lower=-3.0, upper=[4.0, 20.0], name="second")
    assert bounds(model) == ([-0.5, 0.0], [4.0, 10.0])


def test_a_constraint_may_be_lifted_in_part(model):
    x = model.variable("x", shape=4, start=1.0)
    model.subject_to(np.concatenate([x[:1], x[1:3] * x[2:4], x[3:]]) <= 2.0, name="mixed")
    problem = model.problem()
    assert [problem.constraint_name(k) for k in range(2)] == ["mixed[1]", "mixed[2]"]
    assert problem.variable_upper.tolist() == [2.0, np.inf, np.inf, 2.0]
    assert problem.constraint_index("mixed[2]") == 1
    with pytest.raises(so.ShapeError, match="became a bound"):
        problem.constraint_index("mixed[0]")


def test_matrix_rows_with_one_entry_are_lifted(model):
    x = model.variable("x", shape=3, start=1.0)
    matrix = sp.csr_array(np.array([[0.0, 2.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, -1.0]]))
    model.subject_to(matrix @ x <= np.array([4.0, 5.0, 6.0]), name="linear")
    problem = model.problem()
    assert problem.num_constraints == 1
    assert problem.variable_upper.tolist() == [np.inf, 2.0, np.inf]
    assert problem.variable_lower.tolist() == [-np.inf, -np.inf, -6.0]


def test_rows_that_depend_on_a_parameter_stay_constraints(model):
    x = model.variable("x", shape=2)
    k = model.parameter("k", 1.0)
    model.subject_to(x == k)
    assert model.problem().num_constraints == 2


def test_lifting_can_be_switched_off():
    model = so.Model("test", lift_bounds=False)
    x = model.variable("x", shape=2)
    model.subject_to(x <= 1.0)
    assert model.problem().num_constraints == 2
    model.lift_bounds = True
    assert model.problem().num_constraints == 0


def test_a_row_that_contradicts_a_bound_is_named(model):
    x = model.variable("x", shape=2, lower=0.0)
    model.subject_to(x[1] + 1.0 == 0.5, name="start")
    with pytest.raises(so.ProblemError, match=r"start leaves no value for x\[1\]"):
        model.problem()


def test_rounding_does_not_make_a_contradiction(model):
    x = model.variable("x", upper=0.3)
    model.subject_to(x == 0.1 + 0.2)
    problem = model.problem()
    assert problem.variable_lower[0] == problem.variable_upper[0]


def test_constant_rows_are_dropped_or_refused(model):
    x = model.variable("x", shape=2)
    empty_row = sp.csr_array(np.array([[0.0, 0.0], [1.0, 1.0]]))
    model.subject_to(np.zeros_like(x) <= 1.0, name="fine")
    model.subject_to(empty_row @ x <= 1.0, name="matrix")
    assert model.problem().num_constraints in (1, 2)
    model.subject_to(np.zeros_like(x) >= 1.0, name="never")
    with pytest.raises(so.ProblemError, match=r"never\[0\] can never hold"):
        model.problem()


def two_ways(build):
    """Solve a model with and without lifting."""
    solutions = []
    for lift in (True, False):
        model = so.Model("test", lift_bounds=lift)
        build(model)
        solutions.append(model.solve(options={"tol": 1e-10}))
    return solutions


def build_with_active_rows(model):
    x = model.variable("x", shape=4, lower=-10.0, start=0.5)
    model.minimize(np.sum((x - np.array([3.0, -4.0, 5.0, 1.0])) ** 2) + x[0] * x[3])
    model.subject_to(2 * x[0] + 1 <= 3.0, name="upper")
    model.subject_to(-3 * x[1] <= 6.0, name="reversed")
    model.subject_to(x[2] / 4 == 0.5, name="fixed")
    model.subject_to(x[3] * 5 >= -20.0, name="idle")
    model.subject_to(x[0] * x[1] + x[3] <= 3.0, name="general")


@pytest.mark.parametrize("name", ["upper", "reversed", "fixed", "idle", "general"])
def test_multipliers_of_lifted_rows_equal_those_of_rows(name):
    lifted, plain = two_ways(build_with_active_rows)
    assert lifted.problem.num_constraints == 1
    assert plain.problem.num_constraints == 5
    assert lifted.dual(name) == pytest.approx(plain.dual(name), abs=1e-6)


def test_a_bound_owned_by_a_row_has_no_multiplier_of_the_variable():
    lifted, _ = two_ways(build_with_active_rows)
    lower, upper = lifted.bound_duals("x")
    assert np.all(np.abs(lower) < 1e-6)
    assert np.all(np.abs(upper) < 1e-6)


def test_an_equality_at_a_declared_bound_gets_the_whole_multiplier():
    model = so.Model("test")
    x = model.variable("x", shape=2, upper=1.0)
    model.minimize(np.sum((x - 3.0) ** 2))
    model.subject_to(x[0] == 1.0, name="at_bound")
    solution = model.solve()
    assert solution.dual("at_bound") == pytest.approx(4.0)
    assert solution.bound_duals("x")[1] == pytest.approx([0.0, 4.0], abs=1e-6)


def test_many_scalar_rows_are_inspected_quickly(model):
    x = model.variable("x", shape=500, start=1.0)
    for k in range(499):
        model.subject_to(x[k] * x[k + 1] >= 0.0)
        model.subject_to(x[k] <= 2.0)
    problem = model.problem()
    assert problem.num_constraints == 499
    assert problem.lifted.removed_rows.size == 499


def random_expression(random, x, depth):
    """A random expression of a few variables; about half of its rows are single-variable."""
    if depth == 0:
        return [x, x[::-1], np.ones(4) * x[0], np.arange(4.0) + 0 * x][random.integers(4)]
    inner = random_expression(random, x, depth - 1)
    number = random.choice([-2.0, 0.5, 3.0])
    kinds = [
        lambda: inner * number,
        lambda: number - inner,
        lambda: inner / random.choice([1.0, 2.0, -4.0], 4),
        lambda: np.concatenate([inner[2:], random_expression(random, x, depth - 1)[:2]]),
        lambda: -inner + random_expression(random, x, 0),
        lambda: np.diag([1.0, 2.0, -1.0, 0.5]) @ inner,
        lambda: sp.csr_array(np.eye(4) + np.diag([1.0, 0, 0], 1)) @ inner,
        lambda: np.where(np.array([True, False, True, True]), inner, x**2),
    ]
    return kinds[random.integers(len(kinds))]()


@pytest.mark.parametrize("seed", range(40))
def test_lifting_does_not_change_the_feasible_set(seed):
    random = np.random.default_rng(seed)
    problems = []
    for lift in (True, False):
        same = np.random.default_rng(seed)
        model = so.Model("random", lift_bounds=lift)
        x = model.variable("x", shape=4, lower=-4.0, upper=4.0)
        for _ in range(2):
            expression = random_expression(same, x, int(same.integers(1, 4)))
            model.subject_to(expression, lower=-9.0, upper=same.uniform(5.0, 12.0, 4))
        problems.append(model.problem())
    points = random.uniform(-5.0, 5.0, (300, 4))
    assert [is_feasible(problems[0], x) for x in points] == [
        is_feasible(problems[1], x) for x in points
    ]


def is_feasible(problem, x):
    values = interpret(problem.program, x, np.zeros(0))[1]
    inside = (values >= problem.constraint_lower) & (values <= problem.constraint_upper)
    return bool(
        inside.all() and (x >= problem.variable_lower).all() and (x <= problem.variable_upper).all()
    )


def test_a_nonlinear_part_of_a_joined_array_stays_a_row(model):
    x = model.variable("x", shape=2, start=1.0)
    joined = np.concatenate([x, np.cos(x)])
    model.subject_to(joined[2:3] <= 0.5, name="single")
    model.subject_to(joined[1:3] <= 0.7, name="mixed")
    problem = model.problem()
    names = [problem.constraint_name(k) for k in range(problem.num_constraints)]
    assert names == ["single[0]", "mixed[1]"]
    assert problem.variable_upper.tolist() == [np.inf, 0.7]
