"""Schedules of compiled kernels: what runs at every evaluation.

No Python runs inside, unless a schedule holds callbacks.  A program starts to be compiled when it
is made, in the background; asking for its address waits.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.callbacks import Failure, PythonTask
from sparseopt.codegen.compile import target
from sparseopt.codegen.constant_runs import constant_runs, is_constant
from sparseopt.codegen.fixed_code import drivers, mover, run_address
from sparseopt.codegen.kernel_module import KernelModule
from sparseopt.codegen.kernel_source import KernelWriter
from sparseopt.codegen.lost_exceptions import kept_exceptions
from sparseopt.codegen.partition import Partition, partitions
from sparseopt.codegen.schedule_source import RANGE_WORDS
from sparseopt.codegen.threads import thread_cell
from sparseopt.codegen.tiers import FunctionAddress, TieredModule, address_table
from sparseopt.codegen.vector_math import VectorMath
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import (
    Base,
    Callback,
    Copy,
    Fill,
    Kernel,
    Operand,
    Product,
    Schedule,
    Substitution,
    Task,
)

__all__ = ["KernelModule", "NativeProgram", "drivers", "run_address"]

LONG = 50_000_000
"""Operations of an evaluation from which on the optimizer's passes pay."""
SHORT = 5_000
"""Operations of an evaluation up to which compiling takes longer than all that it could spare."""
MAX_COMBINED = 2000
"""Operations up to which formulas of one instance each become one function."""
ROUND_BYTES = 256 * 1024
"""Memory that the tasks of one round touch: it should stay in the L2 cache."""
CACHE_LINE_WORDS = 8

_RUN_TYPE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_double, ctypes.c_void_p
)


def _driver(name: str) -> FunctionAddress:
    return FunctionAddress(drivers(), name)


def _effort(instances: int, operations: int) -> int:
    """Effort follows work: where an evaluation takes long, the optimizer's passes pay too."""
    if instances == 1 or operations < SHORT:
        return 0
    return 3 if operations > LONG else 1


def _address(array: NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


class _Tables:
    """Keeps the arrays whose addresses compiled code reads, and the callbacks that it calls."""

    def __init__(self) -> None:
        self.alive: list[NDArray[Any]] = []
        self.callbacks: list[PythonTask] = []
        self.modules: set[TieredModule] = set()

    def words(self, values: Sequence[int | FunctionAddress]) -> int:
        """Return the address of 64-bit words."""
        array = address_table(values)
        self.modules.update(v.module for v in values if isinstance(v, FunctionAddress))
        self.alive.append(array)
        return _address(array)

    def pointers(self, arrays: Sequence[NDArray[Any]]) -> int:
        """Return the address of a table of addresses."""
        self.alive += arrays
        return self.words([_address(a) for a in arrays])


def _combine_single(pool: ExpressionPool, kernels: list[Kernel]) -> Kernel:
    """Return one kernel for several of one instance each; they share what they read."""
    operands: dict[int, Operand] = {}
    numbers: dict[object, int] = {}
    terms: list[int] = []
    for kernel in kernels:
        renamed = {}
        for k, operand in kernel.operands.items():
            key = (operand.base, operand.index) if operand.base is not None else id(operand)
            if key not in numbers:
                numbers[key] = len(operands)
                operands[numbers[key]] = operand
            renamed[k] = pool.leaf(numbers[key])
        terms += pool.substitute(kernel.terms, renamed)
    targets = tuple(t for kernel in kernels for t in kernel.targets)
    return Kernel(tuple(terms), operands, targets, 1)


def _prepared(pool: ExpressionPool, phase: list[Task]) -> list[Task]:
    single = [t for t in phase if isinstance(t, Kernel) and t.count == 1]
    # Large ones stay apart: equal ones among them are compiled once.
    if len(single) < 2 or sum(pool.num_operations(k.terms) for k in single) > MAX_COMBINED:
        return phase
    rest = [t for t in phase if not (isinstance(t, Kernel) and t.count == 1)]
    return [*rest, _combine_single(pool, single)]


def _in_runs(task: Task) -> Sequence[Task]:
    return constant_runs(task) if isinstance(task, Fill) else [task]


def _rounds(phase: list[Task]) -> int:
    kernels = [t for t in phase if isinstance(t, Kernel)]
    if len(kernels) < 2:
        return 1
    places = sum(t.count * (len(t.operands) + len(t.targets)) for t in kernels)
    return max(1, 8 * places // ROUND_BYTES)


class NativeProgram:
    """A schedule compiled and ready to run, with its own workspace.

    Not thread-safe: two threads must not run one program at the same time.

    Parameters
    ----------
    schedule : Schedule
    parameters : float64 array
    least_effort : int
        Of the code generator: 1 for an evaluation that is short, but run very often.
    module : KernelModule, optional
        Where the kernels are to be; by default a module of their own, which is started at once.
    """

    def __init__(
        self,
        schedule: Schedule,
        parameters: NDArray[np.float64],
        least_effort: int = 0,
        module: KernelModule | None = None,
    ) -> None:
        self.schedule = schedule
        self._least_effort = least_effort
        self._tables = _Tables()
        self._weight = np.ones(1)
        self._bases = np.zeros(len(Base), np.int64)
        work = np.zeros(max(1, schedule.work_size))
        colors = np.zeros(1) if schedule.colors is None else schedule.colors
        for base, array in (
            (Base.PARAMETERS, parameters),
            (Base.WORK, work),
            (Base.WEIGHT, self._weight),
            (Base.COLORS, colors),
        ):
            self._tables.alive.append(array)
            self._bases[base] = _address(array)
        self._failure = Failure()
        # A phase that stands at several places is prepared, compiled and linked once.
        known = {id(p): _prepared(schedule.pool, p) for p in schedule.phases if p}
        prepared = [known[id(p)] for p in schedule.phases if p]
        phases = [(phase, _rounds(phase)) for phase in prepared]
        self.phases = partitions(schedule.pool, phases, target().lanes)
        """What runs, in order, each phase split into parts or not."""
        self._module = module or KernelModule()
        self._write(list({id(p): p.tasks for p in self.phases}.values()), self._module)
        if module is None:
            self._module.start()

    @cached_property
    def _run(self) -> Callable[..., None]:
        return _RUN_TYPE(run_address())

    @cached_property
    def _words(self) -> NDArray[np.int64]:
        return self._link(self.phases)

    @cached_property
    def address(self) -> int:
        """Address of the schedule, for ``run``; asking for it waits for the compiler."""
        return _address(self._words)

    def link(self) -> None:
        """Wait for the compiler, and link the schedule to its code."""
        _ = self.address
        for module in self._tables.modules:
            if self._module.effort or module is not drivers():
                module.improve()

    @property
    def source(self) -> str:
        """The LLVM IR of the kernels."""
        texts = list(dict.fromkeys(text for text, _ in self._writers.values()))
        return self._module.source(texts) if texts else "; no kernels: every value is constant\n"

    def run(
        self,
        x: NDArray[np.float64],
        out: NDArray[np.float64],
        multipliers: NDArray[np.float64] | None = None,
        weight: float = 1.0,
        vector: NDArray[np.float64] | None = None,
    ) -> None:
        """Evaluate the schedule at ``x`` into ``out``; contiguous float64 arrays.

        What a callback raises is raised again.
        """
        if vector is not None:
            self._bases[Base.VECTOR] = _address(vector)
        lam = 0 if multipliers is None else _address(multipliers)
        arguments = (self.address, _address(x), lam, weight, _address(out))
        if not self._tables.callbacks:
            self._run(*arguments)
            return
        with kept_exceptions(self._failure.keep):
            self._run(*arguments)
        self._failure.raise_again()

    # ---- building
    def _write(self, phases: list[list[Task]], module: KernelModule) -> None:
        host = target()
        math = VectorMath(host)
        self._writers: dict[int, tuple[str, KernelWriter]] = {}
        instances = 0
        for task in (t for phase in phases for t in phase if isinstance(t, Kernel)):
            lanes = host.lanes if task.count >= host.lanes else 1
            writer = KernelWriter(self.schedule.pool, task, lanes, math)
            text = writer.write("kernel")
            module.add_kernel(text)
            self._writers[id(task)] = (text, writer)
            instances = max(instances, task.count)
        wanted = _effort(instances, self.schedule.num_operations()) if instances else 0
        texts = {text for text, _ in self._writers.values()}
        title = f"{self.schedule.name}: {len(texts)} kernels"
        module.add(title, max(self._least_effort, wanted), math.declarations)

    def _link(self, phases: list[Partition]) -> NDArray[np.int64]:
        words = [_address(self._bases), len(phases), _address(thread_cell())]
        linked: dict[int, list[int]] = {}
        for phase in phases:
            if id(phase) not in linked:
                linked[id(phase)] = self._phase(phase)
            words += linked[id(phase)]
        return np.array(words, np.int64)

    def _phase(self, phase: Partition) -> list[int]:
        tables = self._tables
        single = [t for task in phase.tasks for t in _in_runs(task)]
        tasks = tables.words([word for task in single for word in self._task(task)])
        # Sums of two parts do not share a cache line.
        width = -(-len(phase.sums) // CACHE_LINE_WORDS) * CACHE_LINE_WORDS
        places = tables.words([number for place in phase.sums for number in place])
        memory = tables.words([0] * (phase.parts * width))
        sums = [len(phase.sums), places, memory, width]
        head = [phase.rounds, len(single), tasks, phase.parts]
        return [*head, *sums, *self._ranges(phase), phase.halves]

    def _ranges(self, phase: Partition) -> tuple[int, int]:
        starts, words = [0], []
        for ranges in phase.ranges:
            for r in ranges:
                values = 0 if r.values is None else _address(r.values)
                words += [r.base, r.offset, 8 * r.size, values]
                self._tables.alive += [] if r.values is None else [r.values]
            starts.append(len(words) // RANGE_WORDS)
        return self._tables.words(starts), self._tables.words(words)

    def _task(self, task: Task) -> list[int | FunctionAddress]:
        tables = self._tables
        if isinstance(task, Kernel):
            text, writer = self._writers[id(task)]
            layout, body = writer.layout, self._module.function(text)
            numbers = tables.words(layout.words(body, _driver))
            tables.alive += layout.alive
            grain = 1 if layout.is_nested else 2 * writer.lanes
            return [_driver("run_kernel"), layout.units, grain, numbers, tables.pointers([])]
        if isinstance(task, Fill):
            values = [] if task.values is None else [task.values]
            meta = tables.words([task.base, task.offset])
            function = _driver("repeat" if is_constant(task) else "fill")
            return [function, task.size, 1, meta, tables.pointers(values)]
        if isinstance(task, Callback):
            call = PythonTask(task, self._bases, self._failure)
            tables.callbacks.append(call)
            return [call.address, 1, 1, tables.words([]), tables.words([])]
        return self._moved(task)

    def _moved(self, task: Copy | Substitution | Product) -> list[int | FunctionAddress]:
        if isinstance(task, Copy):
            name, numbers = "copy", [task.source, task.base, task.offset]
            arrays = [task.places]
        elif isinstance(task, Substitution):
            name, numbers = "substitute", [task.base]
            arrays = [task.sources, task.targets]
        else:
            name = f"product{len(task.factors)}"
            numbers = [task.base, *(base for base, _ in task.factors)]
            arrays = [task.places, *(places for _, places in task.factors)]
        tables = self._tables
        return [mover(name), arrays[-1].size, 1, tables.words(numbers), tables.pointers(arrays)]
