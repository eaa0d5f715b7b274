"""`NamedValues`: what a user's function receives, ``s.v`` or ``q.g``, traced or plain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sparseopt.errors import ProblemError, UnknownNameError, did_you_mean
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["NamedValues"]


class NamedValues:
    """Values by attribute; a name that was not declared raises `UnknownNameError`.

    Examples
    --------
    >>> s = NamedValues("state", {"v": 3.0})
    >>> s.v, "v" in s, list(s)
    (3.0, True, ['v'])
    """

    __slots__ = ("_kind", "_values")

    def __init__(self, kind: str, values: Mapping[str, Any]) -> None:
        self._kind = kind
        self._values = values

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what copy and inspect ask for
            raise AttributeError(name)
        if name not in self._values:
            raise UnknownNameError(
                f"there is no {self._kind} {name!r}",
                where=describe_where(user_frame()),
                why="only what the phase declares can be used in its functions",
                instead=did_you_mean(name, self._values),
            )
        return self._values[name]

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in NamedValues.__slots__:
            object.__setattr__(self, name, value)
            return
        raise ProblemError(
            f"{name!r} is assigned to; what a function receives cannot be changed",
            where=describe_where(user_frame()),
            why=f"a {self._kind} is found by the solver, and a function only reads it",
            instead=f"use a name of your own, such as {name} = ..., and return what is computed",
        )

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    def __delitem__(self, name: str) -> None:
        setattr(self, name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __repr__(self) -> str:
        return f"{self._kind}: {', '.join(self._values)}"
