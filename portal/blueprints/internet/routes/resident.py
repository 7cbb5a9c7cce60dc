"""What a resident sees and does: booking (``booking``), and the session at a computer (``sitting``)."""

from flask import Blueprint

from portal.blueprints.internet.routes import booking, sitting

bp = Blueprint("internet", __name__, url_prefix="/internet", template_folder="../templates")
booking.add_to(bp)
sitting.add_to(bp)
