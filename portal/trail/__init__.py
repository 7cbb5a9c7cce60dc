"""The audit trail sealed: batches that can't be changed unnoticed, heads to keep elsewhere, deletion by rule.

How it hangs together, and what it can't find: ``docs/decisions/0123-audit-trail.md``.
"""
