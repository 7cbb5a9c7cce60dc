"""Background jobs, run by Procrastinate in a process of its own. Jobs call what actions call; never the reverse."""
