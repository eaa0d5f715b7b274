"""Optimal control: time, memory and lines of user code of `sparseopt.control` and of others."""
