"""Shared parts of the Hock–Schittkowski problems, and what the general tests cannot judge."""

from math import cos, exp, sin

import numpy as np
import pytest

from problems import registry
from problems.hock_schittkowski import heating, hs054
from problems.hock_schittkowski.book import optimum


def books_distance(x):
    """Return the double sum as the book writes it, with the products of different terms."""
    n, mu, amplitude = len(x), heating.ROOT, heating.AMPLITUDE

    def tail(j):
        return sum(v**2 for v in x[j - 1 :])

    def rho(m):
        inner = sum(2 * (-1) ** (j - 1) * exp(-(m**2) * tail(j)) for j in range(2, n + 1))
        return -(exp(-(m**2) * tail(1)) + inner + (-1) ** n) / m**2

    weights = [m**2 * a * rho(m) for m, a in zip(mu, amplitude, strict=True)]
    total = 0.0
    for i, (m, w) in enumerate(zip(mu, weights, strict=True)):
        total += w**2 * (sin(2 * m) / (2 * m) + 1) / 2
        total -= w * (2 * sin(m) / m**3 - 2 * cos(m) / m**2)
        for k, v in zip(mu[:i], weights[:i], strict=True):
            total += w * v * (sin(m + k) / (m + k) + sin(m - k) / (m - k))
    return total + 2 / 15


@pytest.mark.parametrize(
    "x", [(0.5, -0.5), (1.0743, -0.4566), (0.5, -0.4, 0.3), (1.0, 0.4, 0.3, 0.2, 0.1)]
)
def test_heating_series_is_the_books_double_sum(x):
    assert heating.remaining_distance(np.array(x)) == pytest.approx(books_distance(x), rel=1e-12)


def test_roots_of_the_heating_series_solve_their_equation():
    np.testing.assert_allclose(heating.ROOT * np.tan(heating.ROOT), 1.0, rtol=1e-9)
    assert (np.floor(heating.ROOT / np.pi) == np.arange(heating.NUM_TERMS)).all()


def test_hessian_of_hs054_agrees_with_differences_in_units_of_the_deviations():
    """Its variables differ by ten orders of magnitude, which the general check cannot judge."""
    problem, scale = hs054.build().problem(), hs054.DEVIATION
    x, step = problem.initial_point, 1e-5
    hessian = problem.hessian(x, np.zeros(1)).toarray() * np.outer(scale, scale)
    columns = []
    for direction in np.eye(6) * step:
        ahead = problem.gradient(x + direction * scale)
        behind = problem.gradient(x - direction * scale)
        columns.append((ahead - behind) * scale / (2 * step))
    np.testing.assert_allclose(hessian, columns, rtol=1e-6, atol=1e-10)


def test_every_problem_of_the_book_with_derivatives_is_there():
    missing = {82, 87, 94, 115}
    names = {f"hs{number:03d}" for number in range(1, 120) if number not in missing}
    assert {name for name in registry.names() if name.startswith("hs")} == names


@pytest.mark.parametrize(
    ("value", "digits", "tolerance"),
    [(17.0140173, 3, 5e-4 / 17.0140173), (17.0140173, 9, 1e-7), (-1.0, None, 1e-7), (0.0, 2, 5e-3)],
)
def test_tolerance_is_half_a_unit_of_the_last_digit_but_no_less_than_solvers_reach(
    value, digits, tolerance
):
    assert optimum(value, digits).relative_tolerance == pytest.approx(tolerance)
