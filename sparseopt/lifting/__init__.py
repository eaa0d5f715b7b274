"""Lifting: intermediate values that make derivatives dense become variables with definitions.

Albersmeyer and Diehl, The lifted Newton method and its application in optimization, SIAM J. Optim.
20 (2010), doi:10.1137/080724885.
"""
