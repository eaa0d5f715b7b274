"""Problems for tools of scalar expressions: one Python function for each formula, a loop over rows.

sparseopt finds the few formulas that a large problem repeats (its element form). Each becomes a
Python function here, as a user of a scalar modeling tool would write it:

    def formula_2(x, z, k):
        a = x[i0[k]]
        b = x[i1[k]]
        return 3.0 * a ** 3 + 2.0 * b + nl.sin(a - b) * nl.sin(a + b)

The rows are loops over instances k. Intermediates z that formulas share are written into each row
that reads them. The source and the index lists are made before a tool's clock starts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tools.interface import ToolUnavailableError
from benchmarks.translation.traced import TracedProblem
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.form import Block, ElementForm, Stage
from sparseopt.graph.index import Index

MOST_INTERMEDIATES = 20_000
MOST_TOGETHER = 64
LINEAR, QUADRATIC = 1, 2
COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")

Formula = Callable[[Any, Any, int], Any]
Terms = list[tuple[int, int]]
"""Numbers of formulas, and instances."""


@dataclass(frozen=True)
class Idiom:
    """How a tool writes scalar formulas.

    Attributes
    ----------
    tool : str
        Its name, for messages.
    functions : mapping
        Format strings of the functions of sparseopt's table, such as ``"nl.sin({0})"``.
    names : mapping
        What the strings refer to.
    keep : callable, optional
        Makes an expression safe to be used twice; formulas call it by the name ``keep``.
    """

    tool: str
    functions: Mapping[str, str]
    names: Mapping[str, Any]
    keep: Callable[[Any], Any] | None = None


class ScalarRows:
    """The objective and the constraints of a problem as sums of formulas.

    Attributes
    ----------
    objective : list of terms
    rows : list of lists of terms, one for each constraint
    degrees : list
        Of each constraint: 1 is linear, 2 quadratic, infinity anything else.
    sources : list of str
        The Python source of each formula.
    """

    def __init__(self, problem: TracedProblem, idiom: Idiom) -> None:
        self.idiom, self._parameters = idiom, problem.parameters
        self.formulas: list[Formula] = []
        self.formula_degrees: list[float] = []
        self.formula_blocks: list[int] = []
        self.sources: list[str] = []
        form, self._num_blocks = problem.form, 0
        self._z_degrees: list[float] = []
        self._z_terms: list[Terms] = []
        for stage in form.intermediates:
            terms = self._stage(form, stage)
            self._z_terms += terms
            self._z_degrees += self._degrees(terms)
        self.objective: Terms = self._stage(form, form.objective)[0]
        self.rows = self._stage(form, form.constraints)
        self.degrees = self._degrees(self.rows)

    def degree(self, formula: int) -> float:
        """Return the degree of a formula as a polynomial of the variables."""
        return self.formula_degrees[formula]

    def nonlinear_groups(self) -> list[list[int]]:
        """Return the rows that are neither linear nor quadratic, those of one instance together.

        Where sparseopt found several formulas on the same data, such as the states of one step, a
        user would write them side by side.
        """
        groups: list[list[int]] = []
        found: dict[tuple[int, int], list[int]] = {}
        for row, (terms, degree) in enumerate(zip(self.rows, self.degrees, strict=True)):
            if degree <= QUADRATIC:
                continue
            formula, instance = max(terms, key=lambda term: self.formula_degrees[term[0]])
            key = self.formula_blocks[formula], instance
            if key not in found or len(found[key]) == MOST_TOGETHER:
                found[key] = []
                groups.append(found[key])
            found[key].append(row)
        return groups

    def intermediates(self, x: Any) -> _Intermediates | None:
        """Return the shared intermediates, none made yet; None where there are none."""
        return _Intermediates(self, x) if self._z_terms else None

    def values(self, terms: Terms, x: Any, z: _Intermediates | None = None) -> Iterator[Any]:
        """Yield the expressions of terms; intermediates that several share are made once."""
        z = self.intermediates(x) if z is None else z
        formulas = self.formulas
        for formula, instance in terms:
            yield formulas[formula](x, z, instance)

    def z_terms(self, place: int) -> Terms:
        """Return the terms of one intermediate."""
        return self._z_terms[place]

    def _degrees(self, rows: list[Terms]) -> list[float]:
        degrees = self.formula_degrees
        return [max((degrees[f] for f, _ in row), default=0.0) for row in rows]

    def _stage(self, form: ElementForm, stage: Stage) -> list[Terms]:
        if stage.call is not None:
            raise ToolUnavailableError(f"it cannot call the function {stage.call.function.name!r}")
        found: list[Terms] = [[] for _ in range(stage.size)]
        for block in stage.blocks:
            self._num_blocks += 1
            for output, rows in zip(block.outputs, block.rows, strict=True):
                number = self._formula(form.pool, block, output)
                for instance, row in enumerate(rows.materialize().tolist()):
                    found[row].append((number, instance))
        return found

    def _formula(self, pool: ExpressionPool, block: Block, output: int) -> int:
        number = len(self.formulas)
        writer = _Writer(pool, block, self.idiom, self._z_degrees, self._parameters)
        source, data, degree = writer.write(f"formula_{number}", output)
        names = {**self.idiom.names, "keep": self.idiom.keep, **data}
        exec(compile(source, f"<formula_{number}>", "exec"), names)
        self.formulas.append(names[f"formula_{number}"])
        self.formula_degrees.append(degree)
        self.formula_blocks.append(self._num_blocks)
        self.sources.append(source)
        return number


class _Intermediates:
    """The intermediates that one row reads, each made once."""

    def __init__(self, rows: ScalarRows, x: Any) -> None:
        self._rows, self._x = rows, x
        self._made: dict[int, Any] = {}

    def __getitem__(self, place: int) -> Any:
        if place not in self._made:
            if len(self._made) > MOST_INTERMEDIATES:
                raise ToolUnavailableError(
                    f"a row reads more than {MOST_INTERMEDIATES:,} intermediates, "
                    "which scalar rows would repeat"
                )
            keep, value = self._rows.idiom.keep, self._sum(place)
            self._made[place] = value if keep is None or type(value) is float else keep(value)
        return self._made[place]

    def _sum(self, place: int) -> Any:
        total: Any = 0.0
        for formula, instance in self._rows.z_terms(place):
            value = self._rows.formulas[formula](self._x, self, instance)
            total = value if type(total) is float and total == 0.0 else total + value
        return total


class _Writer:
    """Writes one output of a block as a Python function."""

    def __init__(
        self,
        pool: ExpressionPool,
        block: Block,
        idiom: Idiom,
        z_degrees: list[float],
        parameters: NDArray[np.float64],
    ) -> None:
        self.pool, self.block, self.idiom = pool, block, idiom
        self.z_degrees, self.parameters = z_degrees, parameters
        self.data: dict[str, list[Any]] = {}
        self.text: dict[int, str] = {}
        self.degrees: dict[int, float] = {}
        self.shifted: set[int] = set()
        self.lines: list[str] = []

    def write(self, name: str, output: int) -> tuple[str, dict[str, list[Any]], float]:
        """Return the source of the function, its lists, and its degree."""
        order = self.pool.reachable([output])
        uses = _uses(self.pool, order)
        for term in order:
            function, payload = self.pool.calls[term]
            self.text[term], self.degrees[term] = self._term(function, payload)
            if self._is_shifted(function, payload):
                self.shifted.add(term)
            if uses.get(term, 0) > 1 and function != "literal" and term != output:
                self._assign(term)
        head = [f"def {name}(x, z, k):"]
        body = [*self.lines, f"return {_bare(self.text[output])}"]
        source = "\n    ".join(head + body) + "\n"
        return source, self.data, self.degrees[output]

    def _assign(self, term: int) -> None:
        local, text = f"t{len(self.lines)}", _bare(self.text[term])
        is_expression = self.pool.calls[term][0] not in ("leaf", *COMPARISONS)
        is_kept = self.idiom.keep is not None and is_expression and self.degrees[term] > 0
        self.lines.append(f"{local} = keep({text})" if is_kept else f"{local} = {text}")
        self.text[term] = local

    def _term(self, function: str, payload: Any) -> tuple[str, float]:
        if function == "literal":
            return repr(float(payload)) if payload >= 0 else f"({float(payload)!r})", 0
        if function == "leaf":
            return self._leaf(payload)
        if function == "multiply" and payload[0] == payload[1]:
            function, payload = "square", payload[:1]
        args = [self.text[a] for a in payload]
        degree = _degree(function, [self.degrees[a] for a in payload], self._literals(payload))
        if degree > LINEAR and any(a in self.shifted for a in payload):
            degree = math.inf
        if function == "power":
            args[1] = _exponent(self._literals(payload)[1], args[1])
        template = self.idiom.functions.get(function)
        if template is None:
            raise ToolUnavailableError(f"{self.idiom.tool} has no function {function}")
        return template.format(*args), degree

    def _is_shifted(self, function: str, payload: Any) -> bool:
        """Whether a term is a polynomial with a constant: tools lose digits in its square."""
        if function in ("leaf", "literal"):
            return False
        degrees = [self.degrees[a] for a in payload]
        adds = function in ("add", "subtract") and 0 in degrees and any(degrees)
        return adds or any(a in self.shifted for a in payload)

    def _literals(self, payload: tuple[int, ...]) -> list[float | None]:
        return [self.pool.value_of(a) for a in payload]

    def _leaf(self, number: int) -> tuple[str, float]:
        leaf = self.block.leaves[number]
        if leaf.source == "data":
            assert leaf.values is not None
            self.data[f"d{number}"] = leaf.values.tolist()
            return f"d{number}[k]", 0
        assert leaf.index is not None
        if leaf.source == "p":
            self.data[f"d{number}"] = self.parameters[leaf.index.materialize()].tolist()
            return f"d{number}[k]", 0
        self.data[f"i{number}"] = places = _list(leaf.index)
        if leaf.source == "x":
            return f"x[i{number}[k]]", 1
        return f"z[i{number}[k]]", max((self.z_degrees[p] for p in set(places)), default=0)


def _list(index: Index) -> list[int]:
    places: list[int] = index.materialize().tolist()
    return places


def _uses(pool: ExpressionPool, order: list[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for term in order:
        name, payload = pool.calls[term]
        if name not in ("leaf", "literal"):
            for argument in payload:
                counts[argument] = counts.get(argument, 0) + 1
    return counts


def _bare(text: str) -> str:
    """Return an expression without its outer parentheses, if they belong together."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place < len(text) - 1:
            return text
    return text[1:-1]


def _exponent(value: float | None, text: str) -> str:
    """Return a positive whole exponent as an integer: tools multiply then."""
    is_whole = value is not None and value > 0 and value == round(value)
    return str(int(value)) if is_whole and value is not None else text


def _degree(function: str, degrees: list[float], literals: list[float | None]) -> float:
    if not any(degrees):
        return 0
    if function in ("add", "subtract", "negative"):
        return max(degrees)
    if function == "multiply":
        return sum(degrees)
    if function == "square":
        return 2 * degrees[0]
    if function == "divide" and degrees[1] == 0:
        return degrees[0]
    if function == "power" and literals[1] == QUADRATIC:
        return 2 * degrees[0]
    return math.inf
