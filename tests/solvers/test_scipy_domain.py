"""trust-constr leaves the domain of formulas on its way; then bounds are kept, or it is said."""

import numpy as np
import pytest

import sparseopt as so
from problems import registry


def test_bounds_are_kept_where_a_formula_ends_at_them():
    with np.errstate(all="ignore"):
        solution = registry.get("hs104").build().solve(solver="trust-constr")
    assert solution.success, solution.message
    assert solution.objective == pytest.approx(3.9511634396, abs=1e-3)


def test_advice_for_a_point_on_the_way_does_not_speak_of_the_start():
    model = so.Model("unbounded")
    x = model.variable("x", shape=2, start=1.0)
    model.minimize((x[0] + 50.0) ** 2 + x[1] ** 2)
    model.subject_to(np.log(x[0]) + x[1] <= 3.0)
    with pytest.raises(so.NonFiniteError, match="trust-constr went to this point") as caught:
        model.solve(solver="trust-constr")
    assert "ipopt" in caught.value.instead
    assert "start" not in caught.value.instead


def test_advice_for_a_bad_start_speaks_of_the_start():
    model = so.Model("bad")
    x = model.variable("x", start=-1.0)
    model.minimize(np.log(x))
    with pytest.raises(so.NonFiniteError, match="give a start"):
        model.solve(solver="trust-constr")
