"""What is done before a process ends: also in workers of `multiprocessing`, without `atexit`."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable

__all__ = ["before_end"]

_expected: set[tuple[int, Callable[[], None]]] = set()


def before_end(work: Callable[[], None]) -> None:
    """Let something be done before this process ends, however often that is asked for.

    A forked process has to ask for itself.

    Examples
    --------
    >>> def write(): ...
    >>> before_end(write)
    >>> before_end(write)
    """
    asked = (os.getpid(), work)
    if asked in _expected:
        return
    _expected.add(asked)
    atexit.register(work)
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, work, exitpriority=0)
