"""The folder where compiled code is kept: which it is, and for whom it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparseopt import cache_folder as module
from sparseopt.cache_folder import cache_folder


@pytest.fixture(autouse=True)
def new_process():
    """Forget what earlier tests have asked for."""
    module._named.cache_clear()
    yield
    module._named.cache_clear()


def test_without_a_name_the_folder_is_in_the_user_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("SPARSEOPT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "sparseopt"
    assert list(tmp_path.iterdir()) == [], "a look makes no folder"


def test_an_empty_name_switches_it_off(monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", "")
    assert cache_folder() is None


def test_a_user_without_a_home_has_none(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SPARSEOPT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None


def test_a_relative_folder_stays_where_it_was_first_used(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", "a folder of this test")
    monkeypatch.chdir(tmp_path)
    assert cache_folder() == tmp_path / "a folder of this test"
    monkeypatch.chdir("/")
    assert cache_folder() == tmp_path / "a folder of this test"


def test_the_home_directory_has_its_short_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("SPARSEOPT_CACHE", "~/objects of this test")
    assert cache_folder() == tmp_path / "objects of this test"
