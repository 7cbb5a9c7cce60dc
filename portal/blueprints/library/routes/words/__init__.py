"""What is on a library card, in words: how it stands, when things are due, why not and what to do instead."""
