"""What "auto" lifts, and what it leaves."""

from __future__ import annotations

import re

import numpy as np
import pytest

import sparseopt as so
from sparseopt.lifting import choice, count_nonzeros
from sparseopt.patterns.index_sets import hessian_pattern_of


def nested(m, n):
    x = m.variable("x", n, start=0.3)
    m.minimize(np.sum(np.exp(np.cumsum(x) / n)) + np.sum(x**2) ** 2 - x[0])


def variance(m, n):
    x = m.variable("x", n, start=np.linspace(0.0, 1.0, n))
    m.minimize(np.var(x) ** 2 + np.sum((x - 0.5) ** 2) / n)


def one_inside_of_the_other(m, n):
    x = m.variable("x", n, start=0.1)
    m.minimize(np.sum(np.sin(x * np.sum(x**2))) ** 2)


def log_sum_exp(m, n):
    x = m.variable("x", n, start=0.0)
    top = np.max(x)
    m.minimize(top + np.log(np.sum(np.exp(x - top))) + np.sum(x**2))


def product(m, n):
    x = m.variable("x", n, start=1.0)
    m.minimize(np.prod(x) + np.sum(x**2))


def low_rank(m, n):
    x = m.variable("x", n, start=0.0)
    data = np.random.default_rng(0).standard_normal((10, n))
    m.minimize(np.sum(np.log1p(np.exp(data @ x))) + np.sum(x**2))


def loop_over_terms(m, n):
    x = m.variable("x", n, start=0.1)
    total = 0.0
    for k in range(n):
        total = total + x[k] ** 2
    m.minimize(np.exp(total / n))


def time_stepping(m, n):
    u = m.variable("u", n, start=0.1)
    y, cost = 1.0, 0.0
    for k in range(n):
        y = y + 0.1 * np.sin(y) * u[k]
        cost = cost + y**2
    m.minimize(cost + np.sum(u**2))


DENSE = [
    nested, variance, one_inside_of_the_other, log_sum_exp, product, low_rank, loop_over_terms,
    time_stepping,
]  # fmt: skip


@pytest.mark.parametrize("write", DENSE)
def test_what_is_lifted_makes_derivatives_sparse(write):
    n = 150
    m = so.Model(lift="auto")
    write(m, n)
    problem = m.problem()
    assert problem.lifting.num_lifted > 0
    assert problem.jacobian_pattern.nnz + problem.hessian_pattern.nnz < 20 * n
    assert hessian_pattern_of(m.problem(lift="none").program).nnz == n * (n + 1) // 2


@pytest.mark.parametrize("write", [nested, variance, product])
def test_nonzeros_are_linear_in_the_size(write):
    found = []
    for n in (5_000, 20_000):
        m = so.Model(lift="auto", backend="numpy")
        write(m, n)
        problem = m.problem()
        found.append(problem.jacobian_pattern.nnz + problem.hessian_pattern.nnz)
    assert found[1] <= 4.1 * found[0]
    assert found[0] < 20 * 5_000


def sparse(m, n):
    x = m.variable("x", n, start=0.1)
    m.minimize(np.sum((x[1:] - x[:-1] ** 2) ** 2))
    m.subject_to(np.sum(x) <= 1.0)


def small(m, n):
    x = m.variable("x", 100, start=0.1)
    m.minimize(np.sum(x) ** 2 * np.sum(x**2))


def as_many_sums_as_variables(m, n):
    x = m.variable("x", n, start=0.1)
    data = np.random.default_rng(0).standard_normal((n, n))
    m.minimize(np.sum((data @ x) ** 4))


def few_parameters(m, n):
    p = m.variable("p", 3, start=0.1)
    y = np.ones(1)
    for _ in range(50):
        y = y + 0.01 * np.sin(y * p[0]) * p[1]
    m.minimize(np.sum((y - p[2]) ** 2))


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (sparse, "are few"),
        (small, "are few"),
        (as_many_sums_as_variables, ""),
        (few_parameters, "are few"),
    ],
)
def test_nothing_is_lifted_that_does_not_pay(write, reason):
    m = so.Model(lift="auto")
    write(m, 200)
    problem = m.problem()
    assert problem.lifting.num_lifted == 0
    assert problem.num_variables == m.problem(lift="none").num_variables
    assert reason in problem.lifting.reason
    assert "nothing: " in str(m.problem(lift="auto"))


def test_names_are_taken_before_values_that_are_as_good():
    n = 200
    m = so.Model(lift="auto")
    x = m.variable("x", n, start=0.1)
    size = m.intermediate("size", np.sum(x**2) / n)
    running = m.intermediate("running", 1.0 - np.cumsum(x) / n)
    m.minimize(np.exp(size) + np.sum(np.exp(running)) + size**2)
    problem = m.problem()
    assert list(problem.lifting.shapes) == ["size", "running"]
    assert problem.lifting.num_lifted == 1 + n


def test_a_named_running_mean_is_a_recurrence():
    n = 200
    m = so.Model(lift="mean")
    x = m.variable("x", n, start=0.1)
    mean = m.intermediate("mean", 3.0 - np.cumsum(x) / np.arange(1, n + 1))
    m.minimize(np.sum(np.exp(mean)))
    problem = m.problem()
    assert problem.jacobian_pattern.nnz == n + n + (n - 1)
    assert problem.constraints(problem.initial_point) == pytest.approx(0.0, abs=1e-12)
    assert "mean, 200 sums, each from the one before, " in str(problem)


def named():
    m = so.Model("named")
    x = m.variable("x", 300, start=0.1)
    s = m.intermediate("s", np.sum(x**2))
    m.minimize((s - 1.0) ** 2 + np.sum(x**2))
    return m


def test_what_is_lifted_is_printed_with_its_line_and_the_counts():
    line = named.__code__.co_firstlineno + 3
    report = named().solve(lift="s").report()
    for text in (str(named().problem(lift="s")), report):
        assert (
            "1 value, asked for by name: 0 nonzeros in the Jacobian become 301, 45,150 in the "
            "Hessian 301"
        ) in text
        assert re.search(rf"s, a sum of 300 terms, \S*test_choice\.py:{line}\n", text)
    assert "lifted" not in str(named().problem())


@pytest.mark.parametrize("lift", ["S", "x", ("s", "t"), ""])
def test_unknown_names_are_named(lift):
    with pytest.raises(so.ProblemError, match="no intermediate has that name"):
        named().problem(lift=lift)


@pytest.mark.parametrize("lift", [3, ["s", 4], {"s"}, b"s", True])
def test_what_is_no_name_is_refused(lift):
    with pytest.raises(so.ProblemError, match="is no choice") as caught:
        named().problem(lift=lift)
    assert "m.intermediate" in caught.value.instead
    with pytest.raises(so.ProblemError, match="is no choice"):
        so.Model(lift=lift)


def test_no_names_are_nothing():
    assert named().problem(lift=()).lifting is None


def test_a_name_that_is_used_nowhere_is_refused():
    m = so.Model()
    x = m.variable("x", 3)
    m.intermediate("s", np.sum(x))
    m.minimize(np.sum(x**2))
    with pytest.raises(so.ProblemError, match="'s' is not used"):
        m.problem(lift="s")


def test_intermediates_are_named_expressions():
    m = so.Model()
    x = m.variable("x", 3)
    total = m.intermediate("total", np.sum(x))
    for name, value, message in [
        ("k", 3.0, "is a variable, a parameter or a number"),
        ("k", x, "is a variable, a parameter or a number"),
        ("x", 2.0 * x, "two things are called 'x'"),
        ("total", 2.0 * x, "two things are called 'total'"),
        ("auto", 2.0 * x, "cannot be called 'auto'"),
        ("a b", 2.0 * x, "is not a name for an intermediate"),
        ("sum", total, "has the name 'total' already"),
    ]:
        with pytest.raises(so.ProblemError, match=message):
            m.intermediate(name, value)


@pytest.mark.parametrize("solver", ["L-BFGS-B", "Newton-CG", "trust-krylov"])
def test_solvers_without_constraints_get_the_direct_problem_or_refuse_names(solver):
    m = named()
    solution = m.solve(solver, lift="auto")
    assert solution.success
    assert solution.lifted == {}
    assert f"nothing: SciPy's {solver} takes no constraints" in solution.report()
    assert m.problem(lift="none").lifting is None
    with pytest.raises(so.SolverError, match="1 constraint") as caught:
        m.solve(solver, lift="s")
    assert 'lift="none"' in caught.value.instead


def test_functions_that_are_not_numpy_stay_and_sums_beside_them_are_lifted():
    def steps(carry, push):
        return carry + 0.01 * np.sin(carry) * push, carry

    m = so.Model(lift="auto")
    x, u = m.variable("x", 300, start=0.1), m.variable("u", 20, start=0.1)
    end, _ = so.scan(steps, np.ones(1), u)
    m.minimize(np.sum(end**2) + np.sum(u**2) + np.sum((x - 0.5) ** 2) ** 2)
    problem = m.problem()
    assert problem.lifting.num_lifted == 1
    direct = m.solve(lift="none")
    assert m.solve().objective == pytest.approx(direct.objective, rel=1e-5)


def test_each_choice_is_counted_once(monkeypatch):
    counted = []

    def noted(program, forms=None):
        counted.append(program.num_variables)
        return count_nonzeros(program, forms)

    monkeypatch.setattr(choice, "count_nonzeros", noted)
    m = so.Model(lift="auto")
    x = m.variable("x", 300)
    m.minimize(np.sum(x**2) ** 2)
    lifting = m.problem().lifting
    assert lifting is not None
    assert lifting.num_lifted == 1
    assert counted == [300, 301, 300]  # as it is, with the sum, and with the sum put back


def test_the_time_that_lifting_takes_is_told():
    m = so.Model()
    m.minimize(m.variable("x", 3).sum() ** 2)
    assert m.problem().evaluator.timings["lifting"] > 0.0
