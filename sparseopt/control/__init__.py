"""Optimal control: dynamics in NumPy, transcribed, solved with exact derivatives, verified.

``phase`` is what people write, ``problem`` solves it, ``solution`` is what comes back.  A phase and
a mesh become a `sparseopt.Model` in ``transcribed_phase``, with the help of one of the
``transcriptions``; ``refinement`` changes the mesh until the error is small enough.
"""

from __future__ import annotations

from sparseopt.control.linkages import Link, link
from sparseopt.control.mesh import Mesh
from sparseopt.control.phase import Phase
from sparseopt.control.prepared import PreparedProblem
from sparseopt.control.problem import Problem
from sparseopt.control.solution import ControlSolution
from sparseopt.control.transcriptions.registry import transcription_names

__all__ = [
    "ControlSolution",
    "Link",
    "Mesh",
    "Phase",
    "PreparedProblem",
    "Problem",
    "link",
    "transcription_names",
]
