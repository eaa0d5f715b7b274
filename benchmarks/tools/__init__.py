"""The tools that are measured: one module each, with a class that follows `interface.Tool`."""
