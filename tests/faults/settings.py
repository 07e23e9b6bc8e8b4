"""Settings of the harness: those of the tests, with a database of its own."""

import os

from tests.settings import *  # noqa: F403

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405
else:
    DATABASES["default"]["TEST"] = {"NAME": f"faults_{os.getpid()}"}  # noqa: F405
LOGGING_CONFIG = None
