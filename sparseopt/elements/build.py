"""From a Program to its element form."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.calls import with_own_arguments
from sparseopt.elements.distinct import positions_of_labels
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.form import Block, ElementForm, Stage, StageCall
from sparseopt.elements.linear_walk import Emission, chosen_instances, walk
from sparseopt.elements.materialization import StageChoice, choose_stages
from sparseopt.elements.merging import fuse, merge, separate_coincident
from sparseopt.elements.rolling import roll
from sparseopt.elements.signatures import Partition, Signatures
from sparseopt.elements.sum_chains import sum_chains
from sparseopt.elements.surely_read import surely_read
from sparseopt.elements.templates import MAX_DEPTH, Indices, Leaf, TemplateBuilder, TemplateTooLarge
from sparseopt.graph.garbage import collector_paused
from sparseopt.graph.index import selector
from sparseopt.graph.nodes import Call, Node
from sparseopt.graph.program import Program, depth
from sparseopt.graph.rewriting import rewrite
from sparseopt.graph.value_numbering import share_equal_values

__all__ = ["element_form"]


_SMOOTH_EVERYWHERE = {
    "leaf", "literal", "add", "subtract", "multiply", "negative", "square", "sin", "cos", "tanh",
    "arctan", "absolute", "minimum", "maximum", "where",
}  # fmt: skip
"""Functions with finite derivatives at every finite argument."""

SEGMENTS = (None, 80, 20, 4, 1)
"""Operations between the cuts of a program whose templates are too large; tried in order."""


class _Builder:
    def __init__(self, program: Program, choice: StageChoice, *, limited: bool) -> None:
        self.program = program
        self.choice = choice
        self.limited = limited
        self.pool = ExpressionPool()
        self.indices = Indices()
        self.signatures = Signatures({id(s) for s in choice.stages})
        sizes = [s.size for s in choice.stages]
        starts = np.cumsum([0, *sizes])[:-1]
        self.stage_offsets = {id(s): int(o) for s, o in zip(choice.stages, starts, strict=True)}

    @cached_property
    def read(self) -> set[int]:
        """The ``id`` of nodes that are read whatever the variables are; only guards ask for it."""
        return surely_read(self.program.nodes(), self.program.outputs)

    def intermediate(self, name: str, node: Node) -> Stage:
        """Return the stage of an intermediate: of a call, or of formulas."""
        if not isinstance(node, Call):
            return self.stage(name, node)
        call = StageCall(node.function, self.stage_offsets[id(node.args[0])])
        return Stage(name, node.size, self.stage_offsets[id(node)], (), node.where, call)

    def stage(self, name: str, node: Node) -> Stage:
        """Return the stage of a value: the blocks that add up to it."""
        blocks = merge(
            [b for item in walk(node, self.choice) for b in self._blocks(item)], self.indices
        )
        is_guarded = id(node) in self.stage_offsets and self._needs_guard(node, blocks)
        joined = [
            replace(b, outputs=self.pool.share_differences(b.outputs))
            for b in (blocks if is_guarded else fuse(blocks, self.pool))
        ]
        separated = [
            part for b in joined for part in separate_coincident(b, self.pool, self.indices)
        ]
        offset = self.stage_offsets.get(id(node), 0)
        parts = tuple(separated)
        return Stage(name, node.size, offset, parts, node.where, is_guarded=is_guarded)

    def _needs_guard(self, node: Node, blocks: list[Block]) -> bool:
        if id(node) in self.read:
            return False
        terms = [o for block in blocks for o in block.outputs]
        names = {self.pool.calls[t][0] for t in self.pool.reachable(terms)}
        reads_stages = any(leaf.source == "z" for b in blocks for leaf in b.leaves)
        return reads_stages or not names <= _SMOOTH_EVERYWHERE

    def _blocks(self, item: Emission) -> list[Block]:
        labels = self._labels(item)
        if labels is None:
            return [self._block(item)]
        parts = positions_of_labels(labels, int(labels.max()) + 1)
        return [self._block(chosen_instances(item, part)) for part in parts if part.size]

    def _labels(self, item: Emission) -> NDArray[np.int32] | None:
        """Return which instances share a formula, or None if all do."""
        known = self.signatures
        own = known.of_formula(item.node) if item.is_root else known.of(item.node)
        parts = [(own, item.elements)] + [(known.of(f.node), f.elements) for f in item.factors]
        labels: NDArray[np.int32] | None = None
        for signature, elements in parts:
            if signature.partition is None:
                continue
            found = signature.partition.labels[selector(elements)]
            if labels is not None:
                keys = labels.astype(np.int64) * signature.partition.count + found
                found = Partition.of(keys)[0].labels
            labels = found
        return labels

    def _block(self, item: Emission) -> Block:
        builder = TemplateBuilder(
            self.pool,
            self.indices,
            self.program.offsets,
            self.stage_offsets,
            limited=self.limited,
        )
        term = builder.build(item.node, self.indices.unique(item.elements), root=item.is_root)
        for factor in item.factors:
            other = builder.build(factor.node, self.indices.unique(factor.elements))
            term = self.pool.make("divide" if factor.divides else "multiply", term, other)
        if isinstance(item.weight, np.ndarray):
            weight = builder.values_term(item.weight, "weight")
        else:
            weight = self.pool.literal(item.weight)
        term = self.pool.make("multiply", weight, term)
        rows = (self.indices.unique(item.rows),)
        block = Block((term,), rows, tuple(builder.leaves), item.rows.size, item.node.where)
        return self._without_unused(block)

    def _without_unused(self, block: Block) -> Block:
        """Drop leaves that simplification made superfluous."""
        used = self.pool.leaves(block.outputs)
        if len(used) == len(block.leaves):
            return block
        renamed = {k: self.pool.leaf(place) for place, k in enumerate(used)}
        outputs = tuple(self.pool.substitute(block.outputs, renamed))
        leaves: tuple[Leaf, ...] = tuple(block.leaves[k] for k in used)
        return Block(outputs, block.rows, leaves, block.count, block.where)


def _without_zeros(stage: Stage, pool: ExpressionPool) -> Stage:
    """Drop blocks that add nothing."""
    zero = pool.literal(0.0)
    blocks = tuple(b for b in stage.blocks if any(o != zero for o in b.outputs))
    return replace(stage, blocks=blocks)


def element_form(program: Program) -> ElementForm:
    """Return the element form of a program whose outputs are an objective and constraints.

    Parameters
    ----------
    program : Program
        ``outputs[0]`` of size one is the objective, ``outputs[1]`` holds the constraints.

    Returns
    -------
    ElementForm
    """
    with collector_paused():
        shared = sum_chains(share_equal_values(program))
        simplified = with_own_arguments(rewrite(roll(shared)))
    too_deep = len(simplified.nodes()) > MAX_DEPTH and depth(simplified) > MAX_DEPTH
    for segment in SEGMENTS[1:] if too_deep else SEGMENTS:
        try:
            return _build(simplified, segment, limited=True)
        except TemplateTooLarge:
            continue
    return _build(simplified, SEGMENTS[-1], limited=False)


def _build(program: Program, segment: int | None, *, limited: bool) -> ElementForm:
    choice = choose_stages(program, segment)
    builder = _Builder(program, choice, limited=limited)
    intermediates = tuple(
        builder.intermediate(f"z{k}", node) for k, node in enumerate(choice.stages)
    )
    objective = builder.stage("objective", program.outputs[0])
    constraints = builder.stage("constraints", program.outputs[1])
    pool = builder.pool
    return ElementForm(
        pool,
        program.num_variables,
        program.num_parameters,
        tuple(_without_zeros(s, pool) for s in intermediates),
        _without_zeros(objective, pool),
        _without_zeros(constraints, pool),
        {"nodes": len(program.nodes())},
    )
