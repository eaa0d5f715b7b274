"""Ctrl-C that waits for the end of what must not be torn apart."""

from __future__ import annotations

import inspect
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["DeferredInterrupts"]

# As they are in C: turning numbers into enumerations takes ten times as long as all else here.
_get_handler, _set_handler = inspect.unwrap(signal.getsignal), inspect.unwrap(signal.signal)


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
            handler = _get_handler(signal.SIGINT)
            if callable(handler):
                self._handler = handler
                _set_handler(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted = (number, frame)

    def __exit__(self, *error: object) -> None:
        if self._handler is not None:
            _set_handler(signal.SIGINT, self._handler)
            if self._noted is not None:
                self._handler(*self._noted)
