"""Solutions of lifted problems, in the user's terms: those of the direct ones."""

from __future__ import annotations

import numpy as np
import pytest

import problems.registry as registry
import sparseopt as so
from sparseopt import Status
from sparseopt.graph.interpret import interpret

TIGHT = {"tol": 1e-10}


def budget():
    """Sums in the objective and in constraints of three kinds, an active upper bound."""
    n = 150
    m = so.Model("budget")
    x = m.variable("x", n, start=0.4, lower=0.0, upper=np.linspace(0.2, 2.0, n))
    share = m.intermediate("share", np.sum(x**2) / n)
    total = m.intermediate("total", np.cumsum(x) / n)
    m.minimize(np.sum((x - 1.0) ** 2) / n + (share - 0.5) ** 2 + np.sum(np.exp(total)) / n)
    m.subject_to(np.exp(share) <= 1.2, name="cap")
    m.subject_to(x[0] * share == 0.02, name="tie")
    m.subject_to(np.sum(np.sin(x)) ** 2 / n**2 >= 0.01, name="low")
    return m


def portfolio():
    """A maximization with a row that becomes a bound, and a parameter."""
    n = 150
    rng = np.random.default_rng(3)
    m = so.Model("portfolio")
    weights = m.variable("weights", n, start=1.0 / n, lower=0.0)
    aversion = m.parameter("aversion", 2.0)
    factors = m.intermediate("factors", rng.standard_normal((4, n)) @ weights)
    risk = m.intermediate("risk", np.sum(factors**2) + 0.1 * np.sum(weights**2))
    m.maximize(rng.uniform(0.0, 0.1, n) @ weights - aversion * risk)
    m.subject_to(np.sum(weights) == 1.0, name="all")
    m.subject_to(weights[:2] <= 0.001, name="small")
    m.subject_to(np.exp(risk) <= 1.0035, name="limit")
    return m


def water():
    """Levels by a running sum that may not leave a band."""
    n = 150
    m = so.Model("water")
    flow = m.variable("flow", n, start=1.0, lower=0.0)
    inflow = 1.0 + 0.8 * np.sin(np.linspace(0.0, 12.0, n))
    level = m.intermediate("level", 5.0 - np.cumsum(flow - inflow) * 0.1)
    m.minimize(np.sum(flow * np.sqrt(1.0 + level**2)) / n + np.sum(flow**2) / n)
    m.subject_to(level**2 >= 16.0, name="above")
    m.subject_to(np.mean(flow) >= 0.95, name="supply")
    return m


MODELS = [
    (budget, ("share", "total")),
    (portfolio, ("factors", "risk")),
    (portfolio, "risk"),
    (water, "level"),
]
CASES = [*MODELS, (budget, "auto"), (portfolio, "auto"), (water, "auto")]


@pytest.mark.parametrize(("build", "lift"), CASES)
def test_values_and_multipliers_are_those_of_the_direct_problem(build, lift):
    m = build()
    direct = m.solve(options=TIGHT)
    lifted = m.solve(options=TIGHT, lift=lift)
    assert direct.status is lifted.status is Status.OPTIMAL
    assert lifted.problem.lifting.num_lifted > 0
    assert lifted.objective == pytest.approx(direct.objective, rel=1e-8)
    declared = direct.problem
    for name in [variable.name for variable in declared.variables]:
        np.testing.assert_allclose(lifted[name], direct[name], atol=2e-5)
        for one, other in zip(lifted.bound_duals(name), direct.bound_duals(name), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    for name in [row.name for row in declared.constraint_rows]:
        np.testing.assert_allclose(lifted.dual(name), direct.dual(name), rtol=1e-4, atol=1e-5)
        assert np.shape(lifted.dual(name)) == np.shape(direct.dual(name))


@pytest.mark.parametrize(("build", "lift"), MODELS)
def test_lifted_values_are_what_their_expressions_are(build, lift):
    m = build()
    solution = m.solve(lift=lift)
    names = (lift,) if isinstance(lift, str) else lift
    assert tuple(solution.lifted) == names
    problem = solution.problem
    for name in names:
        values = m._intermediates[name]
        program = problem.program.with_outputs((values.node,))
        known = interpret(program, solution.x, problem.evaluator.parameters)[0]
        np.testing.assert_allclose(np.ravel(solution.lifted[name]), known, atol=1e-7)
        assert np.shape(solution.lifted[name]) == values.shape


def test_any_expression_has_a_value_at_a_lifted_solution():
    m = so.Model(lift="s")
    x = m.variable("x", 3, start=1.0)
    s = m.intermediate("s", np.sum(x**2))
    m.minimize((s + 1.0) ** 2 - 20.0 * np.sum(x))
    solution = m.solve()
    assert solution.value(s) == pytest.approx(np.sum(solution["x"] ** 2))
    assert solution.value(s) == pytest.approx(solution.lifted["s"], abs=1e-8)


@pytest.mark.parametrize("solver", ["cyipopt", "trust-constr", "SLSQP"])
def test_other_solvers_that_take_constraints_solve_lifted_problems(solver):
    m = so.Model()
    x = m.variable("x", 12, start=0.2)
    s = m.intermediate("s", np.cumsum(x) / 12)
    m.minimize(np.sum(np.exp(s)) + np.sum((x - 1.0) ** 2))
    m.subject_to(np.sum(x**2) <= 1.0, name="ball")
    direct, lifted = m.solve(options=TIGHT), m.solve(solver, lift="s")
    assert lifted.success
    np.testing.assert_allclose(lifted["x"], direct["x"], atol=2e-3)
    assert lifted.dual("ball") == pytest.approx(float(direct.dual("ball")), rel=1e-2)


@pytest.mark.parametrize(
    "options",
    [{"hessian_approximation": "limited-memory"}, {"nlp_scaling_method": "none"}],
)
def test_approximated_hessians_and_no_scaling(options):
    m = water()
    expected = m.solve(options=TIGHT).objective
    found = m.solve(options=options, lift="level")
    assert found.success
    assert found.objective == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("n", [3_000, 30_000])
def test_iterations_do_not_grow_with_the_size(n):
    solution = registry.get("nested_sums").build(num_variables=n).solve(verify="off")
    assert solution.success
    assert solution.iterations <= 10


def test_parameters_change_without_a_new_trace_and_the_start_follows():
    m = so.Model()
    x = m.variable("x", 4, start=0.5)
    c = m.parameter("c", 1.0)
    s = m.intermediate("s", c * np.sum(x**2))
    m.minimize((s - 1.0) ** 2 + np.sum(x**2))
    problem = m.problem(lift="s")
    assert problem.initial_point.tolist() == [0.5] * 4 + [1.0]
    m.set(c=3.0)
    assert m.problem(lift="s") is problem
    assert problem.initial_point.tolist() == [0.5] * 4 + [3.0]
    lifted = m.solve(lift="s")
    assert lifted.objective == pytest.approx(m.solve().objective, rel=1e-8)


def test_a_warm_start_takes_no_iterations_and_follows_parameters():
    m = portfolio()
    first = m.solve(lift="risk")
    assert m.solve(lift="risk", start=first).iterations <= 1
    m.set(aversion=2.1)
    again = m.solve(lift="risk", start=first)
    assert again.objective == pytest.approx(m.solve(start=first).objective, rel=1e-5)


def test_warm_starts_begin_at_the_lifted_values_of_the_new_parameters():
    m = so.Model()
    x = m.variable("x", 4, start=0.5)
    c = m.parameter("c", 1.0)
    s = m.intermediate("s", c * np.sum(x**2))
    m.minimize((s - 1.0) ** 2 + np.sum(x**4))
    first = m.solve(lift="s")
    m.set(c=3.0)
    seen = m.solve(lift="s", start=first, options={"max_iter": 0})
    assert seen.lifted["s"] == pytest.approx(3.0 * np.sum(first["x"] ** 2))


def test_direct_and_lifted_solutions_start_each_other():
    m = portfolio()
    direct, lifted = m.solve(), m.solve(lift="risk")
    assert m.solve(start=lifted).objective == pytest.approx(direct.objective, rel=1e-6)
    back = m.solve(start=direct, lift="risk")
    assert back.objective == pytest.approx(direct.objective, rel=1e-6)


def test_checkpoints_go_on_in_the_lifted_problem_and_are_refused_by_the_direct_one(tmp_path):
    m, path = water(), tmp_path / "run.npz"
    stopped = m.solve(lift="level", options={"max_iter": 4}, checkpoint=path, every=1)
    assert stopped.status is Status.ITERATION_LIMIT
    resumed = m.solve(lift="level", start=path)
    assert resumed.success
    assert so.load_checkpoint(path)["level"].shape == (150,)
    with pytest.raises(so.ProblemError, match="checkpoint of 'water'") as caught:
        m.solve(start=path)
    assert "level" in caught.value.why


def test_a_start_by_name_cannot_give_lifted_values():
    m = water()
    with pytest.raises(so.ProblemError, match="'level', which is no variable"):
        m.solve(lift="level", start={"level": np.zeros(150)})


def test_sensitivities_are_those_of_the_direct_problem():
    m = portfolio()
    found = [
        m.solve(options=TIGHT, lift=lift).sensitivities("aversion")
        for lift in ("none", "risk", ("factors", "risk"))
    ]
    for other in found[1:]:
        assert other.objective("aversion") == pytest.approx(found[0].objective("aversion"))
        moved, expected = (s.forward(aversion=1.0) for s in (other, found[0]))
        np.testing.assert_allclose(moved["weights"], expected["weights"], atol=1e-5)


def decay(hessian):
    t = np.linspace(0.0, 1.0, 120)
    noise = 0.01 * np.random.default_rng(0).standard_normal(t.size)
    m = so.Model("decay")
    rate = m.variable("rate", start=1.0)
    source = m.variable("source", t.size, start=0.1)
    dose = m.intermediate("dose", np.cumsum(source**2) / t.size)
    m.fit((np.exp(-rate * t) * (1.0 + dose) - np.exp(-2.0 * t) - noise) / 0.01, hessian=hessian)
    m.prior(source, 0.1, 0.05)
    return m


def test_errors_of_a_lifted_fit_are_those_of_the_direct_one():
    m = decay("exact")
    direct, lifted = m.solve(options=TIGHT), m.solve(options=TIGHT, lift="dose")
    assert lifted.problem.residuals.size == direct.problem.residuals.size
    errors = [solution.uncertainty() for solution in (direct, lifted)]
    assert errors[1].degrees_of_freedom == errors[0].degrees_of_freedom
    for name in ("rate", "source"):
        one, other = (found.standard_error(name) for found in errors)
        np.testing.assert_allclose(other, one, rtol=1e-6)


def test_fits_with_gauss_newton_hessians_are_not_lifted():
    m = decay("gauss_newton")
    problem = m.problem(lift="auto")
    assert problem.lifting.num_lifted == 0
    assert "Gauss–Newton" in problem.lifting.reason
    with pytest.raises(so.ProblemError, match="is not lifted") as caught:
        m.solve(lift="dose")
    assert 'hessian="exact"' in caught.value.instead


def test_reduced_problems_are_made_of_the_direct_one():
    m = so.Model(lift="auto")
    n = 150
    u, p = m.variable("u", n, start=0.1), m.variable("p", n, start=0.5)
    m.subject_to(u * (2.0 + np.sum(p**2) / n) == np.cumsum(p) / n, name="balance")
    m.minimize(np.sum((u - 1.0) ** 2) + np.sum(p**2))
    assert m.problem().lifting.num_lifted > 0
    reduced = m.reduce("u", by="balance")
    assert reduced.solve().objective == pytest.approx(m.solve().objective, rel=1e-6)


def test_diagnosis_finds_the_dense_line_and_nothing_once_it_is_lifted():
    m = so.Model()
    x = m.variable("x", 100, start=0.1)
    s = m.intermediate("s", np.sum(x) / 100)
    m.minimize(np.exp(s) + np.sum(x**2))
    assert [finding.kind for finding in m.problem().diagnose()] == ["dense Hessian"]
    assert len(m.problem(lift="s").diagnose()) == 0
    text = m.solve(lift="s", options={"max_iter": 0}).diagnose()
    assert "s_definition" not in str(text)  # the start is consistent


def test_entries_of_lifted_problems_are_explained_and_checked():
    problem = water().problem(lift="level")
    assert "level_definition[3]" in problem.explain("level_definition[3]", "level[2]")
    assert "derivatives agree" in str(problem.check())
