"""What cannot be a loop is refused by name, with the user's file and line."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.loops.structure import LoopStructure


def identity(c, x):
    return c, None


def refused(kind, match, *arguments, **options):
    with pytest.raises(kind, match=match) as caught:
        so.scan(*arguments, **options)
    assert "test_scan_errors.py" in caught.value.where
    return caught.value


def test_a_carry_that_changes_its_shape():
    def longer(c, x):
        return {"u": np.append(c["u"], 0.0)}, None

    error = refused(
        so.ShapeError,
        r"carry\['u'\] of longer changes its shape from \(2,\) to \(3,\)",
        longer,
        {"u": np.zeros(2)},
        length=3,
    )
    line = longer.__code__.co_firstlineno + 1
    assert error.where.endswith(f":{line}")


def test_a_carry_that_changes_its_structure():
    error = refused(
        so.ShapeError,
        "changes its structure",
        lambda c, x: (c[0], None),
        (0.0, 1.0),
        length=3,
    )
    assert "(*, *) before the step, and * after it" in error.why


def test_a_carry_that_becomes_complex():
    refused(so.ShapeError, "becomes complex", lambda c, x: (c * 1j, None), np.ones(2), length=3)


def test_a_step_that_returns_no_pair():
    refused(so.TracingError, "does not return a pair", lambda c, x: c, 0.0, length=3)


def test_inputs_of_different_lengths():
    refused(
        so.ShapeError,
        r"different numbers of steps: 3 of inputs\[0\], 4 of inputs\[1\]",
        identity,
        0.0,
        (np.zeros(3), np.zeros(4)),
    )


def test_a_length_that_is_not_that_of_the_inputs():
    refused(so.ShapeError, "3 of inputs, 5 of length", identity, 0.0, np.zeros(3), 5)


def test_inputs_without_an_axis_of_steps():
    refused(so.ShapeError, "inputs of a scan has no axis of steps", identity, 0.0, 1.0)


def test_no_step():
    refused(so.ProblemError, "takes no step", identity, 0.0, length=0)
    refused(so.ProblemError, "takes no step", identity, 0.0, np.zeros((0, 2)))


def test_no_length_at_all():
    refused(so.ProblemError, "does not know how many steps", identity, 0.0)


def test_a_length_that_is_no_number():
    refused(so.ProblemError, "2.5 is no number of steps", identity, 0.0, length=2.5)


def test_no_carry():
    refused(so.ProblemError, "has no carry", identity, (), length=3)


@pytest.mark.parametrize("checkpoints", [0, -1, 1.5, True])
def test_less_than_one_checkpoint(checkpoints):
    refused(so.ProblemError, "cannot store", identity, 0.0, length=3, checkpoints=checkpoints)


def test_data_that_is_not_a_number():
    data = np.zeros((3, 2))
    data[1, 1] = np.nan
    refused(
        so.NonFiniteError, r"inputs\['a'\]\[1, 1\] of a scan is NaN", identity, 0.0, {"a": data}
    )
    refused(so.NonFiniteError, "carry of a scan is NaN", identity, np.nan, length=2)


def test_complex_inputs():
    refused(so.ShapeError, "inputs of a scan is complex", identity, 0.0, np.zeros(3, complex))


def test_a_branch_on_the_carry_names_its_line():
    def branching(c, x):
        if c > 0.0:
            c = c + x
        return c, None

    error = refused(so.BranchError, "branch", branching, 0.0, np.zeros(3))
    assert error.where.endswith(f":{branching.__code__.co_firstlineno + 1}")


def test_a_matrix_that_would_be_dense_is_refused_and_products_are_not():
    def cost(x):
        return so.scan(lambda c, u: (np.sin(c) + u, None), 0.0, x)[0]

    x = np.zeros(20_000)
    assert np.isfinite(so.gradient(cost, x)(x)).all()
    assert np.isfinite(so.hessian_vector_product(cost, x)(x, x + 1.0)).all()
    with pytest.raises(so.PatternError, match="may have 200,030,001 entries"):
        _ = so.hessian(cost, x).pattern


def test_gradients_and_products_never_ask_for_patterns(monkeypatch):
    def forbidden(self):
        raise AssertionError("a pattern is built")

    monkeypatch.setattr(LoopStructure, "jacobian", property(forbidden))
    monkeypatch.setattr(LoopStructure, "hessian", property(forbidden))

    def cost(x):
        return np.sum(so.scan(lambda c, u: (np.sin(c) + u, c), x[0], x)[1] ** 2)

    x = np.linspace(0.0, 1.0, 5)
    value, slope = so.value_and_gradient(cost, x)(x)
    assert np.isfinite(value)
    assert np.isfinite(slope).all()
    assert np.isfinite(so.hessian_vector_product(cost, x)(x, x)).all()


def test_carries_and_inputs_that_do_not_fit_in_defects():
    with pytest.raises(so.ShapeError, match="3 of carries, 4 of inputs") as caught:
        so.scan_defects(identity, np.zeros(4), np.zeros(4))
    assert "test_scan_errors.py" in caught.value.where


@pytest.mark.parametrize("step", [3, lambda c: (c, None)])
def test_a_step_that_is_no_function_of_carry_and_input(step):
    refused(so.TracingError, "no function of 2 arguments", step, 0.0, length=3)
    with pytest.raises(so.TracingError, match="no function of 2 arguments"):
        so.scan_defects(step, np.zeros(4))


def test_inputs_that_are_no_arrays():
    refused(so.ShapeError, "inputs of a scan is no array", identity, 0.0, [[1.0, 2.0], [3.0]])


def test_options_that_there_are_not():
    refused(so.ProblemError, "outputs='all'", identity, 0.0, length=3, outputs="all")
    refused(so.ProblemError, "unroll='x'", identity, 0.0, length=3, unroll="x")
