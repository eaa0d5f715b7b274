"""The diagnosis as a whole: text, JSON, order, and problems with nothing wrong."""

from __future__ import annotations

import json

import pytest

from problems import registry
from sparseopt.modeling.findings import Diagnosis, Finding
from tests.problems.sizes import SAMPLE

KNOWN = {
    "ac_opf": ["vanishing rows"],
    "ac_opf_rectangular": ["vanishing rows"],
    "ac_opf_security": ["vanishing rows"],
    "bundle_adjustment": ["dense Hessian", "dense Hessian"],
    "lq_interior_point": ["overdetermined equalities"],
    "marine": ["scaling"],
    "nested_sums": ["dense Hessian", "dense Hessian"],
    "pinene": ["scaling"],
    "hs025": ["scaling", "scaling"],
    "hs108": ["vanishing rows"],
    **{f"luksan_vlcek_{number}": ["scaling"] for number in (6, 8, 14, 15)},
}
"""The flat start of power networks, with equal voltages, has flow limits without slope, and so
has a hexagon whose corners coincide; the counts of animals and the times of reactions are
published in units far from 1; five cameras all see each other's points; the interior point of a
linear-quadratic problem joins two fixed times; nested sums are there to be lifted; sums of powers
start with gradients of 1e5, hs025 with 1e-8."""

UNITS = ("bundle_adjustment", "lq_interior_point", "shuttle_reentry", "shuttle_reentry_heating")
"""Stated in pixels, feet and degrees; measurements of NIST come in units of their own too."""


def test_nothing_found_says_what_was_checked(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(x[0] ** 2 + x[1] ** 2)
        m.subject_to(x[0] * x[1] == 1.0, name="area")
        m.subject_to(x[0] + 2 * x[1] == 3.0, name="line")
        """
    )
    assert (
        str(m.problem().diagnose())
        == """\
test at the start: nothing found
checked: structure: 2 equalities in 2 free variables (0 fixed), structural rank 2, \
0 degrees of freedom
checked: constant rows, unused variables, bounds
checked: density: 4 nonzeros in the Jacobian, 3 in the Hessian's lower triangle
checked: values and first derivatives are finite, and second ones
checked: linear constraints with the same left-hand side
checked: scaling: largest derivatives of constraints 1.0e+00 to 2.0e+00, by variables 1.0e+00 to \
1.0e+00 (large constraints divided)
checked: rank 2 of 2 equalities, condition number about 4e+00 (rows scaled to 1)"""
    )


def test_findings_are_sorted_by_severity_and_many_are_cut():
    findings = [Finding("k", "note", f"note {k}") for k in range(30)]
    findings.insert(7, Finding("k", "error", "bad", "model.py:3", "because", "do this"))
    diagnosis = Diagnosis("test", "the start", tuple(findings))
    lines = str(diagnosis).splitlines()
    assert lines[:2] == ["test at the start: 1 error, 30 notes", "error: bad"]
    assert lines[-1] == "and 11 more findings"
    assert len(diagnosis) == 31
    assert not diagnosis.ok


def test_notes_alone_are_ok():
    assert Diagnosis("test", "the start", (Finding("k", "note", "so it is"),)).ok


def test_json_holds_everything():
    diagnosis = Diagnosis(
        "test", "the start", (Finding("k", "warning", "w", names=("a",)),), ("c",)
    )
    data = json.loads(diagnosis.json())
    assert (data["ok"], data["problem"], data["checked"]) == (False, "test", ["c"])
    assert data["findings"][0] == {
        "kind": "k",
        "severity": "warning",
        "what": "w",
        "where": "",
        "why": "",
        "instead": "",
        "names": ["a"],
        "count": 1,
    }


def test_an_unconstrained_problem_is_checked_too(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(np.sum((x - 2.0) ** 4))
        """
    )
    assert len(m.problem().diagnose()) == 0
    assert len(m.solve().diagnose()) == 0


def test_a_problem_without_an_objective_is_checked_too(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.subject_to(x[0] * x[1] == 1.0)
        m.subject_to(x[0] + 3 * x[1] == 4.0)
        """
    )
    assert len(m.problem().diagnose()) == 0


@pytest.mark.parametrize("name", SAMPLE)
def test_well_posed_problems_have_no_findings_that_are_not_true(name):
    record = registry.get(name)
    found = [f.kind for f in record.build(**record.sizes["small"]).problem().diagnose()]
    if name in UNITS or registry.collection(name) == "fitting":
        found = [kind for kind in found if kind != "scaling"]
    assert found == KNOWN.get(name, [])


@pytest.mark.parametrize("name", ["hs071", "rosenbrock", "hanging_chain", "ac_opf"])
def test_well_posed_problems_have_no_findings_at_their_solutions(name):
    record = registry.get(name)
    assert len(record.build(**record.sizes["small"]).solve().diagnose()) == 0
