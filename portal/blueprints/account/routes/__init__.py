"""The faces of the account."""
