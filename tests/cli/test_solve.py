"""``sparseopt solve``: report, JSON, figures, start, exit code."""

from __future__ import annotations

import json
import sys

import pytest


def test_a_solved_problem_prints_its_report_and_exits_with_0(run):
    result = run("solve", "model.py:build")
    assert result.exit_code == 0
    assert "optimal" in result.output.lower()


def test_builder_arguments_reach_the_builder(run):
    result = run("solve", "model.py:build", "--set", "size=7", "--json")
    assert len(json.loads(result.stdout)["variables"]["x"]) == 7


def test_an_unsolved_problem_exits_with_1(run):
    result = run("solve", "model.py:infeasible", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["success"] is False


def test_options_reach_the_solver(run):
    result = run("solve", "model.py:build", "--option", "max_iter=1", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "iteration_limit"


def test_scipy_methods_are_solvers(run):
    result = run("solve", "model.py:build", "--solver", "SLSQP", "--json")
    assert result.exit_code == 0


def test_a_json_run_is_the_start_of_the_next_one(run, tmp_path):
    first = run("solve", "model.py:build", "--json")
    (tmp_path / "first.json").write_text(first.stdout)
    no_step = ("--option", "max_iter=0", "--start", "first.json", "--json")
    second = run("solve", "model.py:build", "--set", "start=7.0", *no_step)
    before, after = json.loads(first.stdout), json.loads(second.stdout)
    assert after["variables"]["x"] == pytest.approx(before["variables"]["x"])


def test_another_file_is_no_start(run, tmp_path):
    (tmp_path / "other.json").write_text("[1, 2]")
    result = run("solve", "model.py:build", "--start", "other.json")
    assert result.exit_code == 2
    assert "other.json is not the output" in " ".join(result.output.replace("│", " ").split())


def test_known_objectives_of_registered_problems_are_compared(run):
    result = run("solve", "hs071", "--json")
    assert abs(json.loads(result.stdout)["relative_difference"]) < 1e-6


@pytest.mark.parametrize(
    ("name", "size"),
    [("mgh17", "start=1"), ("bearing", "num_y=25"), ("camshape", "num_angles=100")],
)
def test_a_registered_problem_is_solved_to_the_tolerance_of_its_record(run, name, size):
    """IPOPT's own options stop 43 % above MGH17's certified residual, and call it optimal."""
    result = run("solve", name, "--set", size)
    assert ", within the tolerance" in result.output


def test_a_local_optimum_is_compared_with_what_this_start_reaches(run):
    result = run("solve", "hs044")
    assert "  -15\n  -13 is known to be reached from this start" in result.output


def test_the_users_options_come_before_the_records(run):
    result = run("solve", "mgh17", "--option", "tol=1e-8")
    assert "NOT within the tolerance 1.0e-09" in result.output


def test_options_of_the_record_are_ipopts_alone(run):
    assert run("solve", "hs028", "--solver", "SLSQP").exit_code == 0


def test_figures_are_written(run, tmp_path):
    pytest.importorskip("matplotlib")
    assert run("solve", "model.py:build", "--plot", "out").exit_code == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"convergence.png", "hessian.png", "jacobian.png", "variables.png"}


def test_a_missing_matplotlib_is_named_before_the_solve(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run("solve", "model.py:build", "--plot", "out")
    assert result.exit_code == 2
    assert "sparseopt[plots]" in result.output
