"""Staff: get in with a second factor, see what they may do, read the audit, look after each other's accounts."""
