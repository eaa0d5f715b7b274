"""From a Program to its element form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.form import Block, ElementForm, Stage
from sparseopt.elements.linear_walk import Emission, walk
from sparseopt.elements.materialization import StageChoice, choose_stages
from sparseopt.elements.merging import fuse, merge, separate_coincident
from sparseopt.elements.rolling import roll
from sparseopt.elements.signatures import Signatures
from sparseopt.elements.sum_chains import sum_chains
from sparseopt.elements.templates import Indices, Leaf, TemplateBuilder, TemplateTooLarge
from sparseopt.graph.index import Index, index_of
from sparseopt.graph.nodes import Node
from sparseopt.graph.program import Program
from sparseopt.graph.rewriting import rewrite

__all__ = ["element_form"]


class _Builder:
    def __init__(self, program: Program, choice: StageChoice) -> None:
        self.program = program
        self.choice = choice
        self.pool = ExpressionPool()
        self.indices = Indices()
        self.signatures = Signatures({id(s) for s in choice.stages})
        sizes = [s.size for s in choice.stages]
        starts = np.cumsum([0, *sizes[:-1]]) if sizes else []
        self.stage_offsets = {id(s): int(o) for s, o in zip(choice.stages, starts, strict=True)}

    def stage(self, name: str, node: Node) -> Stage:
        blocks = [b for item in walk(node, self.choice) for b in self._blocks(item)]
        joined = fuse(merge(blocks, self.indices), self.pool)
        separated = [
            part for b in joined for part in separate_coincident(b, self.pool, self.indices)
        ]
        offset = self.stage_offsets.get(id(node), 0)
        return Stage(name, node.size, offset, tuple(separated), node.where)

    def _blocks(self, item: Emission) -> list[Block]:
        signatures = self.signatures
        signature = signatures.of_formula(item.node) if item.is_root else signatures.of(item.node)
        if signature.partition is None:
            return [self._block(item, item.elements, item.rows, item.weight)]
        flat = item.elements.materialize()
        labels = signature.partition.labels[flat]
        order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[order])) + 1
        blocks = []
        for positions in np.split(order, cuts):
            weight = item.weight
            blocks.append(
                self._block(
                    item,
                    self.indices.unique(index_of(flat[positions])),
                    self.indices.unique(index_of(item.rows.take(positions))),
                    weight[positions] if isinstance(weight, np.ndarray) else weight,
                )
            )
        return blocks

    def _block(
        self, item: Emission, elements: Index, rows: Index, weight: float | NDArray[np.float64]
    ) -> Block:
        builder = TemplateBuilder(self.pool, self.indices, self.program.offsets, self.stage_offsets)
        term = builder.build(item.node, self.indices.unique(elements), root=item.is_root)
        if isinstance(weight, np.ndarray):
            factor = builder.values_term(weight, "weight")
        else:
            factor = self.pool.literal(weight)
        term = self.pool.make("multiply", factor, term)
        block = Block((term,), (rows,), tuple(builder.leaves), elements.size, item.node.where)
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
    return Stage(stage.name, stage.size, stage.offset, blocks, stage.where)


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
    simplified = rewrite(roll(sum_chains(rewrite(program))))
    try:
        return _build(simplified, cut=False)
    except TemplateTooLarge:
        return _build(simplified, cut=True)


def _build(program: Program, cut: bool) -> ElementForm:
    choice = choose_stages(program, cut)
    builder = _Builder(program, choice)
    intermediates = tuple(builder.stage(f"z{k}", node) for k, node in enumerate(choice.stages))
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
