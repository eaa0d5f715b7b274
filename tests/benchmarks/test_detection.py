"""The benchmark of pattern detection runs, small, and counts the entries it should."""

import json

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import detection
from benchmarks.detection_cases import CASES


def test_small_run_detects_every_case(tmp_path):
    app, output = typer.Typer(), tmp_path / "detection.json"
    app.command()(detection.main)
    result = CliRunner().invoke(app, ["--small", "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert list(json.loads(output.read_text())) == list(CASES)


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("stencil", 5 * 100 - 40),
        ("chained_rosenbrock", 3 * 100 - 2),
        ("trigonometric_rows", 3 * 98),
        ("brusselator", 12 * 49),
        ("hub", 100 + 2 * 99 + 2 * 98),
    ],
)
def test_entries_of_known_patterns(name, entries):
    assert detection.detect(name, 100, 0.0, memory=False)["entries"] == entries


def test_a_peer_that_cannot_run_says_why():
    found = detection.detect_elsewhere("no-such-python", "hub", 10, 0.0, 5.0)
    assert "failed" in found
    assert "not run" in detection._beside({"sparseopt": {"variables": 1, "seconds": 1.0},
                                           "asdex": {"failed": "not run"}})  # fmt: skip
