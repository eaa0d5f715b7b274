from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from problems import registry
from sparseopt.solvers.ipopt_factorization import (
    BASIS,
    MINIMUM_DEGREE,
    NESTED_DISSECTION,
    QUASI_DENSE,
    SMALLEST,
    Structure,
    factorization,
)
from sparseopt.solvers.ipopt_options import ipopt_option_rules
from sparseopt.solvers.ipopt_settings import ipopt_settings
from sparseopt.solvers.options import checked_options


def problem_of(hessian, jacobian=None):
    """Return patterns as a problem has them, from matrices."""
    lower = sp.coo_array(sp.tril(hessian))
    rows = sp.coo_array((0, lower.shape[1]) if jacobian is None else jacobian)
    patterns = [SimpleNamespace(rows=a.coords[0], cols=a.coords[1]) for a in (lower, rows)]
    return SimpleNamespace(
        num_variables=lower.shape[1],
        num_constraints=rows.shape[0],
        hessian_pattern=patterns[0],
        jacobian_pattern=patterns[1],
    )


def chain(n):
    return sp.diags_array([np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])


def grid(*sides):
    """Return the pattern of differences between neighbors in a box."""
    matrix = sp.eye_array(1)
    for side in sides:
        matrix = sp.kron(sp.eye_array(side), matrix) + sp.kron(
            chain(side), sp.eye_array(matrix.shape[0])
        )
    return matrix


def shared(n, numbers=2):
    """Return rows of a Jacobian with all variables."""
    return sp.coo_array(np.ones((numbers, n)))


def parted(n, parts):
    """Return rows of a Jacobian with a part of the variables each."""
    return sp.kron(sp.eye_array(parts), np.ones((1, n // parts)))


def star(n):
    """Return the pattern of hubs with sixty neighbors each, the hubs in a chain."""
    hubs = np.arange(n) // 60 * 60
    spokes = sp.coo_array((np.ones(n), (np.arange(n), hubs)), shape=(n, n))
    return spokes + chain(n)


STRUCTURES = [
    ("a short chain", problem_of(chain(SMALLEST - 1)), None),
    ("a chain", problem_of(chain(SMALLEST)), MINIMUM_DEGREE),
    ("a long chain", problem_of(chain(60_000)), MINIMUM_DEGREE),
    ("a chain with shared numbers", problem_of(chain(12_000), shared(12_000)), MINIMUM_DEGREE),
    ("a long chain, shared", problem_of(chain(60_000), shared(60_000)), NESTED_DISSECTION),
    ("a chain with many of them", problem_of(chain(12_000), shared(12_000, 6)), MINIMUM_DEGREE),
    ("a chain with long rows", problem_of(chain(12_000), parted(12_000, 20)), NESTED_DISSECTION),
    ("a chain with a few of them", problem_of(chain(3_000), parted(3_000, 5)), MINIMUM_DEGREE),
    ("a small plane", problem_of(grid(120, 120)), MINIMUM_DEGREE),
    ("a large plane", problem_of(grid(225, 225)), NESTED_DISSECTION),
    ("a plane with shared numbers", problem_of(grid(120, 120), shared(14_400)), QUASI_DENSE),
    ("a long strip", problem_of(grid(10, 6_000)), MINIMUM_DEGREE),
    ("a small box", problem_of(grid(20, 20, 20)), MINIMUM_DEGREE),
    ("a box", problem_of(grid(23, 23, 23)), NESTED_DISSECTION),
    ("hubs", problem_of(star(60_000)), MINIMUM_DEGREE),
]


@pytest.mark.parametrize(
    ("problem", "ordering"), [s[1:] for s in STRUCTURES], ids=[s[0] for s in STRUCTURES]
)
def test_the_ordering_follows_from_the_pattern(problem, ordering):
    found = factorization(problem, {})
    assert found.options.get("mumps_pivot_order") == ordering
    assert bool(found.note) == (ordering is not None)


def test_large_linear_systems_are_not_scaled_by_the_start_and_small_ones_are_left_alone():
    small, large = (factorization(problem_of(chain(n)), {}) for n in (SMALLEST - 1, SMALLEST))
    assert small.options == {}
    assert large.options == {**BASIS, "mumps_pivot_order": MINIMUM_DEGREE}


def test_levels_of_a_square_are_as_wide_as_it_is():
    assert Structure(problem_of(grid(60, 60))).relative_width == pytest.approx(0.5, abs=0.05)
    assert Structure(problem_of(chain(3600))).relative_width == pytest.approx(1 / 60)


def test_rows_that_reach_everywhere_do_not_hide_a_chain():
    assert Structure(problem_of(chain(3600), shared(3600))).relative_width < 0.02


def test_parts_without_a_connection_are_no_field():
    assert Structure(problem_of(sp.eye_array(60_000))).relative_width < 0.01
    assert factorization(problem_of(sp.eye_array(60_000)), {}).options["mumps_pivot_order"] == 0


def test_a_plane_is_not_looked_at_where_its_size_decides():
    structure = Structure(problem_of(grid(60, 60)))
    factorization(structure.problem, {})
    assert "relative_width" not in vars(structure)


@pytest.mark.parametrize(
    "options",
    [{"linear_solver": "spral"}, {"hessian_approximation": "limited-memory"}],
    ids=["another linear solver", "quasi-Newton"],
)
def test_nothing_is_advised_for_other_linear_systems(options):
    assert factorization(problem_of(chain(SMALLEST)), options).options == {}


def test_all_that_is_advised_are_options_of_ipopt():
    checked_options({**BASIS, "mumps_pivot_order": 0}, ipopt_option_rules(), "ipopt")


def stretched(n=SMALLEST):
    model = so.Model("chain")
    x = model.variable("x", n)
    model.minimize(((x[1:] - x[:-1]) ** 2).sum() + ((x[0] - 1) ** 4))
    return model


def test_the_callers_options_win_and_are_no_advice():
    own = {"mumps_pivot_order": 5, "mumps_scaling": 77, "min_refinement_steps": 2}
    settings = ipopt_settings(stretched().problem(), own)
    assert {name: settings[name] for name in own} == own
    assert settings.advice == {"mumps_mem_percent"}
    assert settings.note == "as asked for"


def test_the_report_says_how_linear_systems_are_ordered_and_why():
    solution = stretched().solve()
    assert "approximate minimum degree (chains, networks and small fields)" in solution.report()
    assert "linear systems" not in stretched(20).solve().report()


def test_advice_that_the_library_refuses_is_dropped(monkeypatch, capfd):
    monkeypatch.setitem(BASIS, "mumps_no_such_option", 1)
    assert stretched().solve().success
    capfd.readouterr()  # Ipopt prints about it


def test_lifted_problems_with_long_definitions_set_long_rows_aside():
    problem = registry.get("nested_sums").build(**registry.get("nested_sums").sizes["medium"])
    assert ipopt_settings(problem.problem(), {})["mumps_pivot_order"] == QUASI_DENSE


CONSTANT = ("jac_c_constant", "jac_d_constant", "hessian_constant")


@pytest.mark.parametrize(
    ("equality", "inequality", "objective", "declared"),
    [
        ("linear", "linear", "quadratic", CONSTANT),
        ("linear", "curved", "quadratic", CONSTANT[:1]),
        ("curved", "linear", "quadratic", CONSTANT[1:2]),
        ("linear", "linear", "quartic", CONSTANT[:2]),
        ("curved", "curved", "quartic", ()),
    ],
)
def test_derivatives_are_declared_constant_only_where_proved(
    equality, inequality, objective, declared
):
    model = so.Model("constants")
    x = model.variable("x", 4, start=0.5)
    power = {"linear": 1, "curved": 3, "quadratic": 2, "quartic": 4}
    model.minimize((x ** power[objective]).sum())
    model.subject_to(x[0] ** power[equality] + x[1] == 1.0)
    model.subject_to(x[2] ** power[inequality] + x[3] >= 0.1)
    settings = ipopt_settings(model.problem(), {})
    assert tuple(name for name in CONSTANT if settings.get(name) == "yes") == declared
    evaluations = model.solve().evaluations
    assert (evaluations["hessian"] == 1) == ("hessian_constant" in declared)
