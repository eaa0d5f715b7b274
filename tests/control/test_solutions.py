"""Refinement, error estimates, simulation, guesses, failures, export and plots."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from sparseopt import control
from sparseopt.errors import (
    ProblemError,
    ShapeError,
    SolveFailedError,
    SolverError,
    SolverNotInstalledError,
    UnknownNameError,
)
from tests.control import example_phases as examples


def hypersensitive(final_time):
    p = control.Phase("boundary_layers")
    p.time(initial=0.0, final=final_time)
    p.state("y", initial=1.0, final=1.5)
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"y": -(s.y**3) + u.u})
    p.integral("cost", lambda s, u, q, t: s.y**2 + u.u**2)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return p


# ---- error estimates
@pytest.mark.parametrize("name", control.transcription_names())
def test_the_estimated_error_is_that_of_the_trajectory(name):
    """Of x' = x cos t, whose solution is known: within a factor of three."""
    intervals = 30 if name == "trapezoidal" else 6
    found = examples.solved(examples.growth(), transcription=name, intervals=intervals)["grow"]
    times = np.linspace(0.0, 2.0, 200)
    exact = np.exp(np.sin(times))
    true = np.abs(found.state("x")(times) - exact).max() / (1 + exact.max())
    assert true / 3 < found.error < 6 * true


def test_the_error_estimate_is_large_where_the_trajectory_is_wrong():
    found = examples.solved(hypersensitive(50.0), intervals=20)["boundary_layers"]
    errors = found.errors.largest
    assert errors[[0, -1]].min() > 1e3 * errors[8:12].max()


# ---- refinement
@pytest.mark.parametrize(
    ("name", "refine"),
    [("hermite_simpson", "h"), ("radau", "h"), ("radau", "p"), ("lobatto", "hp")],
)
def test_refinement_stops_below_the_tolerance_and_simulation_agrees(name, refine):
    found = control.Problem("smooth", [examples.brachistochrone()]).solve(
        transcription=name, intervals=6, refine=refine, tolerance=1e-7
    )
    errors = [record.error for record in found.refinement]
    assert errors[-1] == found.error <= 1e-7
    assert "below the tolerance" in found.stop
    assert found.simulate().deviation < 1e-7
    assert found.objective == pytest.approx(examples.BRACHISTOCHRONE, rel=1e-7)


def test_refinement_puts_intervals_where_the_boundary_layers_are():
    found = control.Problem("layers", [hypersensitive(1000.0)]).solve(intervals=10)
    assert found.objective == pytest.approx(6.7241138098860045, rel=1e-5)
    widths = found["boundary_layers"].mesh.widths
    assert widths[[0, -1]].max() < widths.max() / 20
    assert found.simulate(restart="interval").deviation < 1e-6


def test_p_refinement_raises_degrees_and_leaves_intervals():
    found = control.Problem("p", [examples.brachistochrone()]).solve(
        transcription="radau", intervals=[0.0, 0.5, 1.0], refine="p", tolerance=1e-8
    )
    mesh = found["slide"].mesh
    assert mesh.breaks.tolist() == [0.0, 0.5, 1.0]
    assert mesh.degrees.min() > 3


def test_later_meshes_start_from_earlier_trajectories():
    found = control.Problem("warm", [examples.linear_quadratic()]).solve(intervals=5)
    iterations = [record.iterations for record in found.refinement]
    assert len(iterations) > 1
    assert max(iterations[1:]) <= 2


def test_refinement_stops_after_the_given_number_of_meshes():
    found = control.Problem("few", [examples.brachistochrone()]).solve(
        transcription="trapezoidal", intervals=4, most_meshes=2
    )
    assert len(found.refinement) == 2
    assert found.stop.startswith("2 meshes were tried")
    assert found.error > 1e-6


# ---- simulation
def test_simulation_reports_the_deviation_of_each_state():
    found = examples.solved(examples.brachistochrone(), intervals=5)
    simulation = found.simulate()
    assert set(simulation["slide"].deviations) == {"x", "y", "v"}
    assert simulation.deviation == max(simulation["slide"].deviations.values()) > 1e-6
    assert "simulated states deviate by at most" in str(simulation)


def test_a_simulation_that_cannot_go_on_says_where():
    p = control.Phase("burst")
    p.time(initial=0.0, final=2.0)
    p.state("x", initial=1.0, guess=1.0)
    p.dynamics(lambda s, u, q, t: {"x": s.x**2})  # 1 / (1 - t)
    found = control.Problem("burst", [p]).prepare("trapezoidal", 4)
    with pytest.raises(SolverError, match="the simulation of phase 'burst' stopped at t = "):
        found.solve(guess="simulation")


# ---- guesses
def starts(guess, **settings):
    p = control.Phase("p")
    p.time(initial=1.0, final=3.0)
    p.state("x", guess=guess, **settings)
    p.dynamics(lambda s, u, q, t: {"x": 0.0 * s.x})
    return control.Problem("guess", [p]).prepare("trapezoidal", 2).start()["p__x"].tolist()


@pytest.mark.parametrize(
    ("guess", "expected"),
    [
        (2.0, [2.0, 2.0, 2.0]),
        ((0.0, 4.0), [0.0, 2.0, 4.0]),
        (([1.0, 2.0, 3.0], [0.0, 5.0, 6.0]), [0.0, 5.0, 6.0]),
        (lambda t: t**2, [1.0, 4.0, 9.0]),
        (None, [0.0, 0.0, 0.0]),
    ],
)
def test_guesses_are_constants_lines_tables_and_functions(guess, expected):
    assert starts(guess) == expected


def test_without_a_guess_states_go_from_one_fixed_end_to_the_other():
    assert starts(None, initial=1.0, final=5.0) == [1.0, 3.0, 5.0]
    assert starts(None, final=5.0) == [5.0, 5.0, 5.0]
    assert starts(None, lower=2.0, upper=6.0) == [4.0, 4.0, 4.0]


def test_fixed_ends_hold_in_every_guess():
    assert starts(2.0, initial=0.0, final=(3.0, None)) == [0.0, 2.0, 3.0]


def test_a_simulated_guess_follows_the_dynamics():
    prepared = control.Problem("s", [examples.growth()]).prepare("trapezoidal", 4)
    start = prepared.start("simulation")["grow__x"]
    assert start == pytest.approx(np.exp(np.sin(np.linspace(0, 2, 5))), rel=1e-4)
    assert prepared.solve(guess="simulation").success


def test_a_solution_is_a_guess_for_another_mesh_and_transcription():
    first = examples.solved(examples.brachistochrone(), intervals=10)
    prepared = control.Problem("next", [examples.brachistochrone()]).prepare("radau", 7)
    start = prepared.start(first)
    expected = first["slide"].state("v")
    fractions = prepared.phases["slide"].discretization.state_fractions
    times = first["slide"].final_time * fractions
    assert start["slide__v"] == pytest.approx(expected(times))
    assert start["slide__final_time"] == first["slide"].final_time
    assert prepared.solve(guess=first).success


def test_a_guess_for_one_solve_replaces_the_declared_one():
    prepared = control.Problem("g", [examples.brachistochrone()]).prepare("trapezoidal", 2)
    start = prepared.start({"slide": {"v": 3.0, "time": (0.0, 2.0)}})
    assert start["slide__v"].tolist() == [0.0, 3.0, 3.0]
    assert float(start["slide__final_time"]) == 2.0


# ---- failures
def test_an_infeasible_problem_names_the_condition_and_the_time():
    p = examples.least_time()
    p.path(lambda s, u, q, t: {"load": s.x + u.u}, lower=3.5)
    found = control.Problem("impossible", [p]).solve(intervals=5)
    assert not found.success
    assert found.stop == "the first mesh was not solved"
    worst = [text for text in found.violations() if "'load'" in text]
    assert worst[0].startswith("path constraint 'load' of phase 'slew' at t = 0: 2.5 below its")
    text = found.diagnose()
    assert "these constraints cannot hold together: path constraint 'load'" in text
    assert "slew__" not in text
    with pytest.raises(SolveFailedError, match="path constraint 'load' of phase 'slew' at t = 0"):
        found.raise_for_status()


def test_a_solved_problem_has_no_violations():
    found = examples.solved(examples.least_effort(), intervals=3)
    found.raise_for_status()
    assert found.violations() == []
    assert "phase 'slew': 0 to 1, 3 intervals" in found.report()


def test_single_shooting_has_no_costates_and_says_so():
    found = examples.solved(examples.least_effort(), transcription="single_shooting", intervals=3)
    with pytest.raises(ProblemError, match="single shooting has no defects"):
        found["slew"].costate("x")


def test_trajectories_are_asked_for_within_the_phase():
    found = examples.solved(examples.least_effort(), intervals=3)["slew"]
    assert found.state("x")([[0.0, 1.0]]).shape == (1, 2)
    with pytest.raises(ProblemError, match=r"asked for at a time outside \[0, 1\]"):
        found.state("x")(1.1)


# ---- export and plots
def test_export_needs_xarray_and_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    found = examples.solved(examples.least_effort(), intervals=2)
    with pytest.raises(SolverNotInstalledError, match="pip install xarray"):
        found.to_xarray()


def test_export_holds_all_trajectories_over_time(monkeypatch):
    made = SimpleNamespace(Dataset=lambda variables, coords, attrs: (variables, coords, attrs))
    monkeypatch.setitem(sys.modules, "xarray", made)
    p = examples.brachistochrone()
    p.path(lambda s, u, q, t: {"height": s.x + s.y}, upper=10.0)
    variables, coords, attributes = examples.solved(p, intervals=2).to_xarray()["slide"]
    assert set(variables) == {
        *("x", "y", "v", "theta", "path_height"),
        *("costate_x", "costate_y", "costate_v"),
    }
    assert all(values.shape == (5,) for _, values, _ in variables.values())
    assert coords["time"].shape == (5,)
    assert attributes["g"] == 9.8


def test_export_makes_datasets_of_xarray():
    xarray = pytest.importorskip("xarray")
    p = examples.double_integrator()
    p.state("w", shape=2, initial=0.0)
    p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u, "w": np.stack([s.x, s.v], axis=1)})
    p.path(lambda s, u, q, t: {"push": u.u}, upper=10.0)
    p.parameter("mass", 2.0)
    found = examples.solved(p, intervals=4)
    dataset = found.to_xarray()["slew"]
    assert isinstance(dataset, xarray.Dataset)
    assert dict(dataset.sizes) == {"time": 9, "w_axis0": 2}
    assert dataset["w"].sel(time=1.0).values == pytest.approx(found["slew"].state("w")(1.0))
    assert dataset["path_push"].attrs == {"kind": "path constraint"}
    assert dataset.attrs == {"phase": "slew", "mass": 2.0}


@pytest.mark.parametrize("name", ["hermite_simpson", "single_shooting"])
def test_plots_show_states_controls_costates_and_the_mesh(name, tmp_path):
    pytest.importorskip("matplotlib")
    p = examples.brachistochrone()
    p.path(lambda s, u, q, t: {"height": s.x + s.y}, upper=10.0)
    found = examples.solved(p, transcription=name, intervals=4)
    figure = found.plot()
    labels = [axis.get_ylabel() for axis in figure.axes]
    costates = ["costates"] if name == "hermite_simpson" else []
    assert labels == ["states", "controls", "path", *costates, "mesh"]
    figure.savefig(tmp_path / "solution.png")


# ---- what is wrong between the points
def test_bounds_that_are_violated_between_the_points_are_an_error_of_the_mesh():
    found = examples.solved(examples.bryson_denham(), transcription="multiple_shooting")["arc"]
    between = found.state("x")(np.linspace(0.0, 1.0, 400)).max() - 1 / 9
    assert found.errors.drift < 1e-6 < 1e-5 < between
    assert found.error == pytest.approx(between / (1 + 1 / 9), rel=0.2)


def test_the_error_of_an_integral_is_an_error_of_the_mesh():
    p = examples.growth()
    p.integral("sharp", lambda s, u, q, t: 1 / (0.01 + (t - 1.3) ** 2))
    found = examples.solved(p, intervals=20)["grow"]
    exact = 10 * (np.arctan(7.0) + np.arctan(13.0))
    wrong = abs(found.integral("sharp") - exact) / (1 + exact)
    assert found.error == pytest.approx(wrong, rel=1e-2)
    assert abs(found.time[2 * np.argmax(found.errors.quadrature)] - 1.3) < 0.25


def test_unstable_dynamics_are_refined_until_a_simulation_agrees():
    def amplifying():
        p = control.Phase("climb")
        p.time(initial=0.0, final=3.0)
        p.state("x", initial=1.0)
        p.control("u")
        p.dynamics(lambda s, u, q, t: {"x": 3 * s.x + u.u})
        p.integral("cost", lambda s, u, q, t: s.x**2 + u.u**2)
        p.minimize(lambda first, last, q, integral: integral.cost)
        return control.Problem("climb", [p])

    estimated = amplifying().solve(intervals=10)
    confirmed = amplifying().solve(intervals=10, confirm=True)
    assert estimated.simulate().deviation > 1e-6 > confirmed.simulate().deviation
    assert confirmed.stop.startswith("a simulation deviates by")


# ---- what the solver leaves
def test_gaps_between_intervals_are_an_error_of_the_trajectory():
    loose = control.Problem("loose", [examples.growth()]).solve(
        "trapezoidal", intervals=200, refine=False, options={"tol": 1e-3}, tolerance=1e-2
    )
    phase = loose["grow"]
    times = np.linspace(0.0, 2.0, 400)
    exact = np.exp(np.sin(times))
    true = np.abs(phase.state("x")(times) - exact).max() / (1 + exact.max())
    assert phase.errors.at_end.sum() < phase.errors.drift
    assert true / 3 < loose.error < 10 * true


def test_many_intervals_are_solved_accurately_enough_for_their_sum():
    found = control.Problem("many", [examples.growth()]).solve(
        "trapezoidal", intervals=12, tolerance=1e-7
    )
    assert found["grow"].mesh.num_intervals > 2000
    times = np.linspace(0.0, 2.0, 400)
    exact = np.exp(np.sin(times))
    assert np.abs(found["grow"].state("x")(times) - exact).max() < 1e-7 * (1 + exact.max())


# ---- what is asked for and is not there
def test_hamiltonians_are_asked_for_within_the_phase():
    found = examples.solved(examples.brachistochrone(), intervals=4)["slide"]
    with pytest.raises(ProblemError, match="the Hamiltonian is asked for at a time outside"):
        found.hamiltonian([0.0, 2.0])


def test_simulations_are_asked_for_phases_of_the_problem():
    simulation = examples.solved(examples.brachistochrone(), intervals=4).simulate()
    with pytest.raises(UnknownNameError, match="no phase 'slyde'") as caught:
        simulation["slyde"]
    assert "did you mean 'slide'?" in str(caught.value)


def test_a_solution_with_other_shapes_is_no_guess():
    found = examples.solved(examples.growth(), intervals=4)
    p = control.Phase("grow")
    p.time(initial=0.0, final=1.0)
    p.state("x", shape=2, initial=1.0)
    p.dynamics(lambda s, u, q, t: {"x": -s.x})
    with pytest.raises(ShapeError, match=r"has 'x' of phase 'grow' with shape \(\), and here"):
        control.Problem("other", [p]).solve(guess=found, intervals=4)


def test_a_diagnosis_names_variables_by_time_and_component():
    p = control.Phase("ride")
    p.time(initial=0.0, final=1.0)
    p.state("x", shape=2, initial=0.0, final=[0.0, 3.0])
    p.control("speed", shape=2, lower=0.0, upper=2.0)
    p.dynamics(lambda s, u, q, t: {"x": u.speed})
    found = control.Problem("too far", [p]).solve(transcription="trapezoidal", intervals=2)
    assert found.violations()[0].startswith("the dynamics of 'x[1]' in phase 'ride' at t = ")
    text = found.diagnose()
    assert "'speed[1]' of phase 'ride' at t = 0.5" in text
    assert "ride__" not in text
