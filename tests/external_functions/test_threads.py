"""One external function in several evaluators, each in a thread of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import sparseopt as so
from sparseopt.evaluation import Evaluator
from tests.external_functions.formulas import BAND, N, f, hessian, jacobian
from tests.references import dense_hessian, dense_jacobian, make_program


def test_evaluators_in_threads_may_share_a_function():
    F = so.external(f, 5, jacobian=jacobian, pattern=BAND)

    def work(seed):
        evaluator = Evaluator(make_program(lambda x: 0.0 * x[0], lambda x: F(x), N))
        random = np.random.default_rng(seed)
        worst = 0.0
        for _ in range(30):
            x, w = random.uniform(0.5, 1.5, N), random.uniform(-1.0, 1.0, 5)
            worst = max(worst, abs(dense_jacobian(evaluator, x) - jacobian(x)).max())
            worst = max(worst, abs(dense_hessian(evaluator, x, w) - hessian(x, w)).max())
        return worst

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(work, range(4))) < 1e-8
