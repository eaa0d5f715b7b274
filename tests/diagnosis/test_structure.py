"""What the pattern alone says, by name."""

from __future__ import annotations

import pytest

import sparseopt as so


def test_an_overdetermined_block_is_named_with_the_whole_message(model):
    m = model(
        """
        x = m.variable("x", 4, start=1.0)
        t = m.variable("t", start=2.0)
        m.minimize(np.sum(x**2) + t**2)
        m.subject_to(x[0] * x[1] == 1.0, name="area")
        m.subject_to(x[0] + x[1] == 2.0, name="sum")
        m.subject_to(x[0] - x[1] ** 2 == 0.0, name="curve")
        m.subject_to(x[2] + x[3] * t == 3.0, name="other")
        """
    )
    (finding,) = m.problem().diagnose().of("overdetermined equalities")
    assert (
        str(finding)
        == """\
error: 3 equalities in only 2 free variables: area, sum, curve determine x[0], x[1]
  where:   model.py:4, model.py:5, model.py:6
  why:     whatever the values are, these rows of the Jacobian are dependent (Dulmage-Mendelsohn \
decomposition)
  instead: remove an equality that follows from the others, make one an inequality, or let it \
depend on another variable"""
    )
    assert finding.names == ("area", "sum", "curve", "x[0]", "x[1]")


def test_a_square_system_also_names_what_too_few_equations_determine(model):
    m = model(
        """
        x = m.variable("x", 3, start=1.0)
        m.subject_to(x[0] ** 2 + x[0] == 2.0, name="first")
        m.subject_to(np.exp(x[0]) + x[0] == 3.0, name="second")
        m.subject_to(x[1] * x[2] == 1.0, name="product")
        """
    )
    (finding,) = m.problem().diagnose().of("overdetermined equalities")
    assert finding.what == "2 equalities in only 1 free variable: first, second determine x[0]"
    assert finding.why.endswith("; too few equalities determine x[1], x[2]")


def test_an_equality_in_fixed_variables_alone_is_overdetermined(model):
    m = model(
        """
        x = m.variable("x", 3, start=1.0)
        f = m.variable("f", 2, lower=1.0, upper=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(f[0] * f[1] == 1.0, name="given")
        """
    )
    diagnosis = m.problem().diagnose()
    (finding,) = diagnosis.of("overdetermined equalities")
    assert finding.what == "1 equality without any free variable: given"
    assert diagnosis.checked[0] == (
        "structure: 1 equality in 3 free variables (2 fixed), structural rank 0, "
        "3 degrees of freedom"
    )


def test_more_equalities_than_free_variables_are_counted(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(x[0])
        m.subject_to(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]) @ x == 1.0, name="line")
        """
    )
    (finding,) = m.problem().diagnose().of("too many equalities")
    assert finding.what == "there are 3 equalities and only 2 free variables"
    assert m.solve().status is so.Status.TOO_FEW_DEGREES_OF_FREEDOM


def test_many_blocks_are_counted_and_few_are_shown(model):
    m = model(
        """
        x = m.variable("x", 40, start=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(np.exp(x) + x == 2.0, name="one")
        m.subject_to(np.sin(x) + x == 1.0, name="two")
        """
    )
    found = m.problem().diagnose().of("overdetermined equalities")
    assert (len(found), found[0].count) == (5, 40)
    assert found[0].names == ("one[0]", "two[0]", "x[0]")


def test_unused_variables_are_named_with_their_line(model):
    m = model(
        """
        x = m.variable("x", 3)
        y = m.variable("y", (2, 2))
        f = m.variable("f", lower=1.0, upper=1.0)
        m.minimize(np.sum(x[:2] ** 2) + 3.0 * y[0, 1])
        m.subject_to(y[0, 0] * x[0] <= 1.0)
        """
    )
    (finding,) = m.problem().diagnose().of("unused variables")
    assert finding.what == (
        "3 variables in neither the objective nor a constraint: x[2], y[1, 0], y[1, 1]"
    )
    assert (finding.severity, finding.where, finding.count) == ("warning", "model.py:1", 3)


def test_of_many_the_arrays_are_named_and_counted(model):
    m = model(
        """
        x = m.variable("x", 9)
        z = [m.variable(f"z{k}") for k in range(8)]
        m.minimize(x[0] ** 2 + x[5] ** 2)
        """
    )
    (finding,) = m.problem().diagnose().of("unused variables")
    assert finding.what == (
        "15 variables in neither the objective nor a constraint: "
        "x (7 of 9), z0, z1, z2, z3, z4 and 3 more"
    )
    assert finding.names == ("x[1]", "x[2]", "x[3]", "x[4]", "x[6]", "x[7]")


def test_a_constant_row_that_cannot_hold_is_an_error(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        k = m.parameter("k", [1.0, 3.0])
        m.minimize(np.sum(x**2))
        m.subject_to(k * k <= 4.0, name="limit")
        """
    )
    broken, holding = m.problem().diagnose().of("constant rows")
    assert broken.what == "1 constraint without variables can never hold: limit[1]"
    assert broken.why == "the value is 9 whatever the variables are, and it must be at most 4"
    assert (broken.severity, holding.severity) == ("error", "warning")
    assert holding.what == "1 constraint without variables: limit[0]"


@pytest.mark.parametrize("lift", [True, False])
def test_rows_of_one_variable_are_no_finding(model, lift):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(x[0] >= 0.5)
        m.subject_to(x[1] == 0.5)
        """,
        lift_bounds=lift,
    )
    assert len(m.problem().diagnose()) == 0
