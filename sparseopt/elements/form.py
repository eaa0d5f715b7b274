"""The element form: stages of element blocks.

Stage values are ``z_s = sum over blocks of scatter(template(leaves))``; the last two stages are the
objective and the constraints.  What is linear is a block with a linear template, so that one kind
of block serves everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sparseopt.elements.expressions import ExpressionPool, leaf_bits
from sparseopt.elements.templates import Leaf
from sparseopt.graph.index import Index
from sparseopt.graph.nodes import Where
from sparseopt.graph.opaque import OpaqueFunction

__all__ = ["Block", "ElementForm", "Stage", "StageCall"]


@dataclass(frozen=True, eq=False)
class Block:
    """One template and its instances.

    Parameters
    ----------
    outputs : tuple of int
        Expressions over leaves ``0 … len(leaves) - 1``, one for each output.
    rows : tuple of Index
        For each output, the row of the stage that each instance adds to.
    leaves : tuple of Leaf
    count : int
        Number of instances.
    where : source line of the formula
    """

    outputs: tuple[int, ...]
    rows: tuple[Index, ...]
    leaves: tuple[Leaf, ...]
    count: int
    where: Where = None

    @property
    def variable_leaves(self) -> list[int]:
        """Numbers of the leaves that derivatives are taken by: variables and stage values."""
        return [k for k, leaf in enumerate(self.leaves) if leaf.source in ("x", "z")]

    @cached_property
    def variable_bits(self) -> int:
        """The same leaves as bits of an integer."""
        return leaf_bits(self.variable_leaves)

    @cached_property
    def parameter_bits(self) -> int:
        """The leaves that are parameters, as bits of an integer."""
        return leaf_bits(k for k, leaf in enumerate(self.leaves) if leaf.source == "p")


@dataclass(frozen=True, eq=False)
class StageCall:
    """A function that is not NumPy, and where its argument starts in the vector z."""

    function: OpaqueFunction
    argument: int


@dataclass(frozen=True, eq=False)
class Stage:
    """A vector of values that blocks add up to, or that a function which is not NumPy returns.

    Parameters
    ----------
    name : "objective", "constraints" or the name of an intermediate
    size : int
    offset : int
        Place of an intermediate in the vector z of all of them.
    call : StageCall, optional
        What computes the values where no blocks do.
    is_guarded : bool
        There are points at which some values are not read, because a ``where`` takes the other
        branch, and where their derivatives may be infinite.  Its blocks have one output each.
    """

    name: str
    size: int
    offset: int
    blocks: tuple[Block, ...]
    where: Where = None
    call: StageCall | None = None
    is_guarded: bool = False


@dataclass(frozen=True, eq=False)
class ElementForm:
    """A program as stages of element blocks.

    Attributes
    ----------
    intermediates : tuple of Stage
        In order of evaluation.
    objective, constraints : Stage
    """

    pool: ExpressionPool
    num_variables: int
    num_parameters: int
    intermediates: tuple[Stage, ...]
    objective: Stage
    constraints: Stage
    statistics: dict[str, int] = field(default_factory=dict)

    @property
    def num_intermediates(self) -> int:
        """Length of z."""
        return sum(stage.size for stage in self.intermediates)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All stages in order of evaluation, objective and constraints last."""
        return (*self.intermediates, self.objective, self.constraints)

    def num_blocks(self) -> int:
        """Return the number of blocks."""
        return sum(len(stage.blocks) for stage in self.stages)

    @property
    def calls(self) -> list[StageCall]:
        """The calls of functions that are not NumPy, in order of evaluation."""
        return [stage.call for stage in self.stages if stage.call is not None]

    def num_instances(self) -> int:
        """Return the number of instances over all blocks."""
        return sum(block.count for stage in self.stages for block in stage.blocks)

    def num_operations(self) -> int:
        """Return the scalar operations of one evaluation of all stages."""
        return int(
            np.sum(
                [
                    block.count * self.pool.num_operations(block.outputs)
                    for stage in self.stages
                    for block in stage.blocks
                ]
            )
        )

    def sizes(self) -> dict[str, int]:
        """Return how many nodes, stages, intermediates, blocks, instances and operations it has."""
        return {
            "nodes": self.statistics["nodes"],
            "stages": sum(bool(stage.blocks or stage.call) for stage in self.stages),
            "intermediates": self.num_intermediates,
            "blocks": self.num_blocks(),
            "instances": self.num_instances(),
            "operations": self.num_operations(),
        }
