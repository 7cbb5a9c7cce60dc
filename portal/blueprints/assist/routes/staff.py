"""Staff help residents: every page of it."""

from flask import Blueprint

from portal.blueprints.assist.routes import asking, during, finding, registering, starting, welcoming

bp = Blueprint("assist", __name__, url_prefix="/staff/assist", template_folder="../templates")
finding.add_to(bp)
asking.add_to(bp)
registering.add_to(bp)
starting.add_to(bp)
welcoming.add_to(bp)
during.add_to(bp)
