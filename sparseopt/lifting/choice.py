"""Whether lifting pays, and which values: by counts of nonzeros, before and after.

All candidates are lifted first, and each group that does not pay for itself is put back: two sums
one inside of the other pay together, and neither does alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparseopt.elements.rolling import roll
from sparseopt.elements.sum_chains import sum_chains
from sparseopt.graph.nodes import Node
from sparseopt.graph.program import Program
from sparseopt.graph.value_numbering import share_equal_values
from sparseopt.lifting.candidates import Group, candidate_groups, cut_groups
from sparseopt.lifting.counts import Counts, count_nonzeros
from sparseopt.lifting.definitions import num_defining_entries
from sparseopt.lifting.matrix_forms import MatrixForms
from sparseopt.lifting.transformation import LiftedProgram, lift_values

__all__ = ["LiftingChoice", "choose_lifting", "lift_named"]

FEWER = 0.5
"""Lifting pays where at most this share of the nonzeros remains."""
WORTHWHILE = 10_000
"""Nonzeros below which the direct problem is solved in no time."""
MANY_A_VARIABLE = 10
"""Nonzeros for each variable and row below which no lifting is looked for."""
MOST_TRIED = 24
"""Groups of which each is tried without."""
LITTLE = 1.01
"""A group whose lifting saves a smaller factor than this is put back."""


@dataclass(frozen=True)
class LiftingChoice:
    """What is lifted, and the counts that say so.

    Attributes
    ----------
    lifted : LiftedProgram
        Of no values, if lifting does not pay.
    direct, after : Counts
    reason : str
    """

    lifted: LiftedProgram
    direct: Counts
    after: Counts
    reason: str


def lift_named(program: Program, names: Mapping[Node, str]) -> LiftingChoice:
    """Lift the values that are named, whether it pays or not."""
    lifted = lift_values(program, names)
    direct, after = count_nonzeros(program), count_nonzeros(lifted.program)
    return LiftingChoice(lifted, direct, after, "asked for by name")


def choose_lifting(
    program: Program, named: Mapping[Node, str], taken: Sequence[str] = ()
) -> LiftingChoice:
    """Lift the values whose lifting pays by counts; perhaps none.

    Parameters
    ----------
    program : Program
        ``outputs[0]`` is the objective, ``outputs[1]`` the constraints.
    named : mapping of Node to str
        Values that are candidates in any case, and what they are called.
    taken : sequence of str
        Names that the new variables must not have.
    """
    direct = count_nonzeros(program)
    unchanged = lift_values(program, {})
    if direct.total < WORTHWHILE:
        reason = f"{direct.total:,} nonzeros are few"
        return LiftingChoice(unchanged, direct, direct, reason)
    if direct.total < MANY_A_VARIABLE * (direct.variables + direct.constraints):
        return LiftingChoice(unchanged, direct, direct, "the derivatives are sparse")
    search = _Search(*_normalized(program, named), taken, FEWER * direct.total)
    best = search.best()
    if best is None:
        return LiftingChoice(unchanged, direct, direct, "there is no sum or state to lift")
    lifted, after = best
    if after.total > FEWER * direct.total:
        reason = f"it would leave {after.total:,} of {direct.total:,} nonzeros"
        return LiftingChoice(unchanged, direct, direct, reason)
    return LiftingChoice(lifted, direct, after, "fewer nonzeros")


def _normalized(program: Program, named: Mapping[Node, str]) -> tuple[Program, dict[Node, str]]:
    """Return the program with loops rolled up, and where the named values are in it."""
    wanted = [node for node in program.nodes() if node in named]
    outputs = (*program.outputs, *wanted)
    rolled = roll(sum_chains(share_equal_values(program.with_outputs(outputs))))
    places = rolled.outputs[len(program.outputs) :]
    names = {place: named[node] for place, node in zip(places, wanted, strict=True)}
    return rolled.with_outputs(rolled.outputs[: len(program.outputs)]), names


class _Search:
    def __init__(
        self,
        program: Program,
        named: Mapping[Node, str],
        taken: Sequence[str],
        most_entries: float,
    ) -> None:
        self.most_entries = most_entries
        self.forms = MatrixForms()
        self.program = program
        self.named = named
        self.taken = set(taken) | set(named.values())
        self._counted: dict[frozenset[Node], Counts] = {}

    def best(self) -> tuple[LiftedProgram, Counts] | None:
        """Return the lifted program with the fewest nonzeros that was found."""
        alive = set(self.program.nodes())
        own: list[Group] = [[node] for node in self.named if node in alive]
        groups = [
            [node for node in group if node not in self.named and self._may_pay(node)]
            for group in candidate_groups(self.program)
        ]
        groups = [group for group in groups if group] + own  # of equals the first is put back
        variants = [[*groups, cut] for cut in cut_groups(self.program, groups)]
        variants = [variant for variant in [groups, *variants] if variant]
        if not variants:
            return None
        return self._without_needless(min(variants, key=lambda v: self._count(v).total))

    def _may_pay(self, node: Node) -> bool:
        return num_defining_entries(node, self.forms) <= self.most_entries

    def _lift(self, groups: Sequence[Group]) -> LiftedProgram:
        chosen = {node for group in groups for node in group}
        names: dict[Node, str] = {}
        for node in self.program.nodes():
            if node in chosen:
                names[node] = self.named.get(node) or self._new_name(len(names))
        return lift_values(self.program, names, self.forms)

    def _new_name(self, number: int) -> str:
        name = f"lifted_{number}"
        while name in self.taken:
            name += "_"
        return name

    def _count(self, groups: Sequence[Group]) -> Counts:
        chosen = frozenset(node for group in groups for node in group)
        if chosen not in self._counted:
            self._counted[chosen] = count_nonzeros(self._lift(groups).program, self.forms)
        return self._counted[chosen]

    def _without_needless(self, groups: list[Group]) -> tuple[LiftedProgram, Counts]:
        counts = self._count(groups)
        largest = sorted(groups, key=lambda group: -sum(node.size for node in group))
        for group in largest[:MOST_TRIED]:
            others = [other for other in groups if other is not group]
            without = self._count(others)
            if without.total <= LITTLE * counts.total:
                groups, counts = others, without
        return self._lift(groups), counts
