"""What TARGET, --set and the exit codes mean, for every command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from problems import registry
from sparseopt.cli.target import find_target, parse_assignments


def test_values_are_literals_or_else_strings():
    words = ["n=10", "case=case14", "sizes=(3, 4)", "flag=True", "text='7'", "expression=a=b"]
    assert parse_assignments(words) == {
        "n": 10,
        "case": "case14",
        "sizes": (3, 4),
        "flag": True,
        "text": "7",
        "expression": "a=b",
    }


def test_the_command_line_is_also_a_module():
    command = [sys.executable, "-m", "sparseopt", "list", "hs071", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert [record["name"] for record in json.loads(done.stdout)] == ["hs071"]


def test_a_target_may_be_a_registered_problem():
    target = find_target("hs071")
    assert target.record.name == "hs071"
    assert target.known_objective({}).value == pytest.approx(17.0140173)


def test_every_known_objective_is_found_from_the_command_line():
    for record in registry.records().values():
        for known in record.known:
            assert find_target(record.name).known_objective(dict(known.size)) is known


def test_arguments_left_out_have_the_defaults_of_the_builder():
    known = registry.get("double_integrator").known
    assert find_target("double_integrator", "small").known_objective({}) is known[0]
    assert find_target("double_integrator").known_objective({"intervals": 1000}) is known[1]
    assert find_target("double_integrator", "small").known_objective({"degree": 2}) is None


@pytest.mark.parametrize("target", ["model.py:build", "./model.py:build", "model:build"])
def test_a_target_may_be_a_file_or_a_module(run, target):
    assert run("inspect", target).exit_code == 0


BAD_USAGE = [
    (["solve", "hs71"], "did you mean 'hs071'"),
    (["solve", "model.py:bild"], "did you mean 'build'"),
    (["solve", "qqq"], "no problem named 'qqq'; the nearest of"),
    (["solve", "nofile.py:build"], "no file nofile.py"),
    (["solve", "nofile.py"], "no file nofile.py"),
    (["solve", "model.py"], "which function of it? model.py:function, of these: build"),
    (["solve", "nomodule.sub:build"], "no module named 'nomodule.sub'"),
    (["solve", "model.py:number"], "returned int"),
    (["solve", "model.py:build", "--set", "sise=3"], "did you mean 'size'"),
    (["solve", "model.py:build", "--set", "size"], "not of the form key=value"),
    (["solve", "model.py:build", "--solver", "ipotp"], "did you mean 'ipopt'"),
    (["solve", "model.py:build", "--option", "max_itre=3"], "did you mean 'max_iter'"),
    (["solve", "model.py:build", "--start", "nofile.json"], "no file nofile.json"),
    (["solve", "model.py:branching"], "np.where"),
    (["inspect", "model.py:crossed"], "crossed"),
]


@pytest.mark.parametrize(("words", "message"), BAD_USAGE)
def test_bad_usage_exits_with_2_and_says_what_would_work(run, words, message):
    result = run(*words)
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())
    assert "Traceback" not in result.output


def line_of(text):
    return 1 + Path("model.py").read_text().split(text)[0].count("\n")


def test_an_error_of_the_model_names_the_users_line(run):
    assert f"model.py:{line_of('if x[0] > 0')}" in run("check", "model.py:branching").output


def test_a_foreign_exception_is_printed_with_its_line(run):
    result = run("solve", "model.py:broken")
    assert result.exit_code == 1
    assert "ZeroDivisionError: division by zero" in result.output
    assert f"model.py:{line_of('1 / 0')}" in result.output


def test_the_traceback_is_shown_when_asked_for(run):
    result = run("solve", "model.py:broken", "--traceback")
    assert isinstance(result.exception, ZeroDivisionError)
