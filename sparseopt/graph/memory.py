"""Memory that set-up frees is used again.

Set-up makes many arrays of as many elements as there are variables, and few of them stay.  The C
library gets each from the operating system and gives it back, and writing to pages that were never
used takes many times as long as writing to those that were: it can be half of the time of a large
set-up.  GNU's library learns from the sizes that a program frees (``mallopt(3)``: the threshold
M_MMAP_THRESHOLD is dynamic), so that one large array, which nobody writes to, teaches it.
"""

from __future__ import annotations

from functools import cache

import numpy as np

__all__ = ["reuse_freed_memory"]

_BYTES = 1 << 24
"""Smaller arrays are made of memory that was freed; half of the most that the library learns."""


@cache
def reuse_freed_memory() -> None:
    """Let arrays be made of memory that earlier ones left; up to 32 MB of it are kept.

    Other C libraries take no notice.

    Examples
    --------
    >>> reuse_freed_memory()
    """
    np.empty(_BYTES, np.uint8)
