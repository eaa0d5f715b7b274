"""Optimal control of ordinary differential equations, transcribed by hand."""
