"""Random steps: value, gradient, Hessian product equal those of the loop written out."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sparseopt as so

FUNCTIONS = [
    np.sin,
    np.tanh,
    lambda a: a * np.exp(-(a**2)),
    lambda a: np.where(a > 0.1, a**2, -a),
    lambda a: a / (1.0 + a**2),
    lambda a: np.cumsum(a) / a.size,
]


@st.composite
def steps(draw):
    """Return a step of carry (u, s), inputs x, and captured q; and its sizes."""
    n = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    matrix = rng.normal(size=(n, n)) / n
    chosen = draw(st.lists(st.sampled_from(FUNCTIONS), min_size=1, max_size=3))
    is_captured, has_outputs = draw(st.booleans()), draw(st.booleans())

    def make(q):
        def step(c, x):
            u, s = c
            for f in chosen:
                u = f(matrix @ u + x)
            if is_captured:
                u = u * q[0] + 0.1 * q[1]
            return (u, 0.5 * s + np.sum(u * c[0])), (u[::-1] if has_outputs else None)

        return step

    return make, n, rng


def in_python(step, carry, rows):
    stacked = []
    for t in range(rows.shape[0]):
        carry, y = step(carry, rows[t])
        stacked.append(y)
    return carry, None if stacked[0] is None else np.stack(stacked)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=steps(), length=st.integers(1, 7), stored=st.integers(1, 4))
def test_random_steps_differentiate_as_the_unrolled_loop(made, length, stored):
    make, n, rng = made
    size = 2 + n + length * n

    def cost(z, run):
        q, start, rows = z[:2], z[2 : 2 + n], z[2 + n :].reshape(length, n)
        (u, s), stacked = run(make(q), (start, 0.3), rows)
        total = np.sum(u**2) + s
        return total if stacked is None else total + np.sum(np.sin(stacked))

    def scanned(z):
        return cost(z, lambda *given: so.scan(*given, checkpoints=stored))

    def unrolled(z):
        return cost(z, in_python)

    z, v = rng.normal(size=size) / 2, rng.normal(size=size)
    one, other = (so.value_and_gradient(f, z)(z) for f in (scanned, unrolled))
    np.testing.assert_allclose(one[0], other[0], rtol=1e-11)
    np.testing.assert_allclose(one[1], other[1], rtol=1e-9, atol=1e-12)
    first, second = (so.hessian_vector_product(f, z)(z, v) for f in (scanned, unrolled))
    np.testing.assert_allclose(first, second, rtol=1e-8, atol=1e-10)
