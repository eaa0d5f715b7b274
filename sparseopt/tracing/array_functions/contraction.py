"""Sums of products over labeled axes: what matmul, einsum, tensordot and their relatives are.

Each operand carries one label for each axis.  Axes that carry the same label run together; labels
that are not in the result are summed.  A constant operand gives one `Linear` node, two traced ones
give copies, one multiplication and one sum.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.array_functions.sparse_matrices import linear
from sparseopt.tracing.conversion import as_traced, constant_array, is_traced
from sparseopt.tracing.movement import positions
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["Labeled", "contract"]

Label = Hashable


@dataclass(frozen=True)
class Labeled:
    """An array, traced or constant, with one label for each axis."""

    array: Any
    labels: tuple[Label, ...]

    @staticmethod
    def of(array: Any, labels: Sequence[Label]) -> Labeled:
        """Return an operand whose axes with the same label are reduced to their diagonal."""
        value = as_traced(array) if is_traced(array) else constant_array(array)
        for label in dict.fromkeys(labels):
            while (twice := [k for k, other in enumerate(labels) if other == label])[1:]:
                value = np.diagonal(value, 0, twice[0], twice[1])
                rest = [other for k, other in enumerate(labels) if k not in twice[:2]]
                labels = [*rest, label]
        return Labeled(value, tuple(labels))

    @property
    def is_traced(self) -> bool:
        """Whether the array is traced."""
        return isinstance(self.array, TracedArray)

    def spread(self, labels: Sequence[Label], shape: tuple[int, ...]) -> Any:
        """Return the array repeated along the labels that it lacks."""
        own = [label for label in labels if label in self.labels]
        ordered = np.transpose(self.array, [self.labels.index(label) for label in own])
        lengths = dict(zip(own, ordered.shape, strict=True))
        return np.broadcast_to(
            np.reshape(ordered, [lengths.get(label, 1) for label in labels]), shape
        )

    def sum_out(self, needed: set[Label]) -> Labeled:
        """Return the operand summed over the labels that nobody needs."""
        axes = tuple(k for k, label in enumerate(self.labels) if label not in needed)
        if not axes:
            return self
        kept = tuple(label for label in self.labels if label in needed)
        return Labeled(np.sum(self.array, axis=axes), kept)


def contract(operands: Sequence[Labeled], result: Sequence[Label]) -> Any:
    """Return the product of the operands, summed over the labels not in ``result``."""
    first, *rest = operands
    for k, second in enumerate(rest):
        later = {label for operand in rest[k + 1 :] for label in operand.labels}
        first = _pair(first, second, set(result) | later)
    first = first.sum_out(set(result))
    return np.transpose(first.array, [first.labels.index(label) for label in result])


def _lengths(operands: Sequence[Labeled]) -> dict[Label, int]:
    lengths: dict[Label, int] = {}
    for operand in operands:
        for label, length in zip(operand.labels, operand.array.shape, strict=True):
            (lengths[label],) = np.broadcast_shapes((lengths.get(label, 1),), (length,))
    return lengths


def _pair(first: Labeled, second: Labeled, needed: set[Label]) -> Labeled:
    lengths = _lengths([first, second])
    # A length of one in one operand only is broadcast, so it cannot be summed before.
    shared = {k for k in first.labels if k in second.labels}
    first, second = (operand.sum_out(needed | shared) for operand in (first, second))
    labels = tuple(dict.fromkeys(first.labels + second.labels))
    kept = tuple(label for label in labels if label in needed)
    summed = tuple(label for label in labels if label not in needed)
    shape = tuple(lengths[label] for label in kept + summed)
    spread = [operand.spread(kept + summed, shape) for operand in (first, second)]
    if not summed:
        return Labeled(spread[0] * spread[1], kept)
    axes = tuple(range(len(kept), len(shape)))
    if first.is_traced == second.is_traced:
        return Labeled(np.sum(spread[0] * spread[1], axis=axes), kept)
    traced, constant = (0, 1) if first.is_traced else (1, 0)
    operand = (first, second)[traced]
    moved = Labeled(positions(operand.array.shape), operand.labels).spread(kept + summed, shape)
    return Labeled(_weighted(operand.array, moved, spread[constant], len(kept)), kept)


def _weighted(
    array: TracedArray, moved: NDArray[Any], weights: NDArray[np.float64], num_kept: int
) -> TracedArray:
    """Return the sums of elements at ``moved``, times ``weights``, over the last axes."""
    shape = moved.shape[:num_kept]
    width = math.prod(moved.shape[num_kept:])
    flat = np.ravel(weights)
    keep = np.flatnonzero(flat)
    ends = np.arange(math.prod(shape) + 1) * width
    matrix = sp.csr_array(
        (flat[keep], np.ravel(moved)[keep], np.searchsorted(keep, ends)),
        shape=(math.prod(shape), array.size),
    )
    matrix.sum_duplicates()
    return linear(matrix, array, shape)
