"""From named variables and constraints to a compiled problem, and from a solver's vectors back.

``model`` is what people write, ``problem`` what solvers see, ``solution`` what comes back;
``operators`` are derivatives of plain functions and ``scipy_interface`` is SciPy's own call form.
``named_vector`` knows which element of a flat vector is ``x[3, 1]``; ``relations`` takes
``a == b`` apart; ``lifted_bounds`` turns rows of one variable into bounds; ``finite_check`` and
``derivative_check`` find what is wrong and name it; ``findings`` reaches the package `diagnosis`,
``solver_registry`` the solvers.

Examples
--------
>>> import numpy as np
>>> from sparseopt.modeling.model import Model
>>> m = Model("closest point to (1, 2) on the unit circle")
>>> p = m.variable("p", shape=2, start=0.5)
>>> m.minimize(np.sum((p - np.array([1.0, 2.0])) ** 2))
>>> m.subject_to(np.sum(p**2) == 1.0, name="circle")
'circle'
>>> m.problem().constraint_name(0)
'circle'
"""
