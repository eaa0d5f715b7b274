"""Scalar expressions: a pool in which every distinct expression exists once.

An expression is an integer; its arguments have smaller numbers, so ascending order is an order of
evaluation.  Templates and their derivatives are expressions over numbered leaves; two templates are
equal exactly if their numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sparseopt.graph.algebra import COMMUTATIVE, kind_of_call, kind_of_literal, simplify
from sparseopt.graph.angle_sums import num_waves
from sparseopt.graph.handles import Expression, Functions

__all__ = ["Expression", "ExpressionPool", "leaf_bits"]


def leaf_bits(leaves: Iterable[int]) -> int:
    """Return leaves as the bits of an integer, as in `ExpressionPool.leaf_masks`."""
    bits = 0
    for leaf in leaves:
        bits |= 1 << leaf
    return bits


class ExpressionPool:
    """Hash-consed scalar expressions with simplification on construction.

    Attributes
    ----------
    calls : list of (name, payload)
        ``("literal", value)``, ``("leaf", number)`` or ``(function name, argument numbers)``.
    kind_of : callable
        What the algebra's rules know a term by (`graph.algebra.Terms`).
    leaf_masks : list of int
        The leaves below each term, as bits of an integer.
    waves : dict
        What addition theorems have found out about products.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.leaf_masks: list[int] = []
        self.waves: dict[int, Any] = {}
        self._leaves: dict[int, int] = {}
        self._literals: dict[float, int] = {}
        self._numbers: dict[tuple[str, tuple[int, ...]], int] = {}
        self._made: dict[tuple[str, tuple[int, ...]], int] = {}
        self._kinds: list[str] = []
        self._num_waves: list[int] = []
        self._num_operations: dict[tuple[int, ...], int] = {}
        self.kind_of: Callable[[int], str] = self._kinds.__getitem__
        self.functions = Functions(self)

    def __len__(self) -> int:
        return len(self.calls)

    def _append(self, call: tuple[str, Any], kind: str, mask: int, waves: int) -> int:
        self.calls.append(call)
        self._kinds.append(kind)
        self.leaf_masks.append(mask)
        self._num_waves.append(waves)
        return len(self.calls) - 1

    def _intern(self, call: tuple[str, tuple[int, ...]]) -> int:
        """Return the application of a function as it stands."""
        number = self._numbers.get(call)
        if number is None:
            name, args = call
            masks, mask = self.leaf_masks, 0
            for argument in args:
                mask |= masks[argument]
            kind = kind_of_call(name, map(self.kind_of, args))
            waves = num_waves(name, map(self._num_waves.__getitem__, args))
            number = self._numbers[call] = self._append(call, kind, mask, waves)
        return number

    def leaf(self, number: int) -> int:
        """Return leaf ``number`` of a template."""
        term = self._leaves.get(number)
        if term is None:
            term = self._leaves[number] = self._append(("leaf", number), "", 1 << number, 0)
        return term

    def literal(self, value: float) -> int:
        """Return the constant ``value``."""
        term = self._literals.get(value)
        if term is None:
            # NaN is not equal to itself and would never be found again; -0.0 is 0.0.
            own = _NAN if value != value else value + 0.0
            term = self._literals.get(own)
            if term is None:
                term = self._append(("literal", own), kind_of_literal(own), 0, 0)
                self._literals[own] = term
        return term

    def value_of(self, term: int) -> float | None:
        """Return the value of a literal, else None."""
        name, payload = self.calls[term]
        return payload if name == "literal" else None

    def call_of(self, term: int) -> tuple[str, tuple[int, ...]]:
        """Return function name and arguments; the name is empty for leaves and literals."""
        name, payload = self.calls[term]
        return ("", ()) if name in ("leaf", "literal") else (name, payload)

    def has_two_waves(self, term: int) -> bool:
        """Whether two factors of a product are sines or cosines."""
        return self._num_waves[term] == 2

    def make(self, name: str, *args: int) -> int:
        """Return the simplified application of a function of the table."""
        call = (name, args)
        made = self._made.get(call)
        if made is None:
            made = simplify(self, name, args)
            if made is None:
                swap = name in COMMUTATIVE and args[0] > args[1]
                made = self._intern((name, args[::-1]) if swap else call)
            self._made[call] = made
        return made

    def wrap(self, term: int | float) -> Expression:
        """Return a handle with Python operators."""
        return Expression(self, term if type(term) is int else self.literal(float(term)))

    def reachable(self, outputs: Iterable[int]) -> list[int]:
        """Return the expressions that the outputs need, in order of evaluation."""
        calls = self.calls
        needed = set(outputs)
        stack = list(needed)
        while stack:
            name, payload = calls[stack.pop()]
            if name not in ATOMS:
                for argument in payload:
                    if argument not in needed:
                        needed.add(argument)
                        stack.append(argument)
        return sorted(needed)

    def leaves(self, outputs: Iterable[int]) -> list[int]:
        """Return the numbers of the leaves that the outputs depend on, ascending."""
        mask = 0
        for output in outputs:
            mask |= self.leaf_masks[output]
        return [k for k in range(mask.bit_length()) if mask >> k & 1]

    def num_operations(self, outputs: Iterable[int]) -> int:
        """Return how many function applications evaluate the outputs."""
        outputs, calls = tuple(outputs), self.calls
        found = self._num_operations.get(outputs)
        if found is None:
            found = sum([calls[t][0] not in ATOMS for t in self.reachable(outputs)])
            self._num_operations[outputs] = found
        return found

    def replace(self, outputs: Iterable[int], replacements: dict[int, int]) -> list[int]:
        """Return the outputs with some of the expressions in them replaced by others."""
        outputs = list(outputs)
        new: dict[int, int] = {}
        for term in self.reachable(outputs):
            name, payload = self.calls[term]
            if term in replacements:
                new[term] = replacements[term]
            elif name in ("leaf", "literal") or all(new[a] == a for a in payload):
                new[term] = term
            else:
                new[term] = self.make(name, *(new[a] for a in payload))
        return [new[term] for term in outputs]

    def substitute(self, outputs: Iterable[int], leaves: dict[int, int]) -> list[int]:
        """Return the outputs with leaf ``k`` replaced by expression ``leaves[k]``."""
        outputs, masks = list(outputs), self.leaf_masks
        moved = leaf_bits(k for k, term in leaves.items() if term != self.leaf(k))
        new: dict[int, int] = {}
        for term in self.reachable(outputs):
            name, payload = self.calls[term]
            if not masks[term] & moved:
                new[term] = term
            elif name == "leaf":
                new[term] = leaves[payload]
            else:
                new[term] = self.make(name, *[new[a] for a in payload])
        return [new[o] for o in outputs]

    def share_differences(self, outputs: tuple[int, ...]) -> tuple[int, ...]:
        """Return the outputs with ``b - a`` written ``-(a - b)``, if that saves operations.

        The squares of both are then the same product.
        """
        calls, order = self.calls, self.reachable(outputs)
        differences = {calls[t][1] for t in order if calls[t][0] == "subtract"}
        if not any(pair[::-1] in differences for pair in differences):
            return outputs
        new: dict[int, int] = {}
        for term in order:
            name, payload = calls[term]
            if name in ("leaf", "literal"):
                new[term] = term
            elif name == "subtract" and payload > payload[::-1] and payload[::-1] in differences:
                # Interned as it stands: `make` would write the difference the other way round.
                opposite = self._intern(("subtract", tuple(new[a] for a in payload[::-1])))
                new[term] = self._intern(("negative", (opposite,)))
            else:
                new[term] = self.make(name, *(new[a] for a in payload))
        shared = tuple(new[o] for o in outputs)
        return min(outputs, shared, key=self.num_operations)

    def format(self, term: int) -> str:
        """Return an expression as text, for reports."""
        name, payload = self.calls[term]
        if name == "literal":
            return f"{payload:g}"
        if name == "leaf":
            return f"v{payload}"
        return f"{name}({', '.join(self.format(a) for a in payload)})"


_NAN = float("nan")
ATOMS = frozenset(("leaf", "literal"))
