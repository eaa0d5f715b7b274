"""Bad declarations are refused by name; linkages; guesses."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from sparseopt.errors import NonFiniteError, ProblemError, ShapeError, UnknownNameError
from tests.control import example_phases as examples


def phase(**state):
    p = control.Phase("p")
    p.time(initial=0.0, final=1.0)
    p.state("x", **{"initial": 0.0, **state})
    p.control("u", lower=-1.0, upper=1.0)
    p.dynamics(lambda s, u, q, t: {"x": u.u})
    p.minimize(lambda first, last, q, integral: last.x)
    return p


def prepare(p, **settings):
    return control.Problem("bad", [p]).prepare(intervals=3, **settings)


# ---- names
@pytest.mark.parametrize("name", ["", "2x", "a b", "lambda", "_x", "a__b", None])
def test_names_are_identifiers_without_double_underscores(name):
    with pytest.raises(ProblemError, match="is not a name"):
        control.Phase("p").state(name)
    with pytest.raises(ProblemError, match="is not a name"):
        control.Phase(name)


@pytest.mark.parametrize("kind", ["state", "control", "static"])
def test_a_name_is_taken_once(kind):
    with pytest.raises(ProblemError, match="two things of phase 'p' are called 'x'"):
        getattr(phase(), kind)("x")
    with pytest.raises(ProblemError, match="are called 'time'"):
        getattr(phase(), kind)("time")


def test_given_parameters_and_integrals_are_named_once_too():
    p = phase()
    with pytest.raises(ProblemError, match="are called 'u'"):
        p.parameter("u", 1.0)
    p.integral("cost", lambda s, u, q, t: u.u)
    with pytest.raises(ProblemError, match="are called 'cost'"):
        p.integral("cost", lambda s, u, q, t: u.u)


@pytest.mark.parametrize(
    ("function", "known"),
    [
        (lambda s, u, q, t: {"x": s.xx}, "there is no state 'xx'"),
        (lambda s, u, q, t: {"x": u.uu}, "there is no control 'uu'"),
        (lambda s, u, q, t: {"x": q.mass}, "there is no parameter 'mass'"),
    ],
)
def test_functions_ask_for_declared_names_only(function, known):
    p = phase()
    p.dynamics(function)
    with pytest.raises(UnknownNameError, match=known):
        prepare(p)


def test_solutions_are_asked_for_declared_names_only():
    found = examples.solved(phase(), intervals=2)
    for ask in (
        lambda: found["q"],
        lambda: found["p"].state("y"),
        lambda: found["p"].control("x"),
        lambda: found["p"].costate("y"),
        lambda: found["p"].static("k"),
        lambda: found["p"].parameter("k"),
        lambda: found["p"].integral("k"),
        lambda: found["p"].path("k"),
    ):
        with pytest.raises(UnknownNameError, match=r"has no \w+"):
            ask()


# ---- shapes and numbers
@pytest.mark.parametrize("shape", [0, -1, 1.5, (2, 0), "3"])
def test_shapes_are_positive_integers(shape):
    with pytest.raises(ShapeError, match="is no shape for 'y'"):
        phase().state("y", shape=shape)


@pytest.mark.parametrize(
    ("bounds", "error", "text"),
    [
        ({"lower": 1.0, "upper": 0.0}, ProblemError, "no number meets the bounds of state 'y'"),
        ({"lower": np.nan}, NonFiniteError, "a bound of state 'y' of phase 'p' is NaN"),
        ({"lower": [1.0, 2.0, 3.0]}, ShapeError, "a bound of state 'y'"),
        ({"initial": (0.0, 1.0, 2.0)}, ProblemError, "the initial value of state 'y'"),
        ({"initial": np.inf}, NonFiniteError, "the initial value of state 'y'"),
        ({"initial": [1.0, 2.0, 3.0]}, ShapeError, "the initial value of state 'y'"),
        ({"upper": 1.0, "final": 2.0}, ProblemError, "the final value of state 'y'"),
    ],
)
def test_bounds_are_ordered_numbers_of_the_right_shape(bounds, error, text):
    with pytest.raises(error, match=text):
        phase().state("y", shape=2, **bounds)


@pytest.mark.parametrize(
    "times",
    [
        {"initial": 1.0, "final": 1.0},
        {"initial": 1.0, "final": 0.5},
        {"initial": (2.0, 3.0), "final": (0.0, 1.0)},
        {"initial": 0.0, "final": 1.0, "duration": (2.0, None)},
        {"initial": 0.0, "final": (1.0, 2.0), "duration": (None, 0.5)},
    ],
)
def test_a_phase_must_be_able_to_end_after_it_begins(times):
    with pytest.raises(ProblemError, match="phase 'p' cannot end after it begins"):
        control.Phase("p").time(**times)


@pytest.mark.parametrize(
    ("guess", "error", "text"),
    [
        ((0.0, 5.0), ProblemError, r"final time 5, not in \[0.5, 2\]"),
        ((0.0, np.nan), NonFiniteError, "the guess of the times"),
        ((0.0, 1.0, 2.0), ShapeError, "the guess of the times"),
    ],
)
def test_guesses_of_times_are_within_their_bounds(guess, error, text):
    with pytest.raises(error, match=text):
        control.Phase("p").time(initial=0.0, final=(0.5, 2.0), guess=guess)


def test_guesses_of_times_ascend():
    with pytest.raises(ProblemError, match="ends at 1, not after it begins at 1"):
        control.Phase("p").time(initial=(0.0, 2.0), final=(0.0, 2.0), guess=(1.0, 1.0))


@pytest.mark.parametrize(
    ("guess", "error", "text"),
    [
        (3.0, ProblemError, r"'x' in phase 'p' is 3 at t = 0, outside its bounds \[-2, 2\]"),
        ((0.0, 4.0), ProblemError, r"is 2.66667 at t = 0.666667, outside"),
        (np.nan, NonFiniteError, "is NaN or infinite at t = 0"),
        (lambda t: np.where(t > 0.5, np.inf, 0.0), NonFiniteError, "infinite at t = 0.666667"),
        ((np.array([0.0, 1.0]), np.zeros(3)), ShapeError, r"times of shape \(2,\)"),
        ((np.array([1.0, 0.0]), np.zeros(2)), ProblemError, "do not ascend"),
        (np.zeros(7), ShapeError, r"has shape \(7,\), not \(4,\)"),
        ("zero", ShapeError, "is 'zero'"),
    ],
)
def test_guesses_are_finite_numbers_between_the_bounds(guess, error, text):
    p = phase(lower=-2.0, upper=2.0, guess=guess)
    with pytest.raises(error, match=text):
        prepare(p, transcription="trapezoidal").start()


def test_static_guesses_are_between_the_bounds():
    with pytest.raises(ProblemError, match=r"the guess of static parameter 'k' is 3\.0, outside"):
        phase().static("k", lower=0.0, upper=1.0, guess=3.0)


# ---- functions
@pytest.mark.parametrize(
    ("function", "error", "text"),
    [
        (lambda s, u, q, t: {}, ProblemError, "0 rates for 1 states; none for 'x'"),
        (lambda s, u, q, t: {"x": u.u, "y": u.u}, ProblemError, "no state is called 'y'"),
        (lambda s, u, q, t: {"X": u.u}, ProblemError, "none for 'x'; no state is called 'X'"),
        (lambda s, u, q, t: (u.u,), ProblemError, "return tuple, not a dict"),
        (lambda s, u, q, t: None, ProblemError, "return NoneType, not a dict"),
        (lambda s, u, q, t: {"x": u.u[:-1]}, ShapeError, r"the rate of 'x' .* has shape \(6,\)"),
        (lambda s, u, q, t: {"x": np.ones((7, 2))}, ShapeError, r"has shape \(7, 2\)"),
        (lambda s, u, q, t: {"x": np.ones(1)}, ShapeError, r"has shape \(1,\)"),
        (lambda s, u, q, t: {"x": None}, ShapeError, "the rate of 'x' .* is None"),
    ],
)
def test_dynamics_return_one_rate_a_state_over_all_points(function, error, text):
    p = phase()
    p.dynamics(function)
    with pytest.raises(error, match=text):
        prepare(p)


def test_a_rate_may_be_one_number_for_all_times():
    p = phase()
    p.parameter("speed", 2.0)
    for rate in (lambda s, u, q, t: {"x": 2.0}, lambda s, u, q, t: {"x": q.speed}):
        p.dynamics(rate)
        assert examples.solved(p, intervals=2)["p"].state("x")(0.75) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda first, last, q, integral: last, "returns a NamedValues"),
        (lambda first, last, q, integral: None, "returns None"),
        (lambda first, last, q, integral: np.ones(2) * last.x, r"an array of shape \(2,\)"),
    ],
)
def test_objectives_are_one_number(function, text):
    p = phase()
    p.minimize(function)
    with pytest.raises(ShapeError, match=text):
        prepare(p)


def test_conditions_have_bounds_and_functions_are_functions():
    with pytest.raises(ProblemError, match="a path condition of phase 'p' has no bounds"):
        phase().path(lambda s, u, q, t: {"load": u.u})
    with pytest.raises(ProblemError, match="dynamics of phase 'p' is 3, which is no function"):
        phase().dynamics(3)
    p = phase()
    p.path(lambda s, u, q, t: {"load": u.u}, lower={"lod": 0.0})
    with pytest.raises(ShapeError, match="a bound is given for 'lod'"):
        prepare(p)


def test_functions_take_the_arguments_they_are_called_with():
    with pytest.raises(ProblemError, match="does not take the arguments s, u, q, t"):
        phase().dynamics(lambda s, u: {"x": s.x})
    with pytest.raises(ProblemError, match="lambda first, last, q, integral"):
        phase().minimize(lambda last: last.time)


@pytest.mark.parametrize(
    ("guess", "text"),
    [
        ({"p": {"time": 3.0}}, "guess of the times of phase 'p' is 3.0"),
        ({"p": {"time": (1.0, 0.0)}}, "give a pair of times that ascends"),
        (3, "there is no guess 3"),
    ],
)
def test_guesses_of_a_solve_are_checked(guess, text):
    with pytest.raises(ProblemError, match=text):
        prepare(phase()).start(guess)


def test_integrands_are_numbers_over_all_points():
    p = phase()
    p.integral("cost", lambda s, u, q, t: np.sum(u.u**2)[None])
    with pytest.raises(ShapeError, match="integral 'cost' of phase 'p' has shape"):
        prepare(p)


# ---- problems
@pytest.mark.parametrize(("without", "text"), [("time", "time"), ("rates", "dynamics")])
def test_a_phase_has_time_states_and_dynamics(without, text):
    p = phase()
    setattr(p, {"time": "span"}.get(without, without), None)
    with pytest.raises(ProblemError, match=f"phase 'p' has no {text}"):
        control.Problem("bad", [p])
    empty = control.Phase("p")
    empty.time(initial=0.0, final=1.0)
    with pytest.raises(ProblemError, match="phase 'p' has no states"):
        control.Problem("bad", [empty])


def test_a_problem_has_phases_of_different_names():
    with pytest.raises(ProblemError, match="has no phases"):
        control.Problem("bad", [])
    with pytest.raises(ProblemError, match="two phases of 'bad' are called 'p'"):
        control.Problem("bad", [phase(), phase()])


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"transcription": "radua"}, "did you mean 'radau'"),
        ({"degree": 3}, "'hermite_simpson' takes no degree"),
        ({"transcription": "radau", "degree": 0}, "the degree 0 is no positive integer"),
        ({"transcription": "radau", "degree": {"q": 3}}, "there is no phase 'q'"),
    ],
)
def test_transcriptions_and_degrees_that_do_not_exist_are_named(settings, text):
    with pytest.raises(ProblemError, match=text):
        prepare(phase(), **settings)


@pytest.mark.parametrize("intervals", [0, 2.5, [0.0, 0.5], [0.0, 0.7, 0.3, 1.0], "ten"])
def test_meshes_are_numbers_of_intervals_or_fractions(intervals):
    with pytest.raises(ProblemError, match="is no mesh"):
        control.Problem("bad", [phase()]).prepare(intervals=intervals)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"refine": "x"}, "refine is 'x'"),
        ({"refine": "p"}, "has no degree to raise"),
        ({"tolerance": 0.0}, "the tolerance is 0.0"),
        ({"guess": "simulate"}, "there is no guess 'simulate'"),
        ({"guess": {"q": {}}}, "the guess names 'q', which is no phase"),
        ({"guess": {"p": {"y": 1.0}}}, "the guess names 'y', which phase 'p' does not have"),
        ({"parameters": {"g": 1.0}}, "no phase of 'bad' has a given parameter 'g'"),
    ],
)
def test_settings_of_a_solve_that_make_no_sense_are_named(settings, text):
    with pytest.raises(ProblemError, match=text):
        control.Problem("bad", [phase()]).solve(intervals=2, **settings)


# ---- linkages
def two_phases():
    a, b = control.Phase("a"), control.Phase("b")
    a.time(initial=0.0, final=1.0)
    b.time(initial=(0.5, 5.0), final=(1.0, 10.0), guess=(1.0, 3.0))
    for p in (a, b):
        p.parameter("g", 1.0)
        p.state("h", initial=0.0 if p is a else None)
        p.state("v", initial=0.0 if p is a else None, final=0.0 if p is b else None)
    a.control("u", lower=0.0, upper=3.0)
    a.dynamics(lambda s, u, q, t: {"h": s.v, "v": u.u - q.g})
    b.dynamics(lambda s, u, q, t: {"h": s.v, "v": -q.g})
    b.maximize(lambda first, last, q, integral: last.h)
    return a, b


@pytest.mark.parametrize("name", control.transcription_names())
def test_linked_phases_are_one_trajectory(name):
    a, b = two_phases()
    problem = control.Problem("two", [a, b], links=[control.link(a, b)])
    found = problem.solve(transcription=name, intervals={"a": 4, "b": 3}, refine=False)
    assert found.objective == pytest.approx(3.0, abs=1e-6)  # full thrust, then 2 m/s upward
    assert found["b"].final_time == pytest.approx(3.0, abs=1e-5)
    assert found["b"].state("h")(1.0) == pytest.approx(1.0, abs=1e-6)
    if name != "single_shooting":  # one more meter per second at t is 3 - t more meters
        assert found["a"].costate("v")([0.0, 1.0]) == pytest.approx([3.0, 2.0], abs=1e-4)
        assert found["b"].costate("v")([1.5, 3.0]) == pytest.approx([1.5, 0.0], abs=1e-4)
        assert found["b"].costate("h")(2.0) == pytest.approx(1.0, abs=1e-6)


def test_states_jump_where_a_linkage_says_so():
    a, b = two_phases()
    made = control.link("a", "b", jumps={"h": 10.0})
    found = control.Problem("two", [a, b], [made]).solve(intervals=4, refine=False)
    assert found.objective == pytest.approx(13.0, abs=1e-6)


def test_linkages_may_be_functions():
    a, b = two_phases()

    def half(last, first):
        return {"speed": first.v - last.v / 2, "height": first.h - last.h}

    links = [control.link(a, b, half)]
    found = control.Problem("two", [a, b], links).solve(intervals=4, refine=False)
    assert found.objective == pytest.approx(1.5, abs=1e-6)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: control.link("a", "c"), "there is no phase 'c'"),
        (lambda: control.link("a", "b", states=["z"]), "names the state 'z', which phase 'a'"),
        (lambda: control.link("a", "b", controls=["u"]), "the control 'u', which phase 'b'"),
        (lambda: control.link("a", "b", statics=["k"]), "the static parameter 'k'"),
        (lambda: control.link("a", "b", jumps={"z": 1.0}), "lets 'z' jump"),
    ],
)
def test_linkages_of_what_is_not_there_are_named(made, text):
    with pytest.raises(ProblemError, match=text):
        control.Problem("two", two_phases(), [made()])


def test_linked_states_have_the_same_shape():
    a, b = two_phases()
    a.state("x", shape=2)
    b.state("x", shape=3)
    with pytest.raises(ShapeError, match="the state 'x' has shape"):
        control.Problem("two", [a, b], [control.link(a, b)])


def test_fixed_times_that_do_not_meet_cannot_be_linked():
    a, b = two_phases()
    b.time(initial=2.0, final=3.0)
    with pytest.raises(ProblemError, match="phase 'b' begins at 2, and phase 'a' ends at 1"):
        control.Problem("two", [a, b], [control.link(a, b)]).prepare()


def test_the_model_of_a_prepared_problem_starts_where_the_guesses_say():
    prepared = control.Problem("known", [examples.brachistochrone()]).prepare(intervals=2)
    start = prepared.problem().initial_point
    variables = prepared.problem().variables
    for name, values in prepared.start().items():
        place = variables[name]
        assert start[place.offset : place.offset + place.size] == pytest.approx(values.ravel())
