"""Where in the user's code the tracer is called from: file and line, for messages and reports."""

from __future__ import annotations

import os
import sys
from types import CodeType

import numpy as np
import scipy

from sparseopt.graph.nodes import Where

__all__ = ["describe_where", "user_frame"]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_FOREIGN = tuple(
    os.path.dirname(os.path.abspath(str(module.__file__))) + os.sep for module in (np, scipy)
)
_is_user: dict[CodeType, bool] = {}


def _user_code(code: CodeType) -> bool:
    known = _is_user.get(code)
    if known is None:
        name = code.co_filename
        known = not (name.startswith(_PACKAGE) or name.startswith(_FOREIGN) or name[:1] == "<")
        # Code typed at a prompt or given to exec is the user's too.
        known = known or name in ("<stdin>", "<string>") or name.startswith("<ipython")
        known = known or name.startswith("<doctest")
        _is_user[code] = known
    return known


def user_frame() -> Where:
    """Return file and line of the innermost frame that is neither ours nor NumPy's."""
    frame = sys._getframe(1)
    while frame is not None:
        if _user_code(frame.f_code):
            return (frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return None


def describe_where(where: Where) -> str:
    """Return ``file:line`` with the path shortened, or an empty string."""
    if where is None:
        return ""
    path = os.path.relpath(where[0]) if os.path.isabs(where[0]) else where[0]
    return f"{where[0] if path.startswith('..') else path}:{where[1]}"
