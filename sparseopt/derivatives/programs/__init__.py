"""Derivatives of Programs that are Programs again, so that they can be differentiated in turn.

``nodes`` has the partials of one node, ``tangents`` and ``adjoints`` the two sweeps, ``scattering``
the transpose of copying, ``opaque_products`` functions that are not NumPy, ``taylor`` series along
a line, ``compression`` whole matrices.  `DerivedPrograms` makes them for one function, each once.
"""
