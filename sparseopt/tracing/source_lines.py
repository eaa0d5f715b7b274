"""Where in the user's code the tracer is called from: file and line, for messages and reports."""

from __future__ import annotations

import importlib.util
import os
import sys
from types import CodeType, FrameType, TracebackType

from sparseopt.graph.nodes import Where

__all__ = ["describe_where", "raising_line", "user_frame"]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_FOREIGN = tuple(  # found, not loaded
    os.path.dirname(os.path.abspath(str(found.origin))) + os.sep
    for found in map(importlib.util.find_spec, ("numpy", "scipy"))
    if found
)
_LABELED = (f"{os.sep}pandas{os.sep}core{os.sep}", f"{os.sep}xarray{os.sep}")
"""Folders of libraries that call NumPy, and that are not imported here."""
_PROMPTS = ("<stdin>", "<string>", "<ipython", "<doctest")

_Lines = dict[int, tuple[str, int]]
_NOT_THE_USERS: _Lines = {}
_lines_of: dict[int, tuple[CodeType, _Lines]] = {}
"""The user's lines by instruction, for each code object by its ``id``.

Hashing a code object reads all of it; the pair keeps it alive, so that the ``id`` stays its own.
"""


def _is_users(code: CodeType) -> bool:
    name = code.co_filename
    if name.startswith("<"):
        return name.startswith(_PROMPTS)  # typed at a prompt or given to exec
    return not (name.startswith((_PACKAGE, *_FOREIGN)) or any(n in name for n in _LABELED))


def _lines(code: CodeType) -> _Lines:
    """Return the known lines of a code object: a table of its own if it is the user's."""
    known = _lines_of.get(id(code))
    if known is None:
        known = _lines_of[id(code)] = (code, {} if _is_users(code) else _NOT_THE_USERS)
    return known[1]


def user_frame() -> Where:
    """Return file and line of the innermost frame that is neither ours nor a library's."""
    frame: FrameType | None = sys._getframe(2)  # the caller is one of ours
    while frame is not None:
        code = frame.f_code
        known = _lines_of.get(id(code))  # every operation asks: as few calls as possible
        lines = _lines(code) if known is None else known[1]
        if lines is not _NOT_THE_USERS:
            where = lines.get(frame.f_lasti)
            if where is None:
                where = lines[frame.f_lasti] = (code.co_filename, frame.f_lineno)
            return where
        frame = frame.f_back
    return None


def raising_line(traceback: TracebackType | None) -> Where:
    """Return file and line of the user's innermost frame that an exception came through."""
    where = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if _lines(code) is not _NOT_THE_USERS:
            where = (code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return where


def describe_where(where: Where) -> str:
    """Return ``file:line`` with the path shortened, or an empty string."""
    if where is None:
        return ""
    here = os.path.join(os.getcwd(), "")
    return f"{where[0].removeprefix(here)}:{where[1]}"
