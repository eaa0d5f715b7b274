"""The JSON file of a run: machine, lines of user code, results; written after every task."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import code_lines, machine
from benchmarks.runner import Result, disagreements
from benchmarks.selection import STAGES, Task

ALWAYS = ("problem", "size_name", "size", "variables", "tool")


class UnusableFileError(RuntimeError):
    """A file cannot be resumed."""


class OtherMachineError(UnusableFileError):
    """Results of one file would come from two machines, or from two sets of versions."""


class Results:
    """Results by task, and the file they are in.

    Parameters
    ----------
    path : Path
        The JSON file; its folder is made.
    resume : bool
        Keep what the file has and add to it; otherwise it is written anew.
    retry : bool
        Forget the failures, and what was not run, of a file that is resumed.
    """

    def __init__(self, path: Path, resume: bool, retry: bool = False) -> None:
        self.path, self.machine = path, machine.description()
        self.found: dict[tuple[str, str, str], Result] = {}
        self.planned: dict[tuple[str, str, str], set[str]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.exists():
            self._read(retry)

    def _read(self, retry: bool) -> None:
        stored = _stored(self.path)
        differing = _differing(stored["machine"], self.machine)
        if differing:
            raise OtherMachineError(
                f"{self.path} was measured with {differing}: write to another file"
            )
        # A resumed run may see fewer of the tools than an earlier one did.
        packages, known = self.machine["packages"], stored["machine"]["packages"]
        self.machine["packages"] = {**known, **{n: v for n, v in packages.items() if v}}
        for result in stored["results"]:
            if retry:
                result.pop("failures", None)
            if not (retry and "skipped" in result):
                self.found[_key(result)] = result
        for words, stages in stored.get("not_run", {}).items():
            problem, size_name, tool = words.split()
            self.planned[problem, size_name, tool] = set(stages.split())

    def plan(self, tasks: Iterable[Task]) -> None:
        """Note what is to be measured: the file says what of it has not been."""
        for task in tasks:
            self.planned.setdefault(task.key, set()).update(task.stages)

    def left(self, task: Task) -> Task | None:
        """Return the task with the stages that have neither numbers nor a failure yet."""
        stages = tuple(stage for stage in task.stages if not self._is_done(task.key, stage))
        return replace(task, stages=stages) if stages else None

    def _is_done(self, key: tuple[str, str, str], stage: str) -> bool:
        known = self.found.get(key, {})
        done = known.keys() | known.get("failures", {}).keys() | set(known.get("empty", ()))
        return "skipped" in known or stage in done

    def add(self, task: Task, result: Result) -> None:
        """Merge a result into what is known of its task, and write the file."""
        known = self.found.get(_key(result), {})
        merged = {**known, **result}
        for name in ("setup", "failures"):
            if name in known and name in result:
                merged[name] = {**known[name], **result[name]}
        merged["process_seconds"] = sum(r.get("process_seconds", 0.0) for r in (known, result))
        # A stage that a tool does not have, such as the solve of a closed form, is done too.
        have = merged.keys() | merged.get("failures", {}).keys()
        empty = {*known.get("empty", ()), *(stage for stage in task.stages if stage not in have)}
        merged["empty"] = sorted(empty)
        self.found[_key(result)] = merged
        self.write()

    def _not_run(self) -> dict[str, str]:
        """Return the stages that have neither numbers nor a reason, by problem, size and tool."""
        left = {
            " ".join(key): " ".join(s for s in STAGES if s in stages and not self._is_done(key, s))
            for key, stages in self.planned.items()
        }
        return {words: stages for words, stages in left.items() if stages}

    def write(self) -> None:
        """Write the file, whole, so that no reader sees half of it."""
        results = list(self.found.values())
        report = {
            "machine": self.machine,
            "disagreements": disagreements(results),
            "code_lines": code_lines.counts(sorted({r["problem"] for r in results})),
            "not_run": self._not_run(),
            "results": results,
        }
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(report, indent=1))
        partial.replace(self.path)


def _stored(path: Path) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise UnusableFileError(f"{path} holds no results: {error}") from error
    if not (isinstance(stored, dict) and {"machine", "results"} <= stored.keys()):
        raise UnusableFileError(f"{path} holds no results: it has no machine and results")
    return stored


def _key(result: Result) -> tuple[str, str, str]:
    return result["problem"], result["size_name"], result["tool"]


def _differing(first: dict[str, Any], second: dict[str, Any]) -> str:
    names = [name for name in ("processor", "cores", "python") if first[name] != second[name]]
    found = [f"{name} {first[name]}" for name in names]
    packages = first["packages"]
    for name, version in packages.items():
        if version and second["packages"].get(name) not in (None, version):
            found.append(f"{name} {version}")
    return ", ".join(found)
