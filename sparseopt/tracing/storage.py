"""What a traced array's elements are, and how writes change them.

A `Storage` is the memory that views share, as in NumPy: basic slices of an array alias it, so a
write through one view is seen by the others.  Writes are recorded element by element as (source
node, position), and turned into one `Gather` when read; a loop that fills an array costs no more
than what it writes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import Index, StridedIndex, compose, index_of
from sparseopt.graph.nodes import Constant, Gather, Node
from sparseopt.tracing.source_lines import user_frame

__all__ = ["Storage", "gather"]

IntArray = NDArray[np.integer]


def gather(node: Node, index: Index) -> Node:
    """Return the node that copies ``node[index]``, folding constants and chains of copies."""
    if index.is_identity(node.size):
        return node
    if isinstance(node, Gather):
        if len(node.args) == 1:
            return gather(node.args[0], compose(index, node.index))
        if index.size >= node.size:  # a small part would keep all sources alive
            return Gather(node.args, compose(index, node.index), user_frame())
    if isinstance(node, Constant) and node.size > 1 and index.size <= node.size:
        return Constant(node.values[index.materialize()], user_frame())
    return Gather((node,), index, user_frame())


class Storage:
    """Elements shared by the views of one array.

    Attributes
    ----------
    size : int
    version : int
        Number of writes so far; what was read at another version may be out of date.
    read_only_because : str or None
        Why writing is refused.
    """

    __slots__ = (
        "_elements",
        "_node",
        "_owner",
        "_place",
        "_sources",
        "read_only_because",
        "size",
        "version",
    )

    def __init__(self, node: Node, read_only_because: str | None = None) -> None:
        self._node: Node | None = node
        self.size = node.size
        self.version = 0
        self.read_only_because = read_only_because
        self._elements: dict[int, Node] = {}
        self._sources: list[Node] = []
        self._owner: NDArray[np.int32] | None = None
        self._place: NDArray[np.int32] | None = None

    def read(self, index: StridedIndex) -> Node:
        """Return the node of the elements at ``index``."""
        if self._node is None and index.is_identity(self.size):
            self._node = self._assemble(index.materialize())
        if self._node is not None:
            return gather(self._node, index)
        return self._assemble(index.materialize())

    def read_element(self, position: int) -> Node:
        """Return the node of one element; reading it again gives the same node."""
        node = self._elements.get(position)
        if node is not None:
            return node
        source, place = self._node, position
        if self._owner is not None and self._place is not None:
            source, place = self._sources[self._owner[position]], int(self._place[position])
        assert source is not None
        node = gather(source, StridedIndex(place, (1,), (1,))) if source.size > 1 else source
        self._elements[position] = node
        return node

    def _assemble(self, positions: IntArray) -> Node:
        assert self._owner is not None
        assert self._place is not None
        owners, places = self._owner[positions], self._place[positions]
        used, compact = np.unique(owners, return_inverse=True)
        sources = [self._sources[k] for k in used]
        starts = np.cumsum([0] + [s.size for s in sources[:-1]])
        flat = index_of((starts[compact.reshape(-1)] + places).astype(np.int64))
        if len(sources) == 1:
            return gather(sources[0], flat)
        return Gather(sources, flat, user_frame())

    def _begin_write(self) -> None:
        if self._owner is None:
            assert self._node is not None
            self._sources = [self._node]
            self._owner = np.zeros(self.size, np.int32)
            self._place = np.arange(self.size, dtype=np.int32)
        self._node = None
        self.version += 1

    def write(self, positions: IntArray, value: Node) -> None:
        """Make the elements at ``positions`` copies of ``value`` (same length, or length one)."""
        self._begin_write()
        assert self._owner is not None
        assert self._place is not None
        self._owner[positions] = len(self._sources)
        self._place[positions] = 0 if value.size == 1 else np.arange(value.size, dtype=np.int32)
        self._sources.append(value)
        self._elements.clear()

    def write_element(self, position: int, value: Node) -> None:
        """Make one element a copy of a node of size one."""
        self._begin_write()
        assert self._owner is not None
        assert self._place is not None
        self._owner[position] = len(self._sources)
        self._place[position] = 0
        self._sources.append(value)
        self._elements[position] = value
