"""The forms of the check: one for each question, and the kinds of fields that they are made of."""
