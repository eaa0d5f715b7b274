"""Mutants of structural rules: one expression of one function changed, by hand."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from tests.mutation.killers import killers
from tests.mutation.mutants import Mutant, patched

DERIVATIVES = "sparseopt.derivatives.template_derivatives:"
TEMPLATES = f"{DERIVATIVES}TemplateDerivatives"
CHAIN = "sparseopt.derivatives.chain_rule:"
ASSEMBLY = "sparseopt.derivatives.assembly:"
NAMES = "sparseopt.derivatives.entry_names:"
RECORDS = "sparseopt.derivatives.record_names:"
TABLE = "sparseopt.derivatives.number_table:NumberTable."
BUNDLES = "sparseopt.derivatives.bundles:"
SWEEPS = "sparseopt.derivatives.sweeps:"
SLOTS = "sparseopt.derivatives.slots:"
COMPRESSED = "sparseopt.derivatives.compressed:"
ADJOINTS = "sparseopt.derivatives.programs.adjoints:_ReverseSweep."
TANGENTS = "sparseopt.derivatives.programs.tangents:_ForwardSweep."
SCATTERING = "sparseopt.derivatives.programs.scattering:"
STRUCTURE = "sparseopt.derivatives.structure:Structure."
WALK = "sparseopt.elements.linear_walk:"
SETS = "sparseopt.patterns.index_sets:"
PROPAGATION = "sparseopt.patterns.propagation:"
ALGEBRA = "sparseopt.graph.algebra:"
INDEX = "sparseopt.graph.index:"

# (place, old, new, programs that are checked first)
PATCHES: list[tuple[str, str, str, tuple[str, ...]]] = [
    # ---- derivatives of templates
    (f"{DERIVATIVES}_add", 'make("add", target[key], value)', "value", ()),
    (f"{TEMPLATES}.pullback", '_add(make, leaves, leaf, make("multiply", adjoint, partial))',
     "_add(make, leaves, leaf, partial)", ("branches",)),
    (f"{TEMPLATES}.pullback", "_add(make, adjoints, argument, value)",
     "_add(make, adjoints, argument, partial)", ()),
    (f"{TEMPLATES}.pullback", "_add(make, adjoints, argument, value)",
     "_add(make, adjoints, argument, adjoint)", ()),
    (f"{TEMPLATES}.pullback", "zip(payload, known.get(term) or partials(term), strict=True)",
     "zip(payload[::-1], known.get(term) or partials(term), strict=True)",
     ("scalar functions of two arguments",)),
    (f"{TEMPLATES}.pullback", "heappush(pending, -argument)", "pending.append(-argument)", ()),
    (f"{TEMPLATES}.pullback", "masks[argument] & by", "masks[argument]", ()),
    (f"{TEMPLATES}.pullback", "_add(make, adjoints, output, seed)",
     "_add(make, adjoints, output, pool.literal(1.0))", ()),
    (f"{TEMPLATES}._cone", "[::-1]", "", ()),
    (f"{TEMPLATES}._select_gradient", "one.get(leaf, zero), other.get(leaf, zero)",
     "other.get(leaf, zero), one.get(leaf, zero)", ("branches",)),
    (f"{TEMPLATES}._select_gradient", "one.keys() | other.keys()", "one.keys()", ("branches",)),
    (f"{TEMPLATES}._select_gradient", "one.keys() | other.keys()", "other.keys()", ("branches",)),
    (f"{TEMPLATES}.weighted_gradient", "self.pullback([pair], by)",
     "self.gradient(pair[0], by)", ()),
    (f"{TEMPLATES}.weighted_gradient", "_add(self._pool.make, total, leaf, value)",
     "total.update({leaf: value})", ("lone values",)),
    (f"{TEMPLATES}.hessian", "(2 << i) - 1", "(1 << i) - 1", ()),
    (f"{TEMPLATES}.hessian", "wanted & ((2 << i) - 1)", "wanted", ()),
    (f"{TEMPLATES}.hessian", "second[i, j] = value", "second[i, j] = self._pool.literal(1.0)", ()),
    (f"{TEMPLATES}.pushforward", 'make("where", condition, one, other)',
     'make("where", condition, other, one)', ("branches",)),
    (f"{TEMPLATES}.pushforward", 'make("multiply", partial, inner)', "inner", ()),
    (f"{TEMPLATES}.pushforward", 'make("add", total, make',
     '(lambda _, b: b)(total, make', ("products and sums",)),
    (f"{TEMPLATES}.pushforward", "tangents.get(payload, zero)", "zero", ()),
    (f"{TEMPLATES}.select", "return condition, first, second", "return condition, second, first",
     ("branches",)),
    # ---- the chain rule over stages
    (f"{CHAIN}_substitute_one", "pick = np.concatenate([np.arange(high.size), double])",
     "pick = np.arange(high.size)", ("stages inside stages",)),
    (f"{CHAIN}_substitute_one", "high == low", "high >= low", ("stages inside stages",)),
    (f"{CHAIN}_substitute_one", "(places[request], local.places[found])",
     "(places[request], places[request])", ("stages inside stages",)),
    (f"{CHAIN}_substitute_both", "one >= other)", "one > other)", ("stages inside stages",)),
    (f"{CHAIN}_substitute_both", "keep = ~on_diagonal | (one >= other)",
     "keep = one >= other", ("two stage values in one product",)),
    (f"{CHAIN}_substitute_both", "double = np.flatnonzero(~on_diagonal & (one == other))",
     "double = np.flatnonzero(one == other)", ("stages inside stages",)),
    (f"{CHAIN}_substitute_both", "np.concatenate([np.flatnonzero(keep), double])",
     "np.flatnonzero(keep)", ("two stage values in one product",)),
    (f"{CHAIN}_substitute_both", "local.places[second[pick]]", "local.places[first[pick]]",
     ("two stage values in one product",)),
    (f"{CHAIN}_split", "terms.high < n", "terms.low < n", ("stages inside stages",)),
    (f"{CHAIN}_ordered_pair", "np.maximum(first, second), np.minimum(first, second)",
     "first, second", ("two stage values in one product",)),
    (f"{CHAIN}eliminate", "reversed(jacobians)", "jacobians", ("stages inside stages",)),
    (f"{CHAIN}eliminate", "finals.append(done)", "done", ("stages inside stages",)),
    (f"{CHAIN}eliminate", "kept = ~in_stage", "kept = in_stage", ("stages inside stages",)),
    (f"{CHAIN}_substitute", "both = cols >= low", "both = cols > low",
     ("two stage values in one product",)),
    (f"{CHAIN}total_derivatives", "direct = entries.cols < n", "direct = entries.cols < 0",
     ("stages inside stages",)),
    (f"{CHAIN}total_derivatives", "(entries.places[chosen][request], total.places[found])",
     "(entries.places[chosen][request],)", ("stages inside stages",)),
    (f"{CHAIN}_read", 'side="right") - 1', 'side="left") - 1', ("stages inside stages",)),
    (f"{CHAIN}Entries.of", 'np.argsort(assembly.rows, kind="stable")',
     "np.arange(assembly.rows.size)", ("two stage values in one product",)),
    # ---- places of local derivatives
    (f"{ASSEMBLY}_Assembler.add_run", "self.size + offset, (count,)", "self.size, (count,)",
     ("products and sums",)),
    (f"{ASSEMBLY}_Assembler.add_run", "len(run.slots) == 1", "True", ("products and sums",)),
    (f"{ASSEMBLY}_Assembler.add_sorted", "not any(shared[start:stop])", "True", ()),
    (f"{ASSEMBLY}_Groups.numbers", "self.counts > 1", "self.counts > 2", ()),
    (f"{ASSEMBLY}_Assembler.add_sorted", "number += self.size", "number += self.size + 2", ()),
    (f"{ASSEMBLY}_Groups.__init__", "np.not_equal(ordered", "np.less(ordered", ()),
    (f"{ASSEMBLY}_ordered", "2 if alone else 1", "2", ()),
    (f"{ASSEMBLY}_ordered", "[order.renumbered(place) for place in places]", "places", ()),
    (f"{ASSEMBLY}_ordered", "owner < 2", "owner < 1", ()),
    (f"{ASSEMBLY}assemble", "bad = _conflicts(runs, entries, rest)", "bad = set()", ()),
    (f"{ASSEMBLY}_segments", "position > stop", "position >= stop", ()),
    (f"{ASSEMBLY}_line_of", "min(direction) < 0", "False", ("repeated and scattered elements",)),
    (f"{SLOTS}_lower", "first.offset >= second.offset", "first.offset < second.offset", ()),
    (f"{RECORDS}RecordNames.of", "first < second if", "first > second if", ("edges of records",)),
    (f"{RECORDS}RecordNames.of", "else first <= second", "else first < second",
     ("edges of records",)),
    (f"{NAMES}_Diagonals.of", "self._starts[least + int(d)]", "self._starts[least]",
     ("edges of records",)),
    (f"{NAMES}_intervals", "low > last", "low >= last", ("edges of records",)),
    (f"{NAMES}_Apart.of", "shift(names.of(number), start)", "names.of(number)",
     ("edges of records",)),
    (f"{TABLE}_number_each", "self._numbers[new] == fresh", "new >= 0",
     ("edges of records",)),
    (f"{TABLE}_met", "numbers[~is_new] - 1", "numbers[~is_new] - 2", ("edges of records",)),
    (f"{TABLE}is_repeated", "_is_met_again[numbers.offset :", "_is_met_again[numbers.offset + 1 :",
     ("edges of records",)),
    (f"{SLOTS}_lower", "(one <= other).all()", "True", ()),
    (f"{SLOTS}column_index", "shift(leaf.index, num_variables)", "leaf.index",
     ("stages inside stages",)),
    (f"{SLOTS}jacobian_slots", "zip(block.outputs, block.rows, strict=True)",
     "zip(block.outputs, block.rows[::-1], strict=True)", ("lone values",)),
    (f"{SLOTS}hessian_slots", "pool.leaf(first + q)", "pool.leaf(first)", ("lone values",)),
    (f"{SLOTS}_initial_values", "_add_at(start, assembly.places[number], values)", "None",
     ("constant matrices",)),
    (f"{SLOTS}_add_at", "total[places] += values", "total[places] = values",
     ("constant matrices",)),
    # ---- sweeps and bundles
    (f"{BUNDLES}Stored._at", "direction * self.stride", "0", ("many directions",)),
    (f"{BUNDLES}Seeds.read", 'pool.make("subtract", color, leaves.read_fixed(self.first))',
     "color", ("many directions",)),
    (f"{BUNDLES}Seeds.read", 'pool.make("equal", distance, literal)',
     'pool.make("greater_equal", distance, literal)', ("many directions",)),
    (f"{BUNDLES}Stored.part", "self.place.offset + offset", "self.place.offset",
     ("stages inside stages",)),
    (f"{SWEEPS}pull_back", "reversed(stages)", "stages", ("stages inside stages",)),
    (f"{SWEEPS}_pull_tangent", "if rates is not None:\n            for", "if False:\n            for",  # noqa: E501
     ("stages inside stages",)),
    (f"{SWEEPS}products", "[_zeros(rates, d, size) for d in range(count if size else 0)]", "[]",
     ("many directions",)),
    (f"{SWEEPS}products", "reversed(scheduler.needed(goals))", "scheduler.needed(goals)",
     ("stages inside stages",)),
    (f"{SWEEPS}push", "covered == stage.size * out.count", "True", ("lone values",)),
    (f"{SWEEPS}_additions", "terms[k], bundle.target(leaf.index, direction)",
     "terms[k], bundle.target(leaf.index, 0)", ("many directions",)),
    (f"{COMPRESSED}_Chunks.starts", "self.first, self.first", "0, self.first",
     ("many directions",)),
    (f"{COMPRESSED}_Compression._copy_out", ".astype(np.int64) - start",
     ".astype(np.int64) - start + 1", ("many directions",)),
    (f"{COMPRESSED}_Compression._colors", "rows + coloring.num_column_colors", "rows",
     ("many directions",)),
    (f"{COMPRESSED}_row_products", "n if has_columns else 0", "0", ("many directions",)),
    (f"{COMPRESSED}_row_products", "body = [zeros, *", "body = [*", ("many directions",)),
    (f"{COMPRESSED}_Compression.plan", "if self.recovery.update_vertex is not None:",
     "if False:", ("many directions",)),
    # ---- structure of compressed plans
    (f"{STRUCTURE}hessian", "np.concatenate([rows, cols]), np.concatenate([cols, rows])",
     "rows, cols", ("stages inside stages",)),
    (f"{STRUCTURE}hessian", "congruence(inner, curved)", "sp.tril(curved[: self._n, : self._n])",
     ("stages inside stages",)),
    (f"{STRUCTURE}_total", "total = sp.csr_array(columns[:, : self._n])",
     "total = sp.csr_array(columns[:, : self._n] * 0)", ("stages inside stages",)),
    # ---- derivatives as Programs
    (f"{ADJOINTS}_branches", "(first, (value, zero), (mask, zero)),",
     "(first, (zero, value), (mask, zero)),", ("branches",)),
    (f"{ADJOINTS}_branches", "(second, (zero, value), (zero, mask)),",
     "(second, (zero, value), (mask, zero)),", ("an undefined branch",)),
    (f"{ADJOINTS}_elementwise", "product = nodes.masked(adjoint.mask, product)",
     "product = product", ("an undefined branch",)),
    (f"{ADJOINTS}_elementwise", 'nodes.make("multiply", adjoint.value, partial)', "partial", ()),
    (f"{ADJOINTS}_transposed", "(matrix.num_rows, matrix.width), (1, 0)",
     "(matrix.num_rows, matrix.width), (0, 1)", ("rows and columns",)),
    (f"{ADJOINTS}_transposed", "nodes.transposed(matrix, pattern_only)",
     "nodes.transposed(matrix, True)", ("constant matrices",)),
    (f"{ADJOINTS}_gather", "nodes.chosen([adjoint.value], copies)", "adjoint.value",
     ("repeated and scattered elements",)),
    (f"{ADJOINTS}visit", "adjoint = self._combined(node, contributions)",
     "adjoint = self._combined(node, _Contributions(contributions.whole[:1], "
     "contributions.pieces))", ()),
    (f"{TANGENTS}_elementwise", "self.tangent(first), self.tangent(second)",
     "self.tangent(second), self.tangent(first)", ("branches",)),
    (f"{TANGENTS}_elementwise", 'nodes.make("multiply", partial, self.known[argument])',
     "self.known[argument]", ()),
    (f"{TANGENTS}_rule", "return nodes.rebuild(node, tuple(inner))", "return inner[0]",
     ("constant matrices",)),
    (f"{SCATTERING}_place", "layer.filled[positions] = True", "None",
     ("repeated and scattered elements",)),
    (f"{SCATTERING}_without_repeats", 'np.argsort(group, kind="stable")',
     "np.arange(group.size)", ("repeated and scattered elements",)),
    (f"{SCATTERING}_copy", "np.arange(filled)", "np.arange(filled)[::-1]",
     ("repeated and scattered elements",)),
    # ---- from Programs to element forms
    (f"{WALK}_Walk._elementwise", "_same(item, second, -item.weight)",
     "_same(item, second, item.weight)", ("sums in sums with factors",)),
    (f"{WALK}_Walk._elementwise", "_same(item, node.args[0], -item.weight)",
     "_same(item, node.args[0], item.weight)", ("sums in sums with factors",)),
    (f"{WALK}_Walk._elementwise", "item.weight / values if divided", "item.weight * values if divided",  # noqa: E501
     ("sums in sums with factors",)),
    (f"{WALK}_Walk._product", 'node.function.name == "divide"', "False",
     ("sums in sums with factors",)),
    (f"{WALK}_gather", "compose(item.elements, node.index)", "compose(node.index, item.elements)",
     ("repeated and scattered elements",)),
    (f"{WALK}_gather", 'side="right") - 1', 'side="left") - 1', ("products and sums",)),
    (f"{WALK}_row_sum", "(item.elements.size, width), (1, 0)", "(width, item.elements.size), (0, 1)",  # noqa: E501
     ("rows and columns",)),
    (f"{WALK}_row_sum", "starts[:, None] + np.arange(width)", "starts[:, None] + 0 * np.arange(width)",  # noqa: E501
     ("rows and columns",)),
    (f"{WALK}_matrix", "picked = item.elements.materialize()",
     "picked = np.arange(item.elements.size)", ("constant matrices",)),
    # ---- patterns by index sets
    (f"{SETS}hessian_pattern_of", "if pairs for arg", "if not pairs for arg", ()),
    (f"{SETS}hessian_pattern_of", "live[node] & flag", "False", ()),
    (f"{PROPAGATION}Propagation._elementwise", "flag is not False", "flag is True", ("branches",)),
    (f"{PROPAGATION}Propagation._elementwise", "union(flowing)", "union(flowing[:1])", ()),
    (f"{PROPAGATION}Propagation._linear", "for k in range(width)]", "for k in range(width - 1)]",
     ("rows and columns",)),
    (f"{PROPAGATION}Propagation._linear", "(rows,), (width,)", "(rows,), (1,)",
     ("rows and columns",)),
    (f"{PROPAGATION}Propagation._join", "start += arg.size", "start += 0", ("products and sums",)),
    (f"{PROPAGATION}_side_by_side", "places == place", "places == 0", ("constant matrices",)),
    # ---- maps and algebra
    (f"{INDEX}compose", "inner.offset + scale * outer.offset", "inner.offset + outer.offset",
     ("repeated and scattered elements",)),
    (f"{INDEX}compose", "tuple(scale * s for s in outer.strides)", "outer.strides",
     ("repeated and scattered elements",)),
    (f"{INDEX}_line", "same = _has_steps(values, stride)", "same = True",
     ("repeated and scattered elements",)),
]  # fmt: skip

EQUIVALENT: dict[str, str] = {
    "derivatives.assembly:_segments: position > stop -> position >= stop": (
        "neighboring runs that do not overlap may stay two runs"
    ),
    "derivatives.assembly:_line_of: min(direction) < 0 -> False": (
        "descending lines are lines too; leaving them to the sort is a choice"
    ),
}


def patch_mutants() -> Iterator[Mutant]:
    """Yield all of them."""
    for place, old, new, first in PATCHES:
        where = place.removeprefix("sparseopt.")
        name = f"{where}: {' '.join(old.split())} -> {' '.join(new.split()) or 'nothing'}"
        apply = functools.partial(patched, place, old, new)
        yield Mutant(name, "structure", apply, killers(*first), EQUIVALENT.get(name, ""))
