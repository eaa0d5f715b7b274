"""Calls in the element form: stages of their own, whose arguments are stages too."""

from __future__ import annotations

import numpy as np

from sparseopt.elements.build import element_form
from sparseopt.elements.calls import with_own_arguments
from sparseopt.evaluation import Evaluator
from sparseopt.external_functions.function import external
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Call
from tests.elements.forms import form_of
from tests.references import make_program

F = external(lambda x: np.array([x @ x, x.sum()]), 2, name="F")
G = external(np.sin, 3, name="G")


def kinds(form):
    return ["call" if stage.call else "blocks" for stage in form.intermediates]


def test_a_call_and_its_argument_are_stages():
    form = form_of(lambda x: F(x[1:]), 4)
    assert kinds(form) == ["blocks", "call"]
    argument, call = form.intermediates
    assert (argument.size, call.size) == (3, 2)
    assert call.blocks == ()
    assert call.call.argument == argument.offset
    assert call.call.function.name == "F"


def test_formulas_go_on_reading_the_variables():
    form = form_of(lambda x: np.concatenate([F(x), np.exp(x)]), 3)
    sources = [{leaf.source for leaf in b.leaves} for b in form.constraints.blocks]
    assert sorted(map(sorted, sources)) == [["x"], ["z"]]


def test_calls_of_one_argument_share_its_stage():
    form = form_of(lambda x: F(2.0 * x) + G(2.0 * x)[:2], 3)
    assert kinds(form) == ["blocks", "call", "call"]


def test_calls_of_calls_come_in_order():
    form = form_of(lambda x: F(np.cos(F(x))), 3)
    assert kinds(form) == ["blocks", "call", "blocks", "call"]


def test_a_program_without_calls_is_left_alone():
    program = make_program(lambda x: x[0], lambda x: np.sin(x), 3)
    assert with_own_arguments(program) is program


def test_large_sums_in_an_argument_are_taken_apart():
    def constraints(x):
        return F(np.stack([np.sum(x**2), np.sum(np.exp(x)), x[0]]))

    form = form_of(constraints, 100)
    assert kinds(form) == ["blocks", "call"]
    assert sorted(b.count for b in form.intermediates[0].blocks) == [1, 100]


def test_calls_in_a_loop_are_kept_apart_and_evaluated_right():
    def constraints(x):
        state, rows = x[:3], []
        for k in range(60):
            state = G(state + 0.01 * x[3 + k])
            rows.append(state * x[k : k + 3])
        return np.concatenate(rows)

    program = make_program(lambda x: x[0], constraints, 63)
    form = element_form(program)
    assert kinds(form).count("call") == 60
    x = np.linspace(0.1, 1.0, 63)
    for backend in ("numpy", "llvm"):
        found = Evaluator(program, backend).constraints(x)
        np.testing.assert_allclose(found, interpret(program, x)[1], rtol=1e-13)
    assert sum(isinstance(node, Call) for node in program.nodes()) == 60
