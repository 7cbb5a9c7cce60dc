"""Schemes as data, and the engine that says what a household could get, and why.

``files`` reads a scheme's file with its line numbers, ``edition`` is what such a file holds, ``household`` what is
known of people and their home, ``conditions`` weighs the one against the other, ``catalogue`` is all schemes of an
installation, ``engine`` the answer. ``docs/schemes.md`` explains the files to those who write them.
"""
