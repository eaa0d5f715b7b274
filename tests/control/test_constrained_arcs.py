"""Path constraints and bounds that hold along arcs: costates, and what happens between points."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from tests.control import example_phases as examples

TIMES = np.linspace(0.0, 1.0, 24)
# Transcription, and what the costate may be off by with 10 intervals.
METHODS = [
    ("trapezoidal", 1.5e-2),
    ("hermite_simpson", 2e-3),
    ("hermite_simpson_compressed", 2e-3),
    ("radau", 1e-4),
    ("lobatto", 1e-4),
    ("multiple_shooting", 1e-4),
]


def capped():
    """x' = u <= x: the largest x(1) is e, with the costate exp(1 - t)."""
    p = control.Phase("grow")
    p.time(initial=0.0, final=1.0)
    p.state("x", initial=1.0)
    p.control("u", lower=-5.0, upper=5.0)
    p.dynamics(lambda s, u, q, t: {"x": u.u})
    p.path(lambda s, u, q, t: {"cap": u.u - s.x}, upper=0.0)
    p.maximize(lambda first, last, q, integral: last.x)
    return p


def floored():
    """Down to a floor and up again: u = 8 (t - 1/2), then 0, then 8 (t - 3/2), and p = -u."""
    p = control.Phase("dip")
    p.time(initial=0.0, final=2.0)
    p.state("x", lower=0.0, initial=1.0, final=1.0)
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": u.u})
    p.integral("cost", lambda s, u, q, t: u.u**2 / 2 + 8 * s.x)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return p


@pytest.mark.parametrize(("name", "slack"), METHODS)
def test_costates_along_a_path_constraint_are_the_analytic_ones(name, slack):
    found = examples.solved(capped(), transcription=name)["grow"]
    assert np.abs(found.costate("x")(TIMES) - np.exp(1 - TIMES)).max() < slack


@pytest.mark.parametrize(
    "name", ["hermite_simpson", "hermite_simpson_compressed", "lobatto", "radau"]
)
def test_costates_along_a_bound_of_a_state_are_the_analytic_ones(name):
    found = examples.solved(floored(), transcription=name, intervals=16)["dip"]
    times = np.linspace(0.02, 1.98, 50)
    times = times[np.abs(np.abs(times - 1.0) - 0.5) > 0.13]  # an interval where the arc begins
    exact = 8 * np.maximum(0.5 - times, 0.0) - 8 * np.maximum(times - 1.5, 0.0)
    assert np.abs(found.costate("x")(times) - exact).max() < 5e-3


def test_costates_still_jump_where_a_trajectory_enters_an_arc_of_second_order():
    found = examples.solved(examples.bryson_denham(), intervals=24)["arc"]
    # l = 1/9: the arc is from 1/3 to 2/3, with p_x = 18 before it and -18 after it.
    assert found.costate("x")([0.1, 0.9]) == pytest.approx([18.0, -18.0], rel=1e-3)
    assert found.costate("v")([0.0, 1.0]) == pytest.approx([6.0, 6.0], rel=1e-3)


@pytest.mark.parametrize("name", ["multiple_shooting", "single_shooting"])
def test_path_constraints_hold_in_the_middle_of_steps(name):
    """Controls are free there otherwise, and the optimum is another one."""
    found = examples.solved(capped(), transcription=name)
    assert found.objective == pytest.approx(np.e, rel=1e-6)
    times = np.linspace(0.0, 1.0, 21)  # ends and middles
    slide = found["grow"]
    assert (slide.control("u")(times) - slide.state("x")(times)).max() < 1e-6


def test_a_few_steps_on_each_interval_hold_path_constraints_too():
    found = examples.solved(capped(), transcription="multiple_shooting", intervals=4, degree=3)
    assert found.objective == pytest.approx(np.e, rel=1e-6)
    assert found["grow"].path("cap").max() < 1e-6


def test_violations_of_path_constraints_add_up():
    """A held control is a little too large on each interval: the whole is no small error."""
    found = examples.solved(capped(), transcription="multiple_shooting_radau", intervals=100)
    errors = found["grow"].errors
    assert errors.violation.max() < 2e-5
    assert found.error == pytest.approx(errors.violation.sum())
    assert found.error > 5e-4


def test_an_optimum_that_a_coarse_mesh_made_too_good_is_refined():
    found = control.Problem("capped", [capped()]).solve("trapezoidal", intervals=10)
    assert found.refinement[0].objective > found.objective + 1e-3
    assert found.objective == pytest.approx(np.e, rel=1e-6)
    assert "is below the tolerance" in found.stop
