"""Benchmarks measure no imports: everything is loaded before the clock runs."""

from __future__ import annotations

from tests.fresh_process import modules_after


def test_a_solve_loads_nothing_after_everything_was_imported():
    code = """
        import sys
        from benchmarks.lazy_imports import import_all
        import_all()
        before = set(sys.modules)
        import numpy as np, scipy.sparse as sp, sparseopt as so
        m = so.Model("m")
        x = m.variable("x", shape=5, start=1.0)
        m.minimize(np.sum(x**4) + np.sum(np.exp(-x)))
        m.subject_to(sp.eye_array(5, format="csr") @ x >= 0.5)
        assert m.solve().success
        so.jacobian(lambda x: x[1:] * np.sin(x[:-1]), np.zeros(4))(np.ones(4))
        assert set(sys.modules) == before, set(sys.modules) - before
    """
    modules_after(code)
