"""`python -m benchmarks`: options that mean nothing, selections of nothing, files of others."""

import json

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import scaling
from benchmarks.results import Results

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(command.main)
SCALING = typer.Typer(pretty_exceptions_enable=False)
SCALING.command()(scaling.main)


def run(path, *arguments, app=APP):
    result = CliRunner().invoke(app, [*arguments, "--output", str(path)])
    return result.exit_code, " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tool", "sparsopt"), "no tool is called 'sparsopt'; did you mean 'sparseopt'?"),
        (("--problem", "hs0711"), "no problem is called 'hs0711'; did you mean 'hs071'?"),
        (("--collection", "cop"), "no collection is called 'cop'; did you mean 'cops'?"),
        (("--stage", "evaluat"), "no stage is called 'evaluat'; did you mean 'evaluate'?"),
        (("--size", "huge"), "no size is called 'huge'"),
        (("--budget", "-1"), "budget is -1; it must be positive"),
        (("--timeout", "0"), "timeout is 0; it must be positive"),
        (("--memory", "nan"), "memory is nan; it must be positive"),
        (("--repeats", "0"), "repeats is 0; it must be positive"),
        (("--collection", "cops", "--problem", "hs071"), "fit all options"),
        (("--at-least", "10", "--at-most", "5"), "fit all options"),
        (("--tool", "limit_c", "--stage", "solve"), "fit all options"),
    ],
)
def test_options_that_mean_nothing_are_named_and_write_nothing(tmp_path, arguments, message):
    path = tmp_path / "results.json"
    code, output = run(path, *arguments)
    assert code == 2
    assert message in output
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [('{"mach', "holds no results"), ("[1, 2]", "it has no machine and results"), ("", "holds no")],
)
@pytest.mark.parametrize("app", [APP, SCALING])
def test_a_file_that_is_no_result_is_not_resumed(tmp_path, app, text, message):
    path = tmp_path / "results.json"
    path.write_text(text)
    code, output = run(path, "--resume", app=app)
    assert code == 2
    assert message in output
    assert path.read_text() == text


def test_a_file_of_another_machine_is_not_resumed(tmp_path):
    path = tmp_path / "results.json"
    Results(path, resume=False).write()
    stored = json.loads(path.read_text())
    stored["machine"]["cores"] += 62
    path.write_text(json.dumps(stored))
    code, output = run(path, "--retry")
    assert code == 2
    assert "write to another file" in output


def test_every_stage_runs_and_failures_stay_in_the_file(tmp_path):
    """One small problem through all processes; a limit of time that nothing meets is a failure."""
    path = tmp_path / "results.json"
    stages = [word for stage in ("solve", "whole", "threads") for word in ("--stage", stage)]
    code, output = run(path, "--small", "--problem", "hs071", "--tool", "sparseopt", *stages)
    assert code == 0, output
    (result,) = json.loads(path.read_text())["results"]
    assert result["solve"]["objective"] == pytest.approx(17.0140173)
    assert set(result["whole"]) == {"cold", "warm"}
    assert result["threads"]["1"]["digests"] == result["threads"]["2"]["digests"]
    rival = ("--problem", "hs001", "--tool", "casadi_sx", "--timeout", "0.01", "--resume")
    code, output = run(path, *rival)
    assert "casadi_sx evaluate: over 0.01 s (hs001)" in output
    assert json.loads(path.read_text())["results"][-1]["failures"] == {"evaluate": "over 0.01 s"}


def test_a_small_run_of_growth(tmp_path):
    path = tmp_path / "scaling.json"
    arguments = ("--problem", "luksan_vlcek_1", "--tool", "sparseopt", "--most", "1000")
    code, output = run(path, *arguments, "--budget", "0.01", app=SCALING)
    assert code == 0, output
    (result,) = json.loads(path.read_text())["results"]
    assert (result["size_name"], result["variables"]) == ("n=1000", 1000)
    assert set(result["evaluate"]["seconds"]) >= {"jacobian", "hessian"}
