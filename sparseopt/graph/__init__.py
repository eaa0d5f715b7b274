"""What a traced function is: a program of a few node kinds over flat float64 vectors.

``functions`` is the one table of scalar functions; ``index`` describes which element goes where;
``nodes`` and ``program`` are the array SSA; ``interpret`` evaluates it with plain NumPy and is the
reference that every compiled result is tested against; ``algebra`` and ``rewriting`` simplify it.
"""
