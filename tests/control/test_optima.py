"""Known optima, trajectories between the points of the mesh, costates and Hamiltonians."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from tests.control import example_phases as examples

SMOOTH = [name for name in control.transcription_names() if name != "single_shooting"]
EXACT = ["hermite_simpson", "hermite_simpson_compressed", "radau", "lobatto", "multiple_shooting"]
TIMES = np.array([0.0, 0.13, 0.5, 0.77, 1.0])


@pytest.mark.parametrize(
    ("phase", "optimum"),
    [
        (examples.brachistochrone, examples.BRACHISTOCHRONE),
        (examples.linear_tangent_steering, examples.LINEAR_TANGENT_STEERING),
        (examples.least_time, 2.0),
        (examples.least_effort, 6.0),
        (examples.bryson_denham, examples.BRYSON_DENHAM),
    ],
)
@pytest.mark.parametrize("name", ["hermite_simpson", "radau"])
def test_refinement_finds_the_published_optimum_and_simulation_confirms_it(phase, optimum, name):
    found = control.Problem("known", [phase()]).solve(transcription=name, intervals=10)
    assert found.success
    assert found.objective == pytest.approx(optimum, rel=1e-6)
    assert found.error <= 1e-6
    assert found.simulate().deviation < 1e-6


@pytest.mark.parametrize("name", EXACT)
def test_the_least_effort_slew_is_exact_between_the_points(name):
    found = examples.solved(examples.least_effort(), transcription=name, intervals=3)["slew"]
    assert found.control("u")(TIMES) == pytest.approx(6 - 12 * TIMES, abs=1e-7)
    assert found.state("v")(TIMES) == pytest.approx(6 * TIMES - 6 * TIMES**2, abs=1e-7)
    assert found.state("x")(TIMES) == pytest.approx(3 * TIMES**2 - 2 * TIMES**3, abs=1e-7)
    assert found.integral("effort") == pytest.approx(6.0)


@pytest.mark.parametrize("name", EXACT)
def test_costates_of_the_least_effort_slew_are_the_analytic_ones(name):
    # H = u^2/2 + p_x v + p_v u, so that p_v = -u, p_x = -p_v'.
    found = examples.solved(examples.least_effort(), transcription=name, intervals=3)["slew"]
    assert found.costate("v")(TIMES) == pytest.approx(12 * TIMES - 6, abs=1e-6)
    assert found.costate("x")(TIMES) == pytest.approx(np.full(5, -12.0), abs=1e-6)
    assert found.hamiltonian(TIMES) == pytest.approx(np.full(5, -18.0), abs=1e-5)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_hamiltonian_of_a_least_time_problem_is_minus_one(name):
    intervals = 80 if name == "trapezoidal" else 30
    phase = examples.brachistochrone()
    found = examples.solved(phase, transcription=name, intervals=intervals)["slide"]
    assert found.hamiltonian(np.linspace(0.0, 0.82, 9)) == pytest.approx(-1.0, abs=1e-3)


@pytest.mark.parametrize("name", SMOOTH)
def test_costates_are_the_sensitivity_of_the_objective_to_the_initial_state(name):
    """Also of a maximization, whose objective has the other sign."""

    def build(start):
        p = control.Phase("climb")
        p.time(initial=0.0, final=1.0)
        p.state("h", initial=0.0)
        p.state("v", initial=start)
        p.control("u")
        p.dynamics(lambda s, u, q, t: {"h": s.v, "v": u.u - s.v**2 / 4})
        p.integral("effort", lambda s, u, q, t: u.u**2)
        p.maximize(lambda first, last, q, integral: last.h - integral.effort)
        return p

    def best(start):
        return examples.solved(build(start), transcription=name, intervals=6)

    slope = (best(1.01).objective - best(0.99).objective) / 0.02
    assert best(1.0)["climb"].costate("v")(0.0) == pytest.approx(slope, rel=2e-4)


def test_costates_on_uneven_meshes_of_mixed_degrees_are_analytic():
    settings = {
        "transcription": "radau",
        "intervals": [0.0, 0.1, 0.15, 0.6, 1.0],
        "degree": {"slew": [2, 4, 3, 4]},
    }
    found = examples.solved(examples.least_effort(), **settings)["slew"]
    assert found.costate("v")(TIMES) == pytest.approx(12 * TIMES - 6, abs=1e-6)


def test_vector_states_are_arrays_with_an_axis_of_components():
    p = control.Phase("slew")
    p.time(initial=0.0, final=1.0)
    p.state("x", shape=2, initial=[0.0, 1.0], final=[1.0, 1.0], guess=([0.0, 1.0], [1.0, 1.0]))
    p.state("v", shape=2, initial=0.0, final=0.0)
    p.control("u", shape=2)
    p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u})
    p.integral("effort", lambda s, u, q, t: np.sum(u.u**2, axis=1) / 2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    for name in (*EXACT, "single_shooting"):
        found = examples.solved(p, transcription=name, intervals=3)
        assert found.objective == pytest.approx(6.0)
        assert found["slew"].control("u")(0.25) == pytest.approx([3.0, 0.0], abs=1e-6)
        assert found["slew"].state("x").values.shape[1:] == (2,)
    assert found.simulate().deviation < 1e-8


def test_stiff_dynamics_are_solved_by_the_implicit_schemes():
    p = control.Phase("react")
    p.time(initial=0.0, final=1.0)
    p.state("y", initial=2.0)
    p.control("u", lower=-1.0, upper=1.0)
    p.dynamics(lambda s, u, q, t: {"y": -1e5 * (s.y - u.u)})
    p.integral("miss", lambda s, u, q, t: (s.y - 0.5) ** 2)
    p.minimize(lambda first, last, q, integral: integral.miss)
    for name in ("radau", "multiple_shooting_radau"):
        found = examples.solved(p, transcription=name, intervals=10)["react"]
        assert found.state("y")(1.0) == pytest.approx(0.5, abs=1e-3)


def test_several_steps_on_each_shooting_interval_keep_states_between_within_bounds():
    p = examples.bryson_denham()
    found = examples.solved(p, transcription="multiple_shooting", intervals=3, degree=6)
    assert found.objective == pytest.approx(4.0, rel=2e-3)
    assert found["arc"].state("x")(np.linspace(0, 1, 19)).max() < 1 / 9 + 1e-6


def test_static_parameters_and_integral_bounds():
    # The least length l with which a pendulum's period is at least 2: pi sqrt(l / g) * 2 = 2.
    p = control.Phase("fall")
    p.time(initial=0.0, final=1.0)
    p.state("x", initial=0.0)
    p.control("u")
    p.static("k", lower=0.1, upper=10.0, guess=1.0)
    p.dynamics(lambda s, u, q, t: {"x": q.k * u.u})
    p.integral("effort", lambda s, u, q, t: u.u**2, upper=2.0)
    p.maximize(lambda first, last, q, integral: last.x - q.k**2)
    found = examples.solved(p)  # u = sqrt 2, then k sqrt 2 - k^2 is largest at k = sqrt 2 / 2
    assert found["fall"].static("k") == pytest.approx(np.sqrt(2) / 2, abs=1e-5)
    assert found["fall"].integral("effort") == pytest.approx(2.0, abs=1e-5)
    # The objective by the bound b of the effort: sqrt b k at k = sqrt b / 2 gives b / 4.
    assert found.nlp.sensitivity("fall__effort__integral") == pytest.approx(0.25, abs=1e-4)


def test_path_and_boundary_conditions_take_bounds_by_name():
    p = examples.least_effort()
    p.path(
        lambda s, u, q, t: {"push": u.u, "product": s.x * s.v},
        lower={"push": -5.0},
        upper={"push": 5.0, "product": 10.0},
    )
    p.boundary(lambda first, last, q: {"pull": first.u + last.u}, lower=0.0, upper=0.0)
    found = examples.solved(p, intervals=40)
    assert np.abs(found["slew"].path("push")).max() <= 5.0 + 1e-7
    assert found.objective > 6.0
