"""What is wrong with a problem, by name: `Problem.diagnose` and `Solution.diagnose`.

``situation`` holds a problem at a point; each check is a module that yields findings: ``values``
(NaN and infinity), ``structure`` (with ``matching``), ``repeated_rows`` (with ``parallel_rows``),
``scaling``, ``density``, ``degeneracy``, and for failed solves ``feasibility``, ``conflict`` and
``elastic_problem``.  ``diagnose`` runs them in order.  `Finding` and `Diagnosis` are plain data of
modeling.
"""

from sparseopt.diagnosis.diagnose import diagnose

__all__ = ["diagnose"]
