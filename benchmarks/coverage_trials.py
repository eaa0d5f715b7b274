"""Calling a function with traced arrays in every plausible way, and what comes of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.errors import SparseOptError
from sparseopt.tracing.conversion import is_traced
from sparseopt.tracing.trace import trace
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["TRIALS", "outcomes", "returns_traced"]

TRIALS: list[Callable[[Any, Any], Any]] = [
    lambda f, x: f(x),
    lambda f, x: f(x[0]),
    lambda f, x: f(x, x),
    lambda f, x: f(x, 2),
    lambda f, x: f(2, x),
    lambda f, x: f(x, x, x),
    lambda f, x: f(1, 2, x),
    lambda f, x: f(1, x, x),
    lambda f, x: f(x, 0, 1),
    lambda f, x: f(x, x, x, x),
    lambda f, x: f(1, 2, 3, x),
    lambda f, x: f(2, 1, x, x),
    lambda f, x: f(5.0, 8.0, 2, 1, 12.0 * x[3]),
    lambda f, x: f(x[0], 1),
    lambda f, x: f(2, x[0]),
    lambda f, x: f(x[0], x[1], 2),
    lambda f, x: f([x, x]),
    lambda f, x: f(x.reshape(3, 3)),
    lambda f, x: f(x.reshape(3, 3), x[:3]),
    lambda f, x: f(x.reshape(3, 3), 2),
    lambda f, x: f(x.reshape(3, 3), x.reshape(3, 3)),
    lambda f, x: f(x.reshape(3, 3, 1), 1),
    lambda f, x: f("i,i->", x, x),
    lambda f, x: f(x, [0, 2, 1]),
    lambda f, x: f(np.sum, 0, x.reshape(3, 3)),
    lambda f, x: f(np.sum, x.reshape(3, 3), [0]),
    lambda f, x: f([0, 2, 1, 0, 0, 0, 0, 0, 0], x),
    lambda f, x: f([0, 1] * 4 + [0], [x, x]),
    lambda f, x: f(np.arange(3.0), x),
    lambda f, x: f(x, np.arange(3.0), np.arange(3.0)),
    lambda f, x: f(np.arange(9.0), x, 2),
    lambda f, x: f([x > 1.0], [x]),
    lambda f, x: f(x, [x > 1.0], [2.0]),
    lambda f, x: f(x > 1.0, x, x),
    lambda f, x: f(np.arange(9) > 3, x),
    lambda f, x: f(x * 1.0, [0, 2], x[:2]),
    lambda f, x: f(x * 1.0, [0, 2], x[:2], 0),
    lambda f, x: f(x * 1.0, np.arange(9) > 3, x),
    lambda f, x: f(x.reshape(3, 3) * 1.0, x[0]),
    lambda f, x: f(x.astype(float), float),
    lambda f, x: f(x, np.arange(3.0)),
    lambda f, x: f(x, x, 1),
    lambda f, x: f(x, np.array([0, 2, 1]), 0),
    lambda f, x: f(x * 1.0, np.array([0, 2, 1]), x[:3], 0),
    lambda f, x: f(x[:3], x.reshape(3, 3)),
    lambda f, x: f(x > 1.0),
    lambda f, x: f(x > 1.0, x > 1.2),
    lambda f, x: f(x.reshape(3, 3) + 3.0 * np.eye(3)),
    lambda f, x: f(x.reshape(3, 3) + 3.0 * np.eye(3), 1),
    lambda f, x: f(x.reshape(3, 3) + 3.0 * np.eye(3), x[:3]),
    lambda f, x: f(x, 1, 1.0),
    lambda f, x: f(x.reshape(1, 9), 0, 1),
]  # fmt: skip


NOISY = {"ellip_normal"}  # integrates with division by zero, and says so on stderr
PLAIN = np.linspace(0.5, 1.4, 9)


def outcomes(function: Callable[..., Any]) -> list[str]:
    """Return what comes of each trial that NumPy itself accepts.

    Returns
    -------
    list of str
        ``traced``, ``scalar`` (traced), ``plain`` or ``objects`` for what is returned, ``refused``
        for an error of sparseopt, and type and text of any other exception.
    """
    if function.__name__ in NOISY:
        return []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [_outcome(trial, function) for trial in TRIALS if _is_accepted(trial, function)]


def _is_accepted(trial: Callable[[Any, Any], Any], function: Callable[..., Any]) -> bool:
    try:
        trial(function, PLAIN.copy())
    except Exception:
        return False
    return True


def _outcome(trial: Callable[[Any, Any], Any], function: Callable[..., Any]) -> str:
    answers: list[str] = []

    def recorded(x: Any) -> Any:
        answers.append(_word(trial(function, x)))
        return np.sum(x)

    try:
        trace(recorded, PLAIN.shape)
    except SparseOptError:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return answers[0]


def _word(result: Any) -> str:
    if isinstance(result, np.ndarray) and result.dtype == object and result.size > 1:
        return "objects"
    if isinstance(result, (tuple, list)) and "objects" in map(_word, result):
        return "objects"
    if isinstance(result, TracedArray) and result.size == 1:
        return "scalar"
    return "traced" if is_traced(result) else "plain"


def returns_traced(function: Callable[..., Any]) -> bool:
    """Whether some trial gives a traced array of more than one element."""
    return "traced" in outcomes(function)
