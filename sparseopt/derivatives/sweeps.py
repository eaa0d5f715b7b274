"""Sweeps through the stages: pullbacks, pushforwards and Hessian products, several at once.

- The pullback (gradient, ``Jᵀ w``) goes backward with the adjoints of the stages;
- the pushforward (``J v``) goes forward with their tangents;
- the Hessian product goes forward with tangents and backward with the tangents of adjoints
  (forward over reverse; Griewank and Walther 2008, chapter 5, doi:10.1137/1.9780898717761).

Every sweep carries a bundle of directions: values, partials and adjoints are computed once for all
of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparseopt.derivatives.additions import store_single_additions
from sparseopt.derivatives.bundles import Bundle, KernelLeaves, Stored
from sparseopt.derivatives.calls import pull_call, pull_call_tangent, push_call
from sparseopt.derivatives.layout import Workspace
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.elements.form import Block, Stage
from sparseopt.elements.tasks import Base, Fill, Kernel, Schedule, Target, Task

__all__ = [
    "Vectors",
    "adjoints_of",
    "product_schedule",
    "products",
    "pull",
    "pull_back",
    "pullback_schedule",
    "push",
    "push_forward",
    "pushforward_schedule",
]

Phases = list[list[Task]]
Weighted = Sequence[tuple[Stage, Bundle]]
"""Stages with the weights of their rows."""


class Vectors:
    """Bundles by variables and by stage values: what leaves read, or what kernels add to.

    Either may be None: there are no stage values, or what belongs to variables is not wanted.
    """

    def __init__(self, variables: Bundle | None, intermediates: Stored | None) -> None:
        self.variables = variables
        self.intermediates = intermediates

    def of(self, source: str) -> Bundle | None:
        """Return the bundle of a leaf's source, "x" or "z"."""
        return self.variables if source == "x" else self.intermediates


def _is_zero(scheduler: Scheduler, term: int) -> bool:
    return scheduler.pool.value_of(term) == 0.0


def _kernel(
    scheduler: Scheduler,
    stage: Stage,
    number: int,
    leaves: KernelLeaves,
    results: list[tuple[int, Target]],
) -> list[Task]:
    """Return the kernel of a stage's block, if there is anything to compute."""
    if not results:
        return []
    block = stage.blocks[number]
    terms, targets = zip(*results, strict=True)
    terms = leaves.reusing(scheduler.known_values(stage)[number], terms)
    terms = leaves.guarded(scheduler, stage, block, terms)
    return [Kernel(terms, leaves.operands, targets, block.count)]


# ---- pushforward
def push(scheduler: Scheduler, stage: Stage, tangents: Vectors, out: Stored) -> Phases:
    """Return the phases that compute the directional derivatives of one stage."""
    kernels: list[Task] = []
    covered = 0
    stored = scheduler.rows_are_stored(stage)
    for number, (block, alone) in enumerate(zip(stage.blocks, stored, strict=True)):
        leaves = KernelLeaves(scheduler, block)
        terms = _tangents(leaves, block, tangents)
        results = []
        for d in range(out.count):
            along = {k: of_leaf[d] for k, of_leaf in terms.items()}
            for output, rows, store in zip(block.outputs, block.rows, alone, strict=True):
                term = scheduler.derivatives.pushforward(output, along)
                if not _is_zero(scheduler, term):
                    results.append((term, out.target(rows, d, store=store)))
                    covered += rows.size if store else 0
        kernels += _kernel(scheduler, stage, number, leaves, results)
    if covered == stage.size * out.count:
        return [kernels] if kernels else []
    fills: list[Task] = [_zeros(out, d, stage.size) for d in range(out.count)]
    if stage.call is not None and tangents.intermediates is not None:
        kernels += push_call(stage.call, tangents.intermediates, out)
    return [fills, kernels] if kernels else [fills]


def _tangents(leaves: KernelLeaves, block: Block, tangents: Vectors) -> dict[int, list[int]]:
    found = {}
    for k in block.variable_leaves:
        leaf = block.leaves[k]
        bundle = tangents.of(leaf.source)
        if bundle is not None and leaf.index is not None:
            found[k] = bundle.read(leaves, leaf.index)
    return found


def _zeros(out: Stored, direction: int, size: int) -> Fill:
    return Fill(out.place.base, out.place.offset + direction * out.stride, size)


def push_forward(scheduler: Scheduler, targets: Iterable[Stage], tangents: Vectors) -> Phases:
    """Return the phases that compute the tangents of the intermediates that targets need."""
    phases: Phases = []
    for stage in scheduler.needed(targets):
        assert tangents.intermediates is not None
        phases += push(scheduler, stage, tangents, tangents.intermediates.part(stage.offset))
    return phases


# ---- pullback
def pull(scheduler: Scheduler, stage: Stage, weights: Bundle, adjoints: Vectors) -> Phases:
    """Return the phases that add a stage's weighted gradients to variables and stage values."""
    kernels: list[Task] = []
    for number, block in enumerate(stage.blocks):
        leaves = KernelLeaves(scheduler, block)
        seeds = [weights.read(leaves, rows) for rows in block.rows]
        results = []
        for d in range(weights.count):
            pairs = [(o, seed[d]) for o, seed in zip(block.outputs, seeds, strict=True)]
            gradient = scheduler.derivatives.weighted_gradient(pairs, block.variable_bits)
            results += _additions(block, gradient, adjoints, d)
        kernels += _kernel(scheduler, stage, number, leaves, results)
    if stage.call is not None and adjoints.intermediates is not None:
        kernels += pull_call(stage.call, weights, adjoints.intermediates)
    return [kernels] if kernels else []


def _additions(
    block: Block, terms: dict[int, int], adjoints: Vectors, direction: int
) -> list[tuple[int, Target]]:
    """Return where the terms of leaves are added to."""
    found = []
    for k in block.variable_leaves:
        leaf = block.leaves[k]
        bundle = adjoints.of(leaf.source)
        if k in terms and isinstance(bundle, Stored) and leaf.index is not None:
            found.append((terms[k], bundle.target(leaf.index, direction)))
    return found


def pull_back(scheduler: Scheduler, targets: Weighted, adjoints: Vectors) -> Phases:
    """Return the phases that carry weights of the targets back to stage values and variables."""
    stages = scheduler.needed([s for s, _ in targets])
    phases: Phases = []
    intermediates = adjoints.intermediates
    if stages and intermediates is not None:
        size = scheduler.form.num_intermediates
        phases.append([_zeros(intermediates, d, size) for d in range(intermediates.count)])
    for stage, weights in targets:
        phases += pull(scheduler, stage, weights, adjoints)
    for stage in reversed(stages):
        assert intermediates is not None
        phases += pull(scheduler, stage, intermediates.part(stage.offset), adjoints)
    return phases


# ---- Hessian products: forward over reverse
def _pull_tangent(
    scheduler: Scheduler,
    stage: Stage,
    weights: Bundle,
    rates: Bundle | None,
    tangents: Vectors,
    out: Vectors,
    count: int,
) -> Phases:
    """Return the phases that add the tangents of a stage's pullback.

    ``rates`` are the tangents of the weights; None where the weights are fixed.
    """
    kernels: list[Task] = []
    pool, derivatives = scheduler.pool, scheduler.derivatives
    for number, block in enumerate(stage.blocks):
        leaves = KernelLeaves(scheduler, block)
        seeds = [weights.read(leaves, rows)[0] for rows in block.rows]
        pairs = zip(block.outputs, seeds, strict=True)
        gradient = derivatives.weighted_gradient(pairs, block.variable_bits)
        terms = _tangents(leaves, block, tangents)
        if rates is not None:
            for seed, rows in zip(seeds, block.rows, strict=True):
                terms[pool.calls[seed][1]] = rates.read(leaves, rows)
        results = []
        for d in range(count):
            along = {k: of_leaf[d] for k, of_leaf in terms.items()}
            curved = {k: derivatives.pushforward(g, along) for k, g in gradient.items()}
            curved = {k: t for k, t in curved.items() if not _is_zero(scheduler, t)}
            results += _additions(block, curved, out, d)
        kernels += _kernel(scheduler, stage, number, leaves, results)
    if stage.call is not None and rates is not None:
        assert tangents.intermediates is not None
        assert out.intermediates is not None
        kernels += pull_call_tangent(
            stage.call, weights, rates, tangents.intermediates, out.intermediates
        )
    return [kernels] if kernels else []


def adjoints_of(scheduler: Scheduler, targets: Weighted, space: Workspace) -> tuple[Stored, Phases]:
    """Return the adjoints of the stage values that curve, and the phases that compute them."""
    size = scheduler.form.num_intermediates
    adjoints = Stored(Place(Base.WORK, space.reserve(size)), size)
    stages = scheduler.needed([s for s, _ in targets])
    if not stages:
        return adjoints, []
    curved = _curved(scheduler, stages)
    reads = [*((s, w) for s, w in targets), *((s, adjoints.part(s.offset)) for s in stages[::-1])]
    phases: Phases = [[_zeros(adjoints, 0, size)]]
    for stage, weights in reads:
        if any(id(s) in curved for s in scheduler.read_by(stage)):
            phases += pull(scheduler, stage, weights, Vectors(None, adjoints))
    return adjoints, phases


def _curved(scheduler: Scheduler, stages: Sequence[Stage]) -> set[int]:
    """Return the stages whose adjoints second derivatives depend on.

    Those of a linear stage are only wanted for what it reads.  A gather of the variables for a
    call, which is one, would otherwise cost a pullback of the call.
    """
    found: set[int] = set()
    for stage in stages:
        below = any(id(s) in found for s in scheduler.read_by(stage))
        if below or stage.call is not None or not _is_linear(scheduler, stage):
            found.add(id(stage))
    return found


def _is_linear(scheduler: Scheduler, stage: Stage) -> bool:
    masks, gradient = scheduler.pool.leaf_masks, scheduler.derivatives.gradient
    return not any(
        masks[partial] & block.variable_bits
        for block in stage.blocks
        for output in block.outputs
        for partial in gradient(output, block.variable_bits).values()
    )


def products(
    scheduler: Scheduler,
    targets: Weighted,
    adjoints: Stored,
    directions: Bundle,
    out: Stored,
    space: Workspace,
) -> Phases:
    """Return the phases that compute the Hessian of a weighted sum times several directions.

    Parameters
    ----------
    targets : list of (stage, weights)
    adjoints : Stored
        Of the stage values, from `adjoints_of`.
    directions : Bundle
        By the variables.
    out : Stored
        The products, by the variables.
    """
    size, count = scheduler.form.num_intermediates, directions.count
    tangents, rates = (
        Stored(Place(Base.WORK, space.reserve(count * size)), size, count) for _ in range(2)
    )
    goals = [s for s, _ in targets]
    along = Vectors(directions, tangents)
    phases = push_forward(scheduler, goals, along)
    n = scheduler.form.num_variables
    fills = [_zeros(out, d, n) for d in range(count)]
    fills += [_zeros(rates, d, size) for d in range(count if size else 0)]
    phases.append([*fills])
    results = Vectors(out, rates)
    for stage, weights in targets:
        phases += _pull_tangent(scheduler, stage, weights, None, along, results, count)
    for stage in reversed(scheduler.needed(goals)):
        weights, own = adjoints.part(stage.offset), rates.part(stage.offset)
        phases += _pull_tangent(scheduler, stage, weights, own, along, results, count)
    return phases


# ---- schedules of one direction
def _workspace(scheduler: Scheduler) -> Workspace:
    """Return a workspace that begins with the stage values."""
    space = Workspace()
    space.reserve(scheduler.num_values)
    return space


def pushforward_schedule(scheduler: Scheduler, name: str, stage: Stage) -> Schedule:
    """Return the schedule of the directional derivative of a stage."""
    space = _workspace(scheduler)
    size = scheduler.form.num_intermediates
    tangents = Stored(Place(Base.WORK, space.reserve(size)), size)
    along = Vectors(Stored(Place(Base.VECTOR)), tangents)
    phases = push_forward(scheduler, [stage], along)
    phases += push(scheduler, stage, along, Stored(Place(Base.OUT), stage.size))
    phases = scheduler.after_values(phases, [stage])
    return Schedule(name, scheduler.pool, phases, stage.size, space.size)


def pullback_schedule(scheduler: Scheduler, name: str, targets: Weighted) -> Schedule:
    """Return the schedule of the gradient of a weighted sum of stages."""
    space = _workspace(scheduler)
    size, n = scheduler.form.num_intermediates, scheduler.form.num_variables
    adjoints = Stored(Place(Base.WORK, space.reserve(size)), size)
    phases: Phases = [[Fill(Base.OUT, 0, n)]]
    phases += pull_back(scheduler, targets, Vectors(Stored(Place(Base.OUT), n), adjoints))
    phases = scheduler.after_values(store_single_additions(phases, n), [s for s, _ in targets])
    return Schedule(name, scheduler.pool, phases, n, space.size)


def product_schedule(scheduler: Scheduler, name: str, targets: Weighted) -> Schedule:
    """Return the schedule of the Hessian of a weighted sum of stages times a vector."""
    space = _workspace(scheduler)
    n = scheduler.form.num_variables
    adjoints, phases = adjoints_of(scheduler, targets, space)
    directions, out = Stored(Place(Base.VECTOR)), Stored(Place(Base.OUT), n)
    phases += products(scheduler, targets, adjoints, directions, out, space)
    phases = scheduler.after_values(store_single_additions(phases, n), [s for s, _ in targets])
    return Schedule(name, scheduler.pool, phases, n, space.size)
