"""Scales, functions that try to change what they receive, and settings that are no choice."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from sparseopt.errors import NonFiniteError, ProblemError, ShapeError
from tests.control import example_phases as examples


def push(function=lambda s, u, q, t: {"x": u.u}):
    p = control.Phase("p")
    p.time(initial=0.0, final=1.0)
    p.state("x", initial=0.0)
    p.control("u", lower=-1.0, upper=1.0)
    p.dynamics(function)
    p.maximize(lambda first, last, q, integral: last.x)
    return p


# ---- scales
def test_times_have_a_scale():
    p = examples.brachistochrone()
    p.time(initial=0.0, final=(0.1, 10.0), guess=(0.0, 1.0), scale=50.0)
    problem = control.Problem("scaled", [p]).prepare(intervals=10).problem()
    place = problem.variables["slide__final_time"]
    assert problem.variable_scale[place.offset] == 50.0
    found = examples.solved(p, intervals=10)
    assert found.objective == pytest.approx(examples.BRACHISTOCHRONE, rel=1e-5)


@pytest.mark.parametrize(
    ("scale", "error"),
    [
        (0.0, ProblemError),
        (-2.0, ProblemError),
        (np.nan, NonFiniteError),
        (np.inf, NonFiniteError),
        ([1.0, 2.0, 3.0], ShapeError),
        ("large", ShapeError),
    ],
)
def test_scales_are_positive_numbers_of_the_right_shape(scale, error):
    p = control.Phase("p")
    with pytest.raises(error, match="the scale of the times of phase 'p'"):
        p.time(initial=0.0, final=1.0, scale=scale)
    with pytest.raises(error, match="the scale of state 'x' of phase 'p'") as raised:
        p.state("x", shape=2, scale=scale)
    assert "test_declarations.py" in str(raised.value)
    with pytest.raises(error, match="the scale of control 'u' of phase 'p'"):
        p.control("u", shape=2, scale=scale)
    with pytest.raises(error, match="the scale of static parameter 'k'"):
        p.static("k", shape=2, scale=scale)


# ---- functions that change what they receive
def assigns(s, u, q, t):
    s.x = s.x + 1.0
    return {"x": u.u}


def assigns_by_name(s, u, q, t):
    u["u"] = 0.0
    return {"x": u.u}


def deletes(s, u, q, t):
    del q.g
    return {"x": u.u}


@pytest.mark.parametrize(
    ("function", "text"),
    [(assigns, "'x' is assigned to"), (assigns_by_name, "'u'"), (deletes, "'g' is assigned to")],
)
def test_values_that_a_function_receives_are_not_assigned_to(function, text):
    with pytest.raises(ProblemError, match=text) as raised:
        control.Problem("bad", [push(function)]).prepare(intervals=2)
    assert "a function only reads it" in str(raised.value)
    assert "test_declarations.py" in str(raised.value)


def test_times_that_a_function_changes_in_place_are_its_own():
    def late(s, u, q, t):
        t += 100.0
        return 0.0 * t + 1.0

    p = push()
    p.integral("one", late)
    p.integral("half", lambda s, u, q, t: t)
    found = examples.solved(p, intervals=2)["p"]
    assert found.integral("half") == pytest.approx(0.5)


# ---- settings
@pytest.mark.parametrize("most_meshes", [0, -1, 2.5, True, None])
def test_at_least_one_mesh_is_tried(most_meshes):
    with pytest.raises(ProblemError, match=f"most_meshes is {most_meshes}"):
        control.Problem("bad", [push()]).solve(most_meshes=most_meshes)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"tolerance": np.inf}, "the tolerance is inf"),
        ({"tolerance": np.nan}, "the tolerance is nan"),
        ({"tolerance": True}, "the tolerance is True"),
        ({"refine": np.zeros(2)}, "refine is array"),
        ({"options": 3}, "options are 3"),
        ({"parameters": 3}, "parameters are 3"),
        ({"parameters": {"g": 1.0}}, r"phase\.parameter\('g', value\)"),
        ({"guess": {"p": 3}}, "the guess for phase 'p' is 3"),
    ],
)
def test_settings_that_are_no_choice_are_named(settings, text):
    with pytest.raises(ProblemError, match=text):
        control.Problem("bad", [push()]).solve(intervals=2, **settings)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"method": "RK54"}, "did you mean 'RK45'"),
        ({"restart": "phases"}, "did you mean 'phase'"),
        ({"tolerance": -1.0}, "the tolerance of a simulation is -1.0"),
    ],
)
def test_settings_of_a_simulation_are_named(settings, text):
    found = examples.solved(push(), intervals=2)
    with pytest.raises(ProblemError, match=text):
        found.simulate(**settings)


# ---- what problems are made of
def test_problems_are_made_of_phases_and_links():
    with pytest.raises(ProblemError, match="'push' is no phase"):
        control.Problem("bad", ["push"])
    with pytest.raises(ProblemError, match="'p' is no linkage"):
        control.Problem("bad", [push()], ["p"])
    with pytest.raises(ProblemError, match="3 is no phase"):
        control.link(push(), 3)


def test_a_phase_is_linked_to_itself_without_the_time_only():
    with pytest.raises(ProblemError, match="cannot begin when it ends"):
        control.Problem("bad", [push()], [control.link("p", "p")])
    p = control.Phase("orbit")
    p.time(initial=0.0, final=2 * np.pi)
    p.state("x")
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": -s.x + np.cos(t) + u.u})
    p.integral("effort", lambda s, u, q, t: u.u**2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    periodic = control.Problem("periodic", [p], [control.link(p, p, time=False)])
    found = periodic.solve(intervals=20, refine=False)["orbit"]
    times = np.array([0.0, 1.0, 4.0])
    assert found.state("x")(times) == pytest.approx((np.cos(times) + np.sin(times)) / 2, abs=1e-3)
