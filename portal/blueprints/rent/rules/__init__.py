"""What a rent account means: its balance, the council's rent calendar, benefit on its way, an arrangement, a year.

Pure: no database, no web.
"""
