"""`LiftingModel`: values with names that may become variables, a part of `sparseopt.Model`."""

from __future__ import annotations

from typing import Any

from sparseopt.errors import ProblemError
from sparseopt.graph.nodes import Input, Where
from sparseopt.modeling.foreign_habits import ForeignHabits
from sparseopt.modeling.lifted_intermediates import Intermediate
from sparseopt.modeling.relations import expression
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["LiftingModel"]


class LiftingModel(ForeignHabits, Unpicklable):
    """What a model says about intermediate values; see `sparseopt.Model`."""

    _intermediates: dict[str, Intermediate]

    def intermediate(self, name: str, value: Any) -> TracedArray:
        """Give a value a name, under which it may be lifted: become a variable when solved.

        By itself this changes nothing; ``solve(lift="s")`` lifts the value called "s".

        Parameters
        ----------
        name : str
        value : TracedArray
            An expression of the variables, of any shape.

        Returns
        -------
        TracedArray
            The same value.

        Raises
        ------
        ProblemError
            For a name that is taken or no identifier, and for a value that needs no name: a
            variable, a parameter, a number, an intermediate.

        Examples
        --------
        >>> import numpy as np
        >>> import sparseopt as so
        >>> m = so.Model("nested")
        >>> x = m.variable("x", shape=3, start=1.0)
        >>> s = m.intermediate("s", np.sum(x**2))
        >>> m.minimize((s + 1.0) ** 2 + np.sum(x))
        >>> m.problem(lift="s").num_variables, m.problem().num_variables
        (4, 3)
        >>> round(float(m.solve(lift="s").lifted["s"]), 4)
        0.1434
        """
        where = user_frame()
        self._check_name(name, "intermediate", where)
        if name in ("auto", "none"):
            raise ProblemError(
                f"an intermediate cannot be called {name!r}",
                where=describe_where(where),
                why='lift="auto" and lift="none" have a meaning of their own',
            )
        traced = expression(value, where)
        if not traced.node.args or isinstance(traced.node, Input):
            raise ProblemError(
                f"the intermediate {name!r} is a variable, a parameter or a number",
                where=describe_where(where),
                why="there is nothing to lift",
            )
        for known in self._intermediates.values():
            if known.node is traced.node:
                raise ProblemError(
                    f"the value of the intermediate {name!r} has the name {known.name!r} already",
                    where=describe_where(where),
                    why="it can become one variable, with one name",
                )
        self._intermediates[name] = Intermediate(name, traced.shape, traced.node, where)
        self._changed()
        return traced

    def _check_name(self, name: object, kind: str, where: Where) -> None:
        raise NotImplementedError

    def _changed(self) -> None:
        raise NotImplementedError
