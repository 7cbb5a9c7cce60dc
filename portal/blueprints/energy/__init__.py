"""Energy support: what a household could get, why, and how to ask for it."""
