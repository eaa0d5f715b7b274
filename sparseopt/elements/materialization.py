"""Which intermediates become stages.

A stage is an intermediate vector z whose values are computed once and whose derivatives go through
the chain rule.  Sums over many entries inside a nonlinear function must be stages; everything else
is written into the templates, where small sums unroll, unless the templates would grow too large.
A sum that is only multiplied by something small stays a sum: s Σ φ = Σ s φ.  A function that is
not NumPy is a stage, and so is its argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sparseopt.elements.cutting import values_at_waists
from sparseopt.elements.sharing import num_operations_of_element, num_readers
from sparseopt.elements.surely_read import surely_read
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program

__all__ = ["MAX_WIDTH", "StageChoice", "choose_stages", "constant_factor"]

MAX_WIDTH = 16
"""Sums of up to this many entries may unroll into a template."""
MAX_LENGTHS = 3
"""Rows of a matrix may have this many different lengths to unroll: each makes a template."""
MAX_UNROLLED = 2000
"""Operations that one unrolled sum may add to a template."""
CHEAP = 4
"""An element of so few operations is computed again rather than kept as a stage.

What all elements of a vector share may cost four times as much.
"""
FEW_READERS = 1.5
"""A value that fewer final elements read is not kept, however often it is copied on the way."""
MOST_TERMS = 10**6
"""Sums of sums that are multiplied out to more terms than this may be kept apart instead."""
WORK = {"call": 8, "scipy": 8, "expand": 8, "search": 8}
"""What a function costs beyond an addition, roughly, by the kind of its LLVM spelling.

A value is kept as a stage, too, where computing it again for every reader would cost more than
`4 * CHEAP` in these terms.  With a stage, Jacobian and Hessian go through the chain rule, which
costs a product or two for each of their entries: an exponential is worth it, a division is not.
"""
CHAINED_WORK = WORK | {"fdiv": 2, "intrinsic": 1}
"""The same for what is computed from a stage: there the chain rule is needed anyway."""


def constant_factor(node: Elementwise) -> tuple[Node, Constant, bool] | None:
    """Return (argument, constant, divided) if the node is a constant times its argument."""
    name = node.function.name
    if name == "multiply":
        first, second = node.args
        if isinstance(first, Constant):
            return second, first, False
        if isinstance(second, Constant):
            return first, second, False
    if name == "divide" and isinstance(node.args[1], Constant):
        return node.args[0], node.args[1], True
    return None


@dataclass(frozen=True)
class StageChoice:
    """The stages, and which sums the linear walk has to take apart.

    Parameters
    ----------
    stages : list of Node
        Intermediates in order of evaluation.
    wide : set of int
        ``id`` of sums that do not unroll into templates, and of what contains one linearly.
    """

    stages: list[Node]
    wide: set[int]


def _lengths(node: Linear) -> tuple[int, int]:
    """Return the longest row of a sum, and how many different lengths there are."""
    if isinstance(node.matrix, RowSum):
        return node.matrix.width, 1
    lengths = np.diff(node.matrix.indptr)
    return int(lengths.max(initial=0)), int(np.count_nonzero(np.bincount(lengths)))


class _Sums:
    """Which nodes hold a sum too large to unroll, reached by linear steps alone."""

    def __init__(self, order: list[Node]) -> None:
        self.lengths = {id(n): _lengths(n) for n in order if isinstance(n, Linear)}
        self.heavy: set[int] = set()
        self._linear: dict[int, tuple[Node, ...] | None] = {}
        for node in order:
            if self._is_heavy(node):
                self.heavy.add(id(node))

    def _is_heavy(self, node: Node) -> bool:
        if isinstance(node, Linear):
            return self.is_long(node) or id(node.args[0]) in self.heavy
        return any(id(a) in self.heavy for a in self.linear_arguments(node) or ())

    def is_long(self, node: Linear) -> bool:
        """Whether a sum is too long, or too irregular, to unroll where it can be walked."""
        width, kinds = self.lengths[id(node)]
        return width > MAX_WIDTH or kinds > MAX_LENGTHS

    def linear_arguments(self, node: Node) -> tuple[Node, ...] | None:
        """Return the arguments that a walk from ``node`` may go on to, else None.

        The other argument of a product with one such sum becomes a factor of its elements.
        """
        if id(node) not in self._linear:
            self._linear[id(node)] = self._linear_arguments(node)
        return self._linear[id(node)]

    def _linear_arguments(self, node: Node) -> tuple[Node, ...] | None:
        if isinstance(node, Gather):
            repeats = node.index.size > sum(a.size for a in node.args)
            return None if repeats and any(id(a) in self.heavy for a in node.args) else node.args
        if not isinstance(node, Elementwise):
            return None
        name = node.function.name
        if name in ("add", "subtract", "negative"):
            return node.args
        factor = constant_factor(node)
        if factor is not None:
            return (factor[0],)
        heavy = [k for k, a in enumerate(node.args) if id(a) in self.heavy]
        if (name == "multiply" and len(heavy) == 1) or (name == "divide" and heavy == [0]):
            return (node.args[heavy[0]],)
        return None

    def factors(self, node: Node) -> tuple[Node, ...]:
        """Return the arguments that become factors of a sum's elements."""
        if not isinstance(node, Elementwise) or node.function.name not in ("multiply", "divide"):
            return ()
        linear = self.linear_arguments(node)
        if linear is None:
            return ()
        return tuple(a for a in node.args if a not in linear and not isinstance(a, Constant))


class _Chooser:
    def __init__(self, program: Program, segment: int | None) -> None:
        self.order = program.nodes()
        self.outputs = program.outputs
        self.sums = _Sums(self.order)
        self.nonlinear = self._nonlinear_uses()
        self.varying = self._varying()
        self.costs: dict[int, int] = {}
        self.work: dict[int, int] = {}
        self.terms: dict[int, float] = {}
        self.stages: set[int] = set()
        self.chained: set[int] = set()
        if segment is not None:
            cut = values_at_waists(self.order, segment, self._may_be_stage)
            self.stages.update(id(node) for node in cut)

    def _may_be_stage(self, node: Node) -> bool:
        return id(node) not in self.sums.heavy

    def choose(self) -> StageChoice:
        for node in self.order:
            cut = id(node) in self.stages
            if self.stages and any(
                id(a) in self.stages or id(a) in self.chained for a in node.args
            ):
                self.chained.add(id(node))
            self.costs[id(node)] = 0 if cut else self._cost(node)
            self.work[id(node)] = 0 if cut else self._work(node)
            self._consider(node)
            self.terms[id(node)] = self._terms(node)
        wide = self._wide()
        return StageChoice([n for n in self.order if id(n) in self.stages], wide)

    def _make_stage(self, node: Node) -> None:
        self.stages.add(id(node))
        self.costs[id(node)] = self.work[id(node)] = 0

    def _is_worth_keeping(self, node: Node, limit: int, times: float) -> bool:
        """Whether a value that is read ``times`` times should be computed only once."""
        if self.costs[id(node)] > limit:
            return True
        return self.work[id(node)] * (times - 1) > 4 * CHEAP and id(node) in self._surely_read

    @cached_property
    def _surely_read(self) -> set[int]:
        return surely_read(self.order, self.outputs)

    def _consider(self, node: Node) -> None:
        if isinstance(node, Linear):
            inner = node.args[0]
            times = _repetitions(node)
            keeps = times > 1.5 and self._is_worth_keeping(inner, CHEAP, times)
            if keeps or self._multiplies_out(node):
                self._make_stage(inner)
            if id(node) in self.nonlinear and not self._unrolls(node):
                self._make_stage(node)
            return
        if isinstance(node, Call):
            self._make_stage(node.args[0])
            self._make_stage(node)
            return
        shared, times = self.sums.factors(node), float(MAX_WIDTH)
        if isinstance(node, Gather):
            times = node.index.size / max(1, sum(a.size for a in node.args))
            shared = node.args if times >= 2 else ()
        for value in shared:
            if not self._is_worth_keeping(value, 4 * CHEAP, times):
                continue
            if isinstance(node, Gather) and self._has_few_readers(value):
                continue
            self._make_stage(value)
            self.costs[id(node)] = self.work[id(node)] = 0

    def _terms(self, node: Node) -> float:
        """Return how many instances a walk makes of one element of a node, on average."""
        if id(node) in self.stages or id(node) not in self.sums.heavy:
            return 1.0
        if isinstance(node, Linear):
            return _num_entries(node) / max(1, node.size) * self._terms_of(node.args[0])
        inner = [self._terms_of(a) for a in self.sums.linear_arguments(node) or ()]
        total = max(inner, default=1.0) if isinstance(node, Gather) else sum(inner)
        return max(1.0, total)

    def _terms_of(self, node: Node) -> float:
        return 1.0 if id(node) in self.stages else self.terms[id(node)]

    def _multiplies_out(self, node: Linear) -> bool:
        """Whether a sum of sums, as ``cumsum(cumsum(x))``, is far longer than the two of them."""
        entries, inner = _num_entries(node), node.args[0]
        terms = self._terms_of(inner)
        return entries * terms > max(MOST_TERMS, 4 * (entries + inner.size * terms))

    def _has_few_readers(self, value: Node) -> bool:
        """Whether the copies of an element of the value meet again in one template."""
        if id(value) in self._final:  # each copy is an element of its own
            return False
        return num_readers(value, self.order, self._final | self.stages) < FEW_READERS

    @cached_property
    def _final(self) -> set[int]:
        """The nodes where templates end: outputs, and what is walked into but not through."""
        found = {id(node) for node in self.outputs}
        for node in self.order:
            if id(node) in self.nonlinear:
                continue
            if isinstance(node, Linear):
                found.add(id(node.args[0]))
            elif isinstance(node, Elementwise) and self.sums.linear_arguments(node) is None:
                found.add(id(node))
        return found

    def _cost(self, node: Node) -> int:
        inner = [self.costs[id(a)] for a in node.args]
        if isinstance(node, Elementwise):
            return min(1 + sum(inner), 10**9)
        if isinstance(node, Gather):
            return max(inner)
        if isinstance(node, Linear) and self._unrolls(node):
            return self.sums.lengths[id(node)][0] * (inner[0] + 1)
        return 0

    def _work(self, node: Node) -> int:
        """Return the work of one element, 0 where it depends on no variable."""
        if isinstance(node, Input):
            return 0
        inner = [self.work[id(a)] for a in node.args]
        if isinstance(node, Elementwise):
            if id(node) not in self.varying:
                return 0
            table = CHAINED_WORK if id(node) in self.chained else WORK
            return min(table.get(node.function.llvm.partition(" ")[0], 0) + sum(inner), 10**9)
        if isinstance(node, Linear) and self._unrolls(node):
            return self.sums.lengths[id(node)][0] * inner[0]
        return max(inner, default=0) if isinstance(node, Gather) else 0

    def _unrolls(self, node: Linear) -> bool:
        """Whether a sum inside a nonlinear function is written into the template."""
        width, argument = self.sums.lengths[id(node)][0], node.args[0]
        if width > MAX_WIDTH:
            return False
        if width * (self.costs[id(argument)] + 1) <= MAX_UNROLLED:
            return True
        # What its terms share is computed once.
        return num_operations_of_element(node, self.stages, MAX_UNROLLED) < MAX_UNROLLED

    def _varying(self) -> set[int]:
        """Return the nodes that depend on the variables, not on parameters and data alone."""
        varying: set[int] = set()
        for node in self.order:
            is_variable = isinstance(node, Input) and node.role == "variable"
            if is_variable or any(id(a) in varying for a in node.args):
                varying.add(id(node))
        return varying

    def _nonlinear_uses(self) -> set[int]:
        """Return the nodes whose elements some template has to contain."""
        used: set[int] = set()
        for node in reversed(self.order):
            inside = id(node) in used
            if isinstance(node, Linear):
                # The argument of a long sum is walked: if it is used inside, as a stage of its own.
                if inside and self.sums.lengths[id(node)][0] <= MAX_WIDTH:
                    used.add(id(node.args[0]))
                continue
            if isinstance(node, Call):
                continue  # so is the argument of a call
            linear = self.sums.linear_arguments(node)
            if inside or linear is None:
                used.update(id(a) for a in node.args)
            else:
                used.update(id(a) for a in self.sums.factors(node))
        return used

    def _wide(self) -> set[int]:
        wide: set[int] = set()
        for node in self.order:
            if isinstance(node, Linear):
                inner = id(node.args[0])
                width = self.sums.lengths[id(node)][0]
                cheap = width * (self.costs[inner] + 1) <= 16 * CHEAP
                below = inner in wide and inner not in self.stages
                if self.sums.is_long(node) or not cheap or below:
                    wide.add(id(node))
                continue
            linear = self.sums.linear_arguments(node) or ()
            if any(id(a) in wide and id(a) not in self.stages for a in linear):
                wide.add(id(node))
        return wide


def _num_entries(node: Linear) -> int:
    return node.args[0].size if isinstance(node.matrix, RowSum) else int(node.matrix.nnz)


def _repetitions(node: Linear) -> float:
    """Return how often taking the matrix apart would compute an element of its argument."""
    return _num_entries(node) / max(1, node.args[0].size)


def choose_stages(program: Program, segment: int | None = None) -> StageChoice:
    """Choose the intermediates of a program.

    Parameters
    ----------
    program : Program
    segment : int, optional
        Also cut the program at its waists, so that about this many operations lie between stages;
        used when templates would grow too large.

    Returns
    -------
    StageChoice
    """
    if segment is None and not any(map(_may_need_stage, program.nodes())):
        return StageChoice([], set())
    return _Chooser(program, segment).choose()


def _may_need_stage(node: Node) -> bool:
    """Whether a node, or what it reads, can become a stage by itself."""
    if isinstance(node, Gather):
        return node.index.size >= 2 * sum(a.size for a in node.args)
    return isinstance(node, (Linear, Call))
