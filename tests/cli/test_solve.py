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
