"""Code that cannot be recorded: what it says, and how its message must begin, end and help."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import sparseopt as so


@dataclass(frozen=True)
class Refused:
    """Code, the error it gives, and words of its advice."""

    code: str
    error: type[so.SparseOptError]
    instead: str
    run: Callable[[Any], Any]


REFUSED: list[Refused] = []


def refused(code: str, error: type[so.SparseOptError], instead: str):
    def register(function):
        REFUSED.append(Refused(code, error, instead, function))
        return function

    return register
