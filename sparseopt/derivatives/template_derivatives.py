"""Symbolic derivatives of scalar templates.

Reverse accumulation on the expression pool, with the partials of the one function table.  A
``where`` (and ``maximum``, ``minimum``) differentiates each branch by itself and selects
afterwards, so that NaN or infinity of the branch not taken never reaches a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from sparseopt.elements.expressions import Expression, ExpressionPool, leaf_bits
from sparseopt.graph.functions import FUNCTIONS

__all__ = ["TemplateDerivatives"]

ALL = -1
"""The bits of all leaves."""


def _add(make: Callable[..., int], target: dict[int, int], key: int, value: int) -> None:
    target[key] = make("add", target[key], value) if key in target else value


class TemplateDerivatives:
    """Derivatives of expressions of one pool, with shared intermediate results."""

    def __init__(self, pool: ExpressionPool) -> None:
        self._pool = pool
        self._partials: dict[int, tuple[int, ...]] = {}
        self._unit: dict[tuple[int, int], dict[int, int]] = {}
        self._cones: dict[int, list[int]] = {}

    def _cone(self, term: int) -> list[int]:
        """Return the calls and leaves below a term, descending: an order of reverse sweeps."""
        cone = self._cones.get(term)
        if cone is None:
            calls = self._pool.calls
            cone = [t for t in self._pool.reachable([term]) if calls[t][0] != "literal"][::-1]
            self._cones[term] = cone
        return cone

    def partials(self, term: int) -> tuple[int, ...]:
        """Return the first partials of a call by its arguments."""
        found = self._partials.get(term)
        if found is None:
            pool = self._pool
            name, args = pool.call_of(term)
            rule = FUNCTIONS[name].partials
            if rule is None:
                found = tuple(pool.literal(0.0) for _ in args)
            else:
                handles = [Expression(pool, a) for a in args]
                results = rule(pool.functions, Expression(pool, term), *handles)
                found = tuple(
                    r.term if isinstance(r, Expression) else pool.literal(r) for r in results
                )
            self._partials[term] = found
        return found

    def select(self, term: int) -> tuple[int, int, int] | None:
        """Return (condition, first, second) if the call differentiates as a ``where``."""
        name, args = self._pool.call_of(term)
        rule = FUNCTIONS[name].select if name else None
        if rule is None:
            return None
        pool = self._pool
        parts = rule(pool.functions, *(Expression(pool, a) for a in args))
        condition, first, second = (
            p.term if isinstance(p, Expression) else pool.literal(p) for p in parts
        )
        return condition, first, second

    def pullback(self, seeds: Iterable[tuple[int, int]], by: int = ALL) -> dict[int, int]:
        """Return the partials of ``sum of seed * output`` over (output, seed) pairs, in one sweep.

        Leaves whose partial vanishes identically are absent, and those that are not wanted:
        ``by`` has the bits of those that are.
        """
        pool = self._pool
        make, calls, masks = pool.make, pool.calls, pool.leaf_masks
        zero, one = pool.literal(0.0), pool.literal(1.0)
        partials, known = self.partials, self._partials
        adjoints: dict[int, int] = {}
        leaves: dict[int, int] = {}
        for output, seed in seeds:
            if masks[output] & by:
                _add(make, adjoints, output, seed)
        # Arguments have smaller numbers: the largest is done when everything that reads it is.
        pending = sorted(-output for output in adjoints)
        while pending:
            term = -heappop(pending)
            adjoint = adjoints[term]
            if adjoint == zero:
                continue
            name, payload = calls[term]
            if name == "leaf":
                _add(make, leaves, payload, adjoint)
                continue
            if FUNCTIONS[name].select:
                for leaf, partial in self._select_gradient(term, by).items():
                    _add(make, leaves, leaf, make("multiply", adjoint, partial))
                continue
            for argument, partial in zip(payload, known.get(term) or partials(term), strict=True):
                if partial != zero and masks[argument] & by:
                    if argument not in adjoints:
                        heappush(pending, -argument)
                    value = adjoint if partial == one else make("multiply", adjoint, partial)
                    _add(make, adjoints, argument, value)
        return {k: v for k, v in leaves.items() if v != zero}

    def gradient(self, output: int, by: int = ALL) -> dict[int, int]:
        """Return the partials of ``output`` by the leaves, those that do not vanish."""
        found = self._unit.get((output, by))
        if found is None:
            found = self.pullback([(output, self._pool.literal(1.0))], by)
            self._unit[output, by] = found
        return found

    def _select_gradient(self, term: int, by: int) -> dict[int, int]:
        branches = self.select(term)
        assert branches is not None
        condition, first, second = branches
        zero = self._pool.literal(0.0)
        one, other = self.gradient(first, by), self.gradient(second, by)
        return {
            leaf: self._pool.make("where", condition, one.get(leaf, zero), other.get(leaf, zero))
            for leaf in one.keys() | other.keys()
        }

    def liveness(self, output: int) -> dict[int, int]:
        """Return, for each leaf, a term that is not zero where a branch taken reads the leaf."""
        pool = self._pool
        make, zero = pool.make, pool.literal(0.0)
        live: dict[int, int] = {output: pool.literal(1.0)}
        leaves: dict[int, int] = {}

        def mark(target: dict[int, int], key: int, value: int) -> None:
            target[key] = make("maximum", target[key], value) if key in target else value

        for term in self._cone(output):
            value = live.pop(term, None)
            if value is None:
                continue
            name, payload = pool.calls[term]
            branches = None if name == "leaf" else self.select(term)
            if name == "leaf":
                mark(leaves, payload, value)
            elif branches is not None:
                condition, first, second = branches
                taken = make("not_equal", condition, zero)
                mark(live, first, make("multiply", value, taken))
                mark(live, second, make("multiply", value, make("equal", condition, zero)))
            else:
                for argument in payload:
                    mark(live, argument, value)
        return leaves

    def weighted_gradient(
        self, outputs: Iterable[tuple[int, int]], by: int = ALL
    ) -> dict[int, int]:
        """Return the partials of ``sum of weight * output`` over (output, weight) pairs.

        One sweep for all outputs multiplies by the partials of what they share only once.  By
        themselves their weights stay products with constants, which are often shared then.
        """
        pairs = list(outputs)
        if self._share_operations(tuple(output for output, _ in pairs)):
            return self.pullback(pairs, by)
        total: dict[int, int] = {}
        for pair in pairs:
            for leaf, value in self.pullback([pair], by).items():
                _add(self._pool.make, total, leaf, value)
        return total

    def _share_operations(self, outputs: tuple[int, ...]) -> bool:
        """Whether at least a quarter of the operations of the outputs is done for several."""
        count = self._pool.num_operations
        return 4 * count(outputs) <= 3 * sum(count((output,)) for output in outputs)

    def hessian(
        self, outputs: Iterable[tuple[int, int]], leaves: Iterable[int]
    ) -> dict[tuple[int, int], int]:
        """Return the second partials of ``sum of weight * output`` by pairs of leaves.

        Keys are pairs (i, j) with i >= j; pairs whose second partial vanishes are absent.
        """
        wanted = leaf_bits(leaves)
        gradient = self.weighted_gradient(outputs, wanted)
        second: dict[tuple[int, int], int] = {}
        for i in sorted(gradient):
            not_above = wanted & ((2 << i) - 1)
            for j, value in self.gradient(gradient[i], not_above).items():
                second[i, j] = value
        return second

    def pushforward(self, output: int, tangents: dict[int, int]) -> int:
        """Return the directional derivative of ``output`` for tangents of the leaves."""
        pool = self._pool
        make, calls, zero = pool.make, pool.calls, pool.literal(0.0)
        partials, known = self.partials, self._partials
        values: dict[int, int] = {}
        for term in reversed(self._cone(output)):
            name, payload = calls[term]
            if name == "leaf":
                values[term] = tangents.get(payload, zero)
                continue
            branches = self.select(term) if FUNCTIONS[name].select else None
            if branches is not None:
                condition, first, second = branches
                one, other = values.get(first, zero), values.get(second, zero)
                values[term] = make("where", condition, one, other)
                continue
            total = zero
            for argument, partial in zip(payload, known.get(term) or partials(term), strict=True):
                inner = values.get(argument, zero)
                if inner != zero:
                    total = make("add", total, make("multiply", partial, inner))
            values[term] = total
        return values.get(output, zero)
