"""Recently computed values of a function, so that an expensive one runs once at a point."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

__all__ = ["Memory"]

MOST_BYTES = 1 << 26

FloatArray = NDArray[np.float64]


class Memory:
    """Arrays by the point they belong to; the oldest go when there are too many bytes."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, bytes], FloatArray] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()  # several evaluators, each in a thread, share a function

    def get(self, kind: str, x: FloatArray) -> FloatArray | None:
        """Return what was kept for a point, or None; it must not be written to."""
        key = (kind, x.tobytes())
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
        return found

    def put(self, kind: str, x: FloatArray, values: FloatArray) -> None:
        """Keep an array for a point."""
        key = (kind, x.tobytes())
        with self._lock:
            if key not in self._known:
                self._bytes += values.nbytes + x.nbytes
            self._known[key] = values
            while self._bytes > MOST_BYTES and len(self._known) > 1:
                (_, point), oldest = self._known.popitem(last=False)
                self._bytes -= oldest.nbytes + len(point)
