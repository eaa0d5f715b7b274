"""``sparseopt cache``: what is kept on disk, and its removal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sparseopt.codegen.object_cache import object_cache


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a cache folder with three objects, two files of a coloring kernel, and a thesis."""
    folder = tmp_path / "kept"
    monkeypatch.setenv("SPARSEOPT_CACHE", str(folder))
    monkeypatch.setenv("SPARSEOPT_CACHE_SIZE", "500 MB")
    for number in range(3):
        object_cache().entry(str(number)).write(b"x" * 5000)
    kernels = folder / "coloring" / "coloring_0123"
    kernels.mkdir(parents=True)
    for name in ("star.nbi", "star.1.nbc"):
        (kernels / name).write_bytes(b"y" * 100)
    (folder / "thesis.o").write_text("mine")
    return folder


def test_it_says_where_and_how_much(run, folder):
    assert run("cache").stdout == (
        f"folder            {folder}\n"
        "objects           3 files, 0.0 MB (at most 500 MB)\n"
        "coloring kernels  2 files, 0.0 MB\n"
    )


def test_json_has_bytes_as_they_are_on_disk(run, folder):
    assert json.loads(run("cache", "--json").stdout) == {
        "folder": str(folder),
        "limit": 500_000_000,
        "objects": {"files": 3, "bytes": 3 * 8192},
        "coloring_kernels": {"files": 2, "bytes": 200},
    }


def test_clearing_removes_what_is_ours(run, folder):
    result = run("cache", "--clear")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"folder            {folder}",
        "objects           0 files, 0.0 MB (at most 500 MB)",
        "coloring kernels  0 files, 0.0 MB",
        "removed           5 files",
    ]
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / "thesis.o"]


def test_clearing_nothing_is_fine(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", str(tmp_path / "never written"))
    result = run("cache", "--clear")
    assert result.exit_code == 0
    assert "removed           0 files" in result.stdout


def test_what_cannot_be_removed_is_counted(run, folder, monkeypatch):
    def refuse(path, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    result = run("cache", "--clear", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["removed"], found["objects"]["files"]) == (0, 3)


def test_a_cache_that_is_switched_off_is_said(run, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", "")
    result = run("cache")
    assert result.exit_code == 0
    assert "none: SPARSEOPT_CACHE is empty" in result.stdout
    assert json.loads(run("cache", "--json").stdout)["folder"] is None


def test_a_size_that_is_none_is_bad_usage(run, folder, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE_SIZE", "much")
    result = run("cache")
    assert result.exit_code == 2
    assert "error: SPARSEOPT_CACHE_SIZE cannot be 'much'" in result.output
