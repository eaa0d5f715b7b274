"""Checks of what a builder is given: sizes that are none, and names of forms that do not exist."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Collection
from numbers import Integral
from typing import Any, ParamSpec

import sparseopt as so

Rule = int | range | Collection[Any]
Parameters = ParamSpec("Parameters")


def checked(
    **rules: Rule,
) -> Callable[[Callable[Parameters, so.Model]], Callable[Parameters, so.Model]]:
    """Return a decorator of a builder that refuses arguments which break their rules.

    Parameters
    ----------
    **rules : int, range or collection
        For each argument: the least integer that it may be; a range of integers, such as
        `from_on(5, 5)`; or all values that it may have. None passes where it is the default.

    Examples
    --------
    >>> @checked(num_variables=2, form=("equality", "inequality"))
    ... def build(num_variables: int = 10, form: str = "equality") -> so.Model: ...
    >>> build(num_variables=1)
    Traceback (most recent call last):
    ...
    sparseopt.errors.ProblemError: num_variables = 1 is no size of this problem
      instead: give an integer, at least 2
    """

    def decorator(build: Callable[Parameters, so.Model]) -> Callable[Parameters, so.Model]:
        signature = inspect.signature(build)

        @functools.wraps(build)
        def checking(*args: Parameters.args, **kwargs: Parameters.kwargs) -> so.Model:
            given = signature.bind(*args, **kwargs).arguments
            for name in given.keys() & rules.keys():
                if not (given[name] is None and signature.parameters[name].default is None):
                    require(name, given[name], rules[name])
            return build(*args, **kwargs)

        return checking

    return decorator


def from_on(least: int, step: int = 1) -> range:
    """Return the integers from `least` on, `step` apart.

    Examples
    --------
    >>> 25 in from_on(5, 5), 26 in from_on(5, 5)
    (True, False)
    """
    return range(least, sys.maxsize, step)


def require(name: str, value: Any, rule: Rule) -> None:
    """Raise `ProblemError` where an argument breaks its rule; see `checked`."""
    rule = from_on(rule) if isinstance(rule, int) else rule
    if isinstance(rule, range):
        is_integer = isinstance(value, Integral) and not isinstance(value, bool)
        # Membership in a range is quick for integers only: anything else is searched for.
        is_known = is_integer and int(value) in rule
        what = f"{name} = {value!r} is no size of this problem"
    else:
        # True equals 1, and is another word.
        is_known = any(type(value) is type(known) and value == known for known in rule)
        what = f"{name} = {value!r} is not known"
    if not is_known:
        raise so.ProblemError(what, instead=_advice(rule))


def _advice(rule: range | Collection[Any]) -> str:
    if not isinstance(rule, range):
        return f"give one of {', '.join(map(repr, rule))}"
    if rule.step == 1:
        return f"give an integer, at least {rule.start}"
    return f"give one of {', '.join(map(str, rule[:3]))}, …"
