"""Scalar expressions: a pool in which every distinct expression exists once.

An expression is an integer; its arguments have smaller numbers, so ascending order is an order of
evaluation.  Templates and their derivatives are expressions over numbered leaves; two templates are
equal exactly if their numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sparseopt.graph.algebra import COMMUTATIVE, kind_of_call, kind_of_literal, simplify
from sparseopt.graph.angle_sums import WAVES
from sparseopt.graph.handles import Expression, Functions

__all__ = ["Expression", "ExpressionPool"]


class ExpressionPool:
    """Hash-consed scalar expressions with simplification on construction.

    Attributes
    ----------
    calls : list of (name, payload)
        ``("literal", value)``, ``("leaf", number)`` or ``(function name, argument numbers)``.
    kind_of : callable
        What the algebra's rules know a term by (`graph.algebra.Terms`).
    leaf_mask : callable
        The leaves below a term, as bits of an integer.
    has_waves : bool
        Whether a sine or cosine was made.
    waves : dict
        What addition theorems have found out about products.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.has_waves = False
        self.waves: dict[int, Any] = {}
        self._numbers: dict[tuple[str, Any], int] = {}
        self._literals: dict[float, int] = {}
        self._kinds: list[str] = []
        self._leaf_masks: list[int] = []
        self._made: dict[tuple[str, tuple[int, ...]], int] = {}
        self._num_operations: dict[tuple[int, ...], int] = {}
        self.kind_of: Callable[[int], str] = self._kinds.__getitem__
        self.leaf_mask: Callable[[int], int] = self._leaf_masks.__getitem__
        self.functions = Functions(self)

    def __len__(self) -> int:
        return len(self.calls)

    def _intern(self, call: tuple[str, Any]) -> int:
        number = self._numbers.get(call)
        if number is None:
            number = self._numbers[call] = len(self.calls)
            self.calls.append(call)
            kind, mask = self._description(*call)
            if kind in WAVES:
                self.has_waves = True
            self._kinds.append(kind)
            self._leaf_masks.append(mask)
        return number

    def _description(self, name: str, payload: Any) -> tuple[str, int]:
        """Return the kind of an expression, and the leaves below it as bits of an integer."""
        if name == "leaf":
            return "", 1 << int(payload)
        if name == "literal":
            return kind_of_literal(payload), 0
        masks, mask = self._leaf_masks, 0
        for argument in payload:
            mask |= masks[argument]
        return kind_of_call(name, map(self.kind_of, payload)), mask

    def leaf(self, number: int) -> int:
        """Return leaf ``number`` of a template."""
        return self._intern(("leaf", number))

    def literal(self, value: float) -> int:
        """Return the constant ``value``."""
        number = self._literals.get(value)
        if number is None:
            # NaN is not equal to itself and would never be found again; -0.0 is 0.0.
            own = _NAN if value != value else value + 0.0
            number = self._literals[own] = self._intern(("literal", own))
        return number

    def value_of(self, term: int) -> float | None:
        """Return the value of a literal, else None."""
        name, payload = self.calls[term]
        return payload if name == "literal" else None

    def call_of(self, term: int) -> tuple[str, tuple[int, ...]]:
        """Return function name and arguments; the name is empty for leaves and literals."""
        name, payload = self.calls[term]
        return ("", ()) if name in ("leaf", "literal") else (name, payload)

    def make(self, name: str, *args: int) -> int:
        """Return the simplified application of a function of the table."""
        call = (name, args)
        made = self._made.get(call)
        if made is None:
            made = self._made[call] = self._make(call)
        return made

    def _make(self, call: tuple[str, tuple[int, ...]]) -> int:
        name, args = call
        simpler = simplify(self, name, args)
        if simpler is not None:
            return simpler
        swap = name in COMMUTATIVE and args[0] > args[1]
        return self._intern((name, args[::-1]) if swap else call)

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
            mask |= self._leaf_masks[output]
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
        outputs = list(outputs)
        new: dict[int, int] = {}
        for term in self.reachable(outputs):
            name, payload = self.calls[term]
            if name == "leaf":
                new[term] = leaves.get(payload, term)
            elif name == "literal":
                new[term] = term
            else:
                new[term] = self.make(name, *(new[a] for a in payload))
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
