"""Every transcription converges with its order, and on the known optima."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from tests.control import example_phases as examples

# Transcription, degree, intervals of the coarser mesh, and the order of the method.
METHODS = [
    ("trapezoidal", None, 40, 2),
    ("hermite_simpson", None, 12, 4),
    ("hermite_simpson_compressed", None, 12, 4),
    ("radau", 1, 60, 1),
    ("radau", 2, 16, 3),
    ("radau", 3, 6, 5),
    ("lobatto", 2, 12, 4),
    ("lobatto", 3, 5, 6),
    ("multiple_shooting", None, 12, 4),
    ("multiple_shooting_radau", 2, 16, 3),
    ("single_shooting", None, 12, 4),
]
# With a control, held controls converge with order 2 whatever the states do.
CONTROLLED = [
    ("trapezoidal", None, 80, 2),
    ("hermite_simpson", None, 12, 4),
    ("hermite_simpson_compressed", None, 12, 4),
    ("radau", 2, 16, 3),
    ("radau", 3, 6, 5),
    ("lobatto", 2, 12, 4),
    ("lobatto", 3, 14, 6),
    ("multiple_shooting", None, 24, 4),
    ("multiple_shooting_radau", 2, 16, 2),
]


def observed_order(phase, read, exact, name, degree, intervals):
    errors = []
    for count in (intervals, 2 * intervals):
        found = examples.solved(phase(), transcription=name, degree=degree, intervals=count)
        errors.append(abs(float(read(found)) - exact))
    return np.log2(errors[0] / errors[1])


def test_every_transcription_is_in_the_lists():
    assert {name for name, *_ in METHODS} == set(control.transcription_names())
    assert {name for name, *_ in CONTROLLED} == {n for n, *_ in METHODS} - {"single_shooting"}


def test_single_and_multiple_shooting_take_the_same_steps():
    found = [
        examples.solved(examples.linear_quadratic(), transcription=name, intervals=6)
        for name in ("single_shooting", "multiple_shooting")
    ]
    assert found[0].objective == pytest.approx(found[1].objective, rel=1e-10)


@pytest.mark.parametrize(("name", "degree", "intervals", "order"), METHODS)
def test_states_converge_with_the_order_of_the_method(name, degree, intervals, order):
    def final_state(found):
        return found["grow"].state("x")(2.0)

    exact = np.exp(np.sin(2.0))
    found = observed_order(examples.growth, final_state, exact, name, degree, intervals)
    assert abs(found - order) < 0.1


@pytest.mark.parametrize(("name", "degree", "intervals", "order"), CONTROLLED)
def test_optimal_costs_converge_with_the_order_of_the_method(name, degree, intervals, order):
    def cost(found):
        return found.objective

    phase, exact = examples.linear_quadratic, examples.RICCATI
    assert abs(observed_order(phase, cost, exact, name, degree, intervals) - order) < 0.1


@pytest.mark.parametrize(("name", "degree", "intervals", "order"), CONTROLLED)
def test_initial_costates_converge_with_the_order_of_the_method(name, degree, intervals, order):
    def costate(found):  # the cost from x is RICCATI x^2
        return found["regulate"].costate("x")(0.0)

    phase, exact = examples.linear_quadratic, 2 * examples.RICCATI
    assert abs(observed_order(phase, costate, exact, name, degree, intervals) - order) < 0.1
