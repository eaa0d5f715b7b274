"""Functions that are not NumPy inside a traced program, and their derivatives.

``function`` is the public face: it holds what the user gave.  ``bound`` is one function at one set
of argument shapes, flat: what the graph calls an opaque function.  ``jacobians`` and ``hessians``
have one class for each way to a derivative, and ``choices`` takes one; ``compression`` takes a
matrix apart into few products by a coloring; ``differences`` are the last resort.  ``verification``
compares what the user gave with the function itself, where ``checks`` asks for it.
``flat_functions`` calls the user's code and looks at what it returns.
"""
