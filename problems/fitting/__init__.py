"""Fits of formulas and of differential equations to measured data, with certified answers."""
