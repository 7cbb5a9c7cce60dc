"""What needs doing first, whose card it is, what came of a question whose answer was lost: no database, no web."""
