"""``np.einsum``: its notation, read into labeled operands."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from sparseopt.tracing.array_functions.contraction import Labeled, contract
from sparseopt.tracing.dispatch import implements

__all__: list[str] = []

Label = Hashable
_REST = "..."


@implements(np.einsum)
def _einsum(*operands: Any, optimize: Any = False, **options: Any) -> Any:
    del optimize
    if any(value is not None for key, value in options.items() if key in ("out", "dtype")):
        raise ValueError("out= and dtype= are not supported")
    if isinstance(operands[0], str):
        inputs, result = _read(operands[0])
        arrays = list(operands[1:])
    else:
        inputs, result, arrays = _read_sublists(operands)
    if len(inputs) != len(arrays):
        raise ValueError(f"{len(inputs)} terms for {len(arrays)} operands")
    labels = [_expand(term, np.ndim(a)) for term, a in zip(inputs, arrays, strict=True)]
    rest = max(([x for x in term if isinstance(x, tuple)] for term in labels), key=len, default=[])
    wanted = _implied(labels, rest) if result is None else _replace(result, rest)
    return contract([Labeled.of(a, term) for a, term in zip(arrays, labels, strict=True)], wanted)


def _split(term: str) -> list[Label]:
    head, dots, tail = term.replace(" ", "").partition(_REST)
    return [*head, _REST, *tail] if dots else list(head)


def _read(subscripts: str) -> tuple[list[list[Label]], list[Label] | None]:
    left, arrow, right = subscripts.partition("->")
    return [_split(term) for term in left.split(",")], _split(right) if arrow else None


def _read_sublists(
    operands: Sequence[Any],
) -> tuple[list[list[Label]], list[Label] | None, list[Any]]:
    terms = [[_REST if x is Ellipsis else x for x in term] for term in operands[1::2]]
    result = None
    if len(operands) % 2:
        result = [_REST if x is Ellipsis else x for x in operands[-1]]
    arrays = list(operands[0 : 2 * len(terms) : 2])
    return terms, result, arrays


def _expand(term: list[Label], ndim: int) -> list[Label]:
    """Return the labels of all axes, those of the ellipsis counted from the right."""
    missing = ndim - len(term) + (_REST in term)
    if missing < 0 or (missing > 0 and _REST not in term):
        raise ValueError(f"{len(term)} subscripts for an operand of {ndim} dimensions")
    return _replace(term, [(_REST, k) for k in range(missing, 0, -1)])


def _replace(term: list[Label], rest: Sequence[Label]) -> list[Label]:
    return [part for label in term for part in (rest if label == _REST else [label])]


def _implied(labels: list[list[Label]], rest: Sequence[Label]) -> list[Label]:
    every = [label for term in labels for label in term if not isinstance(label, tuple)]
    return [*rest, *sorted(label for label in set(every) if every.count(label) == 1)]  # type: ignore[type-var]
