"""``sparseopt inspect``, ``check``, ``list`` and ``doctor``."""

from __future__ import annotations

import json

import pytest

from sparseopt.cli import plots
from sparseopt.evaluation import Evaluator


def test_inspect_prints_sizes_and_structure(run):
    result = run("inspect", "model.py:build", "--set", "size=5")
    assert result.exit_code == 0
    for word in ("variables", "constraints", "Jacobian", "Hessian", "blocks", "stages"):
        assert word in result.output


def test_inspect_writes_a_spy_plot(run, tmp_path):
    pytest.importorskip("matplotlib")
    assert run("inspect", "model.py:build", "--plot", "out").exit_code == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    spies, colorings = (
        {"hessian.png", "jacobian.png"},
        {"hessian_coloring.png", "jacobian_coloring.png"},
    )
    assert written == spies | colorings


def test_inspect_writes_a_film_of_the_index_sets(run, tmp_path):
    pytest.importorskip("matplotlib")
    result = run("inspect", "model.py:build", "--set", "size=2", "--animate", "sets.gif")
    assert result.exit_code == 0
    assert "saved sets.gif" in result.output
    assert (tmp_path / "sets.gif").read_bytes()[:4] == b"GIF8"


def test_a_problem_too_large_for_a_film_is_refused_with_advice(run):
    result = run("inspect", "model.py:build", "--set", "size=100", "--animate", "sets.gif")
    assert result.exit_code != 0
    assert "too many for a film" in result.output
    assert "--set size=5" in result.output


def test_inspect_says_which_plan_evaluates_and_in_how_many_colors(run, monkeypatch):
    pytest.importorskip("matplotlib")
    titles = []
    monkeypatch.setattr(
        plots, "save", lambda figure, path, name: titles.append(figure.get_suptitle())
    )
    assert run("inspect", "model.py:build", "--set", "size=50", "--plot", "out").exit_code == 0
    jacobian, hessian = titles[2:]
    assert jacobian.startswith("Jacobian, evaluated by the direct plan, which needs no colors")
    assert "column coloring: 2 colors" in jacobian
    assert "symmetric coloring: 3 colors" in hessian


def test_a_pattern_that_takes_long_to_color_is_drawn_without_colors(run, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(plots, "MOST_PAIRS", 3)
    assert run("inspect", "model.py:build", "--plot", "out").exit_code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"hessian.png", "jacobian.png"}


def test_inspect_counts_the_entries_of_a_bidiagonal_jacobian(run):
    result = run("inspect", "model.py:build", "--set", "size=5", "--json")
    data = json.loads(result.stdout)
    assert (data["variables"], data["constraints"], data["jacobian_nonzeros"]) == (5, 4, 8)


def test_check_accepts_correct_derivatives(run):
    assert run("check", "model.py:build").exit_code == 0


def test_check_names_the_wrong_row_and_column_and_exits_with_1(run, monkeypatch):
    correct = Evaluator.jacobian_values

    def wrong(self, x, out=None):
        values = correct(self, x, out)
        values[(self.jacobian_pattern.rows == 1) & (self.jacobian_pattern.cols == 2)] += 1.0
        return values

    monkeypatch.setattr(Evaluator, "jacobian_values", wrong)
    result = run("check", "model.py:build")
    assert result.exit_code == 1
    assert "step[1] with respect to x[2]" in result.output
    assert "model.py" in result.output


def test_diagnose_names_constraints_in_conflict_and_exits_with_1(run):
    assert run("diagnose", "model.py:build").exit_code == 0
    result = run("diagnose", "model.py:infeasible", "--solve")
    assert result.exit_code == 1
    assert "error: these constraints cannot hold together: ball" in result.output
    assert "where:   model.py:" in result.output


def test_diagnose_gives_its_findings_as_data(run):
    data = json.loads(run("diagnose", "model.py:infeasible", "--solve", "--json").stdout)
    assert data["ok"] is False
    assert [finding["kind"] for finding in data["findings"]] == [
        "failed solve",
        "violated constraint",
        "conflicting constraints",
    ]


def test_list_names_every_problem(run):
    names = {entry["name"] for entry in json.loads(run("list", "--json").stdout)}
    assert {"hs071", "ac_opf", "quadrotor"} <= names
    assert "hs071" in run("list").output


def test_list_filters_by_collection_words_and_size(run):
    def names(*arguments):
        return {entry["name"] for entry in json.loads(run("list", "--json", *arguments).stdout)}

    assert names("--collection", "cops") >= {"rocket", "bearing"}
    assert "hs071" not in names("--collection", "cops")
    assert names("goddard") == {"goddard", "rocket"}
    assert "hs071" in names("--at-most", "4")
    assert "hs071" not in names("--at-least", "5")


def test_doctor_finds_a_linear_solver(run):
    data = json.loads(run("doctor", "--json").stdout)
    assert data["linear_solvers"]["mumps"] is True


def test_doctor_says_what_evaluates_derivatives(run, monkeypatch):
    assert "compiled (LLVM)" in run("doctor").output
    monkeypatch.setenv("SPARSEOPT_BACKEND", "numpy")
    assert "NumPy, as asked" in run("doctor").output
