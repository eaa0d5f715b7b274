"""``sparseopt list``: filters, what is wrong with them, what is printed."""

from __future__ import annotations

import functools
import json

import pytest
from rich.console import Console

from sparseopt.cli import list as list_module


def said(result):
    return " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--collection", "cop"), "no collection 'cop'; did you mean 'cops'?"),
        (("--family", "xyz"), "no family here has 'xyz'; known names:"),
        (("--family", "optimal contol"), "did you mean 'optimal control'?"),
        (("--collection", "fitting", "--family", "control"), "no family here has 'control'"),
        (("--size", "huge"), "size is small, medium or large, not 'huge'"),
        (("--at-least", "-5"), "greater than or equal to 0"),
        (("--at-most", "-1"), "greater than or equal to 0"),
        (("--at-most", "many"), "valid integer"),
        (("--at-least", "100", "--at-most", "10"), "no number is at least 100 and at most 10"),
    ],
)
def test_filters_that_select_nothing_by_mistake_are_named(run, arguments, message):
    result = run("list", *arguments)
    assert result.exit_code == 2
    assert message in said(result)


def test_a_collection_may_be_written_in_capitals(run):
    entries = json.loads(run("list", "--collection", "COPS", "--json").stdout)
    assert {entry["collection"] for entry in entries} == {"cops"}


@pytest.mark.parametrize("arguments", [("nosuch",), ("--at-most", "0"), ("rocket", "cam")])
def test_finding_nothing_is_said(run, arguments):
    assert "no problem has all of this" in run("list", *arguments).output
    assert json.loads(run("list", *arguments, "--json").stdout) == []


def test_numbers_of_variables_are_bounded_from_both_sides(run):
    arguments = ("--size", "small", "--at-least", "6", "--at-most", "7", "--json")
    found = [entry["variables"] for entry in json.loads(run("list", *arguments).stdout)]
    assert set(found) == {6, 7}


def test_a_pipe_gets_one_line_for_each_problem(run):
    lines = run("list").stdout.splitlines()
    assert len(lines) == 1 + len(json.loads(run("list", "--json").stdout))
    assert all(line.strip() for line in lines)


def test_the_best_known_objective_stands_beside_its_size(run):
    """n and m belong to another size, so the row would mislead without."""
    headings, row = (" ".join(line.split()) for line in run("list", "bearing").stdout.splitlines())
    assert headings == "name n (large) m (large) best known at collection family title"
    assert "bearing 1,004,004 0 -0.1540156 num_x=50 num_y=25 cops" in row
    assert row.endswith("pressure in a journal bearing (COPS)")


@pytest.mark.parametrize("width", [80, 139, 140])
def test_a_narrow_terminal_gets_whole_names_and_counts(run, monkeypatch, width):
    terminal = functools.partial(Console, force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr(list_module, "Console", terminal)
    lines = run("list", "mittelmann", "--size", "small").stdout.splitlines()
    first = lines[1].split()
    assert first[:3] == ["maurer_mittelmann_boundary_dirichlet", "441", "361"]
    assert ("best known" in lines[0]) == ("0.196525" in first) == (width >= 140)
    assert not any("\N{HORIZONTAL ELLIPSIS}" in line or len(line) > width for line in lines)


def test_json_has_all_that_is_claimed_about_the_objective(run):
    (entry,) = json.loads(run("list", "hs071", "--json").stdout)
    assert entry["known"] == {
        "size": {},
        "objective": 17.0140173,
        "best": 17.0140173,
        "relative_tolerance": 5e-9,
        "source": "Hock and Schittkowski (1981), problem 71",
        "doi": "10.1007/978-3-642-48320-2",
    }
    assert entry["reference"] == "Hock and Schittkowski (1981), doi:10.1007/978-3-642-48320-2"
