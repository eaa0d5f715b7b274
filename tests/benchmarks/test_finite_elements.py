"""The benchmark of finite elements runs, agrees with scikit-fem, and writes what it measured."""

import json

import pytest
import skfem
import typer
from typer.testing import CliRunner

from benchmarks import finite_elements


def test_a_small_run_agrees_and_measures_every_form_on_every_element(tmp_path):
    app, output = typer.Typer(), tmp_path / "finite_elements.json"
    app.command()(finite_elements.main)
    result = CliRunner().invoke(app, ["--small", "--repeats", "1", "--output", str(output)])
    assert result.exit_code == 0, result.output
    report = json.loads(output.read_text())
    assert len(report["figures"]) == 4
    assert all(found["elements"] == 288 for found in report["results"].values())
    assert all(max(found["differences"]) < 1e-12 for found in report["results"].values())


def test_the_mesh_of_the_bar_has_a_hundred_thousand_triangles():
    assert 2 * finite_elements.CELLS["full"] ** 2 == 100_352


def test_a_wrong_derivative_by_hand_stops_the_benchmark():
    case = finite_elements.CASES["nonlinear diffusion"]
    wrong = case._replace(jacobian=finite_elements.surface_jacobian)
    basis = skfem.Basis(finite_elements.mesh(4), skfem.ElementTriP1())
    with pytest.raises(RuntimeError, match="no time counts"):
        finite_elements.measured(wrong, basis, 1)
