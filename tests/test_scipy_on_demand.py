"""SciPy's modules stand for themselves, and none is loaded to tell what is no matrix."""

from __future__ import annotations

import numpy as np
import scipy.sparse
import scipy.special

from sparseopt.graph.functions import FUNCTIONS, function_of_ufunc
from sparseopt.graph.scalar_function import OfScipy
from sparseopt.scipy_on_demand import is_sparse, sparse, special
from tests.fresh_process import modules_after


def test_what_stands_for_a_module_hands_out_what_the_module_has():
    assert sparse.csr_array is scipy.sparse.csr_array
    assert special.erf is scipy.special.erf


def test_a_name_that_a_module_lacks_is_an_attribute_error_of_that_module():
    assert not hasattr(special, "no_such_function")


def test_matrices_and_arrays_of_scipy_are_sparse_and_nothing_else_is():
    dense = np.eye(2)
    assert is_sparse(scipy.sparse.csr_array(dense))
    assert is_sparse(scipy.sparse.csr_matrix(dense))
    assert not is_sparse(dense)


def test_asking_whether_an_array_is_sparse_loads_nothing():
    code = """
        import numpy as np
        from sparseopt.scipy_on_demand import is_sparse
        assert not is_sparse(np.eye(2))
    """
    assert "scipy.sparse" not in modules_after(code)


def test_a_matrix_of_scipy_is_known_as_one_that_was_made_before_the_package_was_loaded():
    code = """
        import scipy.sparse
        matrix = scipy.sparse.eye_array(3, format="csr")
        import numpy as np, sparseopt as so
        model = so.Model("m")
        x = model.variable("x", shape=3)
        assert (matrix @ x).shape == (3,)
    """
    assert "scipy.sparse" in modules_after(code)


def test_a_function_of_scipy_that_is_loaded_after_the_table_still_finds_its_row():
    code = """
        import numpy as np
        from sparseopt.graph.functions import FUNCTIONS, function_of_ufunc
        assert function_of_ufunc(np.spacing) is None  # before there is anything of SciPy
        from scipy.special import erf, loggamma
        assert function_of_ufunc(erf) is FUNCTIONS["erf"]
        assert function_of_ufunc(loggamma) is FUNCTIONS["gammaln"]
    """
    assert "scipy.special" in modules_after(code)


def test_every_row_of_scipy_is_found_by_the_function_it_names():
    rows = [row for row in FUNCTIONS.values() if isinstance(row.numpy, OfScipy)]
    assert len(rows) > 30
    for row in rows:
        assert function_of_ufunc(getattr(scipy.special, row.numpy.name)) is row
