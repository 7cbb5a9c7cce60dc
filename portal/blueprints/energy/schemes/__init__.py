"""Schemes as data, and the engine that says what a household could get, and why.

``files`` reads YAML with its line numbers, ``edition`` is what a scheme's file holds, made of ``clauses`` and
``parts``; ``loading`` makes the one of the other. ``household`` is what is known of people and their home,
``conditions`` weighs the one against the other, ``catalogue`` is all schemes of an installation, ``engine`` the answer.
``docs/schemes.md`` explains the files to those who write them.
"""
