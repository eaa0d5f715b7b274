"""Wrong conditions, linkages, guesses and functions are refused in the words of the phases."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from sparseopt.errors import NonFiniteError, ProblemError, ShapeError


def phase(name="p", **times):
    p = control.Phase(name)
    p.time(**{"initial": 0.0, "final": 1.0, **times})
    p.state("x", initial=0.0)
    p.control("u", lower=-1.0, upper=1.0)
    p.dynamics(lambda s, u, q, t: {"x": u.u})
    p.minimize(lambda first, last, q, integral: last.x)
    return p


def prepare(p):
    return control.Problem("bad", [p]).prepare(intervals=3)


# ---- conditions
def test_path_constraints_of_the_same_name_are_refused():
    p = phase()
    p.path(lambda s, u, q, t: {"load": u.u}, upper=3.0)
    p.path(lambda s, u, q, t: {"load": s.x}, upper=3.0)
    with pytest.raises(ProblemError, match="two path constraints of phase 'p' are called 'load'"):
        prepare(p)


def test_boundary_conditions_of_the_same_name_are_refused():
    p = phase()
    for _ in range(2):
        p.boundary(lambda first, last, q: {"end": last.x}, upper=3.0)
    with pytest.raises(ProblemError, match="two boundary conditions of phase 'p' are called 'end'"):
        prepare(p)


@pytest.mark.parametrize(
    ("bounds", "error", "text"),
    [
        ({"upper": [1.0, 2.0]}, ShapeError, "a bound of path constraint 'load' of phase 'p' is"),
        ({"upper": np.zeros(7)}, ShapeError, "numbers that broadcast to shape"),
        ({"upper": np.nan}, NonFiniteError, "a bound of path constraint 'load' of phase 'p' is"),
        ({"lower": 2.0, "upper": 1.0}, ProblemError, "no number meets the bounds of path"),
        ({"upper": {"load": "x"}}, ShapeError, "'load' of phase 'p' is 'x'"),
    ],
)
def test_bounds_of_path_constraints_hold_at_one_time(bounds, error, text):
    p = phase()
    p.path(lambda s, u, q, t: {"load": u.u}, **bounds)
    with pytest.raises(error, match=text) as caught:
        prepare(p)
    assert "test_bad_input.py" in str(caught.value)
    assert "p__load" not in str(caught.value)


def test_bounds_of_path_constraints_may_be_those_of_components():
    p = phase()
    p.path(lambda s, u, q, t: {"both": np.stack([u.u, s.x], axis=1)}, upper=[0.5, 2.0])
    p.maximize(lambda first, last, q, integral: last.x)
    found = control.Problem("components", [p]).solve(intervals=3, refine=False)
    assert found.objective == pytest.approx(0.5, abs=1e-6)


def test_bounds_of_boundary_conditions_are_numbers():
    p = phase()
    p.boundary(lambda first, last, q: {"end": last.x}, lower=np.nan)
    with pytest.raises(NonFiniteError, match="a bound of boundary condition 'end' of phase 'p'"):
        prepare(p)


# ---- functions that mix the points of the mesh
@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda p: p.dynamics(lambda s, u, q, t: {"x": np.sum(u.u)}),
            "the rate of 'x' in phase 'p' mixes times",
        ),
        (
            lambda p: p.dynamics(lambda s, u, q, t: {"x": np.cumsum(u.u)}),
            "the rate of 'x' in phase 'p' mixes times",
        ),
        (
            lambda p: p.integral("cost", lambda s, u, q, t: u.u + np.mean(s.x - t)),
            "integral 'cost' in phase 'p' mixes times",
        ),
        (
            lambda p: p.path(lambda s, u, q, t: {"slope": s.x - s.x[0] - 0.1 * u.u[::-1]}, upper=9),
            "path constraint 'slope' in phase 'p' mixes times",
        ),
    ],
)
def test_functions_do_not_mix_times(change, text):
    p = phase()
    p.state("y", initial=0.3)
    p.dynamics(lambda s, u, q, t: {"x": u.u, "y": s.x})
    p = phase() if "rate" in text else p
    change(p)
    with pytest.raises(ProblemError, match=text) as caught:
        control.Problem("bad", [p]).solve(intervals=3, guess={"p": {"u": (-0.5, 0.7)}})
    assert "write it elementwise" in str(caught.value)


# ---- guesses
@pytest.mark.parametrize(
    ("guess", "error", "text"),
    [
        ({"k": 5.0}, ProblemError, "the guess of static parameter 'k' is 5.0, outside its bounds"),
        ({"k": np.nan}, NonFiniteError, "the guess of static parameter 'k' is NaN"),
        ({"k": [1.0, 1.0]}, ShapeError, "the guess of static parameter 'k' is"),
        ({"time": (0.0, 5.0)}, ProblemError, "has the final time 5, not in"),
        ({"time": (0.0, 0.3)}, ProblemError, "has the final time 0.3, not in"),
        ({"time": (0.0, 1.9)}, ProblemError, "lasts 1.9, not in"),
    ],
)
def test_guesses_of_one_solve_are_within_their_bounds_too(guess, error, text):
    p = phase(final=(0.5, 2.0), duration=(0.1, 1.5))
    p.static("k", lower=0.0, upper=2.0, guess=1.0)
    with pytest.raises(error, match=text):
        control.Problem("bad", [p]).prepare(intervals=3).start({"p": guess})


def test_guesses_of_times_last_as_long_as_the_phase_may():
    with pytest.raises(ProblemError, match="lasts 4, not in"):
        phase(final=(1.0, 5.0), duration=(1.0, 2.0), guess=(0.0, 4.0))


# ---- linkages
def linked(*links):
    second = phase("r", initial=1.0, final=2.0)
    second.state("y")
    second.dynamics(lambda s, u, q, t: {"x": u.u, "y": s.x})
    return control.Problem("bad", [phase(), second], links).prepare(intervals=3)


def test_jumps_have_the_shape_of_the_state():
    with pytest.raises(ShapeError, match="the jump of 'x' from 'p' to 'r' is"):
        linked(control.link("p", "r", jumps={"x": [1.0, 2.0]}))
    with pytest.raises(NonFiniteError, match="the jump of 'x' from 'p' to 'r' is NaN"):
        linked(control.link("p", "r", jumps={"x": np.nan}))


def test_a_state_is_linked_once():
    with pytest.raises(ProblemError, match="two linkages of 'p' to 'r' make 'x' continuous"):
        linked(control.link("p", "r"), control.link("p", "r"))
    linked(control.link("p", "r"), control.link("p", "r", states=(), controls=["u"], time=False))


def test_bounds_of_a_linkage_are_numbers():
    with pytest.raises(NonFiniteError, match="a bound of 'x' in the linkage of 'p' to 'r' is NaN"):
        linked(control.link("p", "r", lambda last, first: {"x": last.x - first.x}, upper=np.nan))


def test_bounds_of_a_linkage_may_be_given_by_name():
    def jump(last, first):
        return {"up": first.x - last.x, "side": first.x - last.x}

    bounds = {"lower": {"up": 0.0}, "upper": {"up": 4.0, "side": 7.0}}
    upper = linked(control.link("p", "r", jump, **bounds)).problem().constraint_upper
    assert {4.0, 7.0} <= set(upper)
