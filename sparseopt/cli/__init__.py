"""The command line: ``sparseopt solve | inspect | check | diagnose | list | doctor``.

Each command is one module and does three things: find the target, call the package's public
interface, print.  Whatever computes belongs elsewhere.
"""
