"""Code that cannot be recorded: the error's class, the line, the reason, what to write instead."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from tests.abuse.tracing_cases import REFUSED

CASES = [pytest.param(case, id=case.run.__name__) for case in REFUSED]

# In the code around a model nobody stands between Python and the user.
PYTHONS_OWN = {"to_array_index": IndexError, "to_key": TypeError, "to_set": TypeError}
ONE_CALL = {"random_numbers", "global_counter"}


@pytest.mark.parametrize("case", CASES)
def test_a_function_that_cannot_be_recorded_is_refused_with_advice(case):
    with pytest.raises(so.SparseOptError) as caught:
        so.jacobian(case.run, np.array([0.5, 1.5, 2.5]))
    error = caught.value
    assert isinstance(error, case.error)
    assert error.what
    assert case.instead in error.instead
    if not case.run.__name__.startswith("returns"):
        assert "tracing_cases.py" in error.where
        assert error.why


@pytest.mark.parametrize("case", [c for c in CASES if c.id not in ONE_CALL])
def test_the_same_code_in_a_model_is_refused(case):
    m = so.Model()
    x = m.variable("x", 3, start=1.0)
    kind = PYTHONS_OWN.get(case.run.__name__, (so.SparseOptError, ValueError))
    with pytest.raises(kind) as caught:
        m.subject_to(case.run(x), upper=1.0)
    error = caught.value
    assert isinstance(error, (so.SparseOptError, kind)) or isinstance(error.__cause__, case.error)
