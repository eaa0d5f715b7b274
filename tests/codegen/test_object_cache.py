"""The folder of compiled objects: what is found again, what is removed, what cannot go wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparseopt.codegen import object_cache as module
from sparseopt.codegen.object_cache import ObjectCache, object_cache
from sparseopt.errors import SparseOptError

BLOCK = 4096
DAY = 86_400.0


@pytest.fixture
def cache(tmp_path):
    """Return a cache with room for three blocks in each of its folders."""
    return ObjectCache(tmp_path / "objects", 16 * 3 * BLOCK)


def keys_in(cache, folder):
    """Yield keys whose objects lie in a folder and do not trim it."""
    for number in range(100_000):
        path = cache.entry(f"key {number}").path
        if path.parent.name == folder and not trims(path):
            yield f"key {number}"


def trims(path):
    return int(path.stem[1:5], 16) % 128 == 0


def written(cache, folder, ages):
    """Write an object of one block for each age in days; return their entries."""
    entries = [cache.entry(key) for key, _ in zip(keys_in(cache, folder), ages, strict=False)]
    for entry, age in zip(entries, ages, strict=True):
        entry.write(b"code")
        used = time.time() - age * DAY
        os.utime(entry.path, (used, used))
    return entries


def everything_in(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_object_is_found_by_its_key_alone(cache):
    cache.entry("one").write(b"first")
    cache.entry("two").write(b"second")
    assert cache.entry("one").read() == b"first"
    assert cache.entry("two").read() == b"second"
    assert cache.entry("three").read() is None


def test_the_last_write_wins(cache):
    for code in (b"first", b"second"):
        cache.entry("one").write(code)
    assert cache.entry("one").read() == b"second"
    assert len(everything_in(cache.folder)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"no object at all",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-1],
        lambda whole: bytes([whole[0] ^ 1]) + whole[1:],
        lambda whole: whole + b"\0",
    ],
    ids=["empty", "text", "half", "cut", "one bit", "longer"],
)
def test_a_damaged_object_is_none_and_is_written_again(cache, damage):
    entry = cache.entry("one")
    entry.write(b"code" * 100)
    entry.path.write_bytes(damage(entry.path.read_bytes()))
    assert entry.read() is None
    entry.write(b"code" * 100)
    assert entry.read() == b"code" * 100


def test_an_object_under_the_name_of_another_is_none(cache):
    one, two = cache.entry("one"), cache.entry("two")
    one.write(b"code")
    two.write(b"other code")
    two.path.write_bytes(one.path.read_bytes())
    assert two.read() is None


def test_an_object_of_another_format_is_not_found(cache, monkeypatch):
    cache.entry("one").write(b"code")
    monkeypatch.setattr(module, "_FORMAT", module._FORMAT + 1)
    assert cache.entry("one").read() is None


def test_a_folder_in_the_place_of_an_object_is_no_obstacle(cache):
    entry = cache.entry("one")
    entry.path.mkdir(parents=True)
    entry.write(b"code")
    assert entry.read() is None
    assert everything_in(cache.folder) == []


def test_what_the_user_deletes_is_not_made_again(cache):
    one, two = cache.entry("one"), cache.entry("two")
    assert cache.folder.is_dir()
    one.write(b"code")
    shutil.rmtree(cache.folder)
    two.write(b"code")
    cache.entry("three").write(b"code")
    assert not cache.folder.exists()


def test_a_folder_that_was_cleared_is_filled_again(cache):
    entry = cache.entry("one")
    entry.write(b"code")
    cache.clear()
    entry.write(b"code")
    assert entry.read() == b"code"


def test_what_was_not_used_for_longest_is_removed(cache):
    entries = written(cache, "7", ages=[5, 1, 9, 3, 7])
    other = written(cache, "8", ages=[99])
    cache.trim(cache.folder / "7")
    assert [entry.read() is not None for entry in entries] == [True, True, False, True, False]
    assert other[0].read() == b"code"


def test_reading_renews_the_last_use_once_a_day(cache, monkeypatch):
    old, young = written(cache, "7", ages=[3, 0.5])
    before = young.path.stat().st_mtime
    old.read()
    young.read()
    assert time.time() - old.path.stat().st_mtime < 3600
    assert young.path.stat().st_mtime == before

    def no_more(*arguments):
        raise AssertionError("a warm start would write")

    monkeypatch.setattr(os, "utime", no_more)
    assert old.read() == b"code"


def test_an_object_that_is_read_outlives_others(cache):
    entries = written(cache, "7", ages=[9, 5, 6, 7])
    assert entries[0].read() == b"code"
    cache.trim(cache.folder / "7")
    assert [entry.read() is not None for entry in entries] == [True, True, True, False]


def test_the_newest_object_stays_however_large(cache):
    small, large = written(cache, "7", ages=[2, 1])
    large.write(b"x" * 10 * BLOCK)
    cache.trim(cache.folder / "7")
    assert large.read() == b"x" * 10 * BLOCK
    assert small.read() is None


def test_what_a_dead_process_left_grows_old_like_an_object(cache):
    entries = written(cache, "7", ages=[1, 2, 3])
    left = entries[0].path.with_name(f"{entries[0].path.name}.0123abcd")
    left.write_bytes(b"ha")
    os.utime(left, (0, 0))
    cache.trim(cache.folder / "7")
    assert not left.exists()
    assert all(entry.read() for entry in entries)


def test_objects_of_the_layout_without_folders_are_removed(cache):
    written(cache, "7", ages=[1])
    left = cache.folder / f"{'0' * 40}.o"
    left.write_bytes(b"object")
    cache.trim(cache.folder / "7")
    assert not left.exists()


def test_files_of_others_are_not_touched(cache):
    written(cache, "7", ages=[1, 2, 3, 4])
    others = [cache.folder / "thesis.o", cache.folder / "7" / "thesis.o", cache.folder / "a" / "b"]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
        os.utime(path, (0, 0))
    cache.trim(cache.folder / "7")
    assert cache.clear() == 3
    assert everything_in(cache.folder) == sorted(others)


def test_one_write_in_128_trims(cache):
    entries = written(cache, "7", ages=[1, 2, 3, 4, 5])
    names = (f"key {number}" for number in range(100_000))
    trimming = (cache.entry(name) for name in names)
    next(e for e in trimming if trims(e.path) and e.path.parent.name == "7").write(b"code")
    assert [entry.read() is not None for entry in entries] == [True, True, False, False, False]


def test_the_whole_stays_near_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_TRIMMING_WRITES", 8)
    cache = ObjectCache(tmp_path, 800 * BLOCK)
    for number in range(4000):
        cache.entry(str(number)).write(b"code")
    # A folder holds 50 blocks after it is trimmed, and some 8 more are written until it is again.
    assert 16 * 50 <= len(list(cache.files())) < 16 * (50 + 16)


def test_clearing_removes_objects_and_folders(tmp_path):
    cache = ObjectCache(tmp_path / "objects", 1e9)  # with room for all, whenever it is trimmed
    for number in range(40):
        cache.entry(str(number)).write(b"code")
    assert sum(file.size for file in cache.files()) == 40 * BLOCK
    assert cache.clear() == 40
    assert list(cache.folder.iterdir()) == []
    assert cache.clear() == 0


def test_a_cache_that_was_never_written_is_empty(cache):
    cache.trim(cache.folder / "7")
    assert list(cache.files()) == []
    assert cache.clear() == 0
    assert not cache.folder.exists()


# What goes wrong ---------------------------------------------------------------------------------


def refuse(*arguments, **options):
    raise PermissionError(13, "Permission denied")


def test_a_folder_that_can_only_be_read_is_read(cache, monkeypatch):
    (entry,) = written(cache, "7", ages=[3])
    monkeypatch.setattr(os, "utime", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr(module, "_write_new", refuse)
    entry.write(b"other code")
    cache.trim(cache.folder / "7")
    assert cache.clear() == 0
    assert entry.read() == b"code"


def test_an_object_that_somebody_reads_is_kept_where_it_cannot_be_replaced(cache, monkeypatch):
    """Windows."""
    entry = cache.entry("one")
    entry.write(b"code")
    monkeypatch.setattr(Path, "replace", refuse)
    entry.write(b"other code")
    assert entry.read() == b"code"
    assert everything_in(cache.folder) == [entry.path]


def test_a_full_disk_leaves_no_half_objects(cache):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * BLOCK, before[1]))
    try:
        cache.entry("large").write(b"x" * 5 * BLOCK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert cache.entry("large").read() is None
    assert everything_in(cache.folder) == []


def test_a_file_where_the_folder_should_be_is_no_obstacle(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("mine")
    cache = ObjectCache(blocked / "below", 1e6)
    cache.entry("one").write(b"code")
    assert cache.entry("one").read() is None
    assert list(cache.files()) == []
    assert blocked.read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="permissions are another thing there")
def test_a_folder_that_is_made_is_for_nobody_else(tmp_path):
    """Whoever may write there can have code run."""
    cache = ObjectCache(tmp_path / "a" / "cache", 1e6)
    before = os.umask(0)
    try:
        cache.entry("one").write(b"code")
    finally:
        os.umask(before)
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert cache.entry("one").read() == b"code"


@pytest.mark.skipif(os.name == "nt", reason="permissions are another thing there")
def test_a_folder_that_was_given_keeps_its_permissions(tmp_path):
    tmp_path.chmod(0o775)
    ObjectCache(tmp_path, 1e6).entry("one").write(b"code")
    assert tmp_path.stat().st_mode & 0o777 == 0o775


ENDING = """
import multiprocessing, sys, threading
from pathlib import Path
from sparseopt.codegen import object_cache
from sparseopt.codegen.workers import submit

object_cache._TRIMMING_WRITES = 1
cache = object_cache.ObjectCache(Path(sys.argv[1]), 16 * 2 * 4096)
keys = [k for k in map(str, range(400)) if cache.entry(k).path.parent.name == "7"]


def write():
    submit(int)  # what is not urgent waits after it
    for key in keys:
        cache.entry(key).write_later(b"code")


def fail():
    write()
    raise SystemExit(3)


def in_a_thread():
    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


def in_a_worker():
    process = multiprocessing.get_context("fork").Process(target=write)
    process.start()
    process.join()


if __name__ == "__main__":
    globals()[sys.argv[2]]()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.parametrize("how", ["write", "fail", "in_a_thread", "in_a_worker"])
def test_what_waits_is_written_and_trimmed_before_a_process_ends(tmp_path, how):
    (tmp_path / "ending.py").write_text(ENDING)
    command = [sys.executable, str(tmp_path / "ending.py"), str(tmp_path / "cache"), how]
    assert subprocess.run(command, timeout=60, check=False).returncode == (
        3 if how == "fail" else 0
    )
    assert len(everything_in(tmp_path / "cache")) == 2


def test_one_job_writes_all_that_waits_and_what_joins_it(cache, monkeypatch):
    module._write_waiting()  # of other tests
    jobs, late = [], cache.entry("late")
    monkeypatch.setattr(module, "submit", lambda work, urgent: jobs.append(work))
    entries = [cache.entry(str(number)) for number in range(5)]
    for entry in entries:
        entry.write_later(b"code")
    assert len(jobs) == 1
    write = module.CacheEntry.write

    def joined(entry, code):
        monkeypatch.setattr(module.CacheEntry, "write", write)
        entry.write(code)
        late.write_later(b"late")

    monkeypatch.setattr(module.CacheEntry, "write", joined)
    jobs.pop()()
    assert jobs == []
    assert {e.path for e in (*entries, late)} == set(everything_in(cache.folder))
    entries[0].write_later(b"code")
    assert len(jobs) == 1, "the next one needs another job"
    jobs.pop()()


SHARING = """
import sys
from pathlib import Path
from sparseopt.codegen.object_cache import ObjectCache
cache = ObjectCache(Path(sys.argv[1]), 16 * 3 * 4096)
found = 0
for turn in range(20):
    for number in range(30):
        entry = cache.entry(str(number))
        code = str(number).encode() * 2000
        read = entry.read()
        assert read in (None, code), number
        found += read is not None
        entry.write(code)
    for folder in "0123456789abcdef":
        cache.trim(cache.folder / folder)
assert found
"""


def test_processes_that_share_a_folder_see_objects_whole_or_not_at_all(tmp_path):
    command = [sys.executable, "-c", SHARING, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert all(path.suffix == ".o" for path in everything_in(tmp_path))


# What the environment says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("500", 500e6), ("500 MB", 500e6), ("2GB", 2e9), ("2g", 2e9), (" 1.5 GB ", 1.5e9),
        ("64k", 64e3), ("1 TB", 1e12), ("", 1e9),
    ],
)  # fmt: skip
def test_a_size_is_megabytes_or_has_a_unit(text, limit, tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", str(tmp_path))
    monkeypatch.setenv("SPARSEOPT_CACHE_SIZE", text)
    assert object_cache() == ObjectCache(tmp_path, limit)


@pytest.mark.parametrize("text", ["much", "-1", "5 GiB", "1e3", "nan", "inf", "GB", "1,5 GB", "5B"])
def test_any_other_size_is_named(text, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE_SIZE", text)
    with pytest.raises(SparseOptError, match="500 MB, 2 GB") as caught:
        object_cache()
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(("folder", "size"), [("", ""), ("somewhere", "0"), ("somewhere", "0 GB")])
def test_an_empty_folder_or_no_size_switches_the_cache_off(folder, size, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", folder)
    monkeypatch.setenv("SPARSEOPT_CACHE_SIZE", size)
    assert object_cache() is None
