"""Copies of values by several threads, which evaluations with threads stand beside."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from rich.console import Console

from benchmarks import table
from benchmarks.stages import threads
from benchmarks.tools.sparseopt_tool import SparseoptTool


@pytest.mark.parametrize("count", [1, 2, 3])
def test_threads_copy_all_values(count):
    values, target = np.arange(1001.0), np.zeros(1001)
    with ThreadPoolExecutor(count) as pool:
        threads.copy(values, target, count, pool)
    np.testing.assert_array_equal(target, values)


def test_each_matrix_is_timed_beside_a_copy_of_its_values(monkeypatch):
    monkeypatch.setenv("SPARSEOPT_THREADS", "2")
    found = threads.run(SparseoptTool("luksan_vlcek_1", {"num_variables": 20}), budget=0.01)
    head = {"problem": "luksan_vlcek_1", "size": {"n": 20}, "tool": "sparseopt"}
    printed = io.StringIO()
    table.show([{**head, "threads": {"1": found, "2": found}}], Console(file=printed, width=200))
    assert printed.getvalue().count("same bits") == 2
    assert set(found["seconds"]) == {"jacobian", "jacobian_copy", "hessian", "hessian_copy"}
    assert set(found["digests"]) == {"jacobian", "hessian"}
    assert found["seconds"]["hessian_copy"]["median"] > 0
