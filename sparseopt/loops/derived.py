"""The functions of one step that a loop needs, each a Program: values, tangents, adjoints.

Where arguments and results are is said by names of memory that a loop owns:

    state      the carry; with tangents, the carry and then its tangent
    row k      leaf k of the inputs at this step, "row_dot k" its tangent, "row_bar k" its adjoint
    fixed      captured values; fixed_dot, fixed_bar likewise
    adjoint    of the carry; with tangents, the adjoint and then its tangent
    weight k   adjoint of leaf k of the stacked outputs, "weight_dot k" its tangent
    y k, y_dot k   the outputs of this step, and their tangents

With tangents the adjoints ``row_bar`` and ``fixed_bar`` are those of second order: forward over
reverse (Griewank and Walther 2008, chapter 5, doi:10.1137/1.9780898717761).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sparseopt.derivatives.programs.adjoints import adjoints
from sparseopt.derivatives.programs.nodes import ProgramNodes
from sparseopt.derivatives.programs.tangents import tangents
from sparseopt.derivatives.schedules import Scheduler
from sparseopt.elements.build import element_form
from sparseopt.elements.tasks import Schedule
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Gather, Input, Node
from sparseopt.graph.program import Program
from sparseopt.loops.body import Body

__all__ = ["Place", "StepFunction", "StepFunctions"]


@dataclass(frozen=True)
class Place:
    """Consecutive elements of a memory of the loop."""

    memory: str
    offset: int
    size: int


@dataclass(frozen=True)
class StepFunction:
    """A function of one step.

    Attributes
    ----------
    name : str
    program : Program
        Its second output has all results in a row; the first one is nothing.
    reads, writes : tuple of Place
        Where the variables come from, and where the results go.
    added : tuple of bool
        Whether a result is added to what is there.
    """

    name: str
    program: Program
    reads: tuple[Place, ...]
    writes: tuple[Place, ...]
    added: tuple[bool, ...]

    def schedule(self) -> Schedule:
        """Return the schedule that evaluates the function."""
        form = element_form(self.program)
        return Scheduler(form).value_schedule(self.name, form.constraints)


class StepFunctions:
    """The functions of a step, made when they are first asked for.

    Parameters
    ----------
    body : Body
    active : sequence of bool
        Which leaves of the inputs derivatives are wanted by.
    """

    def __init__(self, body: Body, active: Sequence[bool]) -> None:
        self.body = body
        self.active = tuple(active)
        self._nodes = ProgramNodes(body.program)
        variables = body.program.variables
        count = len(body.row_widths)
        self._state, self._rows = variables[0], variables[1 : 1 + count]
        self._captured = variables[1 + count :]

    # ---- memory
    @property
    def size(self) -> int:
        """Length of the carry."""
        return self._state.size

    def _fixed(self, memory: str) -> list[Place]:
        places, start = [], 0
        for node in self._captured:
            places.append(Place(memory, start, node.size))
            start += node.size
        return places

    def _each(self, memory: str, nodes: Sequence[Node]) -> list[Place]:
        return [Place(f"{memory}{k}", 0, node.size) for k, node in enumerate(nodes)]

    def _chosen(self, memory: str) -> list[Place]:
        places = self._each(memory, self._rows)
        return [place for place, wanted in zip(places, self.active, strict=True) if wanted]

    @cached_property
    def _reads(self) -> list[tuple[Input, Place]]:
        places = [Place("state", 0, self.size), *self._each("row", self._rows)]
        return list(zip(self.body.program.variables, [*places, *self._fixed("fixed")], strict=True))

    @cached_property
    def _moved(self) -> list[tuple[Input, Input, Place]]:
        """What has a tangent, its tangent, and where that is."""
        moved = [self._state, *self._wanted_rows, *self._captured]
        places = [Place("state", self.size, self.size), *self._chosen("row_dot")]
        dots = [Input(f"{node.name}'", node.size) for node in moved]
        return list(zip(moved, dots, [*places, *self._fixed("fixed_dot")], strict=True))

    @property
    def _wanted_rows(self) -> list[Input]:
        return [row for row, wanted in zip(self._rows, self.active, strict=True) if wanted]

    @cached_property
    def _weights(self) -> list[tuple[Input, Place]]:
        """The adjoints of the outputs: of the carry, then of what is stacked."""
        outputs = self._nodes.outputs
        places = [Place("adjoint", 0, self.size), *self._each("weight", outputs[1:])]
        return [(Input(f"weights[{k}]", p.size), p) for k, p in enumerate(places)]

    @property
    def _stacked_rates(self) -> list[tuple[Input, Place]]:
        places = self._each("weight_dot", self._nodes.outputs[1:])
        return [(Input(f"rates[{k + 1}]", p.size), p) for k, p in enumerate(places)]

    # ---- functions
    def advance(self) -> StepFunction:
        """Return the step without what is stacked."""
        return self._made("advance", self._reads, self._next_carry, [])

    def emit(self) -> StepFunction:
        """Return the whole step."""
        outputs = self._nodes.outputs[1:]
        stacked = list(zip(outputs, self._each("y", outputs), strict=True))
        return self._made("emit", self._reads, [*self._next_carry, *stacked], [])

    def pull(self) -> StepFunction:
        """Return the pullback of the step."""
        reads = [*self._reads, *self._weights]
        return self._made("pull", reads, self._bars[:1], self._bars[1:])

    def advance_tangent(self) -> StepFunction:
        """Return the step and its pushforward, without what is stacked."""
        return self._made("advance", self._moved_reads, self._next_pair, [])

    def emit_tangent(self) -> StepFunction:
        """Return the step and its pushforward, of what is stacked the tangent only."""
        outputs = self._nodes.outputs[1:]
        stacked = list(zip(self._along(outputs), self._each("y_dot", outputs), strict=True))
        return self._made("emit", self._moved_reads, [*self._next_pair, *stacked], [])

    def pull_tangent(self) -> StepFunction:
        """Return the pullback of the carry, and the tangent of the whole pullback."""
        bars = [bar for bar, _ in self._bars]
        places = [place for _, place in self._bars]
        second = Place("adjoint", self.size, self.size)
        rates = [(Input("rates", self.size), second), *self._stacked_rates]
        moved: dict[Node, Node] = {
            w: r for (w, _), (r, _) in zip(self._weights, rates, strict=True)
        }
        carry, *rest = tangents(self._nodes, bars, {**self._directions, **moved})
        reads = [*self._moved_reads, *self._weights, *rates]
        writes = [(bars[0], Place("adjoint", 0, self.size)), (carry, second)]
        return self._made("pull", reads, writes, list(zip(rest, places[1:], strict=True)))

    @property
    def _next_carry(self) -> list[tuple[Node, Place]]:
        return [(self._nodes.outputs[0], Place("state", 0, self.size))]

    @property
    def _next_pair(self) -> list[tuple[Node, Place]]:
        tangent = self._along(self._nodes.outputs[:1])[0]
        return [*self._next_carry, (tangent, Place("state", self.size, self.size))]

    @property
    def _moved_reads(self) -> list[tuple[Input, Place]]:
        return [*self._reads, *((dot, place) for _, dot, place in self._moved)]

    @property
    def _directions(self) -> dict[Node, Node]:
        return {node: dot for node, dot, _ in self._moved}

    def _along(self, outputs: Sequence[Node]) -> list[Node]:
        return tangents(self._nodes, outputs, self._directions)

    @cached_property
    def _bars(self) -> list[tuple[Node, Place]]:
        """Adjoints of the carry, of the wanted inputs and of what is captured."""
        outputs = self._nodes.outputs
        weighted = [(o, w) for o, (w, _) in zip(outputs, self._weights, strict=True)]
        inputs = [self._state, *self._wanted_rows, *self._captured]
        places = [Place("adjoint", 0, self.size), *self._chosen("row_bar")]
        found = adjoints(self._nodes, weighted, inputs)
        return list(zip(found, [*places, *self._fixed("fixed_bar")], strict=True))

    def _made(
        self,
        name: str,
        reads: Sequence[tuple[Input, Place]],
        stored: Sequence[tuple[Node, Place]],
        added: Sequence[tuple[Node, Place]],
    ) -> StepFunction:
        results = [node for node, _ in (*stored, *added)]
        total = sum(node.size for node in results)
        together = Gather(results, StridedIndex.of(0, (total,), (1,)))
        nothing = Constant(np.zeros(1))
        variables = tuple(node for node, _ in reads)
        return StepFunction(
            name,
            Program(variables, (), (nothing, together)),
            tuple(place for _, place in reads),
            tuple(place for _, place in (*stored, *added)),
            (*(False for _ in stored), *(True for _ in added)),
        )
