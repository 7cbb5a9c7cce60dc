"""What a WSGI server serves: ``granian --interface wsgi wsgi:app``."""

import gc

gc.disable()  # what is imported stays: the collector would look through it again and again, an eighth of a start

from portal import logs
from portal.app import create_app
from portal.clock import SystemClock
from portal.settings import load_settings

settings = load_settings()
logs.configure(readable=settings.profile != "production", clock=SystemClock())
app = create_app(settings)

gc.freeze()  # nor does it while pages are served
gc.enable()
