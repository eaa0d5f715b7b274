"""Scalar expressions: a pool in which every distinct expression exists once.

An expression is an integer; its arguments have smaller numbers, so ascending order is an order of
evaluation.  Templates and their derivatives are expressions over numbered leaves; two templates are
equal exactly if their numbers are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sparseopt.graph.algebra import COMMUTATIVE, simplify
from sparseopt.graph.handles import Expression, Functions

__all__ = ["Expression", "ExpressionPool"]


class ExpressionPool:
    """Hash-consed scalar expressions with simplification on construction.

    Attributes
    ----------
    calls : list of (name, payload)
        ``("literal", value)``, ``("leaf", number)`` or ``(function name, argument numbers)``.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._numbers: dict[tuple[str, Any], int] = {}
        self._leaf_masks: list[int] = []
        self._made: dict[tuple[str, tuple[int, ...]], int] = {}
        self.functions = Functions(self)

    def __len__(self) -> int:
        return len(self.calls)

    def _intern(self, name: str, payload: Any) -> int:
        key = (name, payload)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.calls)
            self.calls.append(key)
            self._leaf_masks.append(self._leaf_mask(name, payload))
        return number

    def _leaf_mask(self, name: str, payload: Any) -> int:
        """Return the leaves below a call as bits of an integer."""
        if name == "leaf":
            return 1 << int(payload)
        mask = 0
        if name != "literal":
            for argument in payload:
                mask |= self._leaf_masks[argument]
        return mask

    def leaf(self, number: int) -> int:
        """Return leaf ``number`` of a template."""
        return self._intern("leaf", number)

    def literal(self, value: float) -> int:
        """Return the constant ``value``."""
        if value != value:  # NaN is not equal to itself and would never be found again
            return self._intern("literal", _NAN)
        return self._intern("literal", value + 0.0)

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
        made = self._made.get((name, args))
        if made is None:
            made = self._made[name, args] = self._make(name, args)
        return made

    def _make(self, name: str, args: tuple[int, ...]) -> int:
        simpler = simplify(self, name, args)
        if simpler is not None:
            return simpler
        if name in COMMUTATIVE and args[0] > args[1]:
            args = (args[1], args[0])
        return self._intern(name, args)

    def wrap(self, term: int | float) -> Expression:
        """Return a handle with Python operators."""
        return Expression(self, term if type(term) is int else self.literal(float(term)))

    def reachable(self, outputs: Iterable[int]) -> list[int]:
        """Return the expressions that the outputs need, in order of evaluation."""
        needed: set[int] = set()
        stack = list(outputs)
        while stack:
            term = stack.pop()
            if term in needed:
                continue
            needed.add(term)
            name, payload = self.calls[term]
            if name not in ("leaf", "literal"):
                stack.extend(payload)
        return sorted(needed)

    def leaves(self, outputs: Iterable[int]) -> list[int]:
        """Return the numbers of the leaves that the outputs depend on, ascending."""
        mask = 0
        for output in outputs:
            mask |= self._leaf_masks[output]
        return [k for k in range(mask.bit_length()) if mask >> k & 1]

    def num_operations(self, outputs: Iterable[int]) -> int:
        """Return how many function applications evaluate the outputs."""
        found = (self.calls[t][0] for t in self.reachable(outputs))
        return sum(name not in ("leaf", "literal") for name in found)

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
                opposite = self._intern("subtract", tuple(new[a] for a in payload[::-1]))
                new[term] = self._intern("negative", (opposite,))
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
