"""What users of Pyomo, JuMP, CasADi and Gurobi ask a model for, and what to write here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from sparseopt.errors import ProblemError, UnknownNameError, did_you_mean
from sparseopt.graph.nodes import Where
from sparseopt.modeling.foreign_arguments import ForeignArguments
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["ForeignHabits"]

_OBJECTIVE = "m.minimize(expression), or m.maximize(expression)"
_ADVICE = {
    'x = m.variable("x", shape=3, lower=0.0, upper=1.0, start=0.5)': """
        Var VarList add_var add_variable add_variables addVar addVars addMVar variables""",
    'm.subject_to(expression <= bound, name="c")': """
        Constraint ConstraintList add add_constraint add_constraints addConstr addConstrs
        addLConstr constraint constraints subject subjectTo subjectto st""",
    _OBJECTIVE: """
        Maximize Minimize NLobjective Objective maximise minimise obj objective setObjective
        set_objective""",
    "solution = m.solve()": "optimise optimize run solver",
    'm.variable("x", start=...), or m.solve(start={"x": values})': """
        set_initial setInitial set_start set_start_value""",
    "m.set(name=values), for what m.parameter made": "set_value set_parameter update",
    'solution["x"], solution.value(expression) or solution.dual("c") of solution = m.solve()': """
        ObjVal dual getVars sol stats value values""",
}
_HABITS = {name: advice for advice, names in _ADVICE.items() for name in names.split()}
_INSTEAD_OF_SET = {
    "variable": 'm.solve(start={{"{name}": values}}) to start there; m.variable("{name}", '
    "lower=values, upper=values) or m.subject_to({name} == values) to fix it; "
    'm.parameter("{name}", values) for data that change between solves',
    "constraint": 'b = m.parameter("b", values), and b in the constraint, for a bound that '
    "changes between solves",
}
_CALLED = {"minimize", "maximize", "subject_to"}


class ForeignHabits(ForeignArguments):
    """Refuses names of other packages with what to write; a part of `sparseopt.Model`.

    Examples
    --------
    >>> import sparseopt as so
    >>> try:
    ...     so.Model("m").optimize()
    ... except so.UnknownNameError as error:
    ...     print(error.instead)
    solution = m.solve()
    """

    if not TYPE_CHECKING:  # a type checker would take it for every name there is

        def __getattr__(self, name: str) -> NoReturn:
            known = self.__dict__
            for kind in ("_variables", "_parameters"):
                if name in known.get(kind, ()):
                    raise self._unknown(
                        name,
                        f'the array that m.{kind[1:-1]}("{name}", ...) returned, in formulas; '
                        f'solution["{name}"] for its values',
                    )
            if name in _HABITS:
                raise self._unknown(name, _HABITS[name])
            kind = type(self).__name__
            raise AttributeError(f"{kind!r} object has no attribute {name!r}", name=name, obj=self)

        def __setattr__(self, name: str, value: Any) -> None:
            if name in _CALLED or _HABITS.get(name) == _OBJECTIVE:
                raise ProblemError(
                    f"m.{name} is assigned to",
                    where=describe_where(user_frame()),
                    why="it would change nothing of what is solved",
                    instead=_HABITS.get(name, f"m.{name}(...), which is called"),
                )
            object.__setattr__(self, name, value)

    def _unknown(self, name: str, advice: str) -> UnknownNameError:
        model = self.__dict__.get("name", "")
        return UnknownNameError(
            f"the model {model!r} has no attribute {name!r}",
            where=describe_where(user_frame()),
            instead=advice,
        )

    def _no_parameter(self, name: str, where: Where) -> ProblemError:
        """Return the error of setting what is no parameter."""
        known = self.__dict__
        kinds = {kind: known.get(f"_{kind}s", {}) for kind in ("variable", "constraint")}
        what = next((kind for kind, declared in kinds.items() if name in declared), "")
        if not what:
            return ProblemError(
                f"the model {known['name']!r} has no parameter {name!r}",
                where=describe_where(where),
                instead=did_you_mean(name, known["_parameters"]),
            )
        return ProblemError(
            f"{name!r} is a {what} of the model {known['name']!r}, and set() changes parameters",
            where=describe_where(where),
            instead=_INSTEAD_OF_SET[what].format(name=name),
        )
