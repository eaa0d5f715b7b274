"""Linear constraints with the same left-hand side."""

from __future__ import annotations

import pytest

MODEL = """
x = m.variable("x", 3, start=[1.0, 2.0, 3.0])
m.minimize(np.sum(x**2))
m.subject_to({first}, name="first")
m.subject_to({second}, name="second")
"""


def kinds(model, first, second):
    return [f.kind for f in model(MODEL.format(first=first, second=second)).problem().diagnose()]


def test_an_equality_twice_is_named_with_the_whole_message(model):
    m = model(
        MODEL.format(first="x[0] + 2 * x[1] == 5.0", second="3 * x[0] + 6 * x[1] - 15.0 == 0.0")
    )
    (finding,) = m.problem().diagnose()
    assert (
        str(finding)
        == """\
warning: first and second are the same equality
  where:   model.py:3 and model.py:4
  why:     their rows of the Jacobian are dependent, and so their multipliers are not unique
  instead: leave one of them out"""
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("x[0] + x[1] == 1.0", "x[0] + x[1] == 2.0", ["contradictory rows"]),
        ("x[0] + x[1] <= 1.0", "-2 * x[0] - 2 * x[1] <= -3.0", ["contradictory rows"]),
        ("x[0] + x[1] <= 1.0", "x[0] + x[1] <= 2.0", ["implied rows"]),
        ("x[0] + x[1] == 1.0", "x[0] + x[1] <= 2.0", ["implied rows"]),
        ("x[0] + x[1] >= 1.0", "x[0] + x[1] <= 2.0", []),
        ("x[0] + x[1] == 1.0", "x[0] + x[2] == 1.0", []),
        ("x[0] * x[1] == 2.0", "x[0] + x[2] == 4.0", []),
    ],
)
def test_bounds_decide_what_it_means(model, first, second, expected):
    found = kinds(model, first, second)
    assert [kind for kind in found if kind.endswith("rows")] == expected


def test_rounding_in_the_bounds_makes_no_contradiction(model):
    assert kinds(model, "0.1 * x[0] + 0.2 * x[1] == 0.3", "x[0] + 2 * x[1] == 3.0") == [
        "duplicate rows"
    ]


def test_many_pairs_are_counted(model):
    m = model(
        """
        x = m.variable("x", 101, start=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(x[1:] + x[:-1] == 2.0, name="a")
        m.subject_to(x[:-1] + x[1:] == 2.0, name="b")
        """
    )
    (finding,) = m.problem().diagnose().of("duplicate rows")
    assert finding.what == "a[0] and b[0] are the same equality (and 99 other pairs)"
    assert finding.count == 100
