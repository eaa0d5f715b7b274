"""Program to element form: the same few scalar formulas, repeated over many instances.

Large problems repeat a few small formulas many times (group partial separability: Griewank and
Toint 1982; LANCELOT; the SIMD abstraction of ExaModels).  Here that structure is *found*:

``rolling`` stacks equal scalar expressions of unrolled loops; ``signatures`` says which elements of
a vector are computed by the same formula; ``materialization`` chooses the intermediates that become
stages; ``linear_walk`` takes sums apart into elements; ``templates`` writes one formula as a scalar
expression over leaves, where ``reads`` says what a formula reads; ``merging`` joins equal templates
and fuses overlapping ones; ``form`` holds the result.
"""
