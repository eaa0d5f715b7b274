"""The benchmark of lifting runs, and writes what it measured."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import lifting


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    app, output = typer.Typer(), tmp_path_factory.mktemp("lifting") / "lifting.json"
    app.command()(lifting.main)
    done = CliRunner().invoke(app, ["--small", "--output", str(output)])
    assert done.exit_code == 0, done.exception or done.output
    return json.loads(output.read_text())


def test_nonzeros_grow_with_the_size(report):
    assert report["figures"]["exponent of nonzeros"]["value"] == pytest.approx(1.0, abs=0.05)
    assert [found["nonzeros"] for found in report["results"]] == [7_003, 14_003]


def test_every_bar_has_a_figure_and_every_size_its_stages(report):
    assert len(report["figures"]) == len(lifting.FITTED)
    for found in report["results"]:
        assert {"trace", "elements", "patterns", "compile", "solver"} <= set(found["stages"])
        assert found["iterations"] < 20
