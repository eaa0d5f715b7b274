"""What "auto" lifts, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so


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
    n = 200
    m = so.Model(lift="auto")
    write(m, n)
    problem = m.problem()
    assert problem.lifting.num_lifted > 0
    assert problem.jacobian_pattern.nnz + problem.hessian_pattern.nnz < 20 * n
    assert m.problem(lift="none").hessian_pattern.nnz == n * (n + 1) // 2


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
