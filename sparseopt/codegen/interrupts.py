"""Ctrl-C that waits for the end of what must not be torn apart."""

from __future__ import annotations

import importlib
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["DeferredInterrupts"]

# What `signal` wraps: turning its numbers into enumerations takes ten times as long as all else.
_in_c: Any = importlib.import_module("_signal")
_SIGINT = int(signal.SIGINT)


class DeferredInterrupts:
    """A context in which SIGINT is noted; its handler is called at the end.

    Python calls the handler of Ctrl-C between any two steps of the main thread, most often where a
    long call into LLVM has just returned.  llvmlite's lock would stay locked then, for ever.  Other
    threads are never interrupted, and handlers that are not Python's are left alone.
    """

    def __init__(self) -> None:
        self._handler: Callable[[int, FrameType | None], Any] | None = None
        self._noted: tuple[int, FrameType | None] | None = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            handler = _in_c.getsignal(_SIGINT)
            if callable(handler):
                self._handler = handler
                _in_c.signal(_SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted = (number, frame)

    def __exit__(self, *error: object) -> None:
        if self._handler is not None:
            _in_c.signal(_SIGINT, self._handler)
            if self._noted is not None:
                self._handler(*self._noted)
