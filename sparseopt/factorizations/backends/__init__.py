"""One module for each library that factors sparse matrices, with its `Backend` as ``BACKEND``."""
