"""Getting in and looking after one's account: sign in and out, register, choose a new password, see what is known."""
