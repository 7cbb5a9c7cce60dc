"""What staff set up: branches, hours, computers and their programs (``editing``, ``opening``, ``computers``,
``programs``), the rules and the policy (``ruling``), the import of all of it (``importing``), and what the council
learns (``figures``).
"""

from flask import Blueprint

from portal.blueprints.internet.routes.branches import computers, editing, figures, importing, opening, programs, ruling

bp = Blueprint("internet_branches", __name__, url_prefix="/staff/branches", template_folder="../../templates")
for part in (editing, opening, computers, programs, ruling, importing, figures):
    part.add_to(bp)
