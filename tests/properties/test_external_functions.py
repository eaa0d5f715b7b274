"""Random sparse functions as external ones: every way to derivatives, in a program around them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import sparseopt as so
from tests.references import dense_hessian, dense_jacobian, make_evaluator

structures = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: npst.arrays(np.bool_, shape)
)
WAYS = ("jacobian", "jvp", "vjp", "jvp and vjp", "steps")


def quadratic(A):
    """Return f(x) = (A x)² + A x³ and its derivatives: row i depends on the columns of A there."""
    size = A.shape[1]

    def f(x):
        return (A @ x) ** 2 + A @ x**3

    def jacobian(x):
        return 2 * (A @ x)[:, None] * A + 3 * A * x**2

    def jvp(x, v):
        return jacobian(x) @ v

    def vjp(x, w):
        return w @ jacobian(x)

    def hvp(x, w, v):
        return A.T @ (2 * w * (A @ v)) + 6 * (w @ A) * x * v

    return f, {"jacobian": jacobian, "jvp": jvp, "vjp": vjp, "hvp": hvp}, size


def chosen(way, derivatives):
    names = {"steps": ()}.get(way, way.split(" and "))
    kept = {name: derivatives[name] for name in names}
    return kept | ({"hvp": derivatives["hvp"]} if "vjp" in names else {})


@settings(max_examples=40, deadline=None)
@given(structures, st.sampled_from(WAYS), st.integers(0, 2**16))
def test_derivatives_are_those_of_the_formula_written_out(structure, way, seed):
    random = np.random.default_rng(seed)
    A = np.where(structure, random.uniform(0.5, 2.0, structure.shape), 0.0)
    f, derivatives, n = quadratic(A)
    F = so.external(f, A.shape[0], pattern=structure, **chosen(way, derivatives))
    x, multipliers = random.uniform(0.5, 1.5, n), random.uniform(-1.0, 1.0, A.shape[0])

    def constraints(g):
        return lambda x: np.sin(0.1 * g(x[::-1])) * np.sum(x)

    inside = make_evaluator(lambda x: np.sum(F(x) ** 2), constraints(F), n)
    outside = make_evaluator(lambda x: np.sum(f(x) ** 2), constraints(f), n)
    np.testing.assert_allclose(
        dense_jacobian(inside, x), dense_jacobian(outside, x), atol=1e-10, rtol=1e-10
    )
    tolerance = 1e-5 if way == "steps" else 1e-9
    expected = dense_hessian(outside, x, multipliers)
    scale = max(1.0, float(abs(expected).max(initial=0.0)))
    found = dense_hessian(inside, x, multipliers)
    np.testing.assert_allclose(found, expected, atol=tolerance * scale)
    product = inside.hessian_vector_product(x, multipliers, x)
    np.testing.assert_allclose(product, found @ x, atol=tolerance * scale)
