"""From the word TARGET to a model.

Three spellings: a name in the ``problems`` registry, ``package.module:function``, and
``path/file.py:function``.  The registry is optional: it is looked up by name in the import path,
never imported by the package.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

from sparseopt.errors import did_you_mean
from sparseopt.modeling.model import Model

REGISTRY = "problems.registry"


@dataclass(frozen=True)
class Target:
    """A function that builds a model, and what is known about its answer.

    Parameters
    ----------
    name : str
        The word on the command line.
    build : callable
        Returns a `Model`; takes the values of ``--set`` as keyword arguments.
    record : object
        The registry's record of the problem; None for a target that is not registered.
    size : mapping
        Arguments of the builder that ``--set`` may override.
    """

    name: str
    build: Callable[..., Any]
    record: Any = None
    size: Mapping[str, Any] = field(default_factory=dict)

    def arguments(self, settings: dict[str, object]) -> dict[str, Any]:
        """Return what the builder is called with: the size, and the user's settings over it."""
        return {**self.size, **settings}

    def build_model(self, settings: dict[str, object]) -> Model:
        """Call the builder with the user's settings and insist on a model."""
        parameters = inspect.signature(self.build).parameters
        takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        for key in [] if takes_any else settings.keys() - parameters.keys():
            advice = did_you_mean(key, parameters)
            raise typer.BadParameter(f"{self.name} has no argument {key!r}; {advice}")
        model = self.build(**self.arguments(settings))
        if not isinstance(model, Model):
            raise typer.BadParameter(
                f"{self.name} returned {type(model).__name__}; it must return a sparseopt.Model"
            )
        return model

    def solve_options(self, solver: str) -> dict[str, object]:
        """Return the options of IPOPT with which the record's known objectives are met."""
        if self.record is None or solver != "ipopt":
            return {}
        return dict(self.record.solve_options)

    def known_objective(self, settings: dict[str, object]) -> Any:
        """Return the record's known objective for these settings and the builder's defaults."""
        if self.record is None:
            return None
        return self.record.known_objective(self.arguments(settings))


def find_target(text: str, size: str | None = None) -> Target:
    """Return the target a word names, or say which words would have worked."""
    place, colon, function = text.rpartition(":")
    if text.endswith(".py"):
        own = ", ".join(_own_functions(_load_file(Path(text)))) or "none so far"
        raise typer.BadParameter(f"which function of it? {text}:function, of these: {own}")
    if not colon:
        return registered(text, size)
    if size is not None:
        raise typer.BadParameter(f"{text} is not in 'sparseopt list', so it has no --size")
    module = _load_file(Path(place)) if place.endswith(".py") else _load_module(place)
    builder = getattr(module, function, None)
    if not callable(builder):
        advice = did_you_mean(function, _own_functions(module))
        raise typer.BadParameter(f"{place} has no function {function!r}; {advice}")
    return Target(text, builder)


def _own_functions(module: ModuleType) -> list[str]:
    return [n for n, v in vars(module).items() if inspect.isfunction(v) and n[0] != "_"]


def parse_assignments(items: Sequence[str]) -> dict[str, object]:
    """Read ``key=value`` words; a value is a Python literal, or else a string.

    Examples
    --------
    >>> parse_assignments(["n=100", "case=case14", "sizes=(3, 4)"])
    {'n': 100, 'case': 'case14', 'sizes': (3, 4)}
    """
    assignments = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{item!r} is not of the form key=value")
        assignments[key.strip()] = _literal(value.strip())
    return assignments


def registry() -> ModuleType:
    """Return the problem collection's registry, or say that none is importable."""
    try:
        return importlib.import_module(REGISTRY)
    except ModuleNotFoundError as error:
        if error.name not in (REGISTRY, REGISTRY.partition(".")[0]):
            raise
        raise typer.BadParameter(
            f"no problem collection here ({REGISTRY} is not importable); run in a directory that"
            " has one, or give module:function or file.py:function"
        ) from error


def registered(name: str, size: str | None = None) -> Target:
    """Return the target of a problem's name, at one of its sizes."""
    collection = registry()
    names = collection.names()
    if name not in names:
        advice = did_you_mean(name, names)
        raise typer.BadParameter(f"no problem named {name!r}; {advice} (all: sparseopt list)")
    record = collection.get(name)
    if size is not None and size not in record.sizes:
        raise typer.BadParameter(f"{name} has the sizes {', '.join(record.sizes)}, not {size!r}")
    return Target(name, record.build, record, record.sizes[size] if size else {})


def _load_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # the target exists, and something it imports does not
        raise typer.BadParameter(f"no module named {name!r} in the import path") from error


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise typer.BadParameter(f"no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise typer.BadParameter(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses and pickle look their module up by name
    sys.path.insert(0, str(path.parent.resolve()))  # its siblings, as when Python runs the file
    spec.loader.exec_module(module)
    return module


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
