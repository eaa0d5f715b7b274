"""Derivative values in hand-written C: what tools are measured against."""
