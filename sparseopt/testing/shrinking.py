"""From a failing program to a minimal one that fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sparseopt.testing.programs import RandomProgram, StepDraw

__all__ = ["shrink"]


def _simpler_steps(step: StepDraw) -> Iterator[StepDraw]:
    number, first, second, choice = step
    for smaller in (0, choice // 2, choice // 7, choice - 1):
        if 0 <= smaller < choice:
            yield number, first, second, smaller
    if first:
        yield number, 0, second, choice
    if second:
        yield number, first, 0, choice
    if number:
        yield 0, first, second, choice


def _simpler(program: RandomProgram) -> Iterator[RandomProgram]:
    """Yield programs that are simpler in one respect, the largest simplifications first."""
    steps = program.steps
    for k in reversed(range(len(steps))):
        yield replace(program, steps=steps[:k] + steps[k + 1 :])
    if program.parameter_shape is not None:
        yield replace(program, parameter_shape=None)
    if program.shape not in ((1,), (2,)):
        yield replace(program, shape=(2,))
    for k in reversed(range(len(steps))):
        for step in _simpler_steps(steps[k]):
            yield replace(program, steps=(*steps[:k], step, *steps[k + 1 :]))


def shrink(
    program: RandomProgram, fails: Callable[[RandomProgram], bool], most_tries: int = 400
) -> RandomProgram:
    """Return a program that fails too, and that no single simplification leaves failing.

    Parameters
    ----------
    program : RandomProgram
    fails : callable
        Whether a program fails in the same way.
    most_tries : int
        Programs that are tried.

    Examples
    --------
    >>> program = RandomProgram((2, 3), ((1, 0, 0, 5), (0, 1, 0, 0), (2, 1, 1, 3)))
    >>> shrink(program, lambda p: "cos" in p.source()).steps
    ((1, 0, 0, 0),)
    """
    tries = 0
    while True:
        for candidate in _simpler(program):
            tries += 1
            if tries > most_tries:
                return program
            if fails(candidate):
                program = candidate
                break
        else:
            return program
