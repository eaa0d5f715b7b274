"""Running kernels: in plain Python, compiled, with and without a folder to keep the code in."""

from __future__ import annotations

import os

import numpy as np
import pytest

from sparseopt.coloring import compiled
from sparseopt.coloring.compiled import filled, kept_kernels, run


def double(values, result):
    for k in range(len(values)):
        result[k] = 2 * values[k]


def triple(values, result):
    for k in range(len(values)):
        result[k] = 3 * values[k]


def quadruple(values, result):
    for k in range(len(values)):
        result[k] = 4 * values[k]


def test_small_work_runs_in_plain_python():
    result = filled(3)
    run(double, (np.array([1, 2, 3], np.int32),), (result,), 3)
    assert result.tolist() == [2, 4, 6]


@pytest.mark.parametrize(("kernel", "factor"), [(double, 2), (triple, 3), (quadruple, 4)])
def test_compiled_kernels_work_whether_or_not_they_can_be_kept(
    monkeypatch, tmp_path, kernel, factor
):
    (tmp_path / "file").write_text("")
    places = {2: str(tmp_path / "new" / "folder"), 3: "", 4: str(tmp_path / "file" / "folder")}
    monkeypatch.setenv("SPARSEOPT_CACHE", places[factor])
    compiled._compile.cache_clear()
    result = filled(3)
    run(kernel, (np.array([1, 2, 3], np.int32),), (result,), compiled.PYTHON_WORK + 1)
    assert result.tolist() == [factor, 2 * factor, 3 * factor]
    kept = list((tmp_path / "new").rglob("*.nbi")) if (tmp_path / "new").exists() else []
    assert bool(kept) == (factor == 2)


@pytest.mark.skipif(os.name == "nt", reason="permissions are another thing there")
def test_a_folder_that_is_made_for_kernels_is_for_nobody_else(monkeypatch, tmp_path):
    """Whoever may write there can have code run."""
    monkeypatch.setenv("SPARSEOPT_CACHE", str(tmp_path / "cache"))
    before = os.umask(0)
    try:
        assert compiled._writable_folder() == tmp_path / "cache" / "coloring"
    finally:
        os.umask(before)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


def test_kernels_are_not_kept_where_nothing_is(monkeypatch):
    monkeypatch.setattr(compiled, "cache_folder", lambda: None)
    assert compiled._writable_folder() is None
    assert kept_kernels() == []
