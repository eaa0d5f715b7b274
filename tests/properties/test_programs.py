"""Random programs: what is recorded computes what plain NumPy computes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from sparseopt.graph.interpret import interpret
from sparseopt.graph.program import format_program
from sparseopt.tracing.trace import trace
from tests.properties.random_programs import random_programs


@settings(max_examples=150, deadline=None)
@given(program=random_programs())
def test_recorded_program_equals_numpy(program):
    recorded, shape = trace(program, program.shape)
    for seed in (0, 1):
        x = program.point(seed)
        (value,) = interpret(recorded, x.ravel())
        expected = program(x)
        assert shape == expected.shape
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(program=random_programs(smooth=True))
def test_smooth_programs_are_flagged_and_give_finite_values(program):
    assert program.is_smooth
    assert np.isfinite(program(program.point())).all()


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
