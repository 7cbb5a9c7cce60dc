"""What staff see of who holds a computer, where others may look over their shoulder."""


def initials(name: str) -> str:
    """Return the first letters of somebody's first and last name: "M. E."."""
    parts = name.split()
    return " ".join(f"{part[0].upper()}." for part in dict.fromkeys((parts[0], parts[-1]))) if parts else ""
