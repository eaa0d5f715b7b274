"""Patterns of derivatives by index sets, straight from a Program.

First order, every element's set of variables is carried from node to node; second order, every
nonlinear operation makes the sets of its arguments interact.  This is the operator overloading of
SparseConnectivityTracer (Hill and Dalle 2025, arXiv:2501.17737; second order: Walther 2008,
doi:10.1145/1322436.1322439), on whole arrays.

*Global* patterns hold at every point: a product with a constant zero drops out, both branches of a
`where` count, a condition contributes nothing, what cancels by value stays.  *Local* patterns hold
at one point: an entry is in them if it is structurally possible given the values there of the first
and second partials of every operation.  With ∂u the first partials and g the operation z = g(u),

    J = sum over paths of products of first partials,
    H = sum over operations of (∂output/∂z) (∂u/∂x)ᵀ g''(z) (∂u/∂x),

and each factor counts only where it is not exactly zero at the point.  An operation that reaches
the outputs through zero partials only contributes nothing, although its own second partials do not
vanish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ShapeError
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Call, Elementwise, Node
from sparseopt.graph.opaque import is_linear, is_matrix_free
from sparseopt.graph.program import Program
from sparseopt.graph.rewriting import rewrite
from sparseopt.patterns.activity import Activity
from sparseopt.patterns.entry_keys import decode
from sparseopt.patterns.interactions import Interactions
from sparseopt.patterns.known_values import Mask
from sparseopt.patterns.liveness import live_elements
from sparseopt.patterns.propagation import Propagation
from sparseopt.patterns.set_forms import EMPTY, IndexSets
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.patterns.tables import check_size, num_entries, segment_keys

__all__ = ["hessian_pattern_of", "jacobian_pattern_of"]


def jacobian_pattern_of(
    program: Program,
    output: Node | int = 0,
    at: ArrayLike | None = None,
    parameters: ArrayLike | None = None,
) -> SparsityPattern:
    """Return where the Jacobian of one output of a Program can have entries.

    Parameters
    ----------
    program : Program
    output : Node or int
        A node, or the number of one of the program's outputs.
    at : array-like, shape (num_variables,), optional
        For the local pattern, valid at this point only.
    parameters : array-like, shape (num_parameters,), optional
        Values of the parameters at that point.

    Returns
    -------
    SparsityPattern
        Of shape (output.size, num_variables), sorted by rows; ``is_local`` where ``at`` is given.

    Raises
    ------
    PatternError
        For more than 2^31 - 1 entries.
    ShapeError
        For a point of another length.
    """
    chosen = rewrite(program.with_outputs([_node(program, output)]))
    nodes = chosen.nodes()
    activity = Activity(nodes, _values(chosen, at, parameters))
    propagation = Propagation(chosen, activity)
    result = chosen.outputs[0]
    sets = _sets(nodes, propagation, {result}).get(result, EMPTY)
    shape = (result.size, chosen.num_variables)
    for part in sets.parts:
        if part.table:
            check_size(num_entries(part), result.where)
    keys = segment_keys(np.arange(result.size), sets.parts, *shape)
    return SparsityPattern(*decode(keys), shape, is_local=at is not None, check=False)


def hessian_pattern_of(
    program: Program,
    outputs: Sequence[Node | int] | None = None,
    at: ArrayLike | None = None,
    parameters: ArrayLike | None = None,
) -> SparsityPattern:
    """Return where the Hessian of a weighted sum of outputs' elements can have entries.

    The weights are arbitrary: the pattern holds for every objective factor and all multipliers.

    Parameters
    ----------
    program : Program
    outputs : sequence of Node or int, optional
        Nodes, or numbers of the program's outputs; all outputs, if left out.
    at, parameters : array-like, optional
        As in `jacobian_pattern_of`.

    Returns
    -------
    SparsityPattern
        The lower triangle, symmetric, of shape (num_variables, num_variables), sorted by rows.

    Raises
    ------
    PatternError
        For more than 2^31 - 1 entries; where one operation alone makes them, naming its line.
    """
    wanted = range(len(program.outputs)) if outputs is None else outputs
    chosen = rewrite(program.with_outputs([_node(program, output) for output in wanted]))
    nodes = chosen.nodes()
    activity = Activity(nodes, _values(chosen, at, parameters))
    live = live_elements(nodes, chosen.outputs, activity.first)
    curved = {node: activity.second(node) for node in live if isinstance(node, Elementwise)}
    calls = [node for node in live if isinstance(node, Call)]
    needed = {arg for node, pairs in curved.items() if pairs for arg in node.args}
    needed.update(call.args[0] for call in calls)
    propagation = Propagation(chosen, activity)
    sets = _sets(nodes, propagation, needed)
    interactions = Interactions(chosen.num_variables)
    for node, pairs in curved.items():
        for (i, j), flag in pairs.items():
            one, other = (sets.get(node.args[k], EMPTY) for k in (i, j))
            _interact(interactions, node, one, other, live[node] & flag)
    for call in calls:
        _interact_in_call(interactions, call, sets[call.args[0]], propagation)
    n = chosen.num_variables
    rows, cols = interactions.lower_triangle()
    return SparsityPattern(rows, cols, (n, n), symmetric=True, is_local=at is not None, check=False)


def _interact(
    interactions: Interactions, node: Node, one: IndexSets, other: IndexSets, mask: Mask
) -> None:
    if mask is False or not (one.parts and other.parts):
        return
    if not isinstance(mask, bool):
        positions = np.flatnonzero(mask)
        same = one is other
        one = one.choose(positions)
        other = one if same else other.choose(positions)
    interactions.add(one, other, node.where)


def _interact_in_call(
    interactions: Interactions, call: Call, sets: IndexSets, propagation: Propagation
) -> None:
    if is_matrix_free(call.function):
        if not is_linear(call.function):
            read = propagation.read_by(call, sets)
            interactions.add(read, read, call.where)
        return
    places = call.function.hessian_rows, call.function.hessian_cols
    one, other = (sets.choose(p) for p in places)
    interactions.add(one, other, call.where)


def _node(program: Program, output: Node | int) -> Node:
    return output if isinstance(output, Node) else program.outputs[output]


def _sets(
    nodes: Iterable[Node], propagation: Propagation, wanted: set[Node]
) -> dict[Node, IndexSets]:
    """Return the index sets of the wanted nodes; others are dropped after their last use."""
    order = list(nodes)
    needed, uses = set(wanted), dict.fromkeys(wanted, 1)
    for node in reversed(order):
        if node in needed:
            for arg in node.args:
                needed.add(arg)
                uses[arg] = uses.get(arg, 0) + 1
    sets: dict[Node, IndexSets] = {}
    for node in order:
        if node in needed:
            sets[node] = propagation.sets_of(node, [sets[arg] for arg in node.args])
            for arg in node.args:
                uses[arg] -= 1
                if not uses[arg]:
                    del sets[arg]
    return sets


def _values(
    program: Program, at: ArrayLike | None, parameters: ArrayLike | None
) -> list[NDArray[np.float64]] | None:
    """Return the values of all nodes at a point, or None for a global pattern."""
    if at is None:
        return None
    x = _vector(at, program.num_variables, "variables")
    p = _vector(() if parameters is None else parameters, program.num_parameters, "parameters")
    return interpret(program.with_outputs(program.nodes()), x, p)


def _vector(values: ArrayLike, size: int, what: str) -> NDArray[np.float64]:
    vector = np.asarray(values, np.float64).reshape(-1)
    if vector.size != size:
        raise ShapeError(
            f"a local pattern is asked for at {vector.size} values of the {what}",
            why=f"the program has {size} {what}",
        )
    return vector
