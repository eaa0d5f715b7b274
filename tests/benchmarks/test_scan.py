"""The benchmark of long loops runs, and writes what it measured."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.scan import __main__ as benchmark
from sparseopt.loops.checkpoints import default_checkpoints, fewest_forward_steps


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    app, output = typer.Typer(), tmp_path_factory.mktemp("scan") / "scan.json"
    app.command()(benchmark.main)
    done = CliRunner().invoke(app, ["--small", "--output", str(output)])
    assert done.exit_code == 0, done.exception or done.output
    return json.loads(output.read_text())


def test_the_step_is_traced_once_and_the_loop_compiled_once(report):
    assert (report["result"]["traces"], report["result"]["compiles"]) == (1, 1)


def test_a_gradient_takes_the_steps_of_the_schedule(report):
    stored = default_checkpoints(20_000, size=11)
    assert report["result"]["stored carries"] == stored
    assert report["result"]["forward steps of a gradient"] == fewest_forward_steps(20_000, stored)


def test_every_bar_has_a_figure(report):
    assert set(report["figures"]) == set(benchmark.BARS)
