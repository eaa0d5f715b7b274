"""Patterns as text: a character of Unicode's braille block is a box of 2 x 4 dots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["picture"]

# Weight of each dot of a character, by row and column in its box.
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BLANK = 0x2800


def picture(
    rows: NDArray[np.integer],
    cols: NDArray[np.integer],
    shape: tuple[int, int],
    width: int,
    height: int,
) -> str:
    """Return a picture of entries in at most ``width`` by ``height`` characters.

    Both directions are scaled by the same factor, so that a diagonal stays one.

    Examples
    --------
    >>> print(picture(np.arange(8), np.arange(8), (8, 8), 10, 10))
    ⠑⢄⠀⠀
    ⠀⠀⠑⢄
    """
    if not (shape[0] and shape[1]):
        return ""
    block = max(1, -(-shape[0] // (4 * max(1, height))), -(-shape[1] // (2 * max(1, width))))
    lines, columns = -(-shape[0] // (4 * block)), -(-shape[1] // (2 * block))
    dots = np.zeros((4 * lines, 2 * columns), bool)
    dots[rows // block, cols // block] = True
    boxes = dots.reshape(lines, 4, columns, 2)
    codes = _BLANK + np.einsum("iajb,ab->ij", boxes.astype(np.int64), _DOTS)
    return "\n".join("".join(map(chr, line)) for line in codes.tolist())
