"""NumPy code to Program: arrays that record what is done to them.

``traced_array`` is the array; ``storage`` its aliased memory; ``elementwise`` records scalar
functions; ``array_functions`` holds NumPy's functions, one small function each; ``trace`` runs the
user's function once.
"""
