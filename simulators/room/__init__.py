"""A library's public computers, each with the program that locks it. Written after ``docs/computers.md`` alone."""
