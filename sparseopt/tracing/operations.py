"""What a traced array asks of the modules that record operations on it.

Those modules are written in terms of `TracedArray`, and its operators call them: this table, which
they fill when they are imported, breaks the circle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sparseopt.graph.functions import ScalarFunction
from sparseopt.graph.nodes import Node

__all__ = ["OPERATIONS", "Operations"]


def _not_imported(*_: Any) -> Any:
    raise RuntimeError("import sparseopt.tracing.trace, which fills this table")


@dataclass
class Operations:
    """The recording functions; each is set by the module that its comment names."""

    record: Callable[[ScalarFunction, tuple[Any, ...]], Any] = _not_imported  # elementwise
    ufunc: Callable[[Any, str, tuple[Any, ...], dict[str, Any]], Any] = _not_imported  # elementwise
    function: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any] = _not_imported  # dispatch
    matmul: Callable[[Any, Any], Any] = _not_imported  # array_functions.linear_algebra
    complex: Callable[[ScalarFunction, tuple[Any, ...]], Any] = _not_imported  # complex_array
    complex_type: tuple[type, ...] = ()  # complex_array
    node_to_write: Callable[[Any, tuple[int, ...], bool], Node] = _not_imported  # conversion


OPERATIONS = Operations()
