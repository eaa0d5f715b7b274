"""Schedules to running code: LLVM kernels over SIMD lanes, and a NumPy execution of the same tasks.

``kernel_source`` writes LLVM IR text for one kernel; ``vector_math`` spells scalar functions;
``compile`` turns text into loaded code, with a disk cache; ``native`` runs schedules of compiled
kernels; ``numpy_execution`` runs them without a compiler.
"""
