"""The text of a MATPOWER case file: its matrices of numbers, and the lines they are in.

Only numbers in brackets are read: comments, strings and cell arrays are skipped, and what would
change a number after it is read, such as a command or an expression, is refused.
"""

from __future__ import annotations

import gzip
import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so

Matrix = NDArray[np.float64]

_BLOCK_COMMENT = re.compile(r"^[ \t]*%\{[ \t]*\n.*?^[ \t]*%\}[ \t]*$", re.DOTALL | re.MULTILINE)
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_COMMENT = re.compile(r"%[^\n]*")
_CONTINUATION = re.compile(r"\.\.\.[^\n]*\n")
_CONTINUED = "\v"  # the end of a line that does not end the row
_LINE_END = re.compile(r"[\n\v]")
_MATRIX = re.compile(r"\b(?:\w+\.)?(\w+)[ \t]*=[ \t]*\[([^\[\]]*)(\]?)[ \t]*([^;\s]*)")
_ROW = re.compile(r"[^;\s][^;\n]*")


class CaseFileError(so.ProblemError):
    """Raised for a case file that cannot be read, or that has equipment which is not modeled."""


@dataclass(frozen=True)
class Table:
    """The rows of one matrix, padded with zeros to one width, with their lines and own widths."""

    name: str
    rows: Matrix
    lines: NDArray[np.intp]
    widths: NDArray[np.intp]

    def __getitem__(self, chosen: Any) -> Table:
        """Return the table of some of the rows."""
        return Table(self.name, self.rows[chosen], self.lines[chosen], self.widths[chosen])

    def refuse(self, path: Path, is_wrong: NDArray[np.bool_], fault: str) -> None:
        """Raise `CaseFileError` with the line of the first row that is wrong, if one is."""
        if is_wrong.any():
            row = int(np.argmax(is_wrong))
            beginning = " ".join(f"{number:g}" for number in self.rows[row, :4])
            what = f"row {row + 1} of mpc.{self.name} ({beginning} …) {fault}"
            raise CaseFileError(what, where=f"{path}:{self.lines[row]}")


@dataclass(frozen=True)
class CaseText:
    """A file's text, with blanks in the place of comments and strings, line by line."""

    path: Path
    text: str

    def error(self, what: str, position: int | None = None, instead: str = "") -> CaseFileError:
        """Return an error at a position of the text, or about the whole file."""
        where = str(self.path) if position is None else f"{self.path}:{self.line(position)}"
        return CaseFileError(what, where=where, instead=instead)

    def line(self, position: int) -> int:
        """Return the number of the line, from 1."""
        return bisect_left(self._line_ends, position) + 1

    def has(self, name: str) -> bool:
        """Whether there is a matrix of this name."""
        return name in self._matrices

    def table(self, name: str, columns: int) -> Table:
        """Return a matrix; every row must have as many columns, but for those of `gencost`."""
        found = self._matrices.get(name)
        if found is None:
            raise self.error(f"no table mpc.{name}")
        if not found[3]:
            raise self.error(f"mpc.{name} is not closed by a ]", found.start())
        if found[4]:
            raise self.error(f"mpc.{name} is an expression, with {found[4]!r}", found.start(4))
        rows = list(self._rows(name, found))
        width = max([columns, *(len(row) for _, row in rows)])
        for position, row in rows:
            enough = columns if name == "gencost" else width
            if len(row) < enough:
                what = f"a row of mpc.{name} has {len(row)} columns, not {enough}"
                raise self.error(what, position)
        padded = [row + [0.0] * (width - len(row)) for _, row in rows]
        return Table(
            name,
            np.array(padded, np.float64).reshape(len(rows), width),
            np.array([self.line(position) for position, _ in rows], np.intp),
            np.array([len(row) for _, row in rows], np.intp),
        )

    def _rows(self, name: str, found: re.Match[str]) -> Iterator[tuple[int, list[float]]]:
        """Yield where each row begins, and its numbers."""
        for row in _ROW.finditer(self.text, found.start(2), found.end(2)):
            words = row[0].replace(",", " ").split()
            for word in words:
                if not _is_number(word):
                    position = row.start() + row[0].index(word)
                    raise self.error(f"mpc.{name} holds {word!r}, which is no number", position)
            if words:
                yield row.start(), [float(word) for word in words]

    @cached_property
    def _line_ends(self) -> list[int]:
        return [found.start() for found in _LINE_END.finditer(self.text)]

    @cached_property
    def _matrices(self) -> dict[str, re.Match[str]]:
        return {found[1]: found for found in _MATRIX.finditer(self.text)}


def read_text(path: Path) -> CaseText:
    """Return the text of a file, which may be gzipped."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CaseFileError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise CaseFileError(f"cannot be decompressed: {error}", where=str(path)) from error
    text = content.decode("utf-8", errors="replace")
    return CaseText(path, _without_comments(text.replace("\r\n", "\n").replace("\r", "\n")))


def _without_comments(text: str) -> str:
    # Comments go first: a "..." inside one does not continue the line.
    text = _BLOCK_COMMENT.sub(_blank, text.replace(_CONTINUED, " "))
    text = _COMMENT.sub(_blank, _STRING.sub(_blank, text))
    return _CONTINUATION.sub(lambda found: " " * (len(found[0]) - 1) + _CONTINUED, text)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word  # which Python allows between digits
