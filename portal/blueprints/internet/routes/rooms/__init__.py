"""What staff see of a running room and do in it. One module for each part."""

from flask import Blueprint

from portal.blueprints.internet.routes.rooms import booking, computers, overview, people, sheet, tickets

bp = Blueprint("internet_rooms", __name__, url_prefix="/staff/branches", template_folder="../../templates")
for part in (overview, computers, booking, people, sheet, tickets):
    part.add_to(bp)
