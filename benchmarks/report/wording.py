"""Numbers and tables in Markdown, written the same way everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

DIGITS = 3
MATRICES = {"jacobian": "J", "hessian": "H"}
SYMBOLS = {"objective": "f", "gradient": "g", "constraints": "c", **MATRICES}


def number(value: float) -> str:
    """Return three significant digits, without an exponent where that stays short.

    Examples
    --------
    >>> number(0.0123456), number(1234.5), number(12.0), number(2.5e-7)
    ('0.0123', '1,230', '12.0', '2.5e-07')
    """
    if not math.isfinite(value):
        return str(value)
    if value and abs(value) < 1e-4:
        return f"{value:.{DIGITS}g}"
    value = float(f"{value:.{DIGITS}g}")  # 9.999 has as many digits as 10
    digits = DIGITS - 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def number_beside(value: float, wanted: float) -> str:
    """Return a number with as many digits, three and more, as tell it from what is wanted.

    Examples
    --------
    >>> number_beside(19.96, 20.0), number_beside(19.8, 20.0), number_beside(20.0, 20.0)
    ('19.96', '19.8', '20.0')
    """
    for digits in range(DIGITS, 2 * DIGITS):
        text = f"{value:.{digits}g}"
        if float(text) != wanted:
            return number(value) if digits == DIGITS else text
    return number(value)


def spread(times: dict[str, float], scale: float = 1.0) -> str:
    """Return the median with the interquartile range in percent of it."""
    width = (times["upper_quartile"] - times["lower_quartile"]) / times["median"]
    return f"{number(scale * times['median'])} ±{100 * width:.0f} %"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> list[str]:
    """Return the lines of a table; all columns but the first ones are numbers, set right."""
    aligned = ["---" if k < texts else "---:" for k in range(len(head))]
    lines = [head, aligned, *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def code(name: str) -> str:
    """Return a name in code type."""
    return f"`{name}`"
