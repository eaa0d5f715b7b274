"""Joining blocks: equal templates become one block, overlapping ones one template.

*Merging*: blocks whose templates are equal up to the names of leaves become one block with all
their instances.  *Fusing*: blocks over the same number of instances that read the same elements
become one template with several outputs, so that common subexpressions are computed once.
*Separating*: instances in which two leaves are the same element get a template of their own, in
which they are one leaf; else a Hessian would count the pair once instead of twice.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.distinct import distinct_rows
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.form import Block
from sparseopt.elements.templates import MAX_OPERATIONS, Indices, Leaf
from sparseopt.graph.index import Index, StridedIndex, bounds, index_of

__all__ = ["fuse", "merge", "separate_coincident"]

SMALL = 256
MANY = 8
MAX_OUTPUTS = 64
COMPARED = 16
"""Comparisons of pairs that cost less for each map than sorting them."""


def merge(blocks: list[Block], indices: Indices) -> list[Block]:
    """Return the blocks with equal templates joined, where that keeps large ones affine."""
    groups: dict[object, list[Block]] = defaultdict(list)
    for block in blocks:
        groups[(block.outputs, tuple(leaf.source for leaf in block.leaves))].append(block)
    merged: list[Block] = []
    for group in groups.values():
        small = [b for b in group if b.count < SMALL]
        if len(group) > MANY:
            small = group
        merged += [b for b in group if b not in small]
        if small:
            merged.append(small[0] if len(small) == 1 else _concatenate(small, indices))
    return merged


def _join(parts: list[Index], indices: Indices) -> Index:
    return indices.unique(index_of(np.concatenate([p.materialize() for p in parts])))


def _concatenate(blocks: list[Block], indices: Indices) -> Block:
    first = blocks[0]
    leaves = []
    for k, leaf in enumerate(first.leaves):
        parts = [b.leaves[k] for b in blocks]
        if leaf.source == "data":
            values = np.concatenate([p.values for p in parts if p.values is not None])
            leaves.append(Leaf("data", None, values))
        else:
            joined = _join([p.index for p in parts if p.index is not None], indices)
            leaves.append(Leaf(leaf.source, joined))
    rows = tuple(_join([b.rows[q] for b in blocks], indices) for q in range(len(first.rows)))
    count = sum(b.count for b in blocks)
    return Block(first.outputs, rows, tuple(leaves), count, first.where)


def _leaf_key(leaf: Leaf) -> object:
    if leaf.index is None:
        return ("data", id(leaf.values))
    return (leaf.source, Indices.key(leaf.index))


def _reads(block: Block) -> set[object]:
    """Return what a block reads that differs between instances: what makes sharing worthwhile."""
    return {
        _leaf_key(leaf)
        for leaf in block.leaves
        if leaf.source != "data"
        and not (isinstance(leaf.index, StridedIndex) and leaf.index.strides == (0,))
    }


def fuse(blocks: list[Block], pool: ExpressionPool) -> list[Block]:
    """Return the blocks with overlapping ones of equal length made into one template."""
    fused: list[tuple[Block, set[object]]] = []
    by_count: dict[int, list[int]] = defaultdict(list)
    for block in blocks:
        reads = _reads(block)
        for k in by_count[block.count]:
            other, other_reads = fused[k]
            shared = len(reads & other_reads)
            if reads and 2 * shared >= min(len(reads), len(other_reads)) and other_reads:
                joined = _join_templates(other, block, pool)
                if joined is not None:
                    fused[k] = (joined, reads | other_reads)
                    break
        else:
            by_count[block.count].append(len(fused))
            fused.append((block, reads))
    return [block for block, _ in fused]


def _join_templates(first: Block, second: Block, pool: ExpressionPool) -> Block | None:
    if len(first.outputs) + len(second.outputs) > MAX_OUTPUTS:
        return None
    numbers = {_leaf_key(leaf): k for k, leaf in enumerate(first.leaves)}
    leaves = list(first.leaves)
    renamed = {}
    for k, leaf in enumerate(second.leaves):
        key = _leaf_key(leaf)
        if key not in numbers:
            numbers[key] = len(leaves)
            leaves.append(leaf)
        renamed[k] = pool.leaf(numbers[key])
    outputs = (*first.outputs, *pool.substitute(second.outputs, renamed))
    if len(pool) > MAX_OPERATIONS and pool.num_operations(outputs) > MAX_OPERATIONS:
        return None
    return Block(outputs, first.rows + second.rows, tuple(leaves), first.count, first.where)


def _pairs_that_may_meet(maps: list[Index]) -> list[list[int]]:
    """Return the pairs of maps that may name the same element for an instance.

    Different translates of one affine map never meet, nor do maps to ranges that are apart.
    Merging may have made maps equal that were written differently for a single instance.
    """
    kinds: dict[object, int] = {}
    kind = [
        kinds.setdefault(m[1:] if isinstance(m, StridedIndex) else id(m), len(kinds)) for m in maps
    ]
    if len(kinds) == 1 and len({Indices.key(m) for m in maps}) == len(maps):
        return []
    low, high = np.array([bounds(m) for m in maps]).T
    kind_of = np.array(kind)
    overlap = (low <= high[:, None]) & (low[:, None] <= high)
    translated = (kind_of == kind_of[:, None]) & (low != low[:, None])
    pairs: list[list[int]] = np.argwhere(np.triu(overlap & ~translated, 1)).tolist()
    return pairs


def _meetings(maps: list[Index], count: int) -> NDArray[np.bool_]:
    """Return the instances for which two of the maps name the same element."""
    meets = np.zeros(count, bool)
    pairs = _pairs_that_may_meet(maps) if len(maps) > 1 else []
    if not pairs:
        return meets
    used = sorted(set(chain.from_iterable(pairs)))
    values = {k: maps[k].materialize() for k in used}
    if len(pairs) <= COMPARED * len(used):
        for first, second in pairs:
            meets |= values[first] == values[second]
    else:
        ordered = np.sort(np.stack(list(values.values())), axis=0)
        meets |= (ordered[1:] == ordered[:-1]).any(axis=0)
    return meets


def separate_coincident(block: Block, pool: ExpressionPool, indices: Indices) -> list[Block]:
    """Return the block, split where two variable leaves of an instance are the same element."""
    first = np.arange(len(block.leaves), dtype=np.int32)[:, None]
    merged = np.zeros(block.count, bool)
    tables: list[tuple[list[int], list[Index]]] = []
    for source in ("x", "z"):
        group = [k for k in block.variable_leaves if block.leaves[k].source == source]
        maps = [m for k in group if (m := block.leaves[k].index) is not None]
        meets = _meetings(maps, block.count)
        if meets.any():
            merged |= meets
            tables.append((group, maps))
    if not tables:
        return [block]
    columns = np.flatnonzero(merged)
    table = np.repeat(first, columns.size, axis=1)
    for group, maps in tables:
        values = np.stack([m.take(columns) for m in maps])
        table[group] = np.array(group, np.int32)[_first_equal(values)]
    kinds, labels = distinct_rows(table.T)
    alone = np.flatnonzero(~merged)
    parts = [(first[:, 0], alone)] if alone.size else []
    parts += [(kind, columns[labels == c]) for c, kind in enumerate(kinds)]
    parts.sort(key=lambda part: part[0].tolist())
    return [_unify(block, kind, chosen, pool, indices) for kind, chosen in parts]


def _first_equal(values: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return for each element the first row that has its value in the same column."""
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    starts = np.zeros(values.shape, np.intp)
    starts[1:] = np.where(ordered[1:] != ordered[:-1], np.arange(1, len(values))[:, None], 0)
    np.maximum.accumulate(starts, axis=0, out=starts)
    rows = np.empty(values.shape, np.intp)
    np.put_along_axis(rows, order, np.take_along_axis(order, starts, axis=0), axis=0)
    return rows


def _unify(
    block: Block,
    representative: NDArray[np.int32],
    chosen: NDArray[np.integer],
    pool: ExpressionPool,
    indices: Indices,
) -> Block:
    renamed = {k: pool.leaf(int(r)) for k, r in enumerate(representative)}
    outputs = pool.substitute(block.outputs, renamed)
    return _restrict(block, tuple(outputs), chosen, indices, pool)


def _restrict(
    block: Block,
    outputs: tuple[int, ...],
    chosen: NDArray[np.integer],
    indices: Indices,
    pool: ExpressionPool,
) -> Block:
    """Return the chosen instances, with only the leaves that the outputs need."""
    used = pool.leaves(outputs)
    renumbered = dict(zip(used, map(pool.leaf, range(len(used))), strict=True))
    leaves = []
    for k in used:
        leaf = block.leaves[k]
        if leaf.index is None:
            assert leaf.values is not None
            leaves.append(Leaf("data", None, leaf.values[chosen]))
        else:
            leaves.append(Leaf(leaf.source, indices.unique(index_of(leaf.index.take(chosen)))))
    rows = tuple(indices.unique(index_of(r.take(chosen))) for r in block.rows)
    new = tuple(pool.substitute(outputs, renumbered))
    return Block(new, rows, tuple(leaves), chosen.size, block.where)
