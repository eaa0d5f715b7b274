"""Schedules of compiled kernels: what runs at every evaluation.

No Python runs inside, unless a schedule holds callbacks.  A program starts to be compiled when it
is made, in the background; asking for its address waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.addresses import ArrayAddress, Word, address_of, functions_reached, table_of
from sparseopt.codegen.callbacks import Failure, PythonTask
from sparseopt.codegen.compile import target
from sparseopt.codegen.constant_runs import constant_runs, is_constant
from sparseopt.codegen.fixed_code import (
    drivers,
    expect_drivers,
    kernel_drivers,
    mover,
    run_address,
)
from sparseopt.codegen.kernel_module import KernelModule
from sparseopt.codegen.kernel_source import KernelWriter
from sparseopt.codegen.linked_program import LinkedProgram
from sparseopt.codegen.lost_exceptions import kept_exceptions
from sparseopt.codegen.partition import Partition, partitions
from sparseopt.codegen.schedule_source import RANGE_WORDS
from sparseopt.codegen.threads import thread_cell
from sparseopt.codegen.tiers import FunctionAddress, TieredModule
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

__all__ = ["KernelModule", "NativeProgram", "drivers", "expect_drivers", "run_address"]

LONG = 50_000_000
"""Operations of an evaluation from which on the optimizer's passes pay."""
SHORT = 5_000
"""Operations of an evaluation up to which compiling takes longer than all that it could spare."""
MAX_COMBINED = 2000
"""Operations up to which formulas of one instance each become one function."""
ROUND_BYTES = 256 * 1024
"""Memory that the tasks of one round touch: it should stay in the L2 cache."""
CACHE_LINE_WORDS = 8


def _kernel_driver(name: str) -> FunctionAddress:
    return FunctionAddress(kernel_drivers(), name)


def _effort(instances: int, operations: int) -> int:
    """Effort follows work: where an evaluation takes long, the optimizer's passes pay too."""
    if instances == 1 or operations < SHORT:
        return 0
    return 3 if operations > LONG else 1


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


class NativeProgram(LinkedProgram):
    """A schedule compiled and ready to run, with its own workspace.

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
        self._callbacks: list[PythonTask] = []
        self._failure = Failure()
        self.memory = {"parameters": parameters, "work": np.zeros(max(1, schedule.work_size))}
        """Arrays that are not the schedule's data."""
        self.bases = table_of(self._base_words())
        self._bases = self.bases.array
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
    def root(self) -> ArrayAddress:
        """The schedule, linked; asking for it waits for the compiler."""
        return self._link(self.phases)

    @property
    def address(self) -> int:
        """Address of the schedule, for ``run``; asking for it waits for the compiler."""
        return self.root

    @property
    def effort(self) -> int:
        """What its kernels want of the code generator: 0 to 3."""
        return self._module.effort

    @property
    def modules(self) -> set[TieredModule]:
        """The modules whose functions it calls, once it is linked."""
        return {function.module for function in functions_reached(self.root)}

    @property
    def has_callbacks(self) -> bool:
        """Whether Python runs inside, once it is linked."""
        return bool(self._callbacks)

    @property
    def source(self) -> str:
        """The LLVM IR of the kernels."""
        texts = list(dict.fromkeys(text for text, _ in self._writers.values()))
        return self._module.source(texts) if texts else "; no kernels: every value is constant\n"

    def _call(self, *arguments: float) -> None:
        """Run, and raise again what a callback raises."""
        if not self._callbacks:
            super()._call(*arguments)
            return
        with kept_exceptions(self._failure.keep):
            super()._call(*arguments)
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
        if instances > 1:
            kernel_drivers()  # the compiler starts on them
        wanted = _effort(instances, self.schedule.num_operations()) if instances else 0
        texts = {text for text, _ in self._writers.values()}
        title = f"{self.schedule.name}: {len(texts)} kernels"
        module.add(title, max(self._least_effort, wanted), math.declarations)

    def _base_words(self) -> list[Word]:
        colors = self.schedule.colors
        known = {
            Base.PARAMETERS: self.memory["parameters"],
            Base.WORK: self.memory["work"],
            Base.WEIGHT: np.ones(1),
            Base.COLORS: np.zeros(1) if colors is None else colors,
        }
        return [address_of(known[base]) if base in known else 0 for base in Base]

    def _link(self, phases: list[Partition]) -> ArrayAddress:
        words: list[Word] = [self.bases, len(phases), address_of(thread_cell())]
        linked: dict[int, list[Word]] = {}
        for phase in phases:
            if id(phase) not in linked:
                linked[id(phase)] = self._phase(phase)
            words += linked[id(phase)]
        return table_of(words)

    def _phase(self, phase: Partition) -> list[Word]:
        single = [t for task in phase.tasks for t in _in_runs(task)]
        tasks = table_of([word for task in single for word in self._task(task)])
        # Sums of two parts do not share a cache line.
        width = -(-len(phase.sums) // CACHE_LINE_WORDS) * CACHE_LINE_WORDS
        places = table_of([number for place in phase.sums for number in place])
        memory = address_of(np.zeros(phase.parts * width))
        sums: list[Word] = [len(phase.sums), places, memory, width]
        head: list[Word] = [phase.rounds, len(single), tasks, phase.parts]
        return [*head, *sums, *_range_tables(phase), phase.halves]

    def _task(self, task: Task) -> list[Word]:
        if isinstance(task, Kernel):
            text, writer = self._writers[id(task)]
            layout, body = writer.layout, self._module.function(text)
            if task.count == 1:
                return [body, 1, 1, table_of(layout.starts), table_of([])]
            numbers = table_of(layout.words(body, _kernel_driver))
            grain = 1 if layout.is_nested else 2 * writer.lanes
            return [_kernel_driver("run_kernel"), layout.units, grain, numbers, table_of([])]
        if isinstance(task, Fill):
            values = [] if task.values is None else [task.values]
            meta = table_of([task.base, task.offset])
            function = FunctionAddress(drivers(), "repeat" if is_constant(task) else "fill")
            return [function, task.size, 1, meta, _pointers(values)]
        if isinstance(task, Callback):
            call = PythonTask(task, self._bases, self._failure)
            self._callbacks.append(call)
            return [call.address, 1, 1, table_of([]), table_of([])]
        return _moved(task)


def _range_tables(phase: Partition) -> tuple[ArrayAddress, ArrayAddress]:
    starts: list[Word] = [0]
    words: list[Word] = []
    for ranges in phase.ranges:
        for r in ranges:
            values = 0 if r.values is None else address_of(r.values)
            words += [r.base, r.offset, 8 * r.size, values]
        starts.append(len(words) // RANGE_WORDS)
    return table_of(starts), table_of(words)


def _moved(task: Copy | Substitution | Product) -> list[Word]:
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
    return [mover(name), arrays[-1].size, 1, table_of(numbers), _pointers(arrays)]


def _pointers(arrays: Sequence[NDArray[Any]]) -> ArrayAddress:
    return table_of([address_of(array) for array in arrays])
