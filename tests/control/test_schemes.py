"""Nodes and weights: wrong ones are refused, right ones are those of the literature."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sparseopt.control.piecewise import PiecewisePolynomial
from sparseopt.control.transcriptions.hermite_simpson import hermite_simpson_scheme
from sparseopt.control.transcriptions.lobatto import lobatto_scheme
from sparseopt.control.transcriptions.radau import radau_scheme
from sparseopt.control.transcriptions.trapezoidal import trapezoidal_scheme


def test_radau_points_and_weights_of_three_stages_are_those_of_radau_iia():
    scheme, root = radau_scheme(3), np.sqrt(6.0)
    assert scheme.points == pytest.approx([0.0, (4 - root) / 10, (4 + root) / 10, 1.0])
    assert scheme.weights == pytest.approx([0.0, (16 - root) / 36, (16 + root) / 36, 1 / 9])


def test_lobatto_points_and_weights_of_four_stages_are_the_classical_ones():
    scheme, root = lobatto_scheme(3), np.sqrt(5.0)
    assert scheme.points == pytest.approx([0.0, (5 - root) / 10, (5 + root) / 10, 1.0])
    assert scheme.weights == pytest.approx([1 / 12, 5 / 12, 5 / 12, 1 / 12])


def test_the_first_lobatto_schemes_are_the_trapezoidal_rule_and_hermite_simpson():
    first, second = lobatto_scheme(1), lobatto_scheme(2)
    assert first.differences / 2 == pytest.approx(trapezoidal_scheme(1).differences)
    assert first.rates / 2 == pytest.approx(trapezoidal_scheme(1).rates)
    simpson = hermite_simpson_scheme(1)
    assert second.weights == pytest.approx(simpson.weights)
    # The same equations: the rows of one are combinations of those of the other.
    mine = np.hstack([second.differences, second.rates])
    theirs = np.hstack([simpson.differences, simpson.rates])
    assert np.linalg.matrix_rank(np.vstack([mine, theirs]), tol=1e-9) == 2


@pytest.mark.parametrize("degree", [1, 2, 5, 12, 30])
def test_schemes_of_high_degree_are_valid(degree):
    assert radau_scheme(degree).order == 2 * degree - 1
    assert lobatto_scheme(degree).order == 2 * degree


@pytest.mark.parametrize(
    ("field", "change", "text"),
    [
        ("points", np.array([0.0, 0.6, 1.0]), "do not vanish"),
        ("points", np.array([0.1, 0.5, 1.0]), "do not ascend from 0 to 1"),
        ("rates", np.array([[1 / 8, 0.0, -1 / 8], [1 / 6, 3 / 6, 2 / 6]]), "do not vanish"),
        ("rates", np.zeros((1, 3)), "a defect for each point"),
        ("weights", np.array([1 / 3, 1 / 3, 1 / 3]), "not exact for degree 2"),
        ("order", 5, "not exact for degree 4"),
    ],
)
def test_wrong_nodes_and_weights_are_refused(field, change, text):
    with pytest.raises(ValueError, match=text):
        dataclasses.replace(hermite_simpson_scheme(1), **{field: change})


def test_piecewise_polynomials_integrate_what_their_slopes_are():
    breaks = np.array([0.0, 0.3, 1.0])
    curve = PiecewisePolynomial(breaks, np.array([[1.0, 0.5, 0.2], [2.0, -1.0, 0.3]]))
    back = curve.slope().integral(
        np.array([curve.on_pieces(np.array([k]), breaks[k : k + 1])[0] for k in range(2)])
    )
    at = np.linspace(0.0, 1.0, 11)
    assert back(at) == pytest.approx(curve(at))
