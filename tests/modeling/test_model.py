"""Models: declarations, relations, what is refused and how it is named."""

from __future__ import annotations

import re

import numpy as np
import pytest

import sparseopt as so
from sparseopt.graph.interpret import interpret

HERE = r"test_model\.py:\d+"


@pytest.fixture
def model():
    return so.Model("test")


def rows_at(model, x):
    """Values and bounds of the constraints, as the solver sees them."""
    problem = model.problem()
    values = interpret(problem.program, np.asarray(x, float), problem.evaluator.parameters)[1]
    return values.tolist(), problem.constraint_lower.tolist(), problem.constraint_upper.tolist()


def test_variables_are_laid_out_in_the_order_of_declaration(model):
    model.variable("a", shape=(2, 2), lower=0.0, start=[[1.0, 2.0], [3.0, 4.0]])
    model.variable("b", lower=-1.0, upper=1.0, start=0.5)
    problem = model.problem()
    assert problem.initial_point.tolist() == [1.0, 2.0, 3.0, 4.0, 0.5]
    assert problem.variable_lower.tolist() == [0.0, 0.0, 0.0, 0.0, -1.0]
    assert problem.variable_upper.tolist() == [np.inf] * 4 + [1.0]
    assert [problem.variable_name(k) for k in (3, 4)] == ["a[1, 1]", "b"]


def test_the_default_start_is_the_feasible_point_nearest_to_zero(model):
    model.variable("x", shape=3, lower=[-1.0, 2.0, -np.inf], upper=[1.0, 5.0, -3.0])
    assert model.problem().initial_point.tolist() == [0.0, 2.0, -3.0]


def test_constants_of_a_relation_stay_in_the_bounds(model):
    x = model.variable("x", shape=(2, 2), start=1.0)
    model.subject_to(x**2 <= np.array([[1.0, 2.0], [3.0, 4.0]]), name="upper")
    model.subject_to(5.0 <= x[0] ** 2, name="reflected")  # noqa: SIM300 - the reflected form
    values, lower, upper = rows_at(model, [1.0, 2.0, 3.0, 4.0])
    assert values == [1.0, 4.0, 9.0, 16.0, 1.0, 4.0]
    assert lower == [-np.inf] * 4 + [5.0, 5.0]
    assert upper == [1.0, 2.0, 3.0, 4.0, np.inf, np.inf]


def test_a_relation_of_two_expressions_becomes_their_difference(model):
    x = model.variable("x", shape=3)
    model.subject_to(x[1:] ** 2 == x[:1] * 2, name="equal")
    model.subject_to(x[0] * x[1] >= x[1] * x[2], name="more")
    values, lower, upper = rows_at(model, [1.0, 2.0, 3.0])
    assert values == [2.0, 7.0, -4.0]
    assert lower == [0.0, 0.0, 0.0]
    assert upper == [0.0, 0.0, np.inf]


def test_an_expression_takes_bounds_that_broadcast(model):
    x = model.variable("x", shape=(2, 3))
    model.subject_to(x**2, lower=0.5, upper=[1.0, 2.0, 3.0], name="range")
    _, lower, upper = rows_at(model, np.zeros(6))
    assert lower == [0.5] * 6
    assert upper == [1.0, 2.0, 3.0] * 2


def test_numpy_on_the_left_of_a_relation_is_recorded_too(model):
    x = model.variable("x", shape=2)
    model.subject_to(np.array([1.0, 2.0]) <= x**2)
    assert rows_at(model, [3.0, 3.0]) == ([9.0, 9.0], [1.0, 2.0], [np.inf, np.inf])


def test_unnamed_constraints_are_numbered(model):
    x = model.variable("x", shape=2)
    assert [model.subject_to(x[0] * x[1] >= k) for k in (0.0, 1.0)] == ["c0", "c1"]
    assert model.subject_to(x[0] * x[1] <= 9.0, name="c2") == "c2"
    assert model.subject_to(x[0] * x[1] <= 8.0) == "c3"


def test_maximization_is_negated_for_the_solver_only(model):
    x = model.variable("x", upper=2.0, start=1.0)
    model.maximize(x**3)
    assert model.problem().objective([1.5]) == -(1.5**3)
    assert model.problem().gradient([1.0]).tolist() == [-3.0]


def test_a_model_without_objective_looks_for_a_feasible_point(model):
    x = model.variable("x", shape=2, start=[0.3, 0.9])
    model.subject_to(x[0] ** 2 + x[1] ** 2 == 1.0)
    model.subject_to(np.sin(x[0]) == x[1] ** 2)
    solution = model.solve()
    assert solution.success
    assert solution.objective == 0.0
    assert np.sum(solution["x"] ** 2) == pytest.approx(1.0)


def test_a_problem_is_compiled_once_until_something_is_declared(model):
    x = model.variable("x", shape=2)
    k = model.parameter("k", 2.0)
    model.minimize(np.sum(x**2) * k)
    first = model.problem()
    model.set(k=5.0)
    assert first.objective([1.0, 1.0]) == 10.0
    assert model.problem() is first
    model.subject_to(x[0] * x[1] >= 1.0)
    assert model.problem() is not first
    assert model.problem().objective([1.0, 1.0]) == 10.0


def test_a_parameter_may_stand_on_the_right_of_a_relation(model):
    x = model.variable("x", shape=2)
    target = model.parameter("target", [1.0, 2.0])
    model.minimize(np.sum((x - 5.0) ** 2))
    model.subject_to(x == target, name="reach")
    assert model.solve()["x"] == pytest.approx([1.0, 2.0])
    model.set(target=[3.0, 4.0])
    solution = model.solve()
    assert solution["x"] == pytest.approx([3.0, 4.0])
    assert solution["target"].tolist() == [3.0, 4.0]


def test_later_writes_do_not_change_what_was_declared(model):
    x = model.variable("x", shape=2, start=3.0)
    y = x.copy()
    model.minimize(y[0])
    model.subject_to(y[1:] ** 2 <= 1.0, name="below")
    y[...] = 0.0
    problem = model.problem()
    assert problem.objective([5.0, 2.0]) == 5.0
    assert problem.constraints([5.0, 2.0]).tolist() == [4.0]


def test_a_new_objective_replaces_the_old_one(model):
    x = model.variable("x", start=3.0)
    model.minimize(x**2)
    assert model.problem().objective([3.0]) == 9.0
    model.maximize(x)
    assert model.problem().objective([3.0]) == -3.0


# ---- what is refused


@pytest.mark.parametrize("name", ["", "two words", "1st", "for", 3, None])
def test_a_name_must_be_an_identifier(model, name):
    with pytest.raises(so.ProblemError, match="is not a name for a variable"):
        model.variable(name)


def test_a_name_is_used_once(model):
    x = model.variable("x", shape=2)
    for declare in (model.variable, lambda name: model.parameter(name, 1.0)):
        with pytest.raises(so.ProblemError, match=rf"two things are called 'x'\n.*{HERE}"):
            declare("x")
    model.subject_to(x[0] * x[1] == 1.0, name="product")
    with pytest.raises(so.ProblemError, match="two things are called 'product'"):
        model.subject_to(x[0] * x[1] == 1.0, name="product")


@pytest.mark.parametrize("shape", [2.5, (2, -1), "ab", (1.0, 2)])
def test_a_shape_is_made_of_lengths(model, shape):
    with pytest.raises(so.ShapeError, match="is no shape for 'x'"):
        model.variable("x", shape=shape)


def test_crossed_bounds_name_the_element(model):
    with pytest.raises(so.ProblemError, match=rf"x\[1, 0\] are crossed.*3.*2(.|\n)*{HERE}"):
        model.variable("x", shape=(2, 1), lower=[[0.0], [3.0]], upper=2.0)


def test_nan_bounds_name_the_element(model):
    with pytest.raises(so.ProblemError, match=r"a bound of x\[2\] is NaN"):
        model.variable("x", shape=3, upper=[1.0, 1.0, np.nan])
    x = model.variable("x", shape=3)
    with pytest.raises(so.ProblemError, match=r"a bound of cone\[1\] is NaN"):
        model.subject_to(x**2 <= np.array([1.0, np.nan, 1.0]), name="cone")


def test_bounds_that_no_number_meets_are_refused(model):
    with pytest.raises(so.ProblemError, match="must lie between inf and inf"):
        model.variable("x", lower=np.inf)
    x = model.variable("x", shape=2)
    with pytest.raises(so.ProblemError, match=r"far\[0\] must lie between inf and inf"):
        model.subject_to(x**2 == np.inf, name="far")


def test_bounds_and_start_must_fit_the_shape(model):
    for argument in ("lower", "upper", "start"):
        with pytest.raises(so.ShapeError, match=r"has shape \(3,\)(.|\n)*has shape \(2,\)"):
            model.variable("x", shape=2, **{argument: [0.0, 0.0, 0.0]})
    x = model.variable("x", shape=2)
    with pytest.raises(so.ShapeError, match="the upper bound of 'c0'"):
        model.subject_to(x**2, upper=[1.0, 2.0, 3.0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_start_that_is_not_finite_names_the_element(model, bad):
    with pytest.raises(so.NonFiniteError, match=rf"the start of x\[1\] is {bad}"):
        model.variable("x", shape=2, start=[0.0, bad])
    with pytest.raises(so.NonFiniteError, match=f"the value of k is {bad}"):
        model.parameter("k", bad)


def test_bounds_must_be_numbers(model):
    with pytest.raises(so.ProblemError, match="the lower bound of 'x' is not made of numbers"):
        model.variable("x", lower="low")


def test_complex_numbers_are_refused(model):
    with pytest.raises(so.ProblemError, match="the start of 'x' is complex"):
        model.variable("x", shape=2, start=np.array([1.0, 1j]))
    x = model.variable("x", shape=2)
    model.minimize(np.sum(x**2))
    with pytest.raises(so.ProblemError, match="is complex"):
        model.problem().objective(np.array([1.0, 1j]))
    with pytest.raises(so.ProblemError, match="x0 is complex"):
        so.minimize(lambda x: x[0] ** 2, [1j])
    with pytest.raises(so.ProblemError, match="is complex"):
        so.gradient(lambda x: x[0] ** 2, [0.0])([1j])


def test_zero_variables_are_refused(model):
    with pytest.raises(so.ProblemError, match="has no variables"):
        model.problem()
    model.variable("x", shape=0)
    with pytest.raises(so.ProblemError, match="has no variables"):
        model.solve()


def test_an_empty_array_beside_others_is_fine(model):
    nothing = model.variable("nothing", shape=(0, 3))
    x = model.variable("x", start=1.0)
    model.minimize((x - 2.0) ** 2 + np.sum(nothing))
    model.subject_to(nothing**2 == 0.0, name="none")
    solution = model.solve()
    assert solution["x"] == pytest.approx(2.0)
    assert solution["nothing"].shape == (0, 3)
    assert solution.dual("none").shape == (0, 3)


def test_an_objective_is_one_number(model):
    x = model.variable("x", shape=3)
    with pytest.raises(so.ShapeError, match=rf"the objective has shape \(3,\)\n.*{HERE}"):
        model.minimize(x**2)
    with pytest.raises(so.ProblemError, match="a comparison stands where a value is expected"):
        model.maximize(x[0] <= 1.0)
    model.minimize(x[:1] ** 2)  # one element, whatever its shape
    assert model.problem().objective([3.0, 0.0, 0.0]) == 9.0


def test_a_constraint_without_variables_is_refused(model):
    with pytest.raises(so.ProblemError, match="a constraint is a plain bool"):
        model.subject_to(1.0 <= 2.0)


def test_strict_and_unequal_relations_are_refused(model):
    x = model.variable("x", shape=2)
    for relation, advice in ((x < 1, "<="), (x > 1, ">="), (x != 1, "==")):
        with pytest.raises(so.ProblemError, match=f"instead: use {re.escape(advice)}"):
            model.subject_to(relation)


def test_an_expression_needs_bounds(model):
    x = model.variable("x", shape=2)
    with pytest.raises(so.ProblemError, match="neither a relation nor an expression with bounds"):
        model.subject_to(x**2)
    with pytest.raises(so.ProblemError, match="a comparison stands where a value is expected"):
        model.subject_to(x**2 <= 1.0, lower=0.0)
    with pytest.raises(so.ProblemError, match=r"with &(.|\n)*lower=0, upper=1"):
        model.subject_to((x >= 0.0) & (x <= 1.0))
    with pytest.raises(so.ProblemError, match="several relations are given at once"):
        model.subject_to([x[0] == 1.0, x[1] == 2.0])


def test_a_chained_comparison_is_a_branch(model):
    x = model.variable("x", shape=2)
    with pytest.raises(so.BranchError, match=HERE):
        model.subject_to(0 <= x <= 1)


def test_variables_of_another_model_are_refused_with_the_line(model):
    other = so.Model("other").variable("y", shape=2)
    x = model.variable("x", shape=2)
    model.minimize(np.sum(x * other))
    with pytest.raises(so.ProblemError, match=rf"uses 'y', which it did not declare\n.*{HERE}"):
        model.problem()


def test_an_unknown_parameter_gets_the_nearest_name(model):
    model.parameter("stiffness", 1.0)
    with pytest.raises(so.ProblemError, match="did you mean 'stiffness'"):
        model.set(stifness=2.0)
    with pytest.raises(so.ShapeError, match="the value of 'stiffness'"):
        model.set(stiffness=[1.0, 2.0])


def test_a_start_for_an_unknown_variable_gets_the_nearest_name(model):
    x = model.variable("speed", shape=2, start=1.0)
    model.minimize(np.sum(x**2))
    with pytest.raises(so.ProblemError, match="did you mean 'speed'"):
        model.solve(start={"sped": [1.0, 2.0]})
    with pytest.raises(so.NonFiniteError, match=r"the start of speed\[0\] is nan"):
        model.solve(start={"speed": [np.nan, 2.0]})


def test_an_unknown_solver_and_option_get_the_nearest_name(model):
    x = model.variable("x", start=1.0)
    model.minimize(x**2)
    with pytest.raises(so.UnknownSolverError, match="ipopt"):
        model.solve(solver="ipop")
    with pytest.raises(so.UnknownOptionError, match="max_iter"):
        model.solve(options={"max_itre": 3})


@pytest.mark.parametrize("jacobian_plan", ["auto", "direct", "forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("hessian_plan", ["direct", "star", "acyclic"])
def test_a_model_solves_alike_with_every_plan(jacobian_plan, hessian_plan):
    m = so.Model("rosenbrock", jacobian_plan=jacobian_plan, hessian_plan=hessian_plan)
    x = m.variable("x", 6, start=0.5)
    m.minimize(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))
    m.subject_to(x[1:] * x[:-1] + np.sum(np.sin(x)) <= 7.0)
    solution = m.solve()
    assert solution.success
    assert solution["x"] == pytest.approx(np.ones(6), abs=1e-6)
    if hessian_plan != "direct":
        assert f"plan {hessian_plan} with" in str(m.problem())


def test_a_model_refuses_an_unknown_plan():
    with pytest.raises(so.SparseOptError, match="a Hessian has no plan 'reverse'"):
        so.Model(hessian_plan="reverse")
