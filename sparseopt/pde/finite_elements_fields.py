"""Fields at quadrature points: values with ``grad``, ``div``, ``curl``, as scikit-fem's forms read.

A plain one is scikit-fem's ``DiscreteField``.  A traced one is a `TracedArray` with the same
attributes, so that ``grad(u)``, ``div(u)`` and ``u**2`` mean the same in both.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from sparseopt.errors import PackageNotInstalledError
from sparseopt.graph.nodes import Constant, Node
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.traced_array import TracedArray

__all__ = [
    "ATTRIBUTES",
    "FormParameters",
    "Slot",
    "TracedField",
    "field_of",
    "keep_whole",
    "scikit_fem",
    "unit_fields",
]

ATTRIBUTES = ("value", "grad", "div", "curl", "hess", "grad3", "grad4", "grad5", "grad6")
"""What a field may consist of, in the order of the arguments of scikit-fem's ``DiscreteField``."""


class Slot(NamedTuple):
    """One number of a field at a point: such as entry (0, 1) of the gradient of component 0."""

    component: int
    attribute: str
    entry: tuple[int, ...]


class TracedField(TracedArray):
    """The values of a traced field at quadrature points, with its derivatives as attributes.

    Attributes
    ----------
    grad, div, curl, hess, grad3, ... : TracedArray or None
        Derivatives; None where the element does not define them.
    """

    __slots__ = ATTRIBUTES[1:]


class FormParameters(Mapping[str, Any]):
    """What a form reads as ``w``, by ``w.name`` or ``w["name"]``.

    Parameters
    ----------
    coefficients : dict
        Those that the user has given a name.
    places : callable
        Returns what the basis knows about its points, such as their coordinates ``x``.  Few forms
        read it, so it is called for the first name that is no coefficient's.
    """

    def __init__(self, coefficients: dict[str, Any], places: Callable[[], dict[str, Any]]) -> None:
        self._known = coefficients
        self._places: Callable[[], dict[str, Any]] | None = places

    def __getitem__(self, name: str) -> Any:
        return self._known[name] if name in self._known else self._all()[name]

    def __getattr__(self, name: str) -> Any:
        if name in ("_known", "_places"):  # a copy is asked before it has them
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"Attribute '{name}' not found in 'w'.") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Any]:
        if self._places is not None:
            self._known = {**self._places(), **self._known}
            self._places = None
        return self._known


def scikit_fem(module: str = "skfem") -> Any:
    """Return a module of scikit-fem.

    Raises
    ------
    PackageNotInstalledError
        If scikit-fem is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PackageNotInstalledError(
            "finite elements need scikit-fem, which is not installed",
            instead='pip install "sparseopt[finite-elements]", or pip install scikit-fem',
        ) from error


def field_of(parts: Mapping[str, Any]) -> Any:
    """Return the field of a value and its derivatives: traced if one of them is.

    Parameters
    ----------
    parts : mapping
        Arrays by attribute, "value" and any others of `ATTRIBUTES`.
    """
    if not any(is_traced(part) for part in parts.values()):
        return scikit_fem("skfem.element").DiscreteField(**parts)
    value = as_traced(parts["value"]).reshape(np.shape(parts["value"]))
    field = TracedField(value._memory(), value._offset, value.shape, value._strides)
    for attribute in ATTRIBUTES[1:]:
        setattr(field, attribute, parts.get(attribute))
    return field


def unit_fields(shapes: list[dict[str, tuple[int, ...]]], slot: Slot) -> tuple[Any, ...]:
    """Return plain fields at one point that are one in a slot and zero elsewhere.

    A form is linear in its test function, so its value there is what multiplies that slot.

    Parameters
    ----------
    shapes : list of dict
        For each component of the element, the tensor shapes of its attributes.
    slot : Slot
    """
    fields = []
    for component, attributes in enumerate(shapes):
        parts = {name: np.zeros((*shape, 1, 1)) for name, shape in attributes.items()}
        if component == slot.component:
            parts[slot.attribute][slot.entry] = 1.0
        fields.append(field_of(parts))
    return tuple(fields)


def keep_whole(results: Any, arguments: Iterable[Any]) -> None:
    """Let the zeros of data between arguments and results be values like others.

    Zeros in the geometry, such as those of a right-angled triangle, would otherwise give elements
    formulas of their own, and as many blocks as there are places for zeros.
    """
    stack: list[Node] = [results.node]
    seen = {a.node for a in arguments}
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, Constant):
            node.has_plain_zeros = True
        stack.extend(node.args)
