"""Random programs: a thousand of a fixed seed pass every check, and the strategy of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.program import format_program
from sparseopt.testing.campaign import run_campaign
from sparseopt.testing.checks import CheckFailure, Checks, check_program
from sparseopt.testing.programs import SourceProgram, random_programs
from sparseopt.tracing.trace import trace

SEED = 20


def test_a_thousand_programs_pass_every_check():
    report = run_campaign(1000, SEED, compiled_share=0.02)
    minimal = "\n".join(failure.source() for failure in report.failures)
    assert not report.failures, minimal
    assert report.programs == 1000
    assert report.made["exact"] > 300
    assert report.made["smooth"] > 600
    assert min(report.made[name] for name in ("plans", "casadi", "taylor")) > 50
    assert report.made["compiled"] >= 10
    assert report.refused.total() <= 5
    # x - 0.5 x - 0.5 x: the element form adds coefficients up, index sets know no values.
    assert report.patterns.extra < 0.02 * report.patterns.entries
    assert report.patterns.sharper < 0.02 * report.patterns.entries


@settings(max_examples=25, deadline=None, derandomize=True)
@given(program=random_programs(parameters=True), seed=st.integers(0, 3))
def test_programs_drawn_by_hypothesis_pass_every_check(program, seed):
    check_program(program, seed, Checks(plans=False))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True))
def test_smooth_programs_are_flagged_and_give_finite_values(program):
    assert program.is_smooth
    values = program(program.point())
    assert values.ndim == 1
    assert values.size > 0
    assert np.isfinite(values).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(program=random_programs(parameters=True))
def test_the_source_is_the_program(program):
    copy = SourceProgram(program.source(), program.shape, program.parameter_shape)
    given = [program.point()] + ([] if program.parameter_shape is None else [program.parameters()])
    np.testing.assert_array_equal(copy(*given), program(*given))


@settings(max_examples=25, deadline=None)
@given(program=random_programs())
def test_recording_twice_gives_the_same_program(program):
    texts = [format_program(trace(program, program.shape)[0]) for _ in range(2)]
    assert texts[0] == texts[1]


@settings(max_examples=40, deadline=None)
@given(program=random_programs())
def test_every_node_has_its_size_and_its_arguments_before_it(program):
    recorded, _ = trace(program, program.shape)
    seen = set()
    for node in recorded.nodes():
        assert node.size >= 0
        assert all(id(arg) in seen for arg in node.args)
        seen.add(id(node))


WRONG = [
    ("value", "lambda x: np.float64(np.asarray(x).size) if type(x) is np.ndarray else x.sum()"),
    ("rounding", "lambda x: (x / 3.0 if type(x) is np.ndarray else x * (1.0 / 3.0))"),
]


@pytest.mark.parametrize(("kind", "code"), WRONG)
def test_a_program_that_records_something_else_fails(kind, code):
    program = SourceProgram(f"f = {code}", (20,), is_exact=True)
    with pytest.raises(CheckFailure, match=f"^{kind}"):
        check_program(program)


def test_a_wrong_derivative_fails(monkeypatch):
    row = FUNCTIONS["sin"]
    monkeypatch.setitem(FUNCTIONS, "sin", replace(row, partials=lambda f, v, x: (f.sin(x),)))
    with pytest.raises(CheckFailure, match="gradient"):
        check_program(SourceProgram("def f(x): return np.sin(x)", (2,)))
