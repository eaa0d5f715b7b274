"""Comparing recorded functions with the plain NumPy code they were recorded from."""

from __future__ import annotations

import numpy as np

from sparseopt.graph.interpret import interpret
from sparseopt.tracing.trace import trace


def sample(shape, seed=0):
    """Return distinct positive values between 0.5 and 1.5."""
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


def replay(function, x):
    """Return the value at ``x`` of the program recorded from ``function``."""
    program, shape = trace(function, np.shape(x))
    (flat,) = interpret(program, np.ravel(x))
    assert flat.dtype == np.float64
    return flat.reshape(shape)


def assert_same(function, x, rtol=0.0):
    """Assert that recorded and plain values agree, bit for bit unless a tolerance is given."""
    expected = np.asarray(function(x), np.float64)
    found = replay(function, x)
    assert found.shape == expected.shape
    if rtol:
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)
    else:
        np.testing.assert_array_equal(found, expected)
