"""Mutants: small changes of the code, made in this process and undone, and whether tests notice."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """One change of the code.

    ``apply`` is a context manager that makes it; ``killers`` are called one after another, and the
    first that raises kills it.  ``equivalent`` says why no test could, if none can.
    """

    name: str
    group: str
    apply: Callable[[], contextlib.AbstractContextManager[None]]
    killers: tuple[Callable[[], Any], ...]
    equivalent: str = ""

    def is_killed(self) -> bool:
        """Whether some killer notices."""
        with self.apply():
            for killer in self.killers:
                try:
                    killer()
                except Exception:
                    return True
        return False


@contextlib.contextmanager
def changed_row(row: Any, **fields: Any) -> Iterator[None]:
    """Change fields of a row of the function table where it is, so that everybody sees it."""
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        object.__setattr__(row, name, value)
    _forget()
    try:
        yield
    finally:
        for name, value in before.items():
            object.__setattr__(row, name, value)
        _forget()


def _forget() -> None:
    """Clear what is remembered of rows."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("sparseopt."):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear") and value.__module__ == module.__name__:
                    value.cache_clear()


@contextlib.contextmanager
def patched(place: str, old: str, new: str) -> Iterator[None]:
    """Replace a piece of a function's source; ``place`` is ``module:function`` or ``module:A.f``.

    Everybody who imported the function gets the changed one.
    """
    module_name, _, path = place.partition(":")
    module = importlib.import_module(module_name)
    *owners, name = path.split(".")
    owner: Any = module
    for part in owners:
        owner = getattr(owner, part)
    original = inspect.getattr_static(owner, name)
    source = textwrap.dedent(inspect.getsource(_function(original)))
    if source.count(old) != 1:
        raise LookupError(f"{place} holds {source.count(old)} times {old!r}")
    made: dict[str, Any] = {}
    code = "from __future__ import annotations\n" + source.replace(old, new)
    exec(compile(code, module.__file__ or "", "exec"), vars(module) | {}, made)
    changed = _with_globals(made[name], module)
    holders = [(owner, name)] if owners else _holders(original, name)
    for holder, attribute in holders:
        setattr(holder, attribute, changed)
    if hasattr(changed, "__set_name__"):
        changed.__set_name__(owner, name)
    try:
        yield
    finally:
        for holder, attribute in holders:
            setattr(holder, attribute, original)


def _function(value: Any) -> Any:
    for attribute in ("fget", "func", "__func__"):
        if hasattr(value, attribute):
            return getattr(value, attribute)
    return value


def _with_globals(value: Any, module: Any) -> Any:
    """Return the function with its module's own globals, which it may change or see changed."""
    function = _function(value)
    copy = type(function)(
        function.__code__,
        vars(module),
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    if value is function:
        return copy
    return type(value)(copy)


def _holders(original: Any, name: str) -> list[tuple[Any, str]]:
    return [
        (module, attribute)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("sparseopt")
        for attribute, value in list(vars(module).items())
        if value is original
    ]
