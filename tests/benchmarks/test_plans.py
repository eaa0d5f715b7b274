"""The benchmark of plans runs and writes what it measured."""

import json

import typer
from typer.testing import CliRunner

from benchmarks import plans


def test_small_run_measures_every_plan_of_a_problem(tmp_path):
    app, output = typer.Typer(), tmp_path / "plans.json"
    app.command()(plans.main)
    chosen = ["--problem", "cart_pole", "--problem", "rocket"]
    result = CliRunner().invoke(app, ["--small", *chosen, "--output", str(output)])
    assert result.exit_code == 0, result.output
    rows = {(r["case"], r["matrix"]): r for r in json.loads(output.read_text())["results"]}
    assert set(rows) == {(f"{p} small", m) for p in chosen[1::2] for m in ("jacobian", "hessian")}
    jacobian = rows["cart_pole small", "jacobian"]
    assert jacobian["auto"] == "direct"
    assert set(jacobian["plans"]) == {"direct", "forward", "reverse", "bidirectional"}
    assert all("seconds" in plan or "skipped" in plan for plan in jacobian["plans"].values())
