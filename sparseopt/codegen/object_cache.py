"""Compiled objects on disk, found by their content, and the bound on how much of them is kept.

``SPARSEOPT_CACHE_SIZE`` says how large the folder (`sparseopt.cache_folder`) may become: what was
not used for the longest time is removed.

Nothing is counted and nothing locked.  Objects lie in 16 folders by the first digit of their name,
which is a hash: each holds a sixteenth of the whole, so that each is trimmed by itself.  One write
in 128, chosen by the hash too, trims its folder.  When an object was last used is the time of its
file, which reading renews once a day.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sparseopt.cache_folder import cache_folder, make_cache_folder
from sparseopt.codegen.process_end import before_end
from sparseopt.codegen.workers import submit
from sparseopt.errors import SparseOptError

__all__ = ["CacheEntry", "CachedFile", "ObjectCache", "object_cache"]

SIZE = "SPARSEOPT_CACHE_SIZE"
DEFAULT_SIZE = "1 GB"
_FORMAT = 3
_CHECKSUM = 16
_FOLDERS = "0123456789abcdef"
_TRIMMING_WRITES = 128
_DAY = 86_400.0
_BLOCK = 4096
_OWN_NAME = re.compile(r"[0-9a-f]{40}\.o(\.[0-9a-f]{8})?")
_SIZE_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt])b?)?", re.IGNORECASE)
_UNITS = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


class CachedFile(NamedTuple):
    """A file of the cache: an object, or what a process left that ended while writing one."""

    last_used: float
    """Seconds since the epoch, to a day."""
    size: int
    """Bytes on disk."""
    path: Path


@dataclass(frozen=True)
class ObjectCache:
    """A folder of compiled objects, for any number of threads and processes at once.

    Whatever is wrong with the folder (it cannot be written, the disk is full, an object is damaged
    or vanishes) costs a compilation and nothing else.  Its objects are run: nobody else should be
    able to write there.

    Parameters
    ----------
    folder : Path
        It is made when something is looked for; nobody else may look into one that is made here.
    limit : float
        Bytes that the objects may take together.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> cache = ObjectCache(Path(mkdtemp()), limit=1e6)
    >>> entry = cache.entry("what determines the code")
    >>> entry.read() is None
    True
    >>> entry.write(b"machine code")
    >>> entry.read()
    b'machine code'
    >>> cache.clear()
    1
    """

    folder: Path
    limit: float

    def entry(self, key: str) -> CacheEntry:
        """Return the place of the object that `key` determines, in a folder that is there."""
        with suppress(OSError):
            make_cache_folder(self.folder)
        name = hashlib.blake2b(f"{_FORMAT}\n{key}".encode(), digest_size=20).hexdigest()
        return CacheEntry(self, self.folder.joinpath(name[0], f"{name}.o"))

    def trim(self, folder: Path) -> None:
        """Remove what was not used for longest from one of the folders, until it is in its bound.

        The newest stays however large it is.
        """
        newest_first = sorted(_files(folder), reverse=True)
        total = 0
        for place, file in enumerate(newest_first):
            total += file.size
            if place and total > self.limit / len(_FOLDERS):
                _remove(file.path)
        # Before there were sixteen, objects lay in the folder itself; nobody reads those.
        for file in _files(self.folder):
            _remove(file.path)

    def files(self) -> Iterator[CachedFile]:
        """Yield all files of the cache; others in the same folder are not touched by anything."""
        yield from _files(self.folder)
        for name in _FOLDERS:
            yield from _files(self.folder / name)

    def clear(self) -> int:
        """Remove everything; return how many files that were."""
        removed = sum(_remove(file.path) for file in list(self.files()))
        for name in _FOLDERS:
            with suppress(OSError):
                (self.folder / name).rmdir()
        return removed


class CacheEntry(NamedTuple):
    """Where an object is, or would be."""

    cache: ObjectCache
    path: Path

    def read(self) -> bytes | None:
        """Return the object, or None if there is none or it is damaged."""
        if (code := _waiting.get(self)) is not None:
            return code
        try:
            with self.path.open("rb", buffering=0) as file:
                content = file.read()
                last_used = os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        if last_used < time.time() - _DAY:
            with suppress(OSError):
                os.utime(self.path)
        code = content[:-_CHECKSUM]
        return code if code and content[-_CHECKSUM:] == self._checksum(code) else None

    def write(self, code: bytes) -> None:
        """Keep an object, if it can be: other processes see it whole or not at all."""
        part = self.path.with_name(f"{self.path.name}.{os.urandom(4).hex()}")
        try:
            _write_new(part, code + self._checksum(code))
            part.replace(self.path)
        except OSError:  # no room, no permission, or (on Windows) somebody reads the old one
            _remove(part)
            return
        # Here and not in a thread: most is written when the process ends, which starts no threads.
        if int(self.path.stem[1:5], 16) % _TRIMMING_WRITES == 0:
            self.cache.trim(self.path.parent)

    def write_later(self, code: bytes) -> None:
        """Keep an object when there is nothing better to do, or when the process ends.

        Each step of writing gives up the interpreter, which a busy thread takes up to five
        milliseconds to give back.
        """
        _waiting[self] = code
        before_end(_write_waiting)
        if len(_waiting) == 1:  # what joins it is written with it
            submit(_write_waiting, urgent=False)

    def _checksum(self, code: bytes) -> bytes:
        # LLVM crashes on damaged objects; one under a wrong name would be another program.
        return hashlib.blake2b(code, digest_size=_CHECKSUM, key=self.path.stem.encode()).digest()


_waiting: dict[CacheEntry, bytes] = {}


def _write_waiting() -> None:
    while _waiting:
        for entry, code in list(_waiting.items()):
            entry.write(code)
            _waiting.pop(entry, None)  # not before: until then it is read from here


def object_cache() -> ObjectCache | None:
    """Return the cache that the environment asks for; None if it is switched off.

    Raises
    ------
    SparseOptError
        If ``SPARSEOPT_CACHE_SIZE`` is no size.
    """
    return _opened(cache_folder(), os.environ.get(SIZE) or DEFAULT_SIZE)


@cache
def _opened(folder: Path | None, size: str) -> ObjectCache | None:
    limit = _bytes(size)
    return ObjectCache(folder, limit) if folder and limit else None


def _bytes(text: str) -> float:
    match = _SIZE_TEXT.fullmatch(text.strip())
    if match is None:
        raise SparseOptError(
            f"{SIZE} cannot be {text!r}",
            instead="write a number of megabytes, or one with its unit: 500 MB, 2 GB",
        )
    return float(match[1]) * _UNITS[(match[2] or "m").lower()]


def _write_new(path: Path, content: bytes) -> None:
    try:
        file = path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(exist_ok=True)
        file = path.open("xb")
    with file:
        file.write(content)


def _files(folder: Path) -> Iterator[CachedFile]:
    with suppress(OSError), os.scandir(folder) as found:
        for item in found:
            if _OWN_NAME.fullmatch(item.name):
                with suppress(OSError):  # another process has removed it
                    status = item.stat()
                    size = -(-status.st_size // _BLOCK) * _BLOCK
                    yield CachedFile(status.st_mtime, size, Path(item.path))


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
