"""Arguments that users of other packages give a model's methods, and what to write here."""

from __future__ import annotations

import difflib
import functools
import inspect
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

from sparseopt.errors import UnknownArgumentError
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["ForeignArguments"]

_BOUNDS = {
    "lower={value}": "lb lbound low lowBound lower_bound lo LB",
    "upper={value}": "ub ubound high upBound upper_bound up UB",
    "lower=..., upper=...": "bounds bound lbub range",
}
_CONTINUOUS = "a variable that is a real number: there is no integer programming here"
_SENSE = {"m.minimize(expression) or m.maximize(expression)": "sense"}
_ADVICE = {
    "variable": _BOUNDS
    | {
        "start={value}": "guess init initial initial_guess initial_value initialize value x0",
        "shape={value}": "size dim dims dimension dimensions n length",
        "lower=0": "nonneg non_negative positive pos",
        "lower=0 for NonNegativeReals; variables are real numbers": "domain within vtype cat",
        _CONTINUOUS: "integer binary boolean",
    },
    "parameter": {
        "value=np.zeros(shape): its shape is the parameter's": "shape size dim dims dimension",
        "value={value}": "default initial initialize init start values",
    },
    "subject_to": _BOUNDS
    | {
        "name={value}": "label",
        "m.subject_to(expression <= value), or expression == value": "rhs expr rule sense",
    },
    "minimize": _SENSE,
    "maximize": _SENSE,
    "solve": {
        'start={{"x": values}}, by the names of the variables': "x0 initial init guess",
        "solver={value}": "method backend",
        "start=solution of an earlier solve": "warm_start warmstart",
        "time_limit={value}": "timeout timelimit max_time timeLimit TimeLimit",
        "verbose={value}": "tee msg",
        "m.set(name=values) before the solve": "parameters params p",
    },
}
_HABITS = {
    method: {name: advice for advice, names in table.items() for name in names.split()}
    for method, table in _ADVICE.items()
}


class ForeignArguments:
    """Refuses arguments that public methods have not; a part of `sparseopt.Model`.

    Examples
    --------
    >>> import sparseopt as so
    >>> try:
    ...     so.Model("m").variable("x", lb=0.0)
    ... except so.UnknownArgumentError as error:
    ...     print(error.instead)
    lower=0.0
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, method in list(vars(cls).items()):
            if inspect.isfunction(method) and not name.startswith("_"):
                setattr(cls, name, _explaining(method))


def _explaining(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method whose call with unknown arguments says what to write."""

    @functools.wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except TypeError as error:
            came_from_inside = error.__traceback__ and error.__traceback__.tb_next
            known = inspect.signature(method).parameters
            unknown = {name: value for name, value in kwargs.items() if name not in known}
            if came_from_inside or not unknown:
                raise
        raise _error(method.__name__, unknown, [*known][1:])

    return called


def _error(method: str, unknown: Mapping[str, Any], known: list[str]) -> UnknownArgumentError:
    options: dict[str, Any] = {}
    advice: list[str] = []
    for name, value in unknown.items():
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        habit = _HABITS.get(method, {}).get(name) or (f"{nearest[0]}={{value}}" if nearest else "")
        if habit:
            advice.append(habit.format(value=reprlib.repr(value)))
        elif method == "solve":
            options[name] = value
    if options:
        written = (f'"{name}": {reprlib.repr(value)}' for name, value in options.items())
        advice.append(f"options={{{', '.join(written)}}}, under the solver's own names")
    plural = "s" if len(unknown) > 1 else ""
    return UnknownArgumentError(
        f"m.{method}() has no argument{plural} {', '.join(map(repr, unknown))}",
        where=describe_where(user_frame()),
        why=f"its arguments are {', '.join(known)}",
        instead="; ".join(dict.fromkeys(advice)),
    )
