"""Index maps made unique by content, so that equal maps are one object and compose once."""

from __future__ import annotations

from itertools import accumulate

from sparseopt.graph.array_table import ArrayTable
from sparseopt.graph.index import ArrayIndex, Index, StridedIndex, compose
from sparseopt.graph.nodes import Gather, Node

__all__ = ["Indices"]


class Indices:
    """Index maps made unique by content, and their compositions remembered."""

    def __init__(self) -> None:
        self._arrays: ArrayTable[ArrayIndex] = ArrayTable()
        self._representatives: set[int] = set()  # by id: the table keeps them alive
        self._composed: dict[tuple[int, int], Index] = {}
        self._alive: list[Index] = []
        self._numbers: dict[StridedIndex, int] = {}
        self._starts: dict[Node, list[int]] = {}

    def unique(self, index: Index) -> Index:
        """Return the one object that stands for this map."""
        if isinstance(index, StridedIndex) or id(index) in self._representatives:
            return index
        found = self._arrays.setdefault(index.values, index)
        self._representatives.add(id(found))
        return found

    @staticmethod
    def key(index: Index) -> object:
        """Return a dictionary key of a unique map."""
        return index if isinstance(index, StridedIndex) else id(index)

    def number(self, index: Index) -> int:
        """Return a number of a unique map: a key that is hashed in no time."""
        if isinstance(index, StridedIndex):
            return self._numbers.setdefault(index, -1 - len(self._numbers))
        return id(index)

    def starts(self, node: Gather) -> list[int]:
        """Return where each source of a gather starts among all of them."""
        found = self._starts.get(node)
        if found is None:
            sizes = (source.size for source in node.args)
            found = self._starts[node] = list(accumulate(sizes, initial=0))
        return found

    def compose(self, outer: Index, inner: Index) -> Index:
        """Return the unique map ``inner[outer[i]]``."""
        key = (self.number(outer), self.number(inner))
        found = self._composed.get(key)
        if found is None:
            self._alive += [outer, inner]
            found = self._composed[key] = self.unique(compose(outer, inner))
        return found
