"""Who people are and what they sign in with. Knows nothing of the web."""
