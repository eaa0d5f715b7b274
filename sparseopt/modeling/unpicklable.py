"""What holds recorded code and compiled code, which belong to the process that made them."""

from __future__ import annotations

from typing import NoReturn, SupportsIndex

from sparseopt.errors import ProblemError

__all__ = ["Unpicklable"]


class Unpicklable:
    """A class whose objects refuse to be pickled or copied, by name and with advice.

    Examples
    --------
    >>> import pickle
    >>> import sparseopt as so
    >>> pickle.dumps(so.Model())
    Traceback (most recent call last):
    sparseopt.errors.ProblemError: a Model cannot be pickled or copied
      why:     it holds recorded and compiled code, which belong to this process
      instead: call the function that builds it in each process; send arrays, or solution.outcome
    """

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise ProblemError(
            f"a {type(self).__name__} cannot be pickled or copied",
            why="it holds recorded and compiled code, which belong to this process",
            instead="call the function that builds it in each process; send arrays, or "
            "solution.outcome",
        )
