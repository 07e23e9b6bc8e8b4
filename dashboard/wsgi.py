"""The WSGI application that the web server loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

application = get_wsgi_application()

# A hundred thousand objects stay for good. Looking for garbage among them would hold up whatever is being
# answered by some 50 ms, and reading one long transcript is enough to have them looked through.
get_resolver().url_patterns  # noqa: B018 - loads the views
gc.collect()
gc.freeze()
