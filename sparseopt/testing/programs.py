"""Random NumPy programs: drawn as numbers, written as source code.

A program is a list of steps (`sparseopt.testing.steps`), each applied to arrays computed before it,
so programs share subexpressions, slice what they joined, write into copies and sum what they
multiplied.  What is drawn are numbers alone: which step, which arrays, which of the step's choices.
Fewer and smaller numbers are a simpler program, so failures shrink to a minimal one.  The code is
written, and run once with plain NumPy to learn shapes and magnitudes; a step that NumPy refuses, or
that gives too many elements, is left out, and large values are squashed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import scipy.special as special
from numpy.typing import NDArray

from sparseopt.errors import SparseOptError
from sparseopt.testing.steps import STEPS
from sparseopt.testing.writing import Operand, write

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = [
    "NAMESPACE",
    "RandomProgram",
    "SourceProgram",
    "StepDraw",
    "draw_program",
    "random_programs",
]

SHAPES: tuple[tuple[int, ...], ...] = (
    (2,), (1,), (3,), (5,), (2, 3), (3, 1), (), (2, 2, 2), (1, 4), (2, 1, 1, 3), (8,),
)  # fmt: skip
PARAMETER_SHAPES: tuple[tuple[int, ...] | None, ...] = (None, (3,), (), (1,))
LARGEST = 24
"""Elements of an array; a step that gives more is left out."""
LARGEST_VALUE = 1e9
"""Magnitude of an element; beyond it, differences say little of second derivatives."""
MODERATE = 6.0
"""Magnitude above which values are squashed."""
CHOICES = 1 << 24
NUM_SMOOTH = sum(step.is_smooth for step in STEPS)
NAMESPACE: dict[str, Any] = {"np": np, "sp": sp, "special": special}
"""What the source of a program may name."""

StepDraw = tuple[int, int, int, int]
"""Which step; how far back its two arguments are; its choices."""


class _Callable:
    """What functions given as code have in common."""

    shape: tuple[int, ...]
    parameter_shape: tuple[int, ...] | None

    def source(self) -> str:
        """Return the code."""
        raise NotImplementedError

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The compiled source."""
        names = dict(NAMESPACE)
        exec(compile(self.source(), "<random program>", "exec"), names)
        function: Callable[..., Any] = names["f"]
        return function

    def __call__(self, *arguments: Any) -> Any:
        """Return the function's value."""
        return self.function(*arguments)

    def point(self, seed: int = 0) -> NDArray[np.float64]:
        """Return values for the variables."""
        return np.random.default_rng(seed).uniform(-1.0, 1.0, self.shape)

    def parameters(self, seed: int = 0) -> NDArray[np.float64] | None:
        """Return values for the parameters, or None."""
        if self.parameter_shape is None:
            return None
        return np.random.default_rng([seed, 1]).uniform(-1.0, 1.0, self.parameter_shape)


@dataclass(frozen=True)
class SourceProgram(_Callable):
    """A function given as code, checked like a random program: regression tests hold these.

    Parameters
    ----------
    code : str
        Defines ``f``, in terms of ``np``, ``sp`` (scipy.sparse) and ``special``.
    shape : tuple of int
        Of ``x``; its values are in [-1, 1].
    parameter_shape : tuple of int, optional
    is_smooth : bool
        Whether differences may check second derivatives.
    is_exact : bool
        Whether the recorded program must round exactly as NumPy does.

    Examples
    --------
    >>> SourceProgram("def f(x): return 2.0 * x", (2,))(np.ones(2))
    array([2., 2.])
    """

    code: str
    shape: tuple[int, ...]
    parameter_shape: tuple[int, ...] | None = None
    is_smooth: bool = True
    is_exact: bool = False

    def source(self) -> str:
        """Return the code."""
        return self.code


@dataclass(frozen=True)
class _Written:
    lines: tuple[str, ...]
    is_smooth: bool
    is_exact: bool


@dataclass(frozen=True)
class RandomProgram(_Callable):
    """A function ``f(x)``, or ``f(x, p)`` with parameters, that returns a vector.

    Call it with plain or traced arrays, any number of times.

    Parameters
    ----------
    shape : tuple of int
        Of ``x``; take its values from [-1, 1].
    steps : tuple of (step, first, second, choice)
    parameter_shape : tuple of int, optional
        Of ``p``, if there are parameters.

    Examples
    --------
    >>> print(RandomProgram((2,), ((0, 0, 0, 0), (3, 0, 0, 0), (1, 1, 0, 0))).source())
    def f(x):
        v1 = np.sin(x)
        v2 = np.arcsin(0.9 * np.sin(v1))
        v3 = np.cos(v1)
        return np.concatenate([np.ravel(v2), np.ravel(v3)])
    """

    shape: tuple[int, ...]
    steps: tuple[StepDraw, ...]
    parameter_shape: tuple[int, ...] | None = None

    @cached_property
    def _written(self) -> _Written:
        return _Writer(self).run()

    @property
    def is_smooth(self) -> bool:
        """Whether the function has derivatives of every order."""
        return self._written.is_smooth

    @property
    def is_exact(self) -> bool:
        """Whether the recorded program must round exactly as NumPy does."""
        return self._written.is_exact

    def source(self) -> str:
        """Return the program as NumPy code: a function ``f``."""
        arguments = "x" if self.parameter_shape is None else "x, p"
        return "\n    ".join([f"def f({arguments}):", *self._written.lines])


class _Writer:
    """Writes the steps one after another, and runs them to know the shapes."""

    def __init__(self, program: RandomProgram) -> None:
        self.steps = program.steps
        self.values: dict[str, Any] = {**NAMESPACE, "x": program.point(99)}
        self.operands = [Operand("x", program.shape)]
        if program.parameter_shape is not None:
            self.values["p"] = program.parameters(99)
            self.operands.insert(0, Operand("p", program.parameter_shape))
        self.lines: list[str] = []
        self.used: set[str] = set()
        self.computed: set[str] = set()
        self.is_smooth = self.is_exact = True

    def run(self) -> _Written:
        with np.errstate(all="ignore"):
            for draw in self.steps:
                self._add(*draw)
        parts = ", ".join(f"np.ravel({name})" for name in self._results())
        lines = (*self.lines, f"return np.concatenate([{parts}])")
        return _Written(lines, self.is_smooth, self.is_exact)

    def _results(self) -> list[str]:
        """Return the arrays that no step used, so that all is live; never nothing."""
        unused = [o for o in self.operands if o.name in self.computed and o.name not in self.used]
        if not any(operand.size for operand in unused):
            unused.append(next(o for o in reversed(self.operands) if o.size))
        return [operand.name for operand in unused]

    def _back(self, distance: int) -> Operand:
        return self.operands[-1 - distance % len(self.operands)]

    def _add(self, number: int, first: int, second: int, choice: int) -> None:
        step = STEPS[number % len(STEPS)]
        out = f"v{len(self.operands)}"
        a, b = self._back(first), self._back(second)
        lines = write(step, a, b, out, choice)
        value = self._value(lines, out)
        if value is None:
            return
        if np.abs(value).max(initial=0.0) > MODERATE:
            lines.append(f"{out} = np.tanh({out})")
            value = self._value(lines, out)
        self.values[out] = value
        self.computed.add(out)
        self.used |= {a.name, b.name} if "{b}" in step.template else {a.name}
        self.lines += lines
        self.operands.append(Operand(out, np.shape(value)))
        self.is_smooth &= step.is_smooth
        self.is_exact &= step.is_exact

    def _value(self, lines: list[str], out: str) -> Any:
        """Return what the lines compute, or None if the step is not to be used."""
        names = dict(self.values)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # what NumPy warns of is not used
                exec("\n".join(lines), names)
        except (ArithmeticError, AttributeError, IndexError, TypeError, ValueError, Warning):
            return None
        value = names[out]
        usable = np.size(value) <= LARGEST and np.ndim(value) <= 4
        return value if usable and (np.abs(value) <= LARGEST_VALUE).all() else None


def random_programs(
    smooth: bool | None = None, most_steps: int = 7, parameters: bool = False
) -> SearchStrategy[RandomProgram]:
    """Return a Hypothesis strategy of programs.

    Parameters
    ----------
    smooth : bool, optional
        True leaves out kinks and jumps.
    most_steps : int
    parameters : bool
        Whether some programs have parameters.

    Raises
    ------
    SparseOptError
        If Hypothesis is not installed.
    """
    try:
        from hypothesis import strategies as st
    except ImportError as error:
        raise SparseOptError(
            "random programs are drawn by Hypothesis, which is not installed",
            instead='pip install "hypothesis>=6.100"',
        ) from error

    step = st.tuples(
        st.integers(0, (NUM_SMOOTH if smooth else len(STEPS)) - 1),
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(0, CHOICES - 1),
    )
    steps = st.lists(step, min_size=1, max_size=most_steps).map(tuple)
    given = st.sampled_from(PARAMETER_SHAPES) if parameters else st.none()
    return st.builds(RandomProgram, st.sampled_from(SHAPES), steps, given)


def draw_program(
    random: np.random.Generator, smooth: bool | None = None, most_steps: int = 7
) -> RandomProgram:
    """Return a program drawn without Hypothesis, which is faster for very many.

    Examples
    --------
    >>> one, other = (draw_program(np.random.default_rng(5)) for _ in range(2))
    >>> one == other
    True
    """
    kinds = NUM_SMOOTH if smooth else len(STEPS)
    steps = tuple(_draw_step(random, kinds) for _ in range(random.integers(1, most_steps + 1)))
    shape = SHAPES[random.integers(len(SHAPES))]
    has_parameters = random.random() < 0.3
    given = PARAMETER_SHAPES[random.integers(len(PARAMETER_SHAPES))] if has_parameters else None
    return RandomProgram(shape, steps, given)


def _draw_step(random: np.random.Generator, kinds: int) -> StepDraw:
    first, second = (int(distance) - 1 for distance in random.geometric(0.5, 2))
    return int(random.integers(kinds)), first, second, int(random.integers(CHOICES))
