"""``python -m sparseopt.testing``: what it reports, and what it writes of failures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.testing.__main__ import main
from sparseopt.testing.campaign import numbered_checks, numbered_program, run_campaign
from sparseopt.testing.references import observed_rate


def test_the_command_reports_what_was_run(tmp_path, capsys):
    failures = tmp_path / "failures.py"
    arguments = ["--programs", "12", "--seed", "5", "--compiled-share", "0"]
    assert main([*arguments, "--failures", str(failures)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("12 programs in ")
    assert "failures: 0" in printed
    assert not failures.exists()


def test_a_wrong_rule_is_found_and_made_minimal(tmp_path, monkeypatch, capsys):
    row = FUNCTIONS["cos"]
    monkeypatch.setitem(FUNCTIONS, "cos", replace(row, partials=lambda f, v, x: (f.sin(x),)))
    monkeypatch.setattr("sparseopt.testing.campaign.MOST_SHRUNK", 1)
    failures = tmp_path / "failures.py"
    arguments = ["--programs", "16", "--seed", "5", "--compiled-share", "0"]
    assert main([*arguments, "--failures", str(failures)]) == 1
    assert "minimal programs:" in capsys.readouterr().out
    minimal = failures.read_text().split("# program")[1]
    lines = [line for line in minimal.splitlines() if line.startswith("    v")]
    assert len(lines) <= 2
    assert "np.sin(" in minimal or "np.cos(" in minimal


def test_two_processes_check_the_same_programs_as_one():
    one, two = (run_campaign(24, 3, jobs=jobs) for jobs in (1, 2))
    assert (one.programs, one.made, one.patterns) == (two.programs, two.made, two.patterns)


def test_programs_and_checks_are_known_by_their_number():
    assert numbered_program(1, 7) == numbered_program(1, 7)
    assert numbered_program(1, 7) != numbered_program(2, 7)
    assert numbered_checks(1, 7, 0.5) == numbered_checks(1, 7, 0.5)
    assert all(numbered_program(1, k).is_smooth for k in range(1, 40, 2))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_rates_of_powers_are_their_orders(order):
    assert observed_rate((2.0 ** -np.arange(6.0)) ** order, 1e-12) == order


def test_noise_has_no_rate():
    assert observed_rate(np.array([3e-15, 1e-15, 2e-15]), 1e-12) == np.inf
