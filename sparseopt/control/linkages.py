"""`link`: what holds between the end of one phase and the beginning of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from sparseopt.control.declarations import checked_array
from sparseopt.control.phase import Phase
from sparseopt.errors import ProblemError, ShapeError, did_you_mean
from sparseopt.graph.nodes import Where
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["Link", "link", "require_linked"]


@dataclass(frozen=True)
class Link:
    """A linkage; `link` makes it."""

    before: str
    after: str
    states: tuple[str, ...] | None
    controls: tuple[str, ...]
    statics: tuple[str, ...]
    is_continuous_in_time: bool
    jumps: Mapping[str, ArrayLike]
    function: Callable[..., Any] | None
    lower: Any
    upper: Any
    where: Where

    def linked_states(self, before: Phase, after: Phase) -> tuple[str, ...]:
        """Return the names of the states that are equal, jumps apart, on both sides."""
        if self.states is not None:
            return self.states
        if self.function is not None:
            return ()
        return tuple(name for name in before.states if name in after.states)


def link(
    before: Phase | str,
    after: Phase | str,
    function: Callable[..., Any] | None = None,
    *,
    states: Iterable[str] | None = None,
    controls: Iterable[str] = (),
    statics: Iterable[str] = (),
    time: bool = True,
    jumps: Mapping[str, ArrayLike] | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
) -> Link:
    """Return a linkage: the second phase begins where the first one ends.

    Parameters
    ----------
    before, after : Phase or str
    function : callable, optional
        ``function(last, first)`` of the end of one and the beginning of the other gives a dict of
        values between `lower` and `upper`; then no state is continuous unless `states` names it.
    states : iterable of str, optional
        The continuous states; by default all that both phases have.
    controls, statics : iterable of str
        Controls that are continuous, and static parameters that are equal.
    time : bool
        Whether the second phase begins when the first one ends.
    jumps : mapping, optional
        What is added to a state in between, such as ``{"mass": -6.0e3}``.
    lower, upper : array-like, optional
        Bounds of what the function gives; zero by default.

    Examples
    --------
    >>> from sparseopt import control
    >>> control.link("boost", "coast", jumps={"mass": -100.0}).jumps
    {'mass': -100.0}
    """
    if function is not None and lower is None and upper is None:
        lower = upper = 0.0
    return Link(
        _name(before),
        _name(after),
        None if states is None else tuple(states),
        tuple(controls),
        tuple(statics),
        time,
        dict(jumps or {}),
        function,
        lower,
        upper,
        user_frame(),
    )


def require_linked(links: Iterable[Link], phases: Mapping[str, Phase]) -> None:
    """Insist on linkages between phases of the problem, of names that both sides have."""
    joined: set[tuple[str, str, str]] = set()
    for made in links:
        _require_link(made)
        for name in (made.before, made.after):
            if name not in phases:
                raise ProblemError(
                    f"a linkage joins {made.before!r} to {made.after!r}, and there is no phase "
                    f"{name!r}",
                    where=describe_where(made.where),
                    instead=did_you_mean(name, phases),
                )
        before, after = phases[made.before], phases[made.after]
        linked = made.linked_states(before, after)
        _require_both(made, linked, before.states, after.states, "state")
        _require_both(made, made.controls, before.controls, after.controls, "control")
        _require_both(made, made.statics, before.statics, after.statics, "static parameter")
        for name in linked:
            if (made.before, made.after, name) in joined:
                raise ProblemError(
                    f"two linkages of {made.before!r} to {made.after!r} make {name!r} continuous",
                    where=describe_where(made.where),
                    why="the second equation depends on the first, or contradicts it",
                    instead="leave one out; states=() links no state",
                )
            joined.add((made.before, made.after, name))
        for name, jump in made.jumps.items():
            if name in linked:
                what = f"the jump of {name!r} from {made.before!r} to {made.after!r}"
                checked_array(jump, before.states[name].shape, what, made.where)
            else:
                raise ProblemError(
                    f"the linkage of {made.before!r} to {made.after!r} lets {name!r} jump, which "
                    "is no linked state",
                    where=describe_where(made.where),
                    instead=did_you_mean(name, linked),
                )


def _require_both(
    made: Link, names: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any], kind: str
) -> None:
    for name in names:
        for phase, known in ((made.before, before), (made.after, after)):
            if name not in known:
                raise ProblemError(
                    f"a linkage names the {kind} {name!r}, which phase {phase!r} does not have",
                    where=describe_where(made.where),
                    instead=did_you_mean(name, known),
                )
        if before[name].shape != after[name].shape:
            raise ShapeError(
                f"the {kind} {name!r} has shape {before[name].shape} in phase {made.before!r} and "
                f"{after[name].shape} in {made.after!r}",
                where=describe_where(made.where),
            )


def _require_link(made: Any) -> None:
    if not isinstance(made, Link):
        raise ProblemError(f"{made!r} is no linkage", instead="control.link(boost, coast)")
    if made.before == made.after and made.is_continuous_in_time:
        raise ProblemError(
            f"phase {made.before!r} is linked to itself, and cannot begin when it ends",
            where=describe_where(made.where),
            instead="link(phase, phase, time=False) makes states periodic",
        )


def _name(phase: Phase | str) -> str:
    name = phase.name if isinstance(phase, Phase) else phase
    if not isinstance(name, str):
        raise ProblemError(
            f"{phase!r} is no phase",
            where=describe_where(user_frame()),
            instead="give a Phase, or its name",
        )
    return name
