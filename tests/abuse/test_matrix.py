"""No abuse crashes, hangs, loses an exception or a point, or makes a wrong success: every adapter.

Here each adapter runs a few variants of each abuse (`harness.FEW`); ``-m slow`` runs all.
"""

from __future__ import annotations

import os
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("cells are forks, and limited by Linux", allow_module_level=True)

from tests.abuse.cases import ABUSES, SOLVERS
from tests.abuse.harness import outcomes
from tests.abuse.page import PAGE, RECORD, recorded, rendered

CELLS = [
    pytest.param(solver, abuse.name, id=f"{solver}-{abuse.name}")
    for solver in SOLVERS
    for abuse in ABUSES.values()
    if abuse.concerns(solver)
]


@pytest.mark.parametrize(("solver", "abuse"), CELLS)
def test_an_abuse_has_an_outcome_that_was_promised(solver, abuse):
    found = outcomes()[solver][abuse]
    assert found
    assert {variant: text for variant, text in found.items() if is_wrong(text)} == {}


@pytest.mark.slow
def test_every_variant_of_every_abuse_and_two_thousand_solves(monkeypatch):
    if "SPARSEOPT_ABUSE" not in os.environ:
        pytest.skip("takes minutes: set SPARSEOPT_ABUSE=full")
    monkeypatch.setenv("SPARSEOPT_LEAK_SOLVES", "2000")  # a tenth with SciPy, which is slow
    found = outcomes(*SOLVERS)
    wrong = [
        (solver, abuse, variant, text)
        for solver, abuses in found.items()
        for abuse, variants in abuses.items()
        for variant, text in variants.items()
        if is_wrong(text)
    ]
    assert wrong == []


def is_wrong(text):
    return text.startswith(("WRONG", "CRASH", "HANG", "EXIT", "it printed"))


def test_the_page_is_what_its_command_writes():
    assert PAGE.read_text() == rendered(recorded()), "python -m tests.abuse.page"


def test_the_record_has_every_cell():
    record = recorded()
    assert list(record) == list(SOLVERS), f"{RECORD} is old: python -m tests.abuse.page --run"
    for solver, abuses in record.items():
        concerned = {a.name: len(a.variants) for a in ABUSES.values() if a.concerns(solver)}
        assert {name: sum(found.values()) for name, found in abuses.items()} == concerned


def test_the_record_holds_no_broken_promise():
    found = [text for abuses in recorded().values() for a in abuses.values() for text in a]
    assert [text for text in found if is_wrong(text)] == []
