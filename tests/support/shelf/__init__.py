"""Shelf, a second way to reach a library, as small as can be: a protocol of lines, invented for
``docs/add-a-connector.md``, which its adapter follows step by step.
"""
