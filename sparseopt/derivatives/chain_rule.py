"""The chain rule over stages: static sparse products of local derivatives.

Jacobian: the derivative of the stage values by the variables is accumulated forward, stage by
stage.  Hessian: the weighted second derivatives over (variables, stage values) are eliminated
backward, stage by stage, by substituting each stage's differential; edge pushing (Gower and Mello
2012, doi:10.1080/10556788.2011.580098) with whole stages as vertices.

Which products there are is found once; what runs at every evaluation is gather, multiply, add.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.assembly import Assembly, assemble
from sparseopt.derivatives.calls import call_jacobian, first_entries
from sparseopt.derivatives.layout import Workspace
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.derivatives.slots import Slot, SlotMatrix, jacobian_slots, slot_matrix
from sparseopt.elements.form import Stage
from sparseopt.elements.tasks import Base, Fill, Product, Task
from sparseopt.graph.index import ranges
from sparseopt.graph.opaque import is_matrix_free
from sparseopt.patterns.entry_keys import decode, encode, sorted_with_positions

__all__ = [
    "Entries",
    "LocalJacobian",
    "ProductBudget",
    "TooManyProductsError",
    "eliminate",
    "local_jacobian",
    "total_derivatives",
]

Keys = NDArray[np.int64]
Places = NDArray[np.integer]  # whole numbers of any width


class TooManyProductsError(Exception):
    """Multiplying the chain rule out needs more products than allowed; another plan serves."""


class ProductBudget:
    """How many products the chain rule may be multiplied out into; None for any number."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._spent = 0

    def spend(self, number: int) -> None:
        """Count products before they are made."""
        self._spent += number
        if self._limit is not None and self._spent > self._limit:
            raise TooManyProductsError(self._limit)


@dataclass(frozen=True, eq=False)
class Entries:
    """Distinct entries of a sparse matrix, sorted by row; ``places`` are where values are."""

    rows: Places
    cols: Places
    places: Places

    def and_others(self, rows: Keys, cols: Keys, offset: int) -> Entries:
        """Return these entries and others, whose values start at ``offset``, in no order."""
        return Entries(
            np.concatenate([self.rows, rows]),
            np.concatenate([self.cols, cols]),
            np.concatenate([self.places, np.arange(rows.size) + offset]),
        )

    @staticmethod
    def of(assembly: Assembly) -> Entries:
        """Return the entries of an assembly whose values start at zero."""
        order = np.argsort(assembly.rows, kind="stable")
        return Entries(assembly.rows[order], assembly.cols[order], _int32(order))

    def at(self, offset: int) -> Entries:
        """Return the entries with values that start at ``offset``."""
        return Entries(self.rows, self.cols, self.places + np.int32(offset))

    def of_rows(self, rows: Places, budget: ProductBudget) -> tuple[Places, Places]:
        """Return (request, entry) pairs: all entries of the requested rows."""
        starts = self._starts
        last = starts.size - 1
        start = starts[np.minimum(rows, last)]
        count = starts[np.minimum(rows + 1, last)] - start
        budget.spend(int(count.sum()))
        request = np.repeat(np.arange(rows.size, dtype=np.int32), count)
        return request, ranges(start, count)

    @cached_property
    def _starts(self) -> Places:
        """Where each row starts, up to the last one that has entries; then where that ends."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.rows))])


@dataclass(frozen=True, eq=False)
class LocalJacobian:
    """The derivative of a stage by (variables, earlier stage values)."""

    stage: Stage
    matrix: SlotMatrix
    entries: Entries


def local_jacobian(scheduler: Scheduler, stage: Stage, space: Workspace) -> LocalJacobian:
    """Return the local derivative of a stage, its values in newly reserved workspace."""
    start = space.size
    if stage.call is not None:
        if is_matrix_free(stage.call.function):
            raise TooManyProductsError(stage.call.function.name)
        rows, cols = first_entries(scheduler, stage)
        assembly = Assembly(_int32(rows), _int32(cols), [], [], 0)
        matrix = SlotMatrix([], assembly, call_jacobian(stage.call, start))
        entries = Entries.of(assembly)
    else:
        slots, assembly, entries = scheduler.once(
            "Jacobian", stage, lambda: _local(scheduler, stage)
        )
        target = Place(Base.WORK, start)
        matrix = slot_matrix(scheduler, [(stage, None, slots)], assembly, target)
    space.reserve(assembly.size)
    return LocalJacobian(stage, matrix, entries.at(start))


def _local(scheduler: Scheduler, stage: Stage) -> tuple[list[Slot], Assembly, Entries]:
    """Return what does not depend on where the values are."""
    form = scheduler.form
    slots = jacobian_slots(scheduler, stage)
    shape = (stage.size, form.num_variables + form.num_intermediates)
    assembly = assemble([slot.entry for slot in slots], shape)
    return slots, assembly, Entries.of(assembly)


def _number(keys: Keys) -> tuple[Keys, NDArray[np.int32]]:
    """Return the distinct keys, sorted, and the number of each."""
    ordered, positions = sorted_with_positions(keys)
    begins = np.ones(keys.size, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    number = np.empty(keys.size, np.int32)
    number[positions] = np.cumsum(begins, dtype=np.int32) - 1
    return ordered[begins], number


def _places(size: int, offset: int) -> NDArray[np.int32]:
    return np.arange(offset, offset + size, dtype=np.int32)


def _int32(values: Places) -> NDArray[np.int32]:
    return values.astype(np.int32, copy=False)


def total_derivatives(
    scheduler: Scheduler, jacobians: list[LocalJacobian], space: Workspace, budget: ProductBudget
) -> tuple[list[Entries], list[list[Task]]]:
    """Return the derivatives of stages by the variables, and the phases that compute them.

    ``jacobians`` are in order of evaluation; the result has one `Entries` for each, with rows
    numbered within the stage.
    """
    n = scheduler.form.num_variables
    known: list[tuple[int, int, Entries]] = []
    totals: list[Entries] = []
    phases: list[list[Task]] = []
    for local in jacobians:
        entries = local.entries
        direct = entries.cols < n
        rows = [entries.rows[direct]]
        cols = [entries.cols[direct]]
        sources: list[tuple[Places, ...]] = [(entries.places[direct],)]
        for low, high, total in _read(known, entries.cols - n):
            chosen = np.flatnonzero((entries.cols >= n + low) & (entries.cols < n + high))
            request, found = total.of_rows(entries.cols[chosen] - n - low, budget)
            rows.append(entries.rows[chosen][request])
            cols.append(total.cols[found])
            sources.append((entries.places[chosen][request], total.places[found]))
        keys = encode(np.concatenate(rows), np.concatenate(cols), width=n)
        distinct, number = _number(keys)
        offset = space.reserve(distinct.size)
        totals.append(Entries(*decode(distinct, n), _places(distinct.size, offset)))
        stage = local.stage
        known.append((stage.offset, stage.offset + stage.size, totals[-1]))
        phases.append([Fill(Base.WORK, offset, distinct.size)])
        phases.append(_products(sources, number + offset, Base.WORK))
    return totals, phases


def _read(known: list[tuple[int, int, Entries]], columns: Places) -> list[tuple[int, int, Entries]]:
    """Return the stages among ``known`` that some column belongs to."""
    starts = np.array([low for low, _, _ in known], np.int64)
    owners = np.searchsorted(starts, columns[columns >= 0], side="right") - 1
    return [known[int(k)] for k in np.unique(owners)]


def _products(sources: list[tuple[Places, ...]], places: Places, base: Base) -> list[Task]:
    tasks: list[Task] = []
    start = 0
    for factors in sources:
        stop = start + factors[0].size
        if stop > start:
            pairs = tuple((Base.WORK, _int32(f)) for f in factors)
            tasks.append(Product(pairs, base, _int32(places[start:stop])))
        start = stop
    return tasks


@dataclass(frozen=True, eq=False)
class _Terms:
    """Contributions to second-derivative entries: keys and the places of their factors."""

    high: Places
    low: Places
    factors: tuple[Places, ...]


def _ordered_pair(first: Places, second: Places) -> tuple[Places, Places]:
    return np.maximum(first, second), np.minimum(first, second)


def _substitute_one(
    rows: Places, cols: Places, places: Places, local: Entries, budget: ProductBudget
) -> _Terms:
    """Entries (z, b), b not in the stage: dz = sum D dv gives (c, b) += W D, twice if c = b."""
    request, found = local.of_rows(rows, budget)
    high, low = _ordered_pair(local.cols[found], cols[request])
    factors = (places[request], local.places[found])
    double = np.flatnonzero(high == low)
    pick = np.concatenate([np.arange(high.size), double])
    return _Terms(high[pick], low[pick], tuple(f[pick] for f in factors))


def _substitute_both(
    rows: Places, cols: Places, places: Places, local: Entries, budget: ProductBudget
) -> _Terms:
    """Entries (z, y) of one stage: every pair of their rows' entries."""
    on_diagonal = rows == cols
    if on_diagonal.all():
        return _squares(rows, places, local, budget)
    request, first = local.of_rows(rows, budget)
    again, second = local.of_rows(cols[request], budget)
    owner, first = request[again], first[again]
    one, other = local.cols[first], local.cols[second]
    on_diagonal = on_diagonal[owner]
    # A diagonal entry W z² counts each unordered pair once; an off-diagonal entry stands for both
    # (z, y) and (y, z), so that equal columns count twice.
    keep = ~on_diagonal | (one >= other)
    double = np.flatnonzero(~on_diagonal & (one == other))
    pick = np.concatenate([np.flatnonzero(keep), double])
    high, low = _ordered_pair(one[pick], other[pick])
    factors = (places[owner[pick]], local.places[first[pick]], local.places[second[pick]])
    return _Terms(high, low, factors)


def _squares(rows: Places, places: Places, local: Entries, budget: ProductBudget) -> _Terms:
    """Diagonal entries W z²: every unordered pair of their rows' entries, once."""
    request, found = local.of_rows(rows, budget)
    counts = np.bincount(request, minlength=rows.size)
    budget.spend(int((counts**2).sum()))
    # By columns, so that the partners of an entry are those up to itself.
    found = found[np.lexsort((local.cols[found], request))]
    start = np.repeat(np.cumsum(counts) - counts, counts)
    upto = np.arange(start.size) - start + 1
    second = ranges(start, upto)
    cols, own = _int32(local.cols[found]), _int32(local.places[found])
    factors = (np.repeat(_int32(places[request]), upto), np.repeat(own, upto), own[second])
    return _Terms(np.repeat(cols, upto), cols[second], factors)


def _split(terms: _Terms, n: int) -> tuple[_Terms, _Terms]:
    """Return the contributions between variables alone, and the others."""
    final = terms.high < n
    if final.all():
        nothing = np.zeros(0, np.int64)
        return terms, _Terms(nothing, nothing, tuple(nothing for _ in terms.factors))
    return (
        _Terms(terms.high[final], terms.low[final], tuple(f[final] for f in terms.factors)),
        _Terms(terms.high[~final], terms.low[~final], tuple(f[~final] for f in terms.factors)),
    )


def _collect(terms: list[_Terms], total: int, base: Base, offset: int) -> tuple[Keys, list[Task]]:
    """Return the distinct entries of contributions, and the products that add them up."""
    keys = encode(
        np.concatenate([t.high for t in terms]), np.concatenate([t.low for t in terms]), width=total
    )
    distinct, number = _number(keys)
    number += offset
    return distinct, _products([t.factors for t in terms], number, base)


def eliminate(
    scheduler: Scheduler,
    second: Entries,
    jacobians: list[LocalJacobian],
    space: Workspace,
    budget: ProductBudget,
) -> tuple[Places, Places, list[list[Task]]]:
    """Return the second derivatives by the variables alone: rows, columns, and phases.

    The phases leave the values in the output.  What is between variables alone is set aside at
    once, so that an elimination costs no more than the entries of its stage.

    Parameters
    ----------
    second : Entries
        Weighted second derivatives over (variables, stage values), lower triangle; values in the
        workspace.
    jacobians : list of LocalJacobian
        Of the intermediates, in order of evaluation.
    """
    n = scheduler.form.num_variables
    total = n + scheduler.form.num_intermediates
    phases: list[list[Task]] = []
    final, rest = _split(_Terms(second.rows, second.cols, (second.places,)), n)
    finals = [final]
    pending = Entries(rest.high, rest.low, rest.factors[0])
    for local in reversed(jacobians):
        low, high = n + local.stage.offset, n + local.stage.offset + local.stage.size
        in_stage = (pending.rows >= low) & (pending.rows < high)
        if not in_stage.any():
            continue
        kept = ~in_stage
        terms = [_Terms(pending.rows[kept], pending.cols[kept], (pending.places[kept],))]
        for product in _substitute(pending, in_stage, low, local.entries, budget):
            done, rest = _split(product, n)
            finals.append(done)
            terms.append(rest)
        offset = space.size
        distinct, products = _collect(terms, total, Base.WORK, offset)
        space.reserve(distinct.size)
        phases += [[Fill(Base.WORK, offset, distinct.size)], products]
        pending = Entries(*decode(distinct, total), _places(distinct.size, offset))
    distinct, products = _collect(finals, total, Base.OUT, 0)
    phases += [[Fill(Base.OUT, 0, distinct.size)], products]
    return *decode(distinct, total), [phase for phase in phases if phase]


def _substitute(
    pending: Entries,
    in_stage: NDArray[np.bool_],
    low: int,
    local: Entries,
    budget: ProductBudget,
) -> tuple[_Terms, _Terms]:
    """Return what the entries of a stage contribute once its differential is substituted."""
    rows, cols, places = pending.rows[in_stage], pending.cols[in_stage], pending.places[in_stage]
    both = cols >= low
    one = _substitute_one(rows[~both] - low, cols[~both], places[~both], local, budget)
    two = _substitute_both(rows[both] - low, cols[both] - low, places[both], local, budget)
    return one, two
