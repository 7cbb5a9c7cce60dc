"""Reading nights, inviting tenants, connecting them, and looking at an account."""
