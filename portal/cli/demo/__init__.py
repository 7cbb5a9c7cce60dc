"""The demo council: a generator of its nights of rent, and what ``portal demo run`` fills its database with."""
