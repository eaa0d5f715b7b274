from __future__ import annotations

import numpy as np
import pytest

from sparseopt.errors import SolverError, UnknownOptionError
from sparseopt.solvers import solve
from sparseopt.solvers.ipopt_options import ipopt_option_rules
from sparseopt.solvers.options import checked_options, option_rule
from tests.solvers.example_problems import HS071, Rosenbrock


def checked(**options):
    return checked_options(options, ipopt_option_rules(), "ipopt")


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("tol", 1, 1.0),
        ("tol", np.float64(1e-6), 1e-6),
        ("tol", np.int64(1), 1.0),
        ("tol", np.float32(0.5), 0.5),
        ("max_iter", 50.0, 50),
        ("max_iter", np.int64(50), 50),
        ("honor_original_bounds", False, "no"),
        ("honor_original_bounds", np.True_, "yes"),
        ("mu_strategy", "adaptive", "adaptive"),
        ("nlp_upper_bound_inf", np.inf, np.inf),
        ("hsllib", "libhsl.so", "libhsl.so"),
    ],
)
def test_a_value_is_converted_where_its_meaning_is_plain(name, given, wanted):
    value = checked(**{name: given})[name]
    assert value == wanted
    assert type(value) is type(wanted)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tol", "small"),
        ("tol", True),
        ("tol", 0.0),
        ("tol", np.nan),
        ("max_iter", 2.5),
        ("max_iter", -1),
        ("max_iter", 2**31),
        ("mu_strategy", "adaptve"),
        ("mu_strategy", True),
        ("bound_frac", 0.6),
        ("hsllib", 3),
        ("tol", None),
    ],
)
def test_a_value_that_is_not_admitted_is_named(name, value):
    with pytest.raises(SolverError, match=f"'{name}' of ipopt is"):
        checked(**{name: value})


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt", "trust-constr", "SLSQP"])
def test_an_unknown_option_brings_the_nearest_name(solver):
    nearest = "max_iter" if "ipopt" in solver else "maxiter"
    with pytest.raises(UnknownOptionError, match=f"did you mean '{nearest}'"):
        solve(HS071(), solver, options={"max_itr": 3})


def test_an_option_that_the_library_lacks_is_reported(capfd):
    with pytest.raises(SolverError, match="refuses the option linear_solver = 'wsmp'"):
        solve(Rosenbrock(), options={"linear_solver": "wsmp"})
    capfd.readouterr()  # Ipopt prints about it too


def test_a_range_is_read_with_its_open_and_closed_ends():
    rule = option_rule("bound_frac", "number", "(0, 0.5]")
    assert rule.admits(0.5)
    assert not rule.admits(0.0)
