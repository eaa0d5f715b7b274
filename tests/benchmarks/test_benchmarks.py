"""The benchmarks run, in seconds, and refuse to count times where tools disagree."""

import json
import time

import casadi as ca
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from benchmarks import __main__ as command_line
from benchmarks import checks, measure
from benchmarks.limits.compiler import NoCompilerError
from benchmarks.peers import casadi_models
from benchmarks.stages import whole
from benchmarks.tools import limit_tool
from benchmarks.tools.interface import KINDS, Call, Pattern, ToolUnavailableError
from benchmarks.tools.limit_tool import LimitTool
from benchmarks.tools.sparseopt_tool import SparseoptTool
from problems import registry

RAMPS = {"ramp": 250.0, "spillage": True}


def test_small_run_writes_results_of_all_tools(tmp_path):
    app, output = typer.Typer(), tmp_path / "results.json"
    app.command()(command_line.main)
    problems = ["--problem", "hs071", "--problem", "luksan_vlcek_1"]
    tools = ["--tool", "sparseopt", "--tool", "casadi_mx", "--tool", "limit_c"]
    arguments = ["--small", *problems, *tools, "--output", str(output)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(output.read_text())
    assert report["disagreements"] == []
    assert report["machine"]["packages"]["numpy"] == np.__version__
    measured = {(r["problem"], r["tool"]) for r in report["results"] if "evaluate" in r}
    assert {("hs071", "sparseopt"), ("luksan_vlcek_1", "casadi_mx")} <= measured
    assert report["code_lines"]["luksan_vlcek_1"]["casadi"] > 1


@pytest.mark.parametrize(
    ("problem", "size"),
    [
        *[("luksan_vlcek_1", {"num_variables": n}) for n in (3, 4, 5, 600, 1030)],
        *[("bratu_control", {"num_points": n}) for n in (1, 2, 25)],
        *[("rosenbrock", {"num_variables": n}) for n in (2, 100)],
        *[("rocket", {"num_intervals": n}) for n in (1, 2, 600)],
        *[("cart_pole", {"num_intervals": n}) for n in (1, 2, 300)],
        *[("hanging_chain", {"num_intervals": n, "form": "states"}) for n in (1, 2, 1030)],
        *[("minsurf", {"num_x": 3, "num_y": n}) for n in (2, 300)],
        *[("torsion", {"num_x": 3, "num_y": n}) for n in (1, 4, 30)],
        *[("bearing", {"num_x": 4, "num_y": n}) for n in (1, 3, 30)],
        *[("catmix", {"num_intervals": n}) for n in (1, 2, 40)],
        *[("ac_opf", {"case": case}) for case in ("case3", "case14", "case118")],
        *[("elec", {"num_electrons": n}) for n in (2, 3, 25)],
        *[("minimal_surface_fem", {"num_cells": n}) for n in (1, 3, 9)],
        *[("hydro_scheduling", {"num_hours": n, **RAMPS}) for n in (5, 50)],
        *[("luksan_vlcek_5", {"num_variables": n}) for n in (5, 6, 255, 256, 257, 258, 1030)],
    ],
)
def test_hand_written_limit_agrees_with_sparseopt(problem, size):
    try:
        limit = LimitTool(problem, size)
    except ToolUnavailableError as reason:
        pytest.skip(str(reason))
    peer = SparseoptTool(problem, size)
    point = checks.points(peer.start, peer.num_constraints)[1]
    results = [
        {"tool": name, "checksums": checks.checksums(tool, point)}
        for name, tool in (("limit_c", limit), ("sparseopt", peer))
    ]
    kinds = {kind for kind in KINDS if peer.sizes[kind]}
    assert kinds == {*results[0]["checksums"]}, problem
    assert checks.disagreements(results) == []


@pytest.mark.parametrize("name", sorted(casadi_models.BUILDERS))
def test_casadi_model_has_the_counts_of_the_record(name):
    record = registry.get(name)
    size = record.sizes["small"]
    model, counts = casadi_models.build(name, dict(size), "SX"), record.counts(**size)
    jacobian = ca.jacobian_sparsity(model.constraints, model.x).nnz()
    assert model.x.numel() == counts.variables
    assert model.constraints.numel() == counts.constraints - counts.single_entry_rows
    assert jacobian == counts.jacobian - counts.single_entry_rows


def _entry(tool, value):
    return {"tool": tool, "checksums": {"jacobian": {"sum": value, "norm": 1.0}}}


def test_disagreement_is_a_sentence_that_names_tool_and_kind():
    entries = [_entry("a", 0.5), _entry("b", 0.5 + 1e-6), _entry("c", 0.5)]
    sentences = checks.disagreements(entries)
    assert len(sentences) == 1
    assert "jacobian of b differs from a" in sentences[0]


def test_of_two_tools_that_disagree_neither_counts():
    entries = [_entry("a", 0.5), _entry("b", 0.6)]
    assert checks.wrong_kinds(entries) == {("a", "jacobian"), ("b", "jacobian")}


def test_a_value_that_is_not_a_number_agrees_with_none():
    entries = [_entry("a", 0.5), _entry("b", float("nan")), _entry("c", 0.5)]
    assert checks.wrong_kinds(entries) == {("b", "jacobian")}


def test_checksum_ignores_order_and_explicit_zeros():
    class Stored:
        compared = ("hessian",)

        def __init__(self, rows, cols, values):
            self.entries = rows, cols, np.array(values)

        def bind(self, kind, point):
            return Call(lambda: None, self.entries[2])

        def pattern(self, kind):
            return Pattern(np.array(self.entries[0]), np.array(self.entries[1]))

    first = checks.checksums(Stored([0, 1, 2], [0, 0, 1], [1.0, 2.0, 3.0]), None)
    second = checks.checksums(Stored([2, 0, 2, 1], [1, 0, 2, 0], [3.0, 1.0, 0.0, 2.0]), None)
    assert first["hessian"]["sum"] == pytest.approx(second["hessian"]["sum"], rel=1e-14)


def test_timing_takes_calls_in_turn():
    order = []
    times = measure.time_calls([lambda: order.append(0), lambda: order.append(1)], budget=0.01)
    assert order[:4] == [0, 1, 0, 1]
    assert times["minimum"] <= times["median"] <= times["upper_quartile"] * (1 + 1e-12)


def test_slow_calls_are_timed_once_after_a_first_one():
    calls = []
    times = measure.time_calls([lambda: calls.append(time.sleep(0.02))], budget=0.001)
    assert (len(calls), times["samples"]) == (2, 1)


def test_missing_compiler_is_a_reason_to_skip(monkeypatch):
    def fail(name):
        raise NoCompilerError("no C compiler found")

    monkeypatch.setattr(limit_tool, "load", fail)
    with pytest.raises(ToolUnavailableError, match="no C compiler"):
        limit_tool.LimitTool("luksan_vlcek_1", {"num_variables": 5})


def test_the_whole_time_of_sparseopt_is_that_of_a_model_and_its_solve(monkeypatch):
    monkeypatch.setattr(SparseoptTool, "__init__", lambda *_: pytest.fail("more is compiled"))
    found = whole.run("sparseopt", "hs071", {})
    assert (found["status"], found["objective"]) == ("OPTIMAL", pytest.approx(17.0140173))
    setup, solve = (found["seconds"][part] for part in ("setup", "solve"))
    assert 0.0 < min(setup, solve) < found["total_seconds"] == pytest.approx(setup + solve)


def test_the_whole_time_of_another_tool_is_that_of_its_set_up_and_solve():
    found = whole.run("casadi_sx", "hs071", {})
    assert (found["status"], found["objective"]) == ("Solve_Succeeded", pytest.approx(17.0140173))
    assert found["total_seconds"] == found["seconds"]["setup"] + found["seconds"]["solve"]
