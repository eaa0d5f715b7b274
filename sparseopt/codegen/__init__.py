"""Schedules to running code: LLVM kernels over SIMD lanes, and a NumPy execution of the same tasks.

``formula_source`` and ``kernel_source`` write LLVM IR text for one kernel, ``vector_math`` spells
scalar functions, ``operand_layout`` says where a kernel's operands are; ``compile`` turns text into
loaded code, with a disk cache, and ``tiers`` does so twice, soon and well; ``native`` runs
schedules of compiled kernels; ``numpy_execution`` runs them without a compiler.
"""
