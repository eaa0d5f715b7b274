"""Nested tuples and dicts of arrays, as lists of named leaves and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Structure", "flatten", "unflatten"]


@dataclass(frozen=True)
class Structure:
    """How leaves are nested: a tuple (``keys`` are None), a dict, a leaf, or None."""

    kind: type | None
    keys: tuple[Any, ...] = ()
    children: tuple[Structure, ...] = ()

    def describe(self) -> str:
        """Return the structure as text, ``*`` for a leaf."""
        if self.kind is None:
            return "None"
        inner = [child.describe() for child in self.children]
        if self.kind is dict:
            pairs = (f"{key!r}: {text}" for key, text in zip(self.keys, inner, strict=True))
            return "{" + ", ".join(pairs) + "}"
        if self.kind is object:
            return "*"
        return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"


_LEAF = Structure(object)


def flatten(tree: Any, name: str) -> tuple[list[tuple[str, Any]], Structure]:
    """Return the leaves, each with its name, and how they are nested.

    Dicts are taken in the order of their keys' texts, so that two of them with the same keys are
    the same.  A list is a leaf, as it is for NumPy.

    Examples
    --------
    >>> leaves, structure = flatten({"v": 2.0, "q": (1.0, None)}, "carry")
    >>> leaves, structure.describe()
    ([("carry['q'][0]", 1.0), ("carry['v']", 2.0)], "{'q': (*, None), 'v': *}")
    >>> unflatten(structure, [10.0, 20.0])
    {'q': (10.0, None), 'v': 20.0}
    """
    if tree is None:
        return [], Structure(None)
    if isinstance(tree, dict):
        keys = tuple(sorted(tree, key=repr))
        parts = [flatten(tree[key], f"{name}[{key!r}]") for key in keys]
        kind: type = dict
    elif isinstance(tree, tuple):
        keys = ()
        parts = [flatten(item, f"{name}[{k}]") for k, item in enumerate(tree)]
        kind = type(tree)
    else:
        return [(name, tree)], _LEAF
    leaves = [leaf for found, _ in parts for leaf in found]
    return leaves, Structure(kind, keys, tuple(structure for _, structure in parts))


def unflatten(structure: Structure, leaves: Sequence[Any]) -> Any:
    """Return the tree of a structure with these leaves."""
    return _built(structure, iter(leaves))


def _built(structure: Structure, leaves: Iterator[Any]) -> Any:
    if structure.kind is None:
        return None
    if structure.kind is object:
        return next(leaves)
    children = [_built(child, leaves) for child in structure.children]
    if structure.kind is dict:
        return dict(zip(structure.keys, children, strict=True))
    if structure.kind is tuple:
        return tuple(children)
    return structure.kind(*children)  # a named tuple
