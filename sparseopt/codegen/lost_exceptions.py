"""Exceptions that Python would only print: those raised where C enters a callback.

A signal that arrives while compiled code runs is handled when the next callback is entered: before
its first line, so no ``try`` of the callback sees what the handler raises (Ctrl-C, a SIGTERM that
became `SystemExit`).  The C side has no way to pass it on, and Python hands it to
`sys.unraisablehook`; that is where it is caught here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

__all__ = ["kept_exceptions"]

Keep = Callable[[BaseException], None]

_CALLERS = ("ctypes callback", "ipopt_wrapper", "cyipopt")
"""What Python's account of such an exception mentions, for the callers that we have."""

_listening: list[tuple[int, Keep]] = []
"""Threads inside compiled code, the innermost last, and who wants the exceptions of each."""
_previous: list[Callable[[Any], Any]] = []


@contextmanager
def kept_exceptions(keep: Keep) -> Iterator[None]:
    """Give ``keep`` what is raised in this thread on the way into a callback.

    Examples
    --------
    >>> import ctypes
    >>> kept = []
    >>> fail = ctypes.CFUNCTYPE(None)(lambda: 1 / 0)
    >>> with kept_exceptions(kept.append):
    ...     fail()
    >>> kept
    [ZeroDivisionError('division by zero')]
    """
    listener = (get_ident(), keep)
    _listening.append(listener)
    if sys.unraisablehook is not _hook:
        _previous.append(sys.unraisablehook)
        sys.unraisablehook = _hook
    try:
        yield
    finally:
        _listening.remove(listener)
        if not _listening and sys.unraisablehook is _hook:
            sys.unraisablehook = _previous.pop()
            _previous.clear()


def _hook(lost: Any) -> None:
    account = f"{lost.err_msg or ''} {lost.object!r}"
    if lost.exc_value is not None and any(caller in account for caller in _CALLERS):
        for thread, keep in reversed(_listening):
            if thread == get_ident():
                keep(lost.exc_value)
                return
    (_previous[-1] if _previous else sys.__unraisablehook__)(lost)
