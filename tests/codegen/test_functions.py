"""Every function of the table: compiled code against NumPy, in its domain and at special values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sparseopt.graph.functions import FUNCTIONS
from tests.codegen.schedules import elementwise, run_both

ULPS = {
    "zeta": 4000.0, "gamma": 64.0, "entr": 64.0, "ndtr": 64.0, "logit": 64.0, "rel_entr": 32.0,
    "kl_div": 64.0,
}  # fmt: skip
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 5e-324, 0.5])
NAMES = list(FUNCTIONS)


def arguments(row, count, seed=0):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.uniform(low, high, count) for low, high in row.domain])


@pytest.mark.parametrize("name", NAMES)
def test_compiled_function_is_that_of_numpy_in_its_domain(name):
    row = FUNCTIONS[name]
    for count in (1, 37):
        x = arguments(row, count)
        compiled, expected = run_both(elementwise(name, row.arity, count), x)
        scale = np.maximum(np.abs(expected), 0.1)
        tolerance = ULPS.get(name, 8.0) * np.finfo(float).eps
        np.testing.assert_allclose(compiled / scale, expected / scale, rtol=0, atol=tolerance)


# Where C and NumPy define a value differently or SciPy returns a convention at a pole.
CONVENTIONS = {
    "gamma", "gammaln", "psi", "zeta", "copysign", "kl_div", "rel_entr",
}  # fmt: skip


@pytest.mark.parametrize("name", [n for n in NAMES if n not in CONVENTIONS])
@pytest.mark.parametrize("wide", [False, True], ids=["scalar", "lanes"])
def test_nan_and_infinity_pass_through_as_in_numpy(name, wide):
    row = FUNCTIONS[name]
    combinations = np.array(list(itertools.product(SPECIAL, repeat=row.arity))).T
    if wide:
        compiled, expected = run_both(
            elementwise(name, row.arity, combinations.shape[1]), combinations.ravel()
        )
    else:
        schedule = elementwise(name, row.arity, 1)
        chosen = combinations[:, :: max(1, combinations.shape[1] // 150)]
        pairs = [run_both(schedule, np.ascontiguousarray(c)) for c in chosen.T]
        compiled, expected = (np.concatenate(part) for part in zip(*pairs, strict=True))
        combinations = chosen
    for k in range(expected.size):
        what = f"{name}{tuple(combinations[:, k])}: {compiled[k]} for {expected[k]}"
        if np.isnan(expected[k]):
            assert np.isnan(compiled[k]), what
        elif np.isinf(expected[k]):
            assert compiled[k] == expected[k], what
        else:
            assert np.isclose(compiled[k], expected[k], rtol=1e-13, atol=1e-300), what
