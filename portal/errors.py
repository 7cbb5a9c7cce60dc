"""What is wrong with what the portal runs on. In a module of its own: the command line knows it before all else."""


class Misconfigured(Exception):
    """The portal can't run as it is set up. The message is for whoever runs it: what is wrong, where, and why."""
