"""Running kernels: in plain Python, compiled, with and without a folder to keep the code in."""

from __future__ import annotations

from pathlib import Path

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


def test_a_user_without_a_home_has_kernels_that_are_not_kept(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SPARSEOPT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert compiled._cache_folder() is None
    assert kept_kernels() == []
