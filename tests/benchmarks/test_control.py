"""The benchmarks of optimal control run, agree with CasADi, and write what they measured."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("casadi")
from benchmarks.code_lines import rows_of_code
from benchmarks.control import __main__ as benchmark
from benchmarks.control import shuttle

GUIDE = Path(__file__).parents[2] / "docs" / "control.md"
SHOWN = re.compile(r"^([\w.]+):\n\n```py(?:thon)?\n(.*?)```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    app, output = typer.Typer(), tmp_path_factory.mktemp("control") / "control.json"
    app.command()(benchmark.main)
    result = CliRunner().invoke(app, ["--small", "--repeats", "1", "--output", str(output)])
    assert result.exit_code == 0, result.output
    return json.loads(output.read_text())


def test_a_small_run_measures_every_bar(report):
    assert set(report["figures"]) == set(benchmark.BARS)
    assert all(figure["value"] >= 0.0 for figure in report["figures"].values())


def test_casadi_solves_the_same_program_in_as_many_iterations(report):
    ours, theirs = (report["results"][f"shuttle with_{t}"]["cold"] for t in ("sparseopt", "casadi"))
    assert ours["objective"] == pytest.approx(theirs["objective"], rel=1e-8)
    assert ours["iterations"] == theirs["iterations"]


def test_a_controller_neither_traces_nor_compiles_again(report):
    for cache in ("cold", "warm"):
        again = report["results"]["controller with_sparseopt"][cache]
        assert (again["traces"], again["compiles"]) == (0, 0)


def test_the_programs_have_the_same_size():
    phase = shuttle.shuttle.problem().phases[0]
    program = shuttle.program(phase, 4)
    problem = shuttle.shuttle.problem().prepare("hermite_simpson", 4).problem()
    assert program["x"].numel() == problem.num_variables == 8 * 9 + 1
    assert program["g"].numel() == problem.num_constraints == 2 * 6 * 4


def test_objectives_that_differ_stop_the_benchmark():
    runs = {"with_sparseopt": 1.0, "with_casadi": 1.0 + 1e-6}
    results = {f"shuttle {tool}": {"cold": {"objective": f}} for tool, f in runs.items()}
    with pytest.raises(RuntimeError, match="no time counts"):
        benchmark._require_agreement(results)


def test_the_guide_counts_the_lines_of_code_that_it_shows_and_ours_are_fewest():
    text = GUIDE.read_text(encoding="utf-8").partition("## Side by side")[2]
    shown = {tool: len(rows_of_code(code)) for tool, code in SHOWN.findall(text)}
    stated = {tool: int(n) for tool, n in re.findall(r"^\| ([\w.]+) \| (\d+) \|", text, re.M)}
    assert shown == stated
    assert min(shown, key=lambda tool: shown[tool]) == "sparseopt.control"
    assert len(shown) == 4
