"""Refinement that cannot reach its tolerance, or leads to a worse optimum, stops and says so."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from sparseopt.control import refinement
from sparseopt.control.prepared import PreparedProblem
from sparseopt.control.solution import ControlSolution
from sparseopt.errors import SolverError
from tests.control import example_phases as examples


def around():
    """A way around a disk below the line from start to end: above is shorter than below."""
    p = control.Phase("walk")
    p.time(initial=0.0, final=1.0)
    p.state("x", initial=0.0, final=1.0)
    p.state("y", initial=0.0, final=0.0)
    p.control("u")
    p.control("w")
    p.dynamics(lambda s, u, q, t: {"x": u.u, "y": u.w})
    p.path(lambda s, u, q, t: {"away": (s.x - 0.5) ** 2 + (s.y + 0.1) ** 2}, lower=0.04)
    p.integral("effort", lambda s, u, q, t: u.u**2 + u.w**2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    return control.Problem("around", [p])


ABOVE = {"walk": {"y": lambda t: 0.3 * np.sin(np.pi * t)}}
BELOW = {"walk": {"y": lambda t: -0.5 * np.sin(np.pi * t)}}


def lead_below(monkeypatch, near_too):
    """Let every solve from an earlier mesh start below, or only those with the usual options."""
    solve, options_of_solves = PreparedProblem.solve, []

    def misled(self, *, guess=None, options=None, **settings):
        options_of_solves.append(dict(options or {}))
        is_near = "mu_init" in (options or {})
        if isinstance(guess, ControlSolution) and (near_too or not is_near):
            guess = BELOW
        return solve(self, guess=guess, options=options, **settings)

    monkeypatch.setattr(PreparedProblem, "solve", misled)
    return options_of_solves


def test_the_two_ways_are_local_optima():
    above = around().solve(intervals=40, refine=False, guess=ABOVE)
    below = around().solve(intervals=40, refine=False, guess=BELOW)
    assert above.success
    assert below.success
    assert above.objective < below.objective - 0.1


def test_a_finer_mesh_with_a_worse_optimum_is_solved_again_near_the_last_one(monkeypatch):
    solves = lead_below(monkeypatch, near_too=False)
    found = around().solve(intervals=20, most_meshes=2, guess=ABOVE)
    assert found["walk"].state("y")(0.5) > 0.05
    assert len(found.refinement) == 2
    assert ["mu_init" in options for options in solves] == [False, False, True]


def test_the_mesh_before_is_kept_where_the_optimum_gets_worse(monkeypatch):
    lead_below(monkeypatch, near_too=True)
    found = around().solve(intervals=20, guess=ABOVE)
    first, second = found.refinement
    assert found.objective == first.objective < second.objective - 0.1
    assert found["walk"].mesh.num_intervals == 20
    text = (
        f"mesh 2 led to a worse optimum, {second.objective:.10g} instead of {first.objective:.10g}"
    )
    assert found.stop.startswith(f"{text}, and that of mesh 1 is kept; its error is")
    assert "of 20 of phase 'walk', t = " in found.stop
    assert found.stop in found.report()


def test_a_worse_optimum_of_a_maximization_is_a_smaller_one(monkeypatch):
    problem = around()
    problem.phases[0].maximize(lambda first, last, q, integral: -integral.effort)
    lead_below(monkeypatch, near_too=True)
    found = problem.solve(intervals=20, guess=ABOVE)
    assert found.objective == found.refinement[0].objective > found.refinement[1].objective + 0.1
    assert "and that of mesh 1 is kept" in found.stop


def test_objectives_that_get_worse_by_the_error_of_the_mesh_are_refined_further():
    found = control.Problem("arc", [examples.bryson_denham()]).solve(
        transcription="multiple_shooting", intervals=4, tolerance=1e-5
    )
    objectives = [record.objective for record in found.refinement]
    assert objectives[0] < objectives[-1] - 0.05
    assert found.objective == pytest.approx(4.0, rel=1e-4)
    assert "is below the tolerance" in found.stop


# ---- errors that no longer fall
def oscillating():
    """The rate has a kink that no mesh of halves hits, with an error that a limit keeps up."""
    p = control.Phase("noise")
    p.time(initial=2.0, final=3.0)
    p.state("x", initial=0.0)
    p.dynamics(lambda s, u, q, t: {"x": np.sin(1e6 * t**2)})
    return control.Problem("noise", [p])


def test_refinement_stops_where_the_error_no_longer_falls_and_names_the_place():
    found = oscillating().solve(intervals=100, tolerance=1e-10)
    meshes = found.refinement
    assert 2 <= len(meshes) <= 5
    assert meshes[-1].points >= 5 * meshes[0].points
    assert found.stop.startswith("finer meshes no longer help; the error is")
    count = meshes[-1].intervals
    assert f" of {count} of phase 'noise', t = 2." in found.stop
    best = min(meshes, key=lambda mesh: mesh.error)
    assert found.error == best.error
    assert ("; kept is mesh" in found.stop) == (best is not meshes[-1])
    assert f"refinement ended: {found.stop}" in found.report()


def test_the_place_of_the_largest_error_is_said_where_meshes_run_out():
    p = examples.growth()
    p.integral("sharp", lambda s, u, q, t: 1 / (1e-4 + (t - 1.3) ** 2))
    found = control.Problem("few", [p]).solve(intervals=10, most_meshes=1)
    assert found.stop.startswith("1 meshes were tried; the error is")
    assert found.stop.endswith("interval 7 of 10 of phase 'grow', t = 1.2 to 1.4")


def test_gaps_that_the_solver_leaves_are_named_where_no_mesh_helps(monkeypatch):
    monkeypatch.setattr(refinement, "_closed", lambda solution, aim, settings: solution)
    found = control.Problem("loose", [examples.growth()]).solve(
        "trapezoidal", intervals=12, tolerance=1e-7
    )
    assert found.stop.startswith("the solver leaves gaps between the intervals of phase 'grow': ")
    assert found["grow"].errors.gaps.sum() > 0.5e-7


# ---- simulations that do not confirm
def test_simulations_that_run_away_whatever_the_mesh_are_not_waited_for(monkeypatch):
    deviations = iter([3.0, 2.0, 1.9, 1.8, 1.7, 1.6])

    def runs_away(self, *arguments):
        deviation = next(deviations)
        if deviation == 2.0:
            raise SolverError("the simulation of phase 'slide' stopped at t = 0.1")
        return type("Simulation", (), {"deviation": deviation})

    monkeypatch.setattr(ControlSolution, "simulate", runs_away)
    found = control.Problem("unstable", [examples.brachistochrone()]).solve(
        intervals=20, tolerance=1e-5, confirm=True
    )
    assert found.stop == "a simulation deviates by 1.9e+00, and finer meshes do not change that"
    assert len(found.refinement) < 12
