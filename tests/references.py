"""Comparing evaluators with independent references (`sparseopt.testing.references`)."""

from __future__ import annotations

import numpy as np

from sparseopt.evaluation import Evaluator
from sparseopt.patterns.checks import check_places
from sparseopt.testing.recording import make_program
from sparseopt.testing.references import ProgramReference

VALUE_TOLERANCE = 1e-11
FIRST_TOLERANCE = 1e-9
SECOND_TOLERANCE = 2e-6


def make_evaluator(objective, constraints, n, backend="numpy", num_parameters=0):
    """Return the evaluator of two functions."""
    return Evaluator(make_program(objective, constraints, n, num_parameters), backend)


def nothing(x, *_):
    """No constraints."""
    return x[:0]


def zero(x, *_):
    """No objective."""
    return 0.0 * x[0]


def reference_jacobian(program, x, p=None):
    """Return the dense first derivatives of objective (first row) and constraints."""
    return ProgramReference(program, p).jacobian(x)


def reference_hessian(program, x, multipliers, weight, p=None):
    """Return the dense Hessian of the Lagrangian."""
    return ProgramReference(program, p).hessian(x, multipliers, weight)


def assert_close(actual, expected, tolerance, what=""):
    """Relative to the largest magnitude, which is what rounding of sums is relative to."""
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(
        actual, expected, rtol=tolerance, atol=tolerance * scale, err_msg=what
    )


def dense_jacobian(evaluator, x):
    """Return the evaluator's Jacobian as a dense array."""
    return evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(x)).toarray()


def dense_hessian(evaluator, x, multipliers, weight=1.0):
    """Return the evaluator's Hessian of the Lagrangian as a dense symmetric array."""
    values = evaluator.hessian_values(x, multipliers, weight)
    return evaluator.hessian_pattern.to_symmetric(values).toarray()


BACKENDS = ("numpy", "llvm")
DENSE = 10
"""Up to so many variables every second derivative is compared, beyond random curvatures."""


class Reference:
    """What every evaluation of a program should give at one point."""

    def __init__(self, program, x, p=None, seed=0, second=True):
        rng = np.random.default_rng(seed)
        self.program, self.x, self.p, self.second = program, x, p, second
        n, m = program.num_variables, program.outputs[1].size
        self.multipliers, self.weight = rng.uniform(-2.0, 2.0, m), 0.7
        self.v, self.w = rng.standard_normal(n), rng.standard_normal(m)
        reference = ProgramReference(program, p)
        self.objective, self.constraints = reference.values(x)
        first = reference.jacobian(x)
        self.gradient, self.jacobian = first[0], first[1:]
        if n <= DENSE:
            rows, cols = np.tril_indices(n)
            self.pairs = np.eye(n)[rows], np.eye(n)[cols]
        else:
            self.pairs = rng.uniform(-0.5, 0.5, (8, n)), rng.uniform(-0.5, 0.5, (8, n))
        if second:
            self.curvatures = reference.curvature(x, self.multipliers, self.weight, self.pairs)

    def check(self, evaluator):
        """Compare every evaluation."""
        x = self.x
        assert_close(evaluator.objective(x), self.objective, VALUE_TOLERANCE, "objective")
        assert_close(evaluator.constraints(x), self.constraints, VALUE_TOLERANCE, "constraints")
        assert_close(evaluator.gradient(x), self.gradient, FIRST_TOLERANCE, "gradient")
        jacobian = self.jacobian
        assert_close(dense_jacobian(evaluator, x), jacobian, FIRST_TOLERANCE, "jacobian")
        pushed = evaluator.pushforward(x, self.v)
        assert_close(pushed, jacobian @ self.v, FIRST_TOLERANCE, "pushforward")
        pulled = evaluator.pullback(x, self.w)
        assert_close(pulled, self.w @ jacobian, FIRST_TOLERANCE, "pullback")
        hessian = dense_hessian(evaluator, x, self.multipliers, self.weight)
        product = evaluator.hessian_vector_product(x, self.multipliers, self.v, self.weight)
        assert_close(product, hessian @ self.v, FIRST_TOLERANCE, "hessian_vector_product")
        if self.second:
            curvatures = np.einsum("ki,ij,kj->k", self.pairs[0], hessian, self.pairs[1])
            assert_close(curvatures, self.curvatures, SECOND_TOLERANCE, "hessian")
        for pattern in (evaluator.jacobian_pattern, evaluator.hessian_pattern):
            check_places(pattern.rows, pattern.cols, pattern.shape, pattern.symmetric)


def check_everything(program, x, p=None, seed=0, second=True, backends=BACKENDS):
    """Compare every evaluation of both backends with the reference; return the last evaluator."""
    reference = Reference(program, x, p, seed, second)
    for backend in backends:
        evaluator = Evaluator(program, backend)
        if p is not None:
            evaluator.parameters[:] = p
        reference.check(evaluator)
    return evaluator
