"""Optimal control of ordinary differential equations: by `sparseopt.control`, some by hand."""
