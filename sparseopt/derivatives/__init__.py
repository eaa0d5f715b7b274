"""Derivatives of element forms.

``template_derivatives`` differentiates scalar templates symbolically; ``assembly`` decides where
each local value goes; ``schedules`` writes
values, gradients, Jacobians, Hessians and products as sequences of tasks; ``chain_rule`` multiplies
the derivatives of several stages.
"""
