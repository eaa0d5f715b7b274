"""``sparseopt show NAME``: what is known of a problem, and how to get its model in Python."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any

import typer

from sparseopt.cli.arguments import AsJson, ShowTraceback
from sparseopt.cli.exit_codes import reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.cli.target import registered, registry

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name from 'sparseopt list'.")]


def show(name: Name, as_json: AsJson = False, show_traceback: ShowTraceback = False) -> None:
    """Print a problem's formula, sizes, best known objectives with sources, and how to build it."""
    with reported_errors(show_traceback):
        found = _as_data(registered(name).record)
        if as_json:
            print_json(found)
        else:
            typer.echo("\n".join(_lines(found)))


def _as_data(record: Any) -> dict[str, Any]:
    module = sys.modules[inspect.unwrap(record.build).__module__]
    return {
        "name": record.name,
        "title": record.title,
        "collection": registry().collection(record.name),
        "family": record.family,
        "sense": record.sense,
        "reference": record.reference,
        "formula": inspect.cleandoc(module.__doc__ or ""),
        "file": module.__file__,
        "sizes": {size: _size(record, given) for size, given in record.sizes.items()},
        "known": [known_data(known) for known in record.known],
        "continuous": _continuous_data(getattr(module, "CONTINUOUS", None)),
        "ipopt_options": record.solve_options,
    }


def _size(record: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    counts = record.counts(**given)
    return {
        "arguments": dict(given),
        "variables": counts.variables,
        "constraints": counts.constraints,
        "jacobian_nonzeros": counts.jacobian,
        "hessian_nonzeros": counts.hessian,
    }


def known_data(known: Any) -> dict[str, Any]:
    """Return a known objective of a record for people and for JSON."""
    return {
        "size": dict(known.size),
        "objective": known.value,
        "best": known.value if known.best is None else known.best,
        "relative_tolerance": known.relative_tolerance,
        "source": known.source,
        "doi": known.doi,
    }


def _continuous_data(optimum: Any) -> dict[str, Any] | None:
    """Return the optimum of an optimal control problem before it is put on a mesh."""
    if optimum is None:
        return None
    names = ("relative_tolerance", "source", "doi")
    return {"objective": float(optimum.optimum)} | {name: getattr(optimum, name) for name in names}


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['name']} ({found['collection']}; {found['family']})"
    yield from ("", found["formula"], "", "Sizes, as the model is written:")
    yield from _size_lines(found["sizes"])
    yield from ("", f"Best known objectives ({found['sense']}):")
    yield from _known_lines(found["known"])
    if found["continuous"]:
        yield from ("", "Optimum in continuous time, which objectives on finer meshes approach:")
        yield f"  {found['continuous']['objective']:.12g}"
        yield f"      {_source(found['continuous'])}"
    yield from ("", f"In Python (file {found['file']}):")
    small = _arguments(next(iter(found["sizes"].values()))["arguments"])
    yield "  from problems import registry"
    yield f'  model = registry.get("{found["name"]}").build({small})'
    yield f"  solution = model.solve(options={found['ipopt_options']})"
    yield "  problem = model.problem()  # objective, gradient, constraints, jacobian, hessian of x"


def _size_lines(sizes: Mapping[str, Any]) -> Iterator[str]:
    if not any(size["arguments"] for size in sizes.values()):
        yield f"  {_counts(next(iter(sizes.values())))}"
        return
    for name, size in sizes.items():
        yield f"  {name:8}{_arguments(size['arguments'])}: {_counts(size)}"


def _known_lines(objectives: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield objectives, and a source once below all those that follow each other from it."""
    for source, group in groupby(objectives, key=_source):
        for known in group:
            yield f"  {known['best']:<18.12g}{_arguments(known['size'])}".rstrip()
            if known["best"] != known["objective"]:
                yield f"      from the model's start IPOPT ends at {known['objective']:.12g}"
        yield f"      {source}"


def _arguments(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _counts(size: Mapping[str, Any]) -> str:
    words = {"variables": "n", "constraints": "m"}
    words |= {"jacobian_nonzeros": "nnz(J)", "hessian_nonzeros": "nnz(H)"}
    claimed = {word: size[name] for name, word in words.items() if size[name] is not None}
    return ", ".join(f"{word} = {count:,}" for word, count in claimed.items())


def _source(known: Mapping[str, Any]) -> str:
    return f"{known['source']}, doi:{known['doi']}" if known["doi"] else known["source"]
