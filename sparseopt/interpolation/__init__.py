"""Interpolation of data: functions of traced arrays with exact derivatives of every order.

``interpolant`` is the public face; ``pieces`` turns data into polynomials on the cells of a grid,
and ``evaluation`` records them: a search for each coordinate, and a lookup for each coefficient.
"""
