"""Set-up without the garbage collector.

What set-up makes, expressions by the ten thousand, lives as long as the problem.  The collector of
cycles, which starts whenever so and so many objects have been made, would look through all that
the process holds, imported modules included, and find nothing: 50 ms each time.  With it, tracing
a loop over 10^5 rows of scalar code takes more than twice as long.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Run a block, or a function, while cycles are not collected; memory is freed as ever.

    Examples
    --------
    >>> with collector_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
