"""Results as JSON: arrays become lists, numbers that JSON cannot hold become null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np
import typer


def print_json(data: object) -> None:
    """Print `data` as one indented JSON document."""
    typer.echo(json.dumps(plain(data), indent=2, allow_nan=False))


def plain(data: Any) -> Any:
    """Return `data` in JSON's own types.

    Examples
    --------
    >>> plain({"x": np.array([1.0, np.inf]), "n": np.int64(2)})
    {'x': [1.0, None], 'n': 2}
    """
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (np.ndarray, np.generic)):
        return plain(data.tolist())
    if isinstance(data, (list, tuple)):
        return [plain(value) for value in data]
    if isinstance(data, Enum):
        return data.value
    if isinstance(data, float) and not math.isfinite(data):
        return None
    return data
